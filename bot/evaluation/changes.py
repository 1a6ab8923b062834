"""What a conversation changed: the rows that matter, described in plain words before and after, and the difference."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base
from billing.money import Money
from billing.tables.addresses import Consent
from billing.tables.bills import CreditNote, Invoice
from billing.tables.files import File, FileLink
from billing.tables.payments import Payment, PaymentLink, Refund
from billing.tables.people import Client, Contact, Staff
from billing.tables.plans import Instalment, PaymentPlan, PaymentPromise, Retainer
from billing.tables.quotes import Acceptance, Estimate
from billing.tables.talk import Author, Conversation, Direction, Message, Note, Proposal
from billing.tables.work import Appointment, Project, Request, Task
from bot.evaluation.scenario import Outcome, Row, Wanted

WATCHED: tuple[type[Base], ...] = (
    Acceptance, Appointment, Client, Consent, Contact, CreditNote, Estimate, File, FileLink, Instalment, Invoice, Note,
    Payment, PaymentLink, PaymentPlan, PaymentPromise, Project, Proposal, Refund, Request, Retainer, Task,
)  # fmt: skip
# Handing out a document again changes nothing for anybody, so a scenario need not name it.
HARMLESS = frozenset({"file_link"})
_NAMED: Mapping[str, type[Base]] = {
    "invoice_id": Invoice, "estimate_id": Estimate, "project_id": Project, "payment_id": Payment,
    "client_id": Client, "contact_id": Contact, "staff_id": Staff, "assignee_id": Staff, "manager_id": Staff,
    "holder_id": Staff, "request_id": Request,
}  # fmt: skip
_LEFT_OUT = frozenset({"id", "version", "business_id", "conversation_id", "turn_id", "idempotency_key", "token_sha256"})

Described = dict[str, str]
Snapshot = dict[tuple[str, int], Described]


@dataclass(frozen=True)
class Change:
    """A row that came, went or has other values now. table: its name; row: how it is now (gone: how it was)."""

    kind: str  # new | changed | gone
    table: str
    row: Described
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = self.fields or tuple(name for name, value in self.row.items() if value and not name.endswith("_at"))
        return f"{self.kind} {self.table}: " + ", ".join(f"{name}={self.row[name]}" for name in shown)


async def take_snapshot(session: AsyncSession, own_thread: int | None = None) -> Snapshot:
    """Every watched row, described; of messages only ours into other threads than `own_thread`."""
    tables: tuple[type[Base], ...] = (*WATCHED, Staff)
    rows: dict[type[Base], list[Base]] = {table: list(await session.scalars(select(table))) for table in tables}
    names = {
        (table, _id(row)): str(getattr(row, "number", "") or getattr(row, "key", ""))
        for table in set(_NAMED.values())
        for row in rows[table]
    }
    found: Snapshot = {
        (table.__tablename__, _id(row)): _describe(row, names) for table in WATCHED for row in rows[table]
    }
    threads = {row.id: row for row in await session.scalars(select(Conversation))}
    for row in threads.values():
        # A thread is opened by every message to somebody new; what matters is who holds it.
        described = {"holder": names.get((Staff, row.holder_id or 0), ""), "of": _person(row, names)}
        found["conversation", row.id] = described
    for message in await session.scalars(select(Message).where(Message.direction == Direction.OUT)):
        if message.conversation_id == own_thread:
            continue
        to = _person(threads[message.conversation_id], names)
        found["message", message.id] = {"to": to, "text": message.text, "author": Author(message.author).value}
    return found


def difference(before: Snapshot, after: Snapshot) -> list[Change]:
    """What changed between two snapshots, in the order of the rows."""
    changes = [Change("gone", key[0], before[key]) for key in before if key not in after]
    for key, row in after.items():
        if key not in before:
            if key[0] != "conversation":
                changes.append(Change("new", key[0], row))
        elif row != before[key]:
            fields = tuple(name for name in row if row[name] != before[key].get(name))
            changes.append(Change("changed", key[0], row, fields))
    return changes


def judge(changes: Iterable[Change], then: Outcome, today: date) -> list[str]:
    """What is wrong: expected changes that did not happen, and others that did. `today` is day 0 of numbers."""
    left = list(changes)
    wrong: list[str] = []
    for kind, rows in (("new", then.new), ("changed", then.changed)):
        for row in rows:
            found = next((change for change in left if change.kind == kind and fits(change, row, today)), None)
            if found is None:
                wrong.append(f"expected but not there: {kind} {row}")
            else:
                left.remove(found)
    wrong += [f"not expected: {change}" for change in left if change.table not in HARMLESS]
    return wrong


def fits(change: Change, row: Row, today: date) -> bool:
    """Whether a changed row has all the values of an expected one."""
    return all(
        table == change.table
        and all(name in change.row and is_value(change.row[name], wanted, today) for name, wanted in values.items())
        for table, values in row.items()
    )


def is_value(found: str, wanted: Wanted, today: date) -> bool:
    """Whether a described value is the wanted one: a word, "/a pattern/", or a day counted from today."""
    if wanted is None:
        return found == ""
    if isinstance(wanted, bool):
        return found == str(wanted).lower()
    if isinstance(wanted, int):
        return found in {str(wanted), (today + timedelta(days=wanted)).isoformat()}
    if len(wanted) > 2 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], found, re.IGNORECASE) is not None
    return found == wanted


def _person(thread: Conversation, names: Mapping[tuple[type[Base], int], str]) -> str:
    if thread.staff_id is not None:
        return f"staff:{names[Staff, thread.staff_id]}"
    return f"client:{names[Contact, thread.contact_id]}" if thread.contact_id is not None else "nobody"


def _id(row: Base) -> int:
    found: int = row.id  # type: ignore[attr-defined]  # every table has one
    return found


def _describe(row: Base, names: Mapping[tuple[type[Base], int], str]) -> Described:
    described: Described = {}
    for column in inspect(type(row)).column_attrs:
        name, value = column.key, getattr(row, column.key)
        if name in _LEFT_OUT:
            continue
        if name in _NAMED:
            described[name.removesuffix("_id")] = names.get((_NAMED[name], value), "") if value is not None else ""
        elif name.endswith("_minor"):
            currency = getattr(row, "currency", None)
            described[name.removesuffix("_minor")] = _amount(value, currency)
        else:
            described |= _plain(name, value)
    return described


def _amount(minor: int | None, currency: str | None) -> str:
    if minor is None:
        return ""
    return str(Money(minor, currency).major) if currency else str(minor)


def _plain(name: str, value: Any) -> Described:
    """A value in words. Of a proposal's arguments, those of the call it would make: `arguments.invoice`."""
    if not isinstance(value, dict):
        return {name: _word(value)}
    values = value.get("arguments", value)
    return {f"{name}.{key}": _word(each) for key, each in values.items() if not isinstance(each, (dict, list))}


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)
