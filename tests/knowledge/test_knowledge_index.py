"""The index: owned by one, filled again and again, closed between businesses."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from knowledge.index import IndexBusyError, IndexUnavailableError, KnowledgeIndex
from knowledge.ingest import GuidesMissingError, guide_folder, ingest_guides
from knowledge.passages import Passage, cut_passages

WORDS = ("deposit", "warranty", "parking", "late", "refund", "permit", "dust", "hours")


class CountingEmbedder:
    """One axis a word: enough meaning to search by. Counts what it was given."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.batches.append(len(texts))
        return [[0.01, *(float(word in text.lower()) for word in WORDS)] for text in texts]


def page(text: str, source: str = "p.md") -> tuple[Passage, ...]:
    return cut_passages(text, source=source)


def sections(*words: str) -> str:
    return "\n\n".join(f"## About {word}\nWhat we say about {word}." for word in words)


async def texts(index: KnowledgeIndex, business: int, question: str) -> list[str]:
    return [found.passage.text for found in await index.search(business, question, limit=24)]


def test_replacing_twice_embeds_once(tmp_path: Path) -> None:
    async def story() -> None:
        embedder = CountingEmbedder()
        async with KnowledgeIndex(tmp_path, embedder) as index:
            await index.replace(1, "p.md", page(sections(*WORDS)))
            first = await index.stored(1)
            await index.replace(1, "p.md", page(sections(*WORDS)))
            assert await index.stored(1) == first
            assert embedder.batches == [len(WORDS)]

    asyncio.run(story())


def test_replacing_drops_what_vanished(tmp_path: Path) -> None:
    async def story() -> None:
        embedder = CountingEmbedder()
        async with KnowledgeIndex(tmp_path, embedder) as index:
            await index.replace(1, "p.md", page(sections("deposit", "warranty")))
            await index.replace(1, "p.md", page(sections("parking", "warranty")))
            assert await texts(index, 1, "deposit") == []
            assert await texts(index, 1, "parking") == ["What we say about parking."]
            stored = (await index.stored(1))["p.md"]
            assert stored == {p.id: p.ordinal for p in page(sections("parking", "warranty"))}
            await index.remove(1, "p.md")
            assert await index.stored(1) == {}

    asyncio.run(story())


def test_moved_passage_is_renumbered_not_embedded(tmp_path: Path) -> None:
    async def story() -> None:
        embedder = CountingEmbedder()
        async with KnowledgeIndex(tmp_path, embedder) as index:
            await index.replace(1, "p.md", page(sections("deposit", "warranty")))
            embedder.batches.clear()
            await index.replace(1, "p.md", page(sections("warranty", "deposit")))
            assert embedder.batches == []
            assert (await index.search(1, "deposit"))[0].passage == page(sections("warranty", "deposit"))[1]

    asyncio.run(story())


def test_passages_are_embedded_in_small_batches(tmp_path: Path) -> None:
    async def story() -> None:
        embedder = CountingEmbedder()
        async with KnowledgeIndex(tmp_path, embedder) as index:
            many = "\n\n".join(f"## Part {n}\nDeposit number {n}." for n in range(40))
            await index.replace(1, "p.md", page(many))
            assert embedder.batches == [16, 16, 8]

    asyncio.run(story())


def test_one_business_never_sees_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            same = page(sections("deposit"))
            await index.replace(1, "p.md", same)
            await index.replace(2, "p.md", same)
            await index.replace(2, "q.md", page("## Hours\nThe hours of the second.", "q.md"))
            assert len(await texts(index, 1, "deposit")) == 1
            assert len(await texts(index, 2, "deposit")) == 1
            assert await texts(index, 1, "hours") == []
            assert await texts(index, 3, "deposit") == []
            await index.remove(1, "p.md")
            assert await texts(index, 1, "deposit") == []
            assert await texts(index, 2, "deposit") == [same[0].text]

    asyncio.run(story())


def test_few_passages_are_found_among_many(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            crowd = "\n\n".join(f"## Deposit {n}\nDeposit, warranty {n}." for n in range(300))
            await index.replace(2, "crowd.md", page(crowd, "crowd.md"))
            await index.replace(1, "p.md", page(sections("deposit", "parking")))
            assert await texts(index, 1, "deposit") == ["What we say about deposit."]

    asyncio.run(story())


def test_searching_while_writing_stays_inside(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            await index.replace(1, "p.md", page(sections("deposit")))
            writes = [index.replace(2, f"{n}.md", page(sections(*WORDS), f"{n}.md")) for n in range(8)]
            reads = [texts(index, 1, "deposit") for _ in range(24)]
            read, _ = await asyncio.gather(asyncio.gather(*reads), asyncio.gather(*writes))
            assert all(found == ["What we say about deposit."] for found in read)
            assert len(await index.stored(2)) == 8

    asyncio.run(story())


def test_empty_question_finds_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            await index.replace(1, "p.md", page(sections("deposit")))
            assert await index.search(1, " \n") == []
            assert await index.search(1, "deposit", limit=0) == []
            assert len(await index.search(1, "deposit " * 9000)) == 1

    asyncio.run(story())


def test_what_was_written_outlives_the_process(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            await index.replace(1, "p.md", page(sections("deposit")))
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as again:
            assert await texts(again, 1, "deposit") == ["What we say about deposit."]

    asyncio.run(story())


def test_second_index_on_the_path_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()):
            with pytest.raises(IndexBusyError, match="one process may own it") as caught:
                await KnowledgeIndex(tmp_path, CountingEmbedder()).search(1, "deposit")
            assert caught.value.path == tmp_path
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as freed:
            assert await freed.stored(1) == {}

    asyncio.run(story())


HOLDER = """
import sys, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_path_held_by_another_process_is_refused(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "owner.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusyError):
            asyncio.run(KnowledgeIndex(tmp_path, CountingEmbedder()).open())
        holder.kill()
        holder.wait()

    async def taken_over() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            assert await index.stored(1) == {}

    asyncio.run(taken_over())


def test_server_that_is_not_there_is_told() -> None:
    with pytest.raises(IndexUnavailableError):
        asyncio.run(KnowledgeIndex("http://127.0.0.1:9", CountingEmbedder()).open())


def test_creating_an_index_touches_nothing(tmp_path: Path) -> None:
    KnowledgeIndex(tmp_path / "index", CountingEmbedder())
    assert list(tmp_path.iterdir()) == []


def test_ingest_twice_brings_nothing_new(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path, CountingEmbedder()) as index:
            folder = guide_folder("harbor-and-pine")
            first = await ingest_guides(index, 1, folder)
            second = await ingest_guides(index, 1, folder)
            assert len(first.added) >= 12
            assert second.unchanged == first.added
            assert not second.added
            assert not second.removed

    asyncio.run(story())


def test_ingest_follows_the_folder(tmp_path: Path) -> None:
    async def story() -> None:
        folder = tmp_path / "guides"
        folder.mkdir()
        for name, word in (("a", "deposit"), ("b", "warranty"), ("c", "parking")):
            (folder / f"{name}.md").write_text(sections(word), "utf-8")
        async with KnowledgeIndex(tmp_path / "index", CountingEmbedder()) as index:
            await index.replace(1, "file:7", page(sections("permit"), "file:7"))
            await ingest_guides(index, 1, folder)
            (folder / "a.md").write_text(sections("refund"), "utf-8")
            (folder / "b.md").unlink()
            (folder / "scan.md").write_bytes(bytes(range(32)) * 40)
            report = await ingest_guides(index, 1, folder)
            assert report.added == ("guides/a.md",)
            assert report.unchanged == ("guides/c.md",)
            assert report.removed == ("guides/b.md",)
            assert report.unreadable == ("guides/scan.md",)
            assert await texts(index, 1, "deposit") == []
            assert await texts(index, 1, "refund") == ["What we say about refund."]
            assert await texts(index, 1, "permit") == ["What we say about permit."]

    asyncio.run(story())


def test_missing_folder_removes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with KnowledgeIndex(tmp_path / "index", CountingEmbedder()) as index:
            await index.replace(1, "guides/p.md", page(sections("deposit")))
            with pytest.raises(GuidesMissingError):
                await ingest_guides(index, 1, tmp_path / "gone")
            assert len(await texts(index, 1, "deposit")) == 1

    asyncio.run(story())


@pytest.mark.parametrize("slug", ["no-such-business", "../guides/harbor-and-pine", "", "."])
def test_unknown_guides_are_told(slug: str) -> None:
    with pytest.raises(GuidesMissingError):
        guide_folder(slug)
