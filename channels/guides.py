"""The guides of each business in the search index: opened when first needed, taken in again when they changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from knowledge.embedding import bundled_encoder
from knowledge.index import Found, KnowledgeIndex
from knowledge.ingest import GuidesMissingError, guide_folder, ingest_guides

log = structlog.get_logger()


@dataclass
class Guides:
    """Search over the guides. `location` is a folder, or the URL of a Chroma server."""

    door: Door
    location: Path | str
    _index: KnowledgeIndex | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def search(self, business_id: int, question: str, limit: int = 3) -> Sequence[Found]:
        """The passages that answer, best first."""
        index = await self.open()
        return await index.search(business_id, question, limit)

    async def open(self) -> KnowledgeIndex:
        """The index, with every business's guides in it; IndexBusyError when another process has it."""
        async with self._lock:
            if self._index is None:
                index = KnowledgeIndex(self.location, bundled_encoder())
                await index.open()
                for business_id, slug in await self.door.system(Scope.IDENTITY).read(_businesses):
                    await _take_in(index, business_id, slug)
                self._index = index
            return self._index

    async def close(self) -> None:
        """Let the index go, so that another process can open it."""
        async with self._lock:
            if self._index is not None:
                await self._index.close()
                self._index = None


async def _businesses(session: AsyncSession) -> list[tuple[int, str]]:
    rows = await session.execute(select(Business.id, Business.slug).order_by(Business.id))
    return [(business_id, slug) for business_id, slug in rows]


async def _take_in(index: KnowledgeIndex, business_id: int, slug: str) -> None:
    try:
        report = await ingest_guides(index, business_id, guide_folder(slug))
    except GuidesMissingError:
        log.info("no_guides", business=slug)
        return
    if report.added or report.removed:
        log.info("guides_taken_in", business=slug, added=len(report.added), removed=len(report.removed))
