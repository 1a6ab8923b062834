"""What people send in the web chat: any text at all, stored once."""

import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.files import File, FileKind, FileLink, FileVersion
from billing.tables.people import Client
from channels.web.files import disposition
from channels.web.messages import MOST_BYTES, clean
from tests.channels.web_calls import become, post, served, texts, visitor
from tests.fakes.desk import START, FakeDesk, Said

Run = Callable[[Coroutine[Any, Any, None]], None]

ODD = {
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🙏",
    "html": "<img src=x onerror=alert(1)><script>alert(2)</script> &amp; <b>bold</b>",
    "right to left": "\u202eevil\u202c \u200fשלום\u200e مرحبا",
    "one long word": "w" * 5_000,
    "template": "{INV-1042.balance} {{ 7*7 }} ${7*7} %s",
    "lines": "first\nsecond\tthird",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \ufdfd \u2028 \ufeff.",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_is_kept_as_written(text: str, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            assert (await post(app, token, text)).status_code == 202
            assert await texts(app, token) == [text]

    run(story())


def test_control_characters_are_dropped() -> None:
    assert clean("a\x00b\x07c\x1b[31md\x7fe\x85f") == "abc[31mdef"
    assert clean("one\r\ntwo\rthree") == "one\ntwo\nthree"
    assert clean("broken \ud800 pair") == "broken  pair"


def test_half_a_surrogate_pair_is_survived(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            async with visitor(app, token) as http:
                body = json.dumps({"id": str(uuid4()), "text": "hi \ud83d there"})
                answer = await http.post("/chat/messages", content=body)
            assert answer.status_code == 202
            assert await texts(app, token) == ["hi  there"]

    run(story())


@pytest.mark.parametrize("sign", ["x", "é", "漢", "🙂"])
def test_full_size_message_is_taken(sign: str, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            text = sign * (MOST_BYTES // len(sign.encode()))
            assert (await post(app, token, text)).status_code == 202
            assert await texts(app, token) == [text]
            longer = await post(app, token, text + sign)
            assert longer.status_code == 413
            assert "in parts" in longer.json()["sentence"]

    run(story())


def test_huge_body_is_not_read_to_its_end(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            async with visitor(app, token) as http:
                answer = await http.post("/chat/messages", content=b"[" * 5_000_000)
            assert answer.status_code == 413
            assert desk.inbox.accepted == 0

    run(story())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"[" * 100_000, b"\xff\xfe", b'{"text": "no id"}', b'{"id": "x", "text": "a"}',
        b'{"id": 5, "text": "a"}', b'{"id": "8b0e7a52-9a3e-4a44-9d6c-0d7d2f9f4b11", "text": ["a"]}',
        b'{"id": "8b0e7a52-9a3e-4a44-9d6c-0d7d2f9f4b11", "text": "a", "choice": {}}',
        b'{"id": "8b0e7a52-9a3e-4a44-9d6c-0d7d2f9f4b11"}',
        b'{"id": "8b0e7a52-9a3e-4a44-9d6c-0d7d2f9f4b11", "text": " \\u0000\\n "}',
    ],
)  # fmt: skip
def test_unreadable_message_is_refused_kindly(body: bytes, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            async with visitor(app, await become(app, "client:dana-lee")) as http:
                answer = await http.post("/chat/messages", content=body)
            assert answer.status_code == 422
            assert answer.json()["sentence"].endswith(".")
            assert desk.inbox.accepted == 0

    run(story())


def test_same_id_is_one_message(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token, once = await become(app, "client:dana-lee"), str(uuid4())
            answers = [await post(app, token, "hello", id=name) for name in (once, once.upper(), once)]
            assert len({answer.json()["id"] for answer in answers}) == 1
            assert await texts(app, token) == ["hello"]

    run(story())


def test_pressed_button_is_a_message(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            await post(app, token, "", choice="INV-1042")
            assert await texts(app, token) == ["INV-1042"]

    run(story())


def test_runaway_page_is_slowed(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            dana, amara = await become(app, "client:dana-lee"), await become(app, "client:amara-okafor")
            statuses = [(await post(app, dana, f"message {count}")).status_code for count in range(25)]
            assert statuses == [202] * 20 + [429] * 5
            assert (await post(app, amara, "hello")).status_code == 202
            desk.now += timedelta(seconds=21)
            assert (await post(app, dana, "later")).status_code == 202

    run(story())


def test_demo_message_says_where_it_comes_from(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            figure = {"text": "$1,840.00", "handle": "INV-1042.balance", "record": "invoice:7"}
            desk.inbox.script["how much"] = Said(
                "$1,840.00 is left.",
                calls=({"name": "explain_invoice", "args": {"invoice": "this"}},),
                bindings=(figure | {"field": "balance_minor", "version": 3, "calculation": ""},),
            )
            token = await become(app, "client:dana-lee")
            await post(app, token, "how much")
            await desk.inbox.finish()
            async with visitor(app, token) as http:
                mine, answer = (await http.get("/chat/messages")).json()["messages"]
            assert "trace" not in mine
            assert answer["trace"]["tools"] == [{"name": "explain_invoice", "args": {"invoice": "this"}}]
            assert answer["trace"]["figures"][0]["field"] == "balance_minor"
            assert answer["trace"]["model"] == "builtin"

    run(story())


def test_file_link_hands_out_its_file(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app), visitor(app) as http:
            await _store_file(desk, "good", "Permit «A».pdf", "application/pdf", b"%PDF-1.7 permit")
            await _store_file(desk, "page", "page.html", "text/html", b"<script>alert(1)</script>")
            permit, page = await http.get("/files/good"), await http.get("/files/page")
            assert permit.content == b"%PDF-1.7 permit"
            assert permit.headers["content-disposition"].startswith("inline")
            assert "sandbox" in permit.headers["content-security-policy"]
            assert permit.headers["x-content-type-options"] == "nosniff"
            assert page.headers["content-type"] == "application/octet-stream"
            assert page.headers["content-disposition"].startswith("attachment")
            assert (await http.get("/files/none")).status_code == 404
            desk.now += timedelta(days=8)
            assert (await http.get("/files/good")).status_code == 404

    run(story())


def test_file_names_cannot_break_headers() -> None:
    header = disposition('a"b\\c\r\nX: y/é.pdf', inline=False)
    assert header.isascii()
    assert "\n" not in header
    assert header.startswith('attachment; filename="a_b_c__X: y/_.pdf"')


async def _store_file(desk: FakeDesk, token: str, name: str, media_type: str, content: bytes) -> None:
    digest = desk.files.put(content)

    async def work(session: AsyncSession) -> None:
        client = (await session.scalars(select(Client).order_by(Client.id).limit(1))).one()
        owner = {"business_id": client.business_id, "client_id": client.id}
        file = File(**owner, kind=FileKind.PERMIT, name=name)
        session.add(file)
        await session.flush()
        version = FileVersion(
            **owner, file_id=file.id, number=1, sha256=digest, size=len(content), media_type=media_type,
            stored_at=START,
        )  # fmt: skip
        session.add(version)
        await session.flush()
        session.add(
            FileLink(
                **owner,
                token_sha256=desk.links.hash_token(token),
                file_version_id=version.id,
                created_at=START,
                expires_at=START + timedelta(days=7),
            )
        )

    await desk.door.system(Scope.IMPORT).write(work)
