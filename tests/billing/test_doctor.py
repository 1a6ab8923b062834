"""The doctor finds what is broken, says where, and what to do."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.doctor import Installation, Severity, check_schema, check_settings, examine
from billing.filestore import FileStore
from billing.principal import Scope
from billing.schema import SchemaState
from billing.tables.files import File, FileKind, FileVersion
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.people import make_business, make_client
from tests.fakes.clock import NOW

CURRENT = SchemaState(at="b2", newest="b2")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(address="http://127.0.0.1:8000", host="127.0.0.1", file_folder=tmp_path / "files")


def write(run: Run, door: Door, work: Any) -> None:
    run(door.system(Scope.IMPORT).write(work))


def test_sound_installation_has_no_finding(run: Run, sqlite_door: Door, installation: Installation) -> None:
    async def work(session: AsyncSession) -> None:
        await make_invoice(session, client=await make_client(session, business=await make_business(session)))

    write(run, sqlite_door, work)
    assert run(examine(sqlite_door, FileStore(installation.file_folder), installation)) == []


def test_edited_balance_is_found_with_advice(run: Run, sqlite_door: Door, installation: Installation) -> None:
    async def work(session: AsyncSession) -> None:
        client = await make_client(session, business=await make_business(session, slug="harbor-and-pine"))
        invoice = await make_invoice(session, client=client, number="INV-1042")
        invoice.balance_minor -= 500

    write(run, sqlite_door, work)
    found = run(examine(sqlite_door, FileStore(installation.file_folder), installation))
    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert any("harbor-and-pine, INV-1042: balance" in finding.what for finding in found)
    assert all("INV-1042" in finding.advice for finding in found)


def test_missing_bytes_are_found(run: Run, sqlite_door: Door, installation: Installation) -> None:
    async def work(session: AsyncSession) -> None:
        client = await make_client(session, business=await make_business(session))
        owned = {"business_id": client.business_id, "client_id": client.id}
        row = File(**owned, kind=FileKind.PERMIT, name="Permit.pdf")
        session.add(row)
        await session.flush()
        version = FileVersion(
            **owned, file_id=row.id, number=1, sha256="0" * 64, size=3, media_type="application/pdf", stored_at=NOW
        )
        session.add(version)

    write(run, sqlite_door, work)
    (found,) = run(examine(sqlite_door, FileStore(installation.file_folder), installation))
    assert "Permit.pdf" in found.what
    assert "FRONTDESK_FILES" in found.advice


def test_plan_that_misses_the_balance_is_found(run: Run, sqlite_door: Door, installation: Installation) -> None:
    async def work(session: AsyncSession) -> None:
        client = await make_client(session, business=await make_business(session))
        invoice = await make_invoice(session, client=client, number="INV-7")
        owned = {"business_id": client.business_id, "client_id": client.id}
        plan = PaymentPlan(**owned, invoice_id=invoice.id, status=PlanStatus.ACTIVE, agreed_on=date(2026, 1, 5))
        session.add(plan)
        await session.flush()
        part = Instalment(
            **owned,
            payment_plan_id=plan.id,
            position=1,
            due_on=date(2026, 2, 5),
            amount_minor=invoice.balance_minor - 1,
            currency=invoice.currency,
            status=InstalmentStatus.SCHEDULED,
        )
        session.add(part)

    write(run, sqlite_door, work)
    (found,) = run(examine(sqlite_door, FileStore(installation.file_folder), installation))
    assert "INV-7: its unpaid instalments are" in found.what


def test_demo_served_to_others_is_a_warning(run: Run, sqlite_door: Door, installation: Installation) -> None:
    async def work(session: AsyncSession) -> None:
        await make_business(session, slug="harbor-and-pine", is_demo=True)

    write(run, sqlite_door, work)
    exposed = replace(installation, host="0.0.0.0")
    (found,) = run(examine(sqlite_door, FileStore(installation.file_folder), exposed))
    assert found.severity is Severity.WARNING
    assert "harbor-and-pine" in found.what


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (SchemaState(at=None, newest="b2"), "empty"),
        (SchemaState(at="a1", newest="b2"), "a1"),
        (replace(CURRENT, unforced=("invoice",)), "invoice"),
        (replace(CURRENT, policies_stale=True), "policies"),
        (replace(CURRENT, missing_roles=("fd_client",)), "fd_client"),
    ],
)
def test_schema_that_lags_is_found(state: SchemaState, what: str) -> None:
    (found,) = check_schema(state)
    assert what in found.what
    assert found.severity is Severity.ERROR
    assert found.advice


def test_current_schema_has_no_finding() -> None:
    assert check_schema(CURRENT) == []


def test_hosted_model_without_key_is_found(installation: Installation) -> None:
    hosted = replace(installation, model="anthropic:claude", model_needs_key=True)
    (found,) = check_settings(hosted)
    assert "anthropic:claude" in found.what
    assert check_settings(replace(hosted, has_model_key=True)) == []


def test_folder_that_cannot_be_written_is_found(installation: Installation) -> None:
    installation.file_folder.parent.mkdir(exist_ok=True)
    installation.file_folder.write_bytes(b"a file in the place of the folder")
    (found,) = check_settings(installation)
    assert str(installation.file_folder) in found.what


def test_plain_address_is_a_warning(installation: Installation) -> None:
    (found,) = check_settings(replace(installation, address="http://desk.example.com"))
    assert found.severity is Severity.WARNING
    assert check_settings(replace(installation, address="https://desk.example.com")) == []


def test_address_without_a_host_is_found(installation: Installation) -> None:
    (found,) = check_settings(replace(installation, address="desk.example.com"))
    assert found.severity is Severity.ERROR
