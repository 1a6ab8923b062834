"""The journal of a turn: what a model said and a tool returned; durable before anything follows from them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Records
from billing.changes.turns import Claim, Step, add_steps, check_claim
from billing.money import Money
from bot.evidence import Answer, Fact, FactKind
from bot.messages import Attachment, AttachmentKind, Mention

Content = dict[str, Any]


class Journal:
    """The steps of one turn: those an earlier process left, and those written now."""

    is_closed = False  # whether a turn is only told from it once more: then nothing is asked, read or written

    def __init__(self, records: Records, claim: Claim, known: Iterable[Step], clock: Callable[[], datetime]) -> None:
        self._records, self._claim, self._clock = records, claim, clock
        self._known = {step.step: step for step in known}
        self._held: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step of the turn so far, in order."""
        return tuple(self._known.values())

    def recall(self, step: str) -> Content | None:
        """What was journalled for the step, if it was."""
        known = self._known.get(step)
        return known.content if known is not None else None

    def recall_call(self, step: str, tool: str, said: Mapping[str, str]) -> Content | None:  # noqa: ARG002 - see below
        """What was journalled for a tool call at this step; another model's replay finds it by tool and words."""
        return self.recall(step)

    async def record(self, step: str, kind: str, content: Content) -> None:
        """Journal a step durably, and what is held; ClaimLostError when another process has the turn."""
        self.hold(step, kind, content)
        await self._records.write(self._write)
        self._held.clear()

    def hold(self, step: str, kind: str, content: Content) -> None:
        """Keep a step for the next transaction of the turn: its last step is journalled with the reply itself."""
        held = Step(step, kind, content, self._clock())
        self._held.append(held)
        self._known[step] = held

    async def _write(self, session: AsyncSession) -> None:
        await self.write_held(session, await check_claim(session, self._claim))

    async def write_held(self, session: AsyncSession, client_id: int | None) -> None:
        """Write the steps that are held in a transaction that found the claim to stand, and the turn of this client."""
        await add_steps(session, self._claim, client_id, self._held)


def value_to_json(value: Any) -> Any:
    """A fact's value as JSON, with its type where JSON has none."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def value_from_json(value: Any) -> Any:
    """The reverse of value_to_json."""
    if not isinstance(value, dict):
        return value
    if "minor" in value:
        return Money(value["minor"], value["currency"])
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    return date.fromisoformat(value["day"])


def fact_to_json(fact: Fact) -> Content:
    """A fact as JSON."""
    return {
        "subject": fact.subject,
        "name": fact.name,
        "kind": fact.kind.value,
        "value": value_to_json(fact.value),
        "record": fact.record,
        "field": fact.field,
        "version": fact.version,
        "calculation": fact.calculation,
        "inputs": list(fact.inputs),
    }


def fact_from_json(content: Content) -> Fact:
    """The reverse of fact_to_json."""
    return Fact(
        **{
            **content,
            "kind": FactKind(content["kind"]),
            "value": value_from_json(content["value"]),
            "inputs": tuple(content["inputs"]),
        }
    )


def answer_to_json(answer: Answer) -> Content:
    """A tool's answer as JSON; facts stand under {"fact": …} where they stood in the data."""
    return {
        "kind": answer.kind,
        "data": _tree_to_json(answer.data),
        "attachments": [attachment_to_json(each) for each in answer.attachments],
        "mentions": [mention_to_json(each) for each in answer.mentions],
        "error": answer.error,
        "proposal": dict(answer.proposal) if answer.proposal is not None else None,
    }


def answer_from_json(content: Content) -> Answer:
    """The reverse of answer_to_json."""
    return Answer(
        kind=content["kind"],
        data=_tree_from_json(content["data"]),
        attachments=tuple(attachment_from_json(each) for each in content["attachments"]),
        mentions=tuple(Mention(**each) for each in content["mentions"]),
        error=content["error"],
        proposal=content["proposal"],
    )


def attachment_to_json(attachment: Attachment) -> Content:
    """An attachment as JSON: what a channel and the page read."""
    return {
        "kind": attachment.kind.value,
        "label": attachment.label,
        "value": attachment.value,
        "rows": [list(row) for row in attachment.rows],
        "extra": dict(attachment.extra),
    }


def attachment_from_json(content: Content) -> Attachment:
    """The reverse of attachment_to_json."""
    return Attachment(
        kind=AttachmentKind(content["kind"]),
        label=content["label"],
        value=content["value"],
        rows=tuple((label, text) for label, text in content["rows"]),
        extra=content["extra"],
    )


def mention_to_json(mention: Mention) -> Content:
    """A mention as JSON."""
    return {"kind": mention.kind, "key": mention.key, "label": mention.label}


def _tree_to_json(node: Any) -> Any:
    if isinstance(node, Fact):
        return {"fact": fact_to_json(node)}
    if isinstance(node, Mapping):
        return {key: _tree_to_json(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_tree_to_json(value) for value in node]
    return node


def _tree_from_json(node: Any) -> Any:
    if isinstance(node, dict):
        if set(node) == {"fact"} and isinstance(node["fact"], dict):
            return fact_from_json(node["fact"])
        return {key: _tree_from_json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_tree_from_json(value) for value in node]
    return node
