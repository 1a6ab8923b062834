"""Telling a turn again: from its journal alone, to see that it says the same; or with another model over it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door, Records, Work
from billing.boundary import Asker
from billing.changes.turns import Said, Step
from billing.principal import Principal, Scope
from billing.tables.talk import Direction, Message, Turn, TurnStep
from bot.agent import Agents
from bot.assistant import Assistant
from bot.builtin.understanding import BuiltinUnderstanding
from bot.caps import CAPPED
from bot.closed_model import ClosedBuiltinModel, ClosedHostedModel, NotRecordedError
from bot.deciding import CONFIRM_STEP
from bot.deciding_proof import VOUCH_STEP
from bot.deciding_start import START_STEP
from bot.elsewhere import read_again
from bot.evidence import Answer
from bot.finishing import attachments_of
from bot.journal import Content, Journal, answer_to_json, attachment_to_json
from bot.opening import OpenTurn, Surroundings
from bot.receipts.context import Stage, asked_of, opened_again
from bot.receipts.writing import binding_to_json
from bot.relaying import STEP as RELAY_STEP
from bot.taking import STEP as TAKING_STEP
from bot.turn import grants_of

DECIDED = (CONFIRM_STEP, VOUCH_STEP, START_STEP, TAKING_STEP)  # steps of what no model decided
OWN = {"builtin", "fixed"}  # what Turn.model says where no hosted model answered
UNRECORDED = "this call is not in the journal of the turn; it was not run"


class RecordsClosedError(Exception):
    """A turn told again reaches for the records."""


class ClosedDoor(Door):
    """A door that does not open: what a replay needs is in the journal."""

    def records_for(self, principal: Principal) -> NoReturn:
        """Nobody's."""
        raise RecordsClosedError(principal.kind.value)

    def system(self, scope: Scope) -> NoReturn:
        """Nothing."""
        raise RecordsClosedError(scope.value)


class ReadingRecords(Records):
    """Records that are only read."""

    async def write(self, work: Work[Any], *, lasting: bool = True) -> NoReturn:  # noqa: ARG002 - the signature of Records
        """Nothing is written in a replay."""
        raise RecordsClosedError("write")


class ReadingDoor(Door):
    """What is read for a hosted model before it is asked (what its provider must not see) may be read again."""

    def records_for(self, principal: Principal) -> Records:
        """To read only."""
        return self._reading(principal)

    def system(self, scope: Scope) -> Records:
        """To read only."""
        return self._reading(scope)

    def _reading(self, asker: Asker) -> Records:
        return ReadingRecords(self.engines, asker)


class ClosedLinks:
    """No link is made in a replay."""

    def new_token(self) -> NoReturn:
        """Never."""
        raise NotRecordedError("a link")

    def hash_token(self, token: str) -> NoReturn:
        """Never."""
        raise NotRecordedError(f"a link, {len(token)} characters")

    pay_url = file_url = hash_token


class KeptJournal(Journal):
    """A finished turn's journal: it answers, and takes nothing in."""

    is_closed = True

    def __init__(self, steps: Iterable[Step]) -> None:  # no super: behind it are no records
        self._known = {step.step: step for step in steps}
        self._held = []

    def recall_call(self, step: str, tool: str, said: Mapping[str, str]) -> Content | None:
        """The call at this step; NotRecordedError when the turn did not make it."""
        known = self.recall(step)
        if known is None:
            raise NotRecordedError(f"the journal has no step {step}: {tool} {dict(said)}")
        return known

    async def record(self, step: str, kind: str, content: Content) -> None:
        """Never: what a replay would add, the turn did not do."""
        self.hold(step, kind, content)

    def hold(self, step: str, kind: str, content: Content) -> None:  # noqa: ARG002 - the signature of Journal
        """Never."""
        raise NotRecordedError(f"the journal has no step {step} ({kind})")


class OtherJournal(Journal):
    """A finished turn's tool answers, for another model: found by tool and words, since its steps are its own."""

    def __init__(self, steps: Iterable[Step]) -> None:  # no super: behind it are no records
        kept = list(steps)
        self._known = {step.step: step for step in kept if _is_decided(step)}
        self._held = []
        self._answers = {
            _call(each.content["tool"], each.content["args"]): each.content for each in kept if _is_call(each)
        }
        self._new: dict[str, Content] = {}
        self.unrecorded: list[tuple[str, dict[str, str]]] = []

    def recall(self, step: str) -> Content | None:
        """What was answered in this replay, or in the turn without any model."""
        return self._new.get(step) or super().recall(step)

    def recall_call(self, step: str, tool: str, said: Mapping[str, str]) -> Content | None:  # noqa: ARG002 - the signature of Journal
        """The turn's answer to the same call; to another one, that it was not recorded. No tool is ever run."""
        known = self._answers.get(_call(tool, said))
        if known is None:
            self.unrecorded.append((tool, dict(said)))
            missing = Answer("trouble", {"note": UNRECORDED}, error=True)
            return {"tool": tool, "args": dict(said), "answer": answer_to_json(missing)}
        return known

    async def record(self, step: str, kind: str, content: Content) -> None:
        """Kept for this replay only."""
        self.hold(step, kind, content)

    def hold(self, step: str, kind: str, content: Content) -> None:  # noqa: ARG002 - the signature of Journal
        """Kept for this replay only."""
        self._new[step] = content


def _is_decided(step: Step) -> bool:
    return step.step in DECIDED or step.step.startswith(RELAY_STEP)


def _is_call(step: Step) -> bool:
    return step.kind == "tool" and not _is_decided(step)


def _call(tool: str, said: Mapping[str, str]) -> tuple[str, frozenset[tuple[str, str]]]:
    return tool, frozenset((name, " ".join(words.casefold().split())) for name, words in said.items())


@dataclass(frozen=True)
class Kept:
    """A finished turn's rows."""

    turn: Turn
    said: tuple[Said, ...]
    steps: tuple[Step, ...]
    reply: Message | None
    history: tuple[tuple[str, str], ...] = ()

    @property
    def can_be_told(self) -> bool:
        """Whether all that it was answered from is there."""
        return bool(self.turn.context) and self.turn.erased_at is None


@dataclass(frozen=True)
class Told:
    """What a turn said: words, the figures in them, what hangs on them, and the calls they were made from."""

    text: str
    figures: list[Any]
    attachments: list[Any]
    calls: list[Any]
    outcome: str

    def differences(self, other: "Told") -> tuple[str, ...]:
        """The names of what is not the same in both, byte for byte."""
        return tuple(name for name in self.__dataclass_fields__ if getattr(self, name) != getattr(other, name))


def told_by(kept: Kept) -> Told:
    """What the turn said when it was answered."""
    turn, reply = kept.turn, kept.reply
    return Told(
        text=reply.text if reply else "",
        figures=turn.bindings,
        attachments=reply.attachments if reply else [],
        calls=turn.calls,
        outcome=turn.outcome,
    )


@dataclass
class Replayer:
    """Tells turns again. The agents of closed models are built once."""

    door: Door
    understanding: BuiltinUnderstanding
    _closed: dict[bool, Agents] = field(default_factory=dict)

    async def tell_again(self, kept: Kept) -> Told:
        """The turn once more, from its journal: no model is asked, no record read, nothing written or sent."""
        turn = kept.turn
        is_hosted = turn.model not in OWN or "tried" in turn.timings
        if is_hosted not in self._closed:
            model = ClosedHostedModel() if is_hosted else ClosedBuiltinModel()
            self._closed[is_hosted] = Agents(model, turn.model)
        opened = self._opened(kept, KeptJournal(kept.steps), ClosedDoor(self.door.engines))
        return await self._answered(opened, self._closed[is_hosted], is_given_up=turn.outcome == "given_up")

    async def ask_another(self, kept: Kept, agents: Agents) -> tuple[Told, list[tuple[str, dict[str, str]]]]:
        """What another model says over the turn's tool answers, and the calls it made that were not recorded.

        The words are understood anew, by this version's understanding.
        """
        journal = OtherJournal(kept.steps)
        opened = self._opened(kept, journal, ReadingDoor(self.door.engines))
        work = opened.work
        work.understanding = self.understanding.understand(work.context.words, asked_of(kept.turn))
        work.grants = grants_of(work.understanding)
        work.history = () if opened.switched else kept.history
        return await self._answered(opened, agents), journal.unrecorded

    def _opened(self, kept: Kept, journal: Journal, door: Door) -> OpenTurn:
        return opened_again(kept.turn, kept.said, Stage(journal, door, Surroundings(ClosedLinks(), None)))

    async def _answered(self, turn: OpenTurn, agents: Agents, *, is_given_up: bool = False) -> Told:
        if turn.is_held:
            return Told("", [], [], [], "held")
        if turn.is_silenced:
            return Told("", [], [], [], CAPPED)
        now = turn.work.reader.now
        assistant = Assistant(
            door=turn.work.context.door,
            understanding=self.understanding,
            agents=agents,
            surroundings=Surroundings(ClosedLinks(), None),
            secret=b"",
            clock=lambda: now,
            publish=_tell_nobody,
        )
        draft, text, bindings = await assistant.answer(turn, given_up=is_given_up)
        return Told(
            text=text,
            figures=_plain([binding_to_json(each) for each in bindings]),
            attachments=_plain([attachment_to_json(each) for each in attachments_of(turn.work, draft)]),
            calls=_plain([{"name": call.tool, "args": dict(call.args), "step": call.step} for call in draft.made]),
            outcome=draft.outcome,
        )


async def _tell_nobody(_conversation_id: int, _event: str, _data: dict[str, str]) -> None:
    return


def _plain(value: list[Any]) -> list[Any]:
    """As the database gives it back."""
    plain: list[Any] = json.loads(json.dumps(value))
    return plain


async def find_kept(session: AsyncSession, name: str) -> Kept | None:
    """A finished turn by its number, or by the public id of a message of it."""
    turn_id = int(name) if name.isdigit() else await session.scalar(_turn_of(name))
    turn = await session.get(Turn, turn_id) if turn_id is not None else None
    return await read_kept(session, turn) if turn is not None and turn.finished_at is not None else None


async def read_kept(session: AsyncSession, turn: Turn) -> Kept:
    """The rows of a finished turn, and what was said before it."""
    messages = (await session.scalars(select(Message).where(Message.turn_id == turn.id).order_by(Message.id))).all()
    steps = await session.execute(
        select(TurnStep.step, TurnStep.kind, TurnStep.content, TurnStep.at)
        .where(TurnStep.turn_id == turn.id)
        .order_by(TurnStep.id)
    )
    said = tuple(
        Said(each.id, each.text, each.choice, each.assurance, each.created_at, each.attachments, each.about_id)
        for each in messages
        if each.direction is Direction.IN
    )
    reply = next((each for each in messages if each.direction is Direction.OUT), None)
    return Kept(turn, said, tuple(Step(*row) for row in steps), reply, await _history(session, turn, said))


async def _history(session: AsyncSession, turn: Turn, said: tuple[Said, ...]) -> tuple[tuple[str, str], ...]:
    if not said or not turn.context:
        return ()
    kept = turn.context.get("threads") or [[turn.conversation_id, turn.context.get("since")]]
    threads = [(thread, datetime.fromisoformat(since) if since else None) for thread, since in kept]
    return await read_again(session, threads, before=said[0].id)


def _turn_of(public_id: str) -> Any:
    return select(Message.turn_id).where(Message.public_id == public_id)
