"""Creates the two demo businesses, whole or not at all."""

from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.demo.atelier_lumiere.business import SLUG as ATELIER
from billing.demo.atelier_lumiere.business import write_atelier_lumiere
from billing.demo.days import Days
from billing.demo.harbor_and_pine.business import SLUG as HARBOR
from billing.demo.harbor_and_pine.business import write_harbor_and_pine
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.people import Business


class DemoExistsError(Exception):
    """A business of the demo is in this database already."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"the business {slug!r} exists already")
        self.slug = slug


async def create_demo(door: Door, files: FileStore, now: datetime, seed: int = 7) -> None:
    """Write both demo businesses relative to `now` (aware UTC); the same seed and moment give the same data.

    Raises DemoExistsError, and changes nothing, when one of them is there.
    """

    async def work(session: AsyncSession) -> None:
        await _refuse_second(session, HARBOR, ATELIER)
        await write_harbor_and_pine(session, Days(now, "America/New_York"), _dice(seed, HARBOR), files)
        await write_atelier_lumiere(session, Days(now, "Europe/Paris"), _dice(seed, ATELIER), files)

    await door.system(Scope.IMPORT).write(work)


async def _refuse_second(session: AsyncSession, *slugs: str) -> None:
    found = await session.scalar(select(Business.slug).where(Business.slug.in_(slugs)).limit(1))
    if found is not None:
        raise DemoExistsError(found)


def _dice(seed: int, slug: str) -> Random:
    return Random(f"{seed} {slug}")  # noqa: S311 - demo values, not secrets
