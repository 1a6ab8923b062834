"""Auditing at the command line: checks every receipt, names what is not as it was sealed, and sets anchors."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from bot.receipts.anchors import set_anchors
from bot.receipts.sealing import key_of
from bot.receipts.verifying import Finding, Report, verify
from channels.secret import find_secret
from channels.settings import Settings, read_settings

SHOWN = 50
NO_KEY = (
    "There is no key to check the receipts with: FRONTDESK_SECRET_KEY is not set, and no secret.key is in {data}.\n"
    "Set the key they were sealed with, or put its file back. A new key cannot check old receipts."
)
OTHER_KEY = (
    "{count} seals were made with another key than this installation's ({fingerprint}), so they cannot be checked;"
    " the parts under them and their order were. Set FRONTDESK_SECRET_KEY to the key they were sealed with,"
    " or put its secret.key back."
)


class NoKeyError(Exception):
    """The installation has no secret, so nothing can be checked or sealed."""


@asynccontextmanager
async def records_of(settings: Settings) -> AsyncIterator[tuple[Door, bytes]]:
    """The door to the settings' database, and the installation's secret; NoKeyError without one. Makes neither."""
    secret = find_secret(settings)
    if secret is None or lacks_database(settings):
        raise NoKeyError(NO_KEY.format(data=settings.data))
    engines = open_engines(settings.database)
    try:
        yield Door(engines), secret
    finally:
        await engines.dispose()


def lacks_database(settings: Settings) -> bool:
    """Whether there is no database in the data folder; one elsewhere is only known once it is opened."""
    return not settings.database_url and not (settings.data / "frontdesk.db").exists()


async def check_receipts(expected: str, say: Callable[[str], None]) -> int:
    """Print what was checked and each finding; 1 when something is not as it was sealed."""
    settings = read_settings()
    if lacks_database(settings):
        say(f"There is no database in {settings.data}.")
        return 1
    try:
        async with records_of(settings) as (door, secret):
            key, now = key_of(secret), datetime.now(UTC)
            report = await door.system(Scope.DOCTOR).read(lambda session: verify(session, key, now, expected))
    except NoKeyError as missing:
        say(str(missing))
        return 1
    for line in lines_of(report, key.fingerprint):
        say(line)
    return 0 if report.is_clean else 1


def lines_of(report: Report, fingerprint: str) -> list[str]:
    """A report for a person: findings first, then what was checked."""
    lines = [_named(finding) for finding in report.findings[:SHOWN]]
    if len(report.findings) > SHOWN:
        lines.append(f"… and {len(report.findings) - SHOWN:,} more.")
    if report.other_key:
        lines.append(OTHER_KEY.format(count=f"{report.other_key:,}", fingerprint=fingerprint))
    lines.append(
        f"Checked {report.turns:,} turns in {report.conversations:,} conversations:"
        f" {report.messages:,} messages, {report.steps:,} journal steps, {report.anchors:,} anchors."
    )
    if report.redacted:
        lines.append(f"{report.redacted:,} of them were redacted: a card's number was taken out, with their journals.")
    erased = report.erased - report.redacted
    if erased:
        lines.append(f"{erased:,} of them were erased: their receipts stand, their words are gone.")
    if report.earlier:
        lines.append(f"{report.earlier:,} turns are from before receipts were sealed, and cannot be checked.")
    lines += [
        f"Business {business}: anchor {number} of {at:%d %b %Y %H:%M} UTC has the seal {seal}."
        for business, number, at, seal in report.anchored
    ]
    if report.since_anchor:
        lines.append(f"{report.since_anchor:,} turns are newer than the last anchor of their conversation.")
    lines.append(_verdict(report))
    return lines


def _verdict(report: Report) -> str:
    if report.findings:
        return f"{len(report.findings):,} findings: receipts were edited, or rows taken away."
    return "Nothing that could be checked was changed." if report.other_key else "Nothing was changed."


def _named(finding: Finding) -> str:
    where = [f"turn {finding.turn}"] if finding.turn is not None else []
    where += [f"conversation {finding.conversation}"] if finding.conversation is not None else []
    return f"{', '.join(where)}: {finding.what}" if where else finding.what


async def anchor_now(say: Callable[[str], None]) -> int:
    """Set an anchor in every business with conversations, and print its seal to be noted elsewhere."""
    settings = read_settings()
    try:
        async with records_of(settings) as (door, secret):
            made = await set_anchors(door, key_of(secret), datetime.now(UTC), even_if_recent=True)
    except NoKeyError as missing:
        say(str(missing))
        return 1
    for anchor in made:
        say(f"Business {anchor.business_id}: anchor {anchor.number}, seal {anchor.seal}")
    say("Note a seal elsewhere: `frontdesk audit verify --anchor SEAL` then finds also what was cut off with it.")
    return 0
