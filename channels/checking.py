"""The doctor at the command line: runs the checks and prints what to do about each finding."""

import asyncio
from collections.abc import Callable

from billing.access import Door
from billing.database import open_engines
from billing.doctor import Finding, Installation, Severity, examine
from billing.filestore import FileStore
from billing.schema import schema_state
from channels.hosting import wants_key
from channels.sealing import Sealing
from channels.secret import find_secret
from channels.settings import Settings, read_settings
from channels.sms.accounts import Accounts
from channels.sms.building import own_account
from channels.sms.health import check_texts
from channels.telegram.accounts import Bots
from channels.telegram.building import own_bot
from channels.telegram.health import check_bots
from channels.web.connecting import check_websites
from channels.web.sites import Sites
from channels.wiring import wall_clock


async def check(say: Callable[[str], None]) -> int:
    """Print every finding with its advice; 1 when something is wrong, 0 when nothing has to be mended."""
    settings = read_settings()
    if not settings.database_url and not (settings.data / "frontdesk.db").exists():
        say(f"error: There is no database in {settings.data}.\n  → Run `frontdesk demo`, or `frontdesk migrate`.")
        return 1
    engines = open_engines(settings.database)
    try:
        findings = await examine(Door(engines), FileStore(settings.file_folder), installation_of(settings))
        findings += await _check_connections(Door(engines), settings, say)
        findings += await _check_websites(Door(engines), settings, say)
    finally:
        await engines.dispose()
    findings += await _check_dispatch(settings)
    for finding in findings:
        say(f"{finding.severity.value}: {finding.what}\n  → {finding.advice}")
    if not findings:
        say("Schema, ledger, files and settings are in order.")
    return int(any(finding.severity is Severity.ERROR for finding in findings))


async def _check_dispatch(settings: Settings) -> list[Finding]:
    """What workers need and do not have."""
    if settings.dispatch == "local":
        return []
    from channels.dispatch.jobs import job_tables_state

    found = []
    if await asyncio.to_thread(job_tables_state, settings.database) is None:
        what = "The tables of FRONTDESK_DISPATCH=procrastinate are missing."
        found.append(Finding(Severity.ERROR, what, "Run `frontdesk migrate`."))
    if not settings.chroma_url:
        what = "Workers cannot share an embedded index, so no question is answered from the guides."
        found.append(Finding(Severity.WARNING, what, "Run a Chroma server and set FRONTDESK_CHROMA_URL."))
    if not settings.secret_key.get_secret_value():
        what = "Each data folder has a secret of its own, so workers on other machines cannot check each other's seals."
        found.append(Finding(Severity.WARNING, what, "Set FRONTDESK_SECRET_KEY, the same everywhere."))
    return found


async def _check_connections(door: Door, settings: Settings, say: Callable[[str], None]) -> list[Finding]:
    """What is wrong with texts and Telegram, where an account is set or kept; a line on each that is."""
    if not (await schema_state(door.engines)).is_current:
        return []
    sealing, address, now = Sealing(find_secret(settings) or b""), settings.address, wall_clock()
    lines, found = await check_texts(door, Accounts(door, own_account(settings), sealing), address, now)
    more, wrong = await check_bots(door, Bots(door, own_bot(settings), sealing), address, now)
    for line in [*lines, *more]:
        say(line)
    return [*found, *wrong]


async def _check_websites(door: Door, settings: Settings, say: Callable[[str], None]) -> list[Finding]:
    """What is wrong with the chats on websites; a line on each that stands."""
    if not (await schema_state(door.engines)).is_current:
        return []
    lines, found = await check_websites(Sites(door, Sealing(find_secret(settings) or b"")), settings.address)
    for line in lines:
        say(line)
    return found


def installation_of(settings: Settings) -> Installation:
    """The settings as the doctor reads them: no secret among them."""
    return Installation(
        address=settings.address,
        host=settings.host,
        file_folder=settings.file_folder,
        model=settings.model,
        model_needs_key=wants_key(settings),
        has_model_key=bool(settings.model_api_key.get_secret_value()),
    )
