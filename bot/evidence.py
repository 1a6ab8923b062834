"""A value, its record, field and version: what tools return beside text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from billing.money import Money
from bot.messages import Attachment, Mention


class FactKind(StrEnum):
    """How a value is compared and shown."""

    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    COUNT = "count"
    DAYS = "days"
    PERCENT = "percent"
    NUMBER = "number"  # a record's printed number: INV-1042
    LINK = "link"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    TEXT = "text"  # words from a record; figures inside are bound by it


FactValue = Money | date | datetime | int | str


@dataclass(frozen=True)
class Fact:
    """One value of evidence.

    Written into text it becomes its handle, `{INV-1042.balance}`, which grounding renders in the reader's
    locale, so a template cannot put a figure in a reply that no record holds.

    subject: the printed name of its record ("INV-1042"), or of a calculation ("outstanding").
    record: "table:id" of the row read, or "" for a calculation.
    calculation: for values a tool computed, what was computed ("sum of balances"), else "".
    inputs: handles or "table:id.field" the calculation read.
    """

    subject: str
    name: str
    kind: FactKind
    value: FactValue
    record: str = ""
    field: str = ""
    version: int = 0
    calculation: str = ""
    inputs: tuple[str, ...] = ()

    @property
    def handle(self) -> str:
        """`subject.name`, unique within one answer."""
        return f"{self.subject}.{self.name}"

    def __str__(self) -> str:
        return "{" + self.handle + "}"

    def __bool__(self) -> bool:
        if isinstance(self.value, Money):
            return self.value.minor != 0
        return bool(self.value)


@dataclass(frozen=True)
class Answer:
    """What a tool returns: named data for the phrasebook, attachments, and what was spoken of.

    kind: the phrasebook's template ("invoice", "invoices", "choose", "nothing", "link_sent", …).
    data: nested dicts and lists whose leaves are Facts, or plain words and booleans that steer a template
    (never a figure: figures are Facts).
    error: set when the tool refuses or finds nothing; the template then says so kindly.
    proposal: for a writing call that needs the person's yes: what will be carried out (see bot/proposals.py).
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    error: bool = False
    proposal: Mapping[str, Any] | None = None

    def facts(self) -> tuple[Fact, ...]:
        """Every fact in `data`, in reading order, each handle once."""
        return self._facts

    @cached_property
    def _facts(self) -> tuple[Fact, ...]:
        found: dict[str, Fact] = {}
        for fact in _walk(self.data):
            found.setdefault(fact.handle, fact)
        return tuple(found.values())


def _walk(node: Any) -> Iterator[Fact]:
    if isinstance(node, Fact):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _walk(value)


class RecordFacts:
    """Facts of one row: `of = RecordFacts("INV-1042", "invoice", row.id, row.version)`, `of.money("balance", …)`."""

    def __init__(self, subject: str, table: str, row_id: int, version: int) -> None:
        self.subject, self.record, self.version = subject, f"{table}:{row_id}", version

    def fact(self, name: str, kind: FactKind, value: FactValue, column: str = "") -> Fact:
        """One value of the row; `column` where the field is named otherwise than the fact."""
        return Fact(self.subject, name, kind, value, self.record, column or name, self.version)

    def money(self, name: str, minor: int, currency: str, column: str = "") -> Fact:
        """An amount in minor units of `currency`."""
        return self.fact(name, FactKind.MONEY, Money(minor, currency), column)

    def number(self, value: str) -> Fact:
        """The record's printed number."""
        return self.fact("number", FactKind.NUMBER, value)

    def text(self, name: str, value: str, column: str = "") -> Fact:
        """Words from the record."""
        return self.fact(name, FactKind.TEXT, value, column)

    def name(self, name: str, value: str, column: str = "") -> Fact:
        """A person's or project's name."""
        return self.fact(name, FactKind.NAME, value, column)

    def date(self, name: str, value: date, column: str = "") -> Fact:
        """A calendar day."""
        return self.fact(name, FactKind.DATE, value, column)

    def moment(self, name: str, value: datetime, column: str = "") -> Fact:
        """A point in time, aware UTC; shown in the reader's zone."""
        return self.fact(name, FactKind.DATETIME, value, column)


def calculated(
    subject: str, name: str, kind: FactKind, value: FactValue, *, what: str, inputs: tuple[str, ...] = ()
) -> Fact:
    """A value computed by a tool from records: `what` names the calculation, `inputs` what it read."""
    return Fact(subject, name, kind, value, calculation=what, inputs=inputs)
