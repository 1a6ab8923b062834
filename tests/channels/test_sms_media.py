"""Pictures that are texted: fetched once, for known senders only, never trusted by name, and tied to what is asked."""

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.media import tie_media
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.files import File, FileKind, FileVersion
from billing.tables.talk import Message
from channels.content import LARGEST, type_of
from channels.sms.accounts import Account
from channels.sms.media import TextMedia, is_twilios, may_fetch
from tests.conftest import Run
from tests.factories.people import make_address, make_client, make_contact
from tests.factories.work import make_request
from tests.fakes.databases import Database
from tests.fakes.twilio_shop import DANA, SID, TOKEN, TextShop, texted

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 500
ACCOUNT = Account(1, "sms:harbor", "", SID, "+12125550140", token=TOKEN)
API, STORE = "https://api.twilio.com/2010/Media/ME1", "https://media.store.example/1"


class Shelf:
    """What stands under which address, and who asked for it."""

    def __init__(self) -> None:
        self.answers: dict[str, httpx.Response] = {API: httpx.Response(307, headers={"location": STORE})}
        self.answers[STORE] = httpx.Response(200, content=JPEG)
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), "authorization" in request.headers))
        found = self.answers.get(str(request.url), httpx.Response(404))
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)


class Darkroom(TextShop):
    """A shop whose client Dana sends pictures."""

    client_id = 0

    def __init__(self, door: Door, files: FileStore) -> None:
        super().__init__(door)
        self.shelf = Shelf()
        transport = httpx.MockTransport(self.shelf)
        self.media = TextMedia(door, files, lambda: self.now, self.accounts, transport)

    async def open(self) -> None:
        await super().open()

        async def work(session: AsyncSession) -> int:
            from billing.tables.people import Business

            business = await session.get_one(Business, self.business_id)
            client = await make_client(session, business=business)
            contact = await make_contact(session, business=business, clients=[client])
            await make_address(session, person=contact, connection=self.connection, address=DANA)
            return client.id

        self.client_id = await self.door.system(Scope.IMPORT).write(work)

    async def send(self, text: str = "", url: str = API, *, client: bool = True, assurance: int = 1) -> Message:
        """Dana texts a picture."""
        await self.post(texted(text, media=[(url, "text/html")]))
        newest = (await self.rows(Message))[-1].id

        async def work(session: AsyncSession) -> Message:
            row = await session.get_one(Message, newest)
            row.client_id, row.assurance = (self.client_id if client else None), assurance
            return row

        return await self.door.system(Scope.IMPORT).write(work)

    async def states(self) -> list[str]:
        return [each["state"] for row in await self.rows(Message) for each in row.attachments]


@pytest.fixture
def room(database: Database, run: Run, tmp_path: Any) -> Darkroom:
    room = Darkroom(database.door, FileStore(tmp_path / "files"))
    run(room.open())
    return room


def test_picture_becomes_a_file_of_the_client(room: Darkroom, run: Run) -> None:
    run(room.send("the sink leaks"))
    run(room.media.look())
    run(room.media.look())
    [file], [version] = run(room.rows(File)), run(room.rows(FileVersion))
    assert (file.client_id, file.kind) == (room.client_id, FileKind.PHOTO)
    assert (version.media_type, version.size) == ("image/jpeg", len(JPEG))
    assert room.media.files.open(version.sha256).read_bytes() == JPEG
    assert room.shelf.asked == [(API, True), (STORE, False)]


@pytest.mark.parametrize(
    ("body", "state"),
    [(b"<html><script>", "refused_type"), (b"MZ\x90", "refused_type"), (JPEG + b"0" * LARGEST, "too_large"),
     (b"", "refused_type")],
)  # fmt: skip
def test_what_is_no_picture_is_refused(room: Darkroom, run: Run, body: bytes, state: str) -> None:
    room.shelf.answers[STORE] = httpx.Response(200, content=body)
    run(room.send())
    run(room.media.look())
    assert run(room.states()) == [state]
    assert run(room.rows(File)) == []
    assert run(room.rows(Message))[-1].text.endswith("Please send it as a photo or a PDF.")


def test_redirect_is_followed_by_https_alone(room: Darkroom, run: Run) -> None:
    room.shelf.answers[API] = httpx.Response(302, headers={"location": "http://169.254.169.254/latest"})
    run(room.send())
    run(room.media.look())
    assert run(room.states()) == ["refused_address"]
    assert [url for url, _ in room.shelf.asked] == [API]


def test_picture_of_a_stranger_is_not_fetched(room: Darkroom, run: Run) -> None:
    run(room.send(client=False, assurance=0))
    run(room.media.look())
    assert (run(room.states()), room.shelf.asked) == (["unknown_sender"], [])


def test_picture_waits_while_it_is_nobodys(room: Darkroom, run: Run) -> None:
    run(room.send(client=False))
    run(room.media.look())
    assert (run(room.states()), room.shelf.asked) == (["pending"], [])


def test_trouble_is_tried_again(room: Darkroom, run: Run) -> None:
    room.shelf.answers[STORE] = httpx.Response(503)
    run(room.send())
    run(room.media.look())
    assert run(room.states()) == ["pending"]
    room.shelf.answers[STORE] = httpx.Response(200, content=b"%PDF-1.7 ...")
    run(room.media.look())
    assert run(room.states()) == ["stored"]
    assert run(room.rows(File))[0].kind is FileKind.OTHER


async def open_request(room: Darkroom, conversation_id: int, key: str) -> int:
    async def work(session: AsyncSession) -> int:
        from billing.tables.people import Client

        client = await session.get_one(Client, room.client_id)
        request = await make_request(
            session, client=client, conversation_id=conversation_id, idempotency_key=key, created_at=room.now
        )
        return request.id

    return await room.door.system(Scope.IMPORT).write(work)


def test_picture_lands_on_the_request(room: Darkroom, run: Run) -> None:
    message = run(room.send("the sink leaks"))
    request_id = run(open_request(room, message.conversation_id, "turn:1:a"))
    run(room.media.look())
    assert [file.request_id for file in run(room.rows(File))] == [request_id]


def test_request_takes_the_picture_that_was_there_before(room: Darkroom, run: Run) -> None:
    message = run(room.send("the sink leaks"))
    run(room.media.look())
    request_id = run(open_request(room, message.conversation_id, "turn:1:a"))
    for _ in range(2):
        run(
            room.door.system(Scope.DISPATCH).write(
                lambda session: tie_media(session, message.conversation_id, ["turn:1:a"], room.now)
            )
        )
    assert [file.request_id for file in run(room.rows(File))] == [request_id]


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF89a", "image/gif"),
     (b"RIFF1234WEBP", "image/webp"), (b"\x00\x00\x00\x18ftypheic", "image/heic"), (b"%PDF-1.4", "application/pdf"),
     (b"RIFF1234WAVE", None), (b"\x00\x00\x00\x18ftypmp42", None), (b"<svg", None), (b"", None)],
)  # fmt: skip
def test_type_is_what_the_bytes_show(head: bytes, kind: str | None) -> None:
    assert type_of(head + b"\0" * 20 if kind else head) == kind


@pytest.mark.parametrize(
    ("url", "token_goes", "is_asked"),
    [("https://api.twilio.com/x", True, True), ("https://mcs.us1.twilio.com/x", True, True),
     ("https://twilio.com.evil.example/x", False, True), ("https://eviltwilio.com/x", False, True),
     ("http://api.twilio.com/x", False, False), ("file:///etc/passwd", False, False)],
)  # fmt: skip
def test_token_goes_to_twilio_alone(url: str, token_goes: bool, is_asked: bool) -> None:
    assert (is_twilios(url, ACCOUNT), may_fetch(url, ACCOUNT)) == (token_goes, is_asked)
