"""A folder of guides → the index: what is new or changed goes in, what is gone goes out."""

import asyncio
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from knowledge.index import KnowledgeIndex
from knowledge.passages import Passage, cut_passages
from knowledge.text import NotTextError, text_from

PREFIX = "guides/"  # guides share the index with other sources, which an ingest leaves alone


class GuidesMissingError(Exception):
    """No guides are shipped under this name, or the folder does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no guides at {name!r}")
        self.name = name


@dataclass(frozen=True)
class IngestReport:
    """Pages by what happened to them, as sources ("guides/deposits.md").

    added: new or changed. unreadable: not text; what was known of them before stays.
    """

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


def guide_folder(slug: str) -> Path:
    """The folder of Markdown pages shipped for a demo business. Raises GuidesMissingError."""
    folder = Path(str(resources.files("knowledge"))) / "guides" / slug
    if not slug.replace("-", "").isalnum() or not folder.is_dir():
        raise GuidesMissingError(slug)
    return folder


async def ingest_guides(index: KnowledgeIndex, business_id: int, folder: Path) -> IngestReport:
    """Make the business's guides in the index what the Markdown pages below `folder` say.

    May be repeated: pages whose passages are all there are skipped, so an ingest that was cut off is finished
    by the next. Raises GuidesMissingError when there is no such folder, rather than removing every page.
    """
    pages = await asyncio.to_thread(_read_pages, folder)
    stored = await index.stored(business_id)
    added, unchanged = [], []
    for source, passages in pages.items():
        if passages is None:
            continue
        if stored.get(source, {}) == {passage.id: passage.ordinal for passage in passages}:
            unchanged.append(source)
        else:
            await index.replace(business_id, source, passages)
            added.append(source)
    removed = sorted(source for source in stored if source.startswith(PREFIX) and source not in pages)
    for source in removed:
        await index.remove(business_id, source)
    unreadable = tuple(source for source, passages in pages.items() if passages is None)
    return IngestReport(tuple(added), tuple(unchanged), tuple(removed), unreadable)


def _read_pages(folder: Path) -> dict[str, tuple[Passage, ...] | None]:
    """Source → passages, None for a page that is not text."""
    if not folder.is_dir():
        raise GuidesMissingError(str(folder))
    pages: dict[str, tuple[Passage, ...] | None] = {}
    for path in sorted(folder.rglob("*.md")):
        source = PREFIX + path.relative_to(folder).as_posix()
        try:
            pages[source] = cut_passages(text_from(path.read_bytes(), "text/markdown"), source=source)
        except NotTextError:
            pages[source] = None
    return pages
