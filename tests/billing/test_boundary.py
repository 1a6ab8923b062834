"""Which tables and rows each kind of principal sees, on both databases."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from billing.boundary import CLIENT_READS, STAFF_READS, STRANGER_READS
from billing.database import Base
from billing.refusals import HiddenTableError
from billing.scopes import EVERY_TABLE, SECRETS
from billing.tables.files import File, FileLink, FileVersion
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Note, Proposal
from tests.billing.villages import Village, by_name, rows


def owner_of(row: Any) -> tuple[int, int | None]:
    """Business and client of a row; of those that no client owns, only the business."""
    if isinstance(row, Business):
        return row.id, None
    return row.business_id, None if isinstance(row, (Staff, Contact)) else row.client_id


@pytest.mark.parametrize("table", by_name(EVERY_TABLE))
def test_every_table_shows_only_own_rows(table: type[Base], shared_village: Village) -> None:
    near = shared_village.near
    if table not in CLIENT_READS:
        with pytest.raises(HiddenTableError):
            rows(shared_village, near.client, select(table))
        return
    found = [row for (row,) in rows(shared_village, near.client, select(table))]
    assert found
    for row in found:
        owned_by_all = isinstance(row, (Business, Staff, Contact))
        assert owner_of(row) == (near.mine.business, None if owned_by_all else near.mine.client)


@pytest.mark.parametrize("table", by_name(SECRETS))
def test_staff_see_no_secrets(table: type[Base], shared_village: Village) -> None:
    with pytest.raises(HiddenTableError):
        rows(shared_village, shared_village.near.staff_member, select(table))


@pytest.mark.parametrize("table", by_name(STAFF_READS - {Business}))
def test_staff_see_only_their_business(table: type[Base], shared_village: Village) -> None:
    near = shared_village.near
    found = [row for (row,) in rows(shared_village, near.staff_member, select(table))]
    assert found
    assert {row.business_id for row in found} == {near.mine.business}


def test_staff_see_their_own_business_row(shared_village: Village) -> None:
    near = shared_village.near
    assert rows(shared_village, near.staff_member, select(Business.id)) == [(near.mine.business,)]


def test_a_client_reads_the_own_contact_only(shared_village: Village) -> None:
    near = shared_village.near
    assert rows(shared_village, near.client, select(Contact.id)) == [(near.mine.contact,)]
    assert rows(shared_village, replace(near.client, contact_id=None), select(Contact.id)) == []


def test_strangers_read_whom_to_ask(shared_village: Village) -> None:
    near = shared_village.near
    assert rows(shared_village, near.stranger, select(Business.id)) == [(near.mine.business,)]
    assert rows(shared_village, near.stranger, select(Staff.id)) == [(near.staff,)]


@pytest.mark.parametrize("table", by_name(EVERY_TABLE - STRANGER_READS))
def test_strangers_read_nothing_else(table: type[Base], shared_village: Village) -> None:
    with pytest.raises(HiddenTableError):
        rows(shared_village, shared_village.near.stranger, select(table))


def test_what_is_internal_is_not_found(shared_village: Village) -> None:
    near = shared_village.near
    assert rows(shared_village, near.client, select(File.name)) == [("MINE",)]
    assert rows(shared_village, near.client, select(FileVersion.file_id).distinct()) == [(near.mine.file,)]
    shown = rows(shared_village, near.client, select(FileLink.file_version_id))
    assert len(shown) == 1
    assert (near.mine.internal_version,) not in shown
    assert rows(shared_village, near.client, select(Note.text)) == [("MINE",)]
    assert rows(shared_village, near.client, select(Proposal.summary)) == [("MINE",)]
