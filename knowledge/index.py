"""KnowledgeIndex over Chroma: replace, remove and search the passages of each business."""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from knowledge.embedding import Embedder
from knowledge.overlap import overlap, shared, topic_words
from knowledge.passages import Passage

T = TypeVar("T")

# The number rises when the encoder or the text it is given changes: old vectors are then left behind.
COLLECTION = "passages-1"
# A wider search than the default, so that a filter leaves enough behind.
HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 400}
BATCH = 16  # larger ones hold the interpreter, and with it the event loop, for tenths of a second
CANDIDATES = 24  # nearest passages that shared words may reorder
LONGEST_QUESTION = 600  # characters; what comes after adds noise to the vector, not meaning

# Calibrated on the questions of tests/knowledge/guide_questions.py with the bundled encoder: see the test.
WORD_WEIGHT = 0.2  # what sharing every word adds to the cosine
LANGUAGE_BONUS = 0.05  # orders two pages that say the same in two languages
FLOOR = 0.27  # cosine plus words; below it a passage is about something else
LEAST_MEANING = 0.17  # below, all the words must be shared: "do you sell cars" shares only "sell"


class IndexBusyError(Exception):
    """Another process, or another index in this one, holds the path."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the knowledge index at {path} is open elsewhere; one process may own it. "
            "Stop the other one, or run Chroma as a server."
        )
        self.path = path


class IndexUnavailableError(Exception):
    """Chroma refused or could not be reached; `reason` is its own wording."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the knowledge index does not answer: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Found:
    """A passage that answers a question; `score` runs from FLOOR (barely) to 1 (its own words)."""

    passage: Passage
    score: float


class KnowledgeIndex:
    """Passages by meaning, each belonging to one business.

    `location` is a folder for embedded Chroma, which one process owns from `open` to `close` by a file lock,
    or the http(s) address of a Chroma server. Nothing is imported, read or locked before `open`, which the
    first call does where the caller has not. All methods may be awaited from one event loop at once; the work
    runs in threads.

    Every method may raise IndexBusyError (at the first call) or IndexUnavailableError.
    """

    def __init__(self, location: Path | str, embedder: Embedder) -> None:
        self._location = location
        self._embedder = embedder
        self._opening = threading.Lock()
        self._writing = threading.Lock()
        self._lock: Any = None
        self._client: Any = None
        self._collections: dict[int, Any] = {}

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Take the path and load Chroma (a second or less)."""
        await _in_thread(self._opened)

    async def close(self) -> None:
        """Give the path back. The index may be opened again."""
        await _in_thread(self._close)

    async def replace(self, business_id: int, source: str, passages: Sequence[Passage]) -> None:
        """Make `passages` all that the business's `source` says. Repeating it changes nothing.

        Passages that stay are not embedded again; new ones are there before vanished ones go.
        """
        await _in_thread(lambda: self._replace(business_id, source, passages))

    async def remove(self, business_id: int, source: str) -> None:
        """Forget everything the business's `source` said."""
        await self.replace(business_id, source, ())

    async def stored(self, business_id: int) -> dict[str, dict[str, int]]:
        """What the business has: source → passage id → ordinal."""
        return await _in_thread(lambda: self._stored(business_id))

    async def search(self, business_id: int, question: str, limit: int = 3, *, language: str = "") -> list[Found]:
        """The business's passages that answer `question`, best first; none when nothing does.

        `language` (ISO 639-1) of the reader puts a page in it before the same page in another.
        """
        if limit < 1 or not question.strip():
            return []
        question = question[:LONGEST_QUESTION]
        return await _in_thread(lambda: self._search(business_id, question, limit, language))

    def _opened(self) -> Any:
        with self._opening:
            if self._client is None:
                try:
                    self._client = _server(self._location) or self._embedded()
                except BaseException:
                    self._release()
                    raise
            return self._client

    def _of(self, business_id: int) -> Any:
        """The business's collection. Each has its own, and every query names the business besides: a filter
        over one shared graph is safe but misses rows when others' passages crowd around the question.
        """
        client = self._opened()
        with self._opening:
            if business_id not in self._collections:
                # Without an embedding function of its own, Chroma neither downloads nor runs a model.
                self._collections[business_id] = client.get_or_create_collection(
                    f"{COLLECTION}-business-{business_id}",
                    embedding_function=None,
                    configuration={"hnsw": HNSW},
                )
            return self._collections[business_id]

    def _embedded(self) -> Any:
        import filelock

        path = Path(self._location)
        path.mkdir(parents=True, exist_ok=True)
        # Not per thread: taken in one worker thread, given back in another.
        lock = filelock.FileLock(path / "owner.lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout as error:
            raise IndexBusyError(path) from error
        self._lock = lock

        import chromadb

        return chromadb.PersistentClient(path=path, settings=_settings())

    def _close(self) -> None:
        with self._opening, self._writing:
            self._release()

    def _release(self) -> None:
        client, lock = self._client, self._lock
        self._client = self._lock = None
        self._collections.clear()
        if client is not None:
            client.close()
        if lock is not None:
            lock.release()

    def _replace(self, business_id: int, source: str, passages: Sequence[Passage]) -> None:
        collection = self._of(business_id)
        with self._writing:
            where = {"$and": [{"business_id": business_id}, {"source": source}]}
            had = _ordinals(collection.get(where=where, include=["metadatas"]))
            wanted = {passage.id: passage for passage in passages}
            moved = [key for key in wanted if key in had and had[key] != wanted[key].ordinal]
            for keys in _batches(moved):
                collection.update(ids=keys, metadatas=[_metadata(business_id, source, wanted[key]) for key in keys])
            for keys in _batches([key for key in wanted if key not in had]):
                fresh = [wanted[key] for key in keys]
                collection.upsert(
                    ids=keys,
                    embeddings=self._embedder.embed([_embedded_text(passage) for passage in fresh]),
                    documents=[passage.text for passage in fresh],
                    metadatas=[_metadata(business_id, source, passage) for passage in fresh],
                )
            for keys in _batches([key for key in had if key not in wanted]):
                collection.delete(ids=keys)

    def _stored(self, business_id: int) -> dict[str, dict[str, int]]:
        rows = self._of(business_id).get(where={"business_id": business_id}, include=["metadatas"])
        stored: dict[str, dict[str, int]] = {}
        for key, metadata in zip(rows["ids"], rows["metadatas"], strict=True):
            stored.setdefault(metadata["source"], {})[key] = metadata["ordinal"]
        return stored

    def _search(self, business_id: int, question: str, limit: int, language: str) -> list[Found]:
        rows = self._of(business_id).query(
            query_embeddings=self._embedder.embed([question]),
            n_results=CANDIDATES,
            where={"business_id": business_id},
            include=["metadatas", "documents", "distances"],
        )
        words = topic_words(question)
        found: list[tuple[float, Found]] = []
        for text, metadata, distance in zip(
            rows["documents"][0], rows["metadatas"][0], rows["distances"][0], strict=True
        ):
            passage = _passage(text, metadata)
            heading, body = topic_words(passage.citation), topic_words(text)
            cosine = 1 - distance
            score = cosine + WORD_WEIGHT * overlap(words, heading, body)
            if score >= FLOOR and (cosine >= LEAST_MEANING or _has_all(words, heading | body)):
                rank = score + (LANGUAGE_BONUS if language == passage.language else 0)
                found.append((rank, Found(passage, round(min(score, 1.0), 4))))
        found.sort(key=lambda ranked: ranked[0], reverse=True)
        return [hit for _, hit in found[:limit]]


def _has_all(words: Collection[str], text: Collection[str]) -> bool:
    return len(words) > 1 and len(shared(words, text)) == len(words)


async def _in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread; Chroma's own exceptions go no further."""
    try:
        return await asyncio.to_thread(work)
    except Exception as error:
        if _is_foreign(error):
            raise IndexUnavailableError(str(error)) from error
        raise


def _is_foreign(error: Exception) -> bool:
    import httpx
    from chromadb.errors import ChromaError

    # Where the server cannot be reached, the client raises a plain ValueError over httpx's error.
    return isinstance(error, (ChromaError, httpx.HTTPError)) or isinstance(error.__context__, httpx.HTTPError)


def _server(location: Path | str) -> Any:
    """A client of the Chroma server at `location`, or None where that is a folder."""
    if isinstance(location, Path) or not location.startswith(("http://", "https://")):
        return None
    import chromadb

    address = urlsplit(location)
    secure = address.scheme == "https"
    return chromadb.HttpClient(
        host=address.hostname or "localhost",
        port=address.port or (443 if secure else 8000),
        ssl=secure,
        settings=_settings(),
    )


def _settings() -> Any:
    from chromadb.config import Settings

    # Our settings have one reader: Chroma's is kept from the .env file.
    return Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]  # pydantic's own


def _batches(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _ordinals(rows: Mapping[str, Any]) -> dict[str, int]:
    return {key: metadata["ordinal"] for key, metadata in zip(rows["ids"], rows["metadatas"], strict=True)}


def _embedded_text(passage: Passage) -> str:
    """Title and headings say what the text is about, often in the words of the question."""
    return ". ".join((passage.title, *passage.headings, passage.text))


def _metadata(business_id: int, source: str, passage: Passage) -> dict[str, str | int]:
    return {
        "business_id": business_id,
        "source": source,
        "title": passage.title,
        "headings": "\n".join(passage.headings),
        "language": passage.language,
        "ordinal": passage.ordinal,
    }


def _passage(text: str, metadata: Mapping[str, Any]) -> Passage:
    return Passage(
        source=metadata["source"],
        title=metadata["title"],
        headings=tuple(metadata["headings"].split("\n")) if metadata["headings"] else (),
        text=text,
        language=metadata["language"],
        ordinal=metadata["ordinal"],
    )
