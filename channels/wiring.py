"""Settings → every object of a running Frontdesk: the only place that builds."""

import asyncio
import contextlib
import gc
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from billing.access import Door
from billing.database import Engines, open_engines
from billing.filestore import FileStore
from channels.anchoring import Anchoring
from channels.code_sender import CodeSender
from channels.guides import Guides
from channels.holds import Holds
from channels.hosting import build_agents, check_model
from channels.inbox import Inbox
from channels.links import Links
from channels.live import LiveBus
from channels.mail import MailGateway, build_mailer
from channels.outgoing import ChannelGateway
from channels.payments import Payments, build_payments
from channels.processes import new_owner
from channels.secret import secret_of
from channels.sender import Gateways, LocalSender
from channels.settings import Settings
from channels.sms.building import Texts, build_texts
from channels.telegram.building import Telegrams, build_telegrams
from channels.telegram.starts import StartAddresses
from channels.web.building import build_sites
from channels.web.sites import Sites

if TYPE_CHECKING:
    from fastapi import APIRouter

    from bot.assistant import Assistant
    from channels.dispatch.answering import Answering
    from channels.dispatch.port import Dispatcher

log = structlog.get_logger()


def wall_clock() -> datetime:
    """Now, in aware UTC."""
    return datetime.now(UTC)


@dataclass
class Frontdesk:
    """All parts of one process. Dispatch and the model are built at start, since their imports take seconds.

    answers: whether this process answers what comes in, or leaves that to workers and never loads a model.
    keeps_house: whether it serves pages, and so runs the timers of payments, anchors and holds.
    """

    settings: Settings
    engines: Engines
    door: Door
    files: FileStore
    links: Links
    live: LiveBus
    guides: Guides
    inbox: Inbox
    sender: LocalSender
    payments: Payments
    anchoring: Anchoring
    holds: Holds
    codes: CodeSender
    texting: Texts
    telegrams: Telegrams
    sites: Sites
    clock: Callable[[], datetime]
    answers: bool = True
    keeps_house: bool = True
    dispatcher: "Dispatcher | None" = None
    _warming: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def pay(self) -> "APIRouter":
        """The routes behind payment links."""
        from channels.pay.page import pay_router

        return pay_router(self.payments.desk)

    @property
    def texts(self) -> "APIRouter":
        """The webhooks of texts and of Telegram, and the pages behind their links."""
        from fastapi import APIRouter

        router = APIRouter()
        router.include_router(self.texting.router)
        router.include_router(self.telegrams.router)
        return router

    async def start(self) -> None:
        """Begin to answer; the page is served while the model is still being loaded."""
        await self.sender.start()
        await self.telegrams.start(keeps_house=self.keeps_house)
        if self.keeps_house:
            await self.payments.start()
            await self.texting.media.start()
            await self.anchoring.start()
            await self.holds.start()
            await self.codes.start()
        self._warming = asyncio.ensure_future(self._warm())

    async def stop(self) -> None:
        """Let running turns end, send what is queued, and close everything."""
        if self._warming is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._warming
        if self.dispatcher is not None:
            await self.dispatcher.stop()
        await self.codes.stop()
        await self.holds.stop()
        await self.anchoring.stop()
        await self.texting.media.stop()
        await self.telegrams.stop()
        await self.payments.stop()
        await self.sender.stop()
        await self.close()

    async def close(self) -> None:
        """Let go of what a process that was never started has opened."""
        if self.dispatcher is not None and self.dispatcher.answering is not None:
            await self.dispatcher.answering.assistant.agents.close()
        await self.telegrams.close()
        await self.guides.close()
        await self.engines.dispose()

    async def open_dispatch(self) -> "Dispatcher":
        """The dispatcher of this process, built when it is first asked for."""
        if self.dispatcher is None:
            self.dispatcher = await asyncio.to_thread(build_dispatcher, self)
        return self.dispatcher

    async def _warm(self) -> None:
        dispatcher = await self.open_dispatch()
        await dispatcher.start()
        try:
            if self.answers and owns_guides(self.settings):
                await self.guides.open()
        except Exception:
            log.exception("guides_not_open")
        await self.telegrams.warm()
        settle_memory()


def settle_memory() -> None:
    """Leave what was loaded out of the collector's rounds: each full one holds every message up for 0.1 s."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def owns_guides(settings: Settings) -> bool:
    """Whether this process may open the index of guides: an embedded one belongs to one process alone."""
    return settings.dispatch == "local" or bool(settings.chroma_url)


def build_frontdesk(
    settings: Settings,
    clock: Callable[[], datetime] = wall_clock,
    *,
    answers: bool = True,
    keeps_house: bool = True,
) -> Frontdesk:
    """A Frontdesk on the settings' database, which must be migrated already.

    Raises ModelSettingError where the settings' model cannot answer: at start, not in the middle of a turn.
    """
    check_model(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    engines = open_engines(settings.database)
    door = Door(engines)
    live = LiveBus()
    secret = secret_of(settings)
    files = FileStore(settings.file_folder)
    inbox = Inbox(door, lambda thread, after: _wake(frontdesk, thread, after), secret)
    links = Links(settings.address)
    texting, mailer = build_texts(settings, door, files, inbox, clock), build_mailer(settings)
    telegrams = build_telegrams(settings, door, files, inbox, clock, links.hash_token)
    gateway_of = _gateways(texting, telegrams, MailGateway(mailer))
    sender = LocalSender(door, clock, lambda thread: live.publish(thread, {"type": "message"}), gateway_of)
    frontdesk = Frontdesk(
        settings=settings, engines=engines, door=door, files=files, links=links, live=live,
        guides=Guides(door, settings.chroma_url or settings.data / "index"),
        inbox=inbox,
        sender=sender,
        payments=build_payments(door, secret.decode(), clock, sender.wake),
        anchoring=Anchoring(door, secret, clock),
        holds=Holds(door, settings.hold_hours, clock, sender.wake),
        codes=CodeSender(door, mailer, gateway_of, secret, clock),
        texting=texting, telegrams=telegrams, sites=build_sites(settings, door),
        clock=clock, answers=answers, keeps_house=keeps_house,
    )  # fmt: skip
    return frontdesk


def _gateways(texts: Texts, telegrams: Telegrams, letters: MailGateway) -> Gateways:
    """What sends on a connection: letters, a bot, or texts of the account that it has."""

    def gateway_of(connection: str) -> ChannelGateway | None:
        if connection.startswith("email:"):
            return letters
        return telegrams.desk.gateway_of(connection) or texts.texting.gateway_of(connection)

    return gateway_of


def _wake(frontdesk: Frontdesk, conversation_id: int, after: float) -> None:
    if frontdesk.dispatcher is not None:
        frontdesk.dispatcher.wake(conversation_id, after)


def build_dispatcher(frontdesk: Frontdesk) -> "Dispatcher":
    """Assistant and dispatch on the model that the settings name. Imports and encoder take seconds."""

    def delivered(conversation_id: int) -> None:
        frontdesk.telegrams.desk.growing.ended(conversation_id)
        frontdesk.sender.wake()
        frontdesk.codes.wake()

    settings = frontdesk.settings
    if settings.dispatch == "procrastinate":
        from channels.dispatch.procrastinate import ProcrastinateDispatcher

        answering = _build_answering(frontdesk) if frontdesk.answers else None
        return ProcrastinateDispatcher(settings.database, delivered, answering)
    from channels.dispatch.local import LocalDispatcher

    return LocalDispatcher(_build_answering(frontdesk), delivered)


def _build_answering(frontdesk: Frontdesk) -> "Answering":
    from billing.changes.turns import Pace
    from channels.dispatch.answering import Answering

    owner = new_owner(secrets.token_hex(4))
    return Answering(frontdesk.door, build_assistant(frontdesk), owner, frontdesk.clock, Pace())


def build_assistant(frontdesk: Frontdesk) -> "Assistant":
    """The assistant, with the built-in understanding and the model of the settings."""
    from bot.assistant import Assistant
    from bot.builtin.understanding import load_understanding
    from bot.caps import Caps
    from bot.opening import Surroundings
    from knowledge.embedding import bundled_encoder

    async def publish(conversation_id: int, event: str, data: dict[str, str]) -> None:
        frontdesk.live.publish(conversation_id, {"type": event, **data})
        frontdesk.telegrams.desk.growing.note(conversation_id, event, data)

    caps = Caps(frontdesk.settings.sender_hourly, frontdesk.settings.business_hourly)
    knowledge = frontdesk.guides if owns_guides(frontdesk.settings) else None
    return Assistant(
        door=frontdesk.door,
        understanding=load_understanding(bundled_encoder()),
        agents=build_agents(frontdesk.settings),
        surroundings=Surroundings(
            links=frontdesk.links,
            knowledge=knowledge,
            caps=caps,
            start_address=StartAddresses(frontdesk.telegrams.desk),
            provider_confirms=frozenset({"sms"} if frontdesk.settings.twilio_confirms_stop else ()),
        ),
        secret=secret_of(frontdesk.settings),
        clock=frontdesk.clock,
        publish=publish,
    )
