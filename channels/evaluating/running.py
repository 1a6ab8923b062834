"""Running a scenario: its person writes, the assistant answers, and the end is graded by the records."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business, Contact, ContactClient, Staff
from billing.tables.talk import Conversation, Direction, Message, Turn
from bot.evaluation.changes import difference, judge, take_snapshot
from bot.evaluation.figures import Figures, UnknownFigureError, read_figures
from bot.evaluation.grading import Said, grade_exchange, grade_words, has_words
from bot.evaluation.person import SimulatedPerson
from bot.evaluation.records import UnknownRecordError
from bot.evaluation.results import Result, Run
from bot.evaluation.scenario import Exchange, Scenario
from bot.messages import Channel, Inbound
from bot.showing import Reader, reader_locale
from channels.evaluating.stage import Desk, Stage

THINKS = 5.0  # seconds that pass on the scenario's clock between an answer and the next message

Play = Callable[[Scenario, str], SimulatedPerson]  # scenario and name → who plays its person


@dataclass(frozen=True)
class _Cast:
    """Who writes, in which thread, and how they read figures."""

    thread_id: int
    business_id: int
    client_id: int | None
    name: str
    locale: str
    zone: str
    address: str


async def run_scenario(stage: Stage, scenario: Scenario, runs: int, play: Play | None, *, always_play: bool) -> Result:
    """Run a scenario `runs` times. Its person is played where it has no turns, or `always_play` says so."""
    is_played = play is not None and (always_play or not scenario.turns) and bool(scenario.aim)
    if not scenario.turns and not is_played:
        return Result(scenario, (), skipped="its person has no turns: it needs --user-model to play them")
    done = []
    for _ in range(runs):
        began = time.perf_counter()
        try:
            said, wrong, changes = await _run_once(stage, scenario, play if is_played else None)
        except (UnknownRecordError, UnknownFigureError) as bad:
            said, wrong, changes = [], [str(bad)], []
        done.append(Run(tuple(said), tuple(wrong), tuple(changes), time.perf_counter() - began))
    return Result(scenario, tuple(done))


async def _run_once(stage: Stage, scenario: Scenario, play: Play | None) -> tuple[list[Said], list[str], list[str]]:
    async with stage.set_up(scenario.given, scenario.now) as desk:
        cast = await desk.door.system(Scope.IMPORT).write(lambda session: _cast(session, scenario))
        look = desk.door.system(Scope.DOCTOR)
        said: list[Said] = []
        wrong: list[str] = []
        async for exchange in _exchanges(scenario, said, play(scenario, cast.name) if play else None):
            desk.clock.later(minutes=exchange.later)
            words = exchange.say or _pressed(exchange.press, said)
            if not words:
                wrong.append(f"message {len(said) + 1}: no button says {exchange.press!r}")
                break
            said.append(await _say(desk, cast, words, scenario.level))
            figures, reader = await _as_read(desk, cast, said)
            found = grade_exchange(exchange, said[-1], figures, reader)
            wrong += [f"message {len(said)}: {one}" for one in found]
            desk.clock.later(seconds=THINKS)
        after = await look.read(lambda session: take_snapshot(session, cast.thread_id))
        changes = difference(desk.before, after)
        if not said:
            figures, reader = await _as_read(desk, cast, said)
        whole = "\n".join(one.reply for one in said)
        wrong += grade_words(scenario.says, scenario.never, whole, lambda words: figures.write(words, reader))
        wrong += judge(changes, scenario.then, reader.today)
        return said, wrong, [str(change) for change in changes]


def _pressed(button: str, said: Sequence[Said]) -> str:
    """What the button sends; "" when the last answer has none with these words."""
    hung = said[-1].attachments if said else ()
    found = [each for each in hung if each["kind"] == "button" and has_words(str(each["label"]), button)]
    return str(found[0]["value"]) if found else ""


async def _exchanges(
    scenario: Scenario, so_far: Sequence[Said], person: SimulatedPerson | None
) -> AsyncIterator[Exchange]:
    if person is None:
        for exchange in scenario.turns:
            yield exchange
        return
    while (words := await person.next_message(so_far)) is not None:
        yield Exchange(say=words)


async def _as_read(desk: Desk, cast: _Cast, said: Sequence[Said]) -> tuple[Figures, Reader]:
    """The records' figures now, and how the person reads them in the language of the last answer."""
    language = said[-1].language if said else "en"
    reader = Reader(language, reader_locale(language, cast.locale), cast.zone, desk.clock.now)
    look = desk.door.system(Scope.DOCTOR)
    figures = await look.read(lambda session: read_figures(session, cast.business_id, cast.client_id, reader.today))
    return figures, reader


async def _say(desk: Desk, cast: _Cast, words: str, level: int) -> Said:
    inbound = Inbound(
        connection="scenario",
        provider_id=uuid4().hex,
        channel=Channel.WEB,
        address=cast.address,
        text=words,
        received_at=desk.clock.now,
        assurance=level,
    )
    public_id = await desk.inbox.accept(inbound, cast.thread_id)
    while await desk.dispatcher.answer_one(cast.thread_id):
        pass
    return await desk.door.system(Scope.DOCTOR).read(lambda session: _answer_to(session, public_id, words))


async def _answer_to(session: AsyncSession, public_id: str, words: str) -> Said:
    asked = (await session.scalars(select(Message).where(Message.public_id == public_id))).one()
    if asked.turn_id is None:
        return Said(words, "", "en", outcome="failed")
    turn = await session.get_one(Turn, asked.turn_id)
    replies = (
        await session.scalars(
            select(Message).where(Message.turn_id == turn.id, Message.direction == Direction.OUT).order_by(Message.id)
        )
    ).all()
    return Said(
        words=words,
        reply="\n".join(reply.text for reply in replies),
        language=replies[-1].language if replies else "en",
        attachments=tuple(each for reply in replies for each in reply.attachments),
        tools=tuple(call["name"] for call in turn.calls),
        model=turn.model,
        outcome=turn.outcome,
    )


async def _cast(session: AsyncSession, scenario: Scenario) -> _Cast:
    """The person of the scenario, and a thread for them."""
    role, _, key = scenario.who.partition(":")
    slug = scenario.given.slug
    business = (await session.scalars(select(Business).where(Business.slug == slug))).one()
    table: Any = Staff if role == "staff" else Contact
    person = await session.scalar(select(table).where(table.business_id == business.id, table.key == key))
    if person is None or role not in {"client", "staff"}:
        raise UnknownRecordError(f"nobody among the starting records is {scenario.who!r}")
    clients: list[int] = []
    if role == "client":
        spoken_for = select(ContactClient.client_id).where(ContactClient.contact_id == person.id)
        clients = list(await session.scalars(spoken_for))
    thread = Conversation(
        business_id=business.id,
        client_id=clients[0] if len(clients) == 1 else None,
        connection=f"web:{slug}",
        channel=Channel.WEB,
        key=f"web:{scenario.who}",
        address=f"web:{scenario.who}",
        contact_id=person.id if role == "client" else None,
        staff_id=person.id if role == "staff" else None,
        language=person.language,
        opened_at=scenario.now,
        last_message_at=scenario.now,
    )
    session.add(thread)
    await session.flush()
    return _Cast(
        thread.id, business.id, thread.client_id, person.name, person.locale, business.zone, f"web:{scenario.who}"
    )
