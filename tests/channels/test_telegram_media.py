"""Photos, papers and voices from Telegram: fetched once by their id, for known senders, never trusted by name."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.files import File, FileVersion
from billing.tables.people import Business
from billing.tables.talk import Message
from channels.content import LARGEST, RefusedContentError, taken_type, type_of
from channels.outgoing import TryLaterError
from channels.telegram.media import TelegramMedia
from tests.conftest import Run
from tests.factories.people import make_client
from tests.fakes.telegram_said import TOKEN, message
from tests.fakes.telegram_shop import TelegramShop

OGG = b"OggS\0\2" + b"0" * 300


class Darkroom(TelegramShop):
    """A shop whose client sends files."""

    @property
    def media(self) -> TelegramMedia:
        return TelegramMedia(self.door, self.files, lambda: self.now, self.bots, self.desk.calls_of)

    async def come_in(self, assurance: int = 1, **what: Any) -> Message:
        """A file comes in, and is looked at."""
        await self.post(message(**what))
        newest = (await self.rows(Message))[-1]

        async def work(session: AsyncSession) -> None:
            client = await make_client(session, business=await session.get_one(Business, self.business_id))
            row = await session.get_one(Message, newest.id)
            row.client_id, row.assurance = client.id, assurance

        await self.door.system(Scope.IMPORT).write(work)
        await self.media.look()
        found: Message = (await self.rows(Message))[-1]
        return found


@pytest.fixture
def room(sqlite_door: Door, run: Run, tmp_path: Any) -> Iterator[Darkroom]:
    room = Darkroom(sqlite_door, tmp_path)
    run(room.open())
    yield room
    run(room.desk.close())


def state_of(row: Message) -> str:
    return str(row.attachments[0]["state"])


def voice(size: int = 300) -> dict[str, Any]:
    return {"file_id": "V1", "mime_type": "text/html", "file_size": size}


def test_voice_note_is_stored_as_what_it_is(room: Darkroom, run: Run) -> None:
    room.calls.stored["V1"] = OGG
    row = run(room.come_in(voice=voice()))
    assert state_of(row) == "stored"
    [file], [version] = run(room.rows(File)), run(room.rows(FileVersion))
    assert (file.name.rpartition(".")[2], version.media_type, version.size) == ("ogg", "audio/ogg", len(OGG))
    assert TOKEN not in str(row.attachments)


def test_stranger_sends_files_in_vain(room: Darkroom, run: Run) -> None:
    room.calls.stored["V1"] = OGG
    assert state_of(run(room.come_in(0, voice=voice()))) == "unknown_sender"
    assert "fetch" not in room.calls.names()


@pytest.mark.parametrize(
    ("size", "content", "state"),
    [(LARGEST + 1, OGG, "too_large"), (300, b"<html>", "refused_type"), (300, b"MZ\x90" * 40, "refused_type")],
)  # fmt: skip
def test_what_is_not_taken_is_told(room: Darkroom, run: Run, size: int, content: bytes, state: str) -> None:
    room.calls.stored["V1"] = content
    run(room.come_in(voice=voice(size)))
    came, told = run(room.rows(Message))
    assert (state_of(came), told.direction) == (state, "out")


def test_file_that_is_gone_is_settled(room: Darkroom, run: Run) -> None:
    assert state_of(run(room.come_in(document={"file_id": "gone"}))) == "gone"


def test_file_is_fetched_again_after_trouble(room: Darkroom, run: Run) -> None:
    room.calls.stored["V1"] = OGG
    room.calls.refusals["fetch"] = [TryLaterError("Telegram is not reached")]
    assert state_of(run(room.come_in(voice=voice()))) == "pending"
    run(room.media.look())
    assert state_of(run(room.rows(Message))[0]) == "stored"


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"OggS", "audio/ogg"), (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"),
     (b"\0\0\0\x20ftypM4A ", "audio/mp4"), (b"\0\0\0\x20ftypisom", None), (b"RIFF\0\0\0\0WAVE", None)],
)  # fmt: skip
def test_voices_are_known_by_their_bytes(head: bytes, kind: str | None) -> None:
    assert type_of(head + b"\0" * 20) == kind


def test_texts_take_no_voices() -> None:
    assert taken_type(OGG, hears=True) == "audio/ogg"
    with pytest.raises(RefusedContentError):
        taken_type(OGG)
