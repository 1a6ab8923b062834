"""Making a database where there is none: schema, demo businesses, and the large one for benchmarks."""

import time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import open_engines
from billing.filestore import FileStore
from billing.principal import Scope
from billing.schema import migrate, schema_state
from billing.tables.people import Business
from channels.settings import Settings
from channels.wiring import wall_clock


async def ensure_demo(settings: Settings) -> list[str]:
    """Make the demo only where there is no database yet; what was done, in lines for a person."""
    if settings.database_url or (settings.data / "frontdesk.db").exists():
        if not (await schema_state(settings.database)).is_current:
            await migrate(settings.database)
        return []
    lines = await make_demo(settings)
    return [f"There is no database yet, so the demo businesses are made in {settings.data}.", *lines]


async def make_demo(settings: Settings) -> list[str]:
    """Schema and both demo businesses; says so when they are there already."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database)
    engines = open_engines(settings.database)
    try:
        is_new = await _create(Door(engines), FileStore(settings.file_folder))
    finally:
        await engines.dispose()
    return [f"{'Two demo businesses were made' if is_new else 'The demo businesses are'} in {settings.data}."]


async def _create(door: Door, files: FileStore) -> bool:
    if await door.system(Scope.IMPORT).read(_has_demo):
        return False
    from billing.demo.create import DemoExistsError, create_demo  # draws PDFs: a second that no later start needs

    try:
        await create_demo(door, files, wall_clock())
    except DemoExistsError:
        return False  # another process was quicker
    return True


async def _has_demo(session: AsyncSession) -> bool:
    return await session.scalar(select(Business.id).where(Business.is_demo.is_(True)).limit(1)) is not None


async def make_large(settings: Settings, clients: int, invoices: int) -> str:
    """The large demo business for benchmarks."""
    from billing.demo.large import create_large

    engines = open_engines(settings.database)
    began = time.perf_counter()
    try:
        await create_large(Door(engines), clients=clients, invoices=invoices, now=wall_clock())
    finally:
        await engines.dispose()
    return f"{clients} clients with {invoices} invoices were made in {time.perf_counter() - began:.1f} s."
