"""The demo's phone and the local form of Twilio: on this machine only, for demo businesses only, behind a token."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.talk import Message
from channels.errors import install_errors
from channels.sms.accounts import Accounts, OwnAccount
from channels.sms.local import PREFIX, STOPPED, LocalTwilio
from channels.sms.phone import local_router
from channels.sms.texting import Texting
from channels.sms.webhook import webhook_router
from tests.conftest import Run
from tests.fakes.twilio_shop import DANA, NUMBER, TextShop

HERE = "http://127.0.0.1:8000"
SEND = {"connection": "sms:harbor", "phone": DANA, "text": "hello"}


class Room(TextShop):
    """A demo business whose webhooks the local form reaches in this process."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.local = LocalTwilio(b"a secret", HERE, HERE, lambda: self.now, self._post)
        self.accounts = Accounts(door, OwnAccount(), self.sealing, self.local)
        self.texting = Texting(door, self.accounts, self.inbox, self.rest, HERE, lambda: self.now)
        self.app = FastAPI()
        self.app.include_router(webhook_router(self.texting))
        self.app.include_router(local_router(self.local, self.texting, "127.0.0.1"))
        install_errors(self.app)

    async def _post(self, url: str, fields: Mapping[str, str], signature: str) -> int:
        answer = await self.ask(
            "POST", url.removeprefix(HERE), data=dict(fields), headers={"X-Twilio-Signature": signature}
        )
        return answer.status_code

    async def ask(self, method: str, path: str, *, client: str = "127.0.0.1", **more: Any) -> httpx.Response:
        """A request from this machine, or from elsewhere."""
        transport = httpx.ASGITransport(app=self.app, client=(client, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
            return await http.request(method, path, **more)

    async def set_demo(self, *, is_demo: bool) -> None:
        async def work(session: Any) -> None:
            business = await session.get_one(Business, self.business_id)
            business.is_demo, business.phone = is_demo, NUMBER

        await self.door.system(Scope.IMPORT).write(work)


@pytest.fixture
def room(sqlite_door: Door, run: Run) -> Room:
    room = Room(sqlite_door)
    run(room.open())
    run(room.set_demo(is_demo=True))
    return room


def test_text_takes_the_real_way_in(room: Room, run: Run) -> None:
    assert run(room.ask("POST", "/demo/phone/send", json=SEND)).status_code == 202
    assert [(row.text, row.connection) for row in run(room.rows(Message))] == [("hello", "sms:harbor")]
    shown = run(room.ask("GET", "/demo/phone/messages", params={"phone": DANA, "connection": "sms:harbor"})).json()
    assert [(each["way"], each["text"], each["parts"]) for each in shown["messages"]] == [("in", "hello", 1)]


def test_photo_is_kept_for_its_fetcher(room: Room, run: Run) -> None:
    photo = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff").decode()
    run(room.ask("POST", "/demo/phone/send", json=SEND | {"text": "", "photo": photo}))
    [hung] = run(room.rows(Message))[0].attachments
    assert run(room.ask("GET", hung["value"].removeprefix(HERE))).content == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    "ask",
    [
        lambda room, **more: room.ask("GET", "/demo/phone/people", **more),
        lambda room, **more: room.ask("POST", "/demo/phone/send", json=SEND, **more),
        lambda room, **more: room.ask("GET", f"{PREFIX}/2010-04-01/Accounts/AC1/Messages.json", **more),
    ],
)
def test_elsewhere_there_is_no_phone(room: Room, run: Run, ask: Callable[..., Any]) -> None:
    assert run(ask(room, client="10.0.0.9")).status_code == 403
    assert run(ask(room, headers={"X-Forwarded-For": "10.0.0.9"})).status_code == 403
    assert run(ask(room, headers={"Origin": "https://evil.example"})).status_code == 403
    assert run(room.rows(Message)) == []


def test_real_business_has_no_phone(room: Room, run: Run) -> None:
    run(room.set_demo(is_demo=False))
    assert run(room.ask("POST", "/demo/phone/send", json=SEND)).status_code == 404
    assert run(room.ask("GET", "/demo/phone/people")).json() == {"phones": []}


def test_rest_form_wants_the_token(room: Room, run: Run) -> None:
    account = run(room.accounts.find_by_key("sms:harbor"))
    path = f"{PREFIX}/2010-04-01/Accounts/{account.sid}/Messages.json"
    body = {"To": DANA, "From": NUMBER, "Body": "hi"}
    for auth in (None, (account.sid, "no"), ("no", account.token)):
        assert run(room.ask("POST", path, data=body, auth=auth)).status_code == 404
    assert run(room.ask("POST", path, data=body, auth=(account.sid, account.token))).status_code == 201


def test_stop_is_answered_as_twilio_does(room: Room, run: Run) -> None:
    account = run(room.accounts.find_by_key("sms:harbor"))
    for _ in range(2):
        run(room.ask("POST", "/demo/phone/send", json=SEND | {"text": "Stop"}))
    assert [text.body for text in room.local.texts if text.way == "out"] == [STOPPED]
    path = f"{PREFIX}/2010-04-01/Accounts/{account.sid}/Messages.json"
    body = {"To": DANA, "From": NUMBER, "Body": "hi"}
    refused = run(room.ask("POST", path, data=body, auth=(account.sid, account.token)))
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    run(room.ask("POST", "/demo/phone/send", json=SEND | {"text": "START"}))
    assert run(room.ask("POST", path, data=body, auth=(account.sid, account.token))).status_code == 201


ODD_PHOTO = b'{"connection":"sms:harbor","phone":"x","text":"y","photo":"data:x;base64,%"}'


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"connection": 1}', b"\xff", ODD_PHOTO])
def test_odd_bodies_are_refused(room: Room, run: Run, body: bytes) -> None:
    assert run(room.ask("POST", "/demo/phone/send", content=body)).status_code == 400
