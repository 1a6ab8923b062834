"""Statements that are built once pass by the unit of work, and not by what a scope may see."""

import pytest
from sqlalchemy import Executable, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import add_to, rows_of, table_of
from billing.principal import Scope
from billing.refusals import (
    AccessRefusedError,
    HiddenTableError,
    RawConnectionError,
    TextRefusedError,
    WriteRefusedError,
)
from billing.session import BoundedSession
from billing.tables.bills import Invoice
from billing.tables.people import Business, Contact
from billing.tables.talk import Message
from tests.billing.villages import Village


def test_principals_have_none(shared_village: Village) -> None:
    async def under_it(session: AsyncSession) -> None:
        inner = session.sync_session
        assert isinstance(inner, BoundedSession)
        inner.run_built(select(Contact.id), {})

    for asker in (shared_village.near.client, shared_village.near.staff_member):
        with pytest.raises(RawConnectionError):
            shared_village.write(asker, lambda session: rows_of(session, select(Contact.id), {}))
        with pytest.raises(RawConnectionError):
            shared_village.write(asker, under_it)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (select(Invoice.id), HiddenTableError),
        (select(Contact.id).where(Contact.id.in_(select(Invoice.id))), HiddenTableError),
        (update(table_of(Business)).values(name="ours"), WriteRefusedError),
        (add_to(Invoice), WriteRefusedError),
        (insert(table_of(Message)).from_select(["text"], select(Invoice.number)), HiddenTableError),
        (text("select name from business"), TextRefusedError),
    ],
)
def test_a_scope_keeps_to_its_tables(
    statement: Executable, reason: type[AccessRefusedError], shared_village: Village
) -> None:
    for _ in range(2):  # what was refused once is not taken for known
        with pytest.raises(reason):
            shared_village.write(Scope.INTAKE, lambda session: rows_of(session, statement, {}))


def test_a_statement_that_one_scope_may_ask_is_checked_for_another(shared_village: Village) -> None:
    asked = select(Invoice.id)
    assert shared_village.read(Scope.DOCTOR, lambda session: rows_of(session, asked, {}))
    with pytest.raises(HiddenTableError):
        shared_village.read(Scope.INTAKE, lambda session: rows_of(session, asked, {}))
