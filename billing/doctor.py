"""The doctor: looks at schema, settings, ledger and stored files, and says what to do about each finding."""

import ipaddress
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import ledger_check
from billing.access import Door
from billing.changes.outbox import WITHHELD
from billing.filestore import FileStore
from billing.principal import Scope
from billing.schema import SchemaState, schema_state
from billing.tables.bills import Invoice
from billing.tables.files import File, FileVersion
from billing.tables.people import Business
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus
from billing.tables.talk import Delivery, Direction, Message

_SHOWN = 20  # findings of one kind that are told one by one


class Severity(StrEnum):
    """Error: something is wrong now. Warning: it works, but somebody should know."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it; both are sentences for whoever runs the installation."""

    severity: Severity
    what: str
    advice: str


@dataclass(frozen=True)
class Installation:
    """What the doctor needs to know of the settings. Secrets stay outside: only whether they are there.

    model: the chat model's name, empty for the built-in one; model_needs_key: it is a hosted one.
    """

    address: str
    host: str
    file_folder: Path
    model: str = ""
    model_needs_key: bool = False
    has_model_key: bool = False


async def examine(door: Door, files: FileStore, installation: Installation) -> list[Finding]:
    """Every finding, errors first. Where the schema is not current, the records are not looked at."""
    schema = check_schema(await schema_state(door.engines))
    findings = schema + check_settings(installation)
    if not schema:
        findings += await check_exposure(door, installation)
        findings += await check_ledger(door)
        findings += await check_files(door, files)
        findings += await check_parked(door)
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def check_schema(state: SchemaState) -> list[Finding]:
    """What keeps the schema from being the one that this version expects."""
    migrate = "Stop the server, keep a copy of the database, and run `frontdesk migrate`."
    if state.at is None:
        return [_error("The database is empty.", "Run `frontdesk migrate`, or `frontdesk demo` for the demo.")]
    if state.at != state.newest:
        return [_error(f"The schema is at {state.at}, this version needs {state.newest}.", migrate)]
    found = []
    if state.unforced:
        tables = ", ".join(state.unforced)
        found.append(_error(f"Row-level security is not forced on {tables}.", migrate))
    if state.policies_stale:
        found.append(_error("The row-level policies are not those of this version.", migrate))
    if state.missing_roles:
        roles = ", ".join(state.missing_roles)
        grant = "Let a database administrator create them and grant them to the role Frontdesk logs in with."
        found.append(_error(f"The database lacks the roles {roles}.", grant))
    return found


def check_settings(installation: Installation) -> list[Finding]:
    """What in the settings does not work, or works but is not safe."""
    found = []
    if not _can_write(installation.file_folder):
        folder = "Make the folder writable for the user that runs Frontdesk, or set FRONTDESK_FILES."
        found.append(_error(f"Files cannot be stored in {installation.file_folder}.", folder))
    if installation.model_needs_key and not installation.has_model_key:
        key = "Set FRONTDESK_MODEL_API_KEY, or leave FRONTDESK_MODEL empty for the built-in model."
        found.append(_error(f"The model {installation.model} needs a key and has none.", key))
    address = urlsplit(installation.address)
    if address.scheme not in {"http", "https"} or not address.hostname:
        url = "Set FRONTDESK_PUBLIC_URL to the full address, such as https://desk.example.com."
        found.append(_error(f"Links cannot be made from {installation.address!r}.", url))
    elif address.scheme == "http" and not _is_loopback(address.hostname):
        secure = "Put Frontdesk behind a server that speaks https, and set FRONTDESK_PUBLIC_URL to it."
        found.append(_warning("Payment and file links travel unencrypted, by http.", secure))
    return found


async def check_exposure(door: Door, installation: Installation) -> list[Finding]:
    """Whether a demo business is served to more than this machine."""
    if _is_loopback(installation.host):
        return []

    async def demos(session: AsyncSession) -> list[str]:
        return list(await session.scalars(select(Business.slug).where(Business.is_demo).order_by(Business.slug)))

    slugs = await door.system(Scope.DOCTOR).read(demos)
    advice = "Keep the demo in a database of its own, or listen on 127.0.0.1 (FRONTDESK_HOST)."
    what = f"Demo businesses ({', '.join(slugs)}) are in a database that is served on {installation.host}."
    return [_warning(what, advice)] if slugs else []


async def check_ledger(door: Door) -> list[Finding]:
    """Each broken rule of the ledger, by business; figures are minor units as stored."""

    async def work(session: AsyncSession) -> list[Finding]:
        found: list[Finding] = []
        businesses = await session.execute(select(Business.id, Business.slug).order_by(Business.slug))
        for business in businesses.all():
            broken = await ledger_check.check(session, business_id=business.id)
            told = [(rule.subject, f"{rule.rule}: {rule.found} is stored, {rule.expected} follows") for rule in broken]
            told += await _broken_plans(session, business.id)
            found += _ledger_findings(business.slug, told)
        return found

    return await door.system(Scope.DOCTOR).read(work)


async def check_parked(door: Door) -> list[Finding]:
    """Messages that were set aside: inbound ones that nobody could answer, outbound ones that nobody took."""

    async def work(session: AsyncSession) -> list[Finding]:
        parked = select(Message.direction, Message.error, func.count(Message.id).label("many"))
        parked = parked.where(Message.delivery == Delivery.PARKED).group_by(Message.direction, Message.error)
        rows = (await session.execute(parked.order_by(Message.direction, Message.error))).all()
        return [_parked(row.direction, row.error, row.many) for row in rows if row.error != WITHHELD][:_SHOWN]

    return await door.system(Scope.DOCTOR).read(work)


def _parked(direction: Direction, why: str, count: int) -> Finding:
    if direction is Direction.IN:
        what = f"{count} messages that came in could not be answered and were set aside ({why})."
        return _warning(what, "Look for turn_parked in the log; a person should write to whoever sent them.")
    what = f"{count} messages were not sent and were set aside ({why})."
    return _warning(what, "Check the channel's account; what still matters has to be written again.")


async def check_files(door: Door, files: FileStore) -> list[Finding]:
    """File versions whose bytes are not in the file store."""

    async def work(session: AsyncSession) -> list[Finding]:
        query = select(File.name, FileVersion.sha256).join(FileVersion, FileVersion.file_id == File.id)
        missing = [row.name for row in await session.execute(query.order_by(File.id)) if not files.has(row.sha256)]
        advice = "Restore the folder of stored files from a backup, or check FRONTDESK_FILES."
        shown = ", ".join(missing[:_SHOWN]) + (f" and {len(missing) - _SHOWN} more" if missing[_SHOWN:] else "")
        return [_error(f"The bytes of {len(missing)} files are missing: {shown}.", advice)] if missing else []

    return await door.system(Scope.DOCTOR).read(work)


def _ledger_findings(slug: str, told: list[tuple[str, str]]) -> list[Finding]:
    found = [
        _error(
            f"{slug}, {subject}: {rule}.",
            f"Compare {subject} with its lines, payments, credits and refunds and correct the one that is wrong; "
            "until then do not rely on figures of this client.",
        )
        for subject, rule in told[:_SHOWN]
    ]
    if told[_SHOWN:]:
        more = f"{slug}: {len(told) - _SHOWN} more records break the ledger's rules."
        found.append(_error(more, "Mend those above first and run `frontdesk doctor` again."))
    return found


async def _broken_plans(session: AsyncSession, business_id: int) -> list[tuple[str, str]]:
    """Active plans whose unpaid instalments do not reach the balance, or that ask for more than the total."""
    unpaid = func.sum(Instalment.amount_minor).filter(Instalment.status != InstalmentStatus.PAID)
    query = (
        select(
            Invoice.number,
            Invoice.total_minor,
            Invoice.balance_minor,
            func.sum(Instalment.amount_minor).label("planned"),
            func.coalesce(unpaid, 0).label("unpaid"),
        )
        .join(PaymentPlan, PaymentPlan.invoice_id == Invoice.id)
        .join(Instalment, Instalment.payment_plan_id == PaymentPlan.id)
        .where(Invoice.business_id == business_id, PaymentPlan.status == PlanStatus.ACTIVE)
        .group_by(PaymentPlan.id, Invoice.number, Invoice.total_minor, Invoice.balance_minor)
        .order_by(Invoice.number)
    )
    broken = []
    for row in await session.execute(query):
        if row.planned > row.total_minor:
            broken.append((row.number, f"its plan asks for {row.planned}, the total is {row.total_minor}"))
        if row.unpaid < row.balance_minor:
            broken.append((row.number, f"its unpaid instalments are {row.unpaid}, the balance is {row.balance_minor}"))
    return broken


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _error(what: str, advice: str) -> Finding:
    return Finding(Severity.ERROR, what, advice)


def _warning(what: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, what, advice)
