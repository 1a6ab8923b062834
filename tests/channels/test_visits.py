"""Visits of websites: where the chat may stand, whom a signed token makes known, and what refuses it."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business, Contact
from billing.tables.sites import Signature
from billing.tables.talk import Message, WebSession
from tests.channels.site_calls import (
    OTHERS,
    SECRET,
    SHOP,
    claims,
    forged,
    rows_of,
    rsa_pair,
    seen,
    signed,
    visit,
    visiting,
    write,
    wrong_tokens,
)
from tests.channels.web_calls import become, served, visitor
from tests.fakes.desk import FakeDesk

Run = Callable[[Coroutine[Any, Any, None]], None]


@asynccontextmanager
async def websites(root: Path) -> AsyncIterator[tuple[FakeDesk, FastAPI]]:
    """A served desk whose two businesses have a website each."""
    async with served(root) as (desk, app):
        await desk.stand_at("harbor-pine", SHOP, signature=Signature.HS256, key=SECRET)
        await desk.stand_at("atelier-lumiere", OTHERS, signature=Signature.HS256, key=SECRET[::-1])
        yield desk, app


def test_stranger_begins_and_writes(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            bearer = await visiting(app, language="de-AT")
            assert (await write(app, bearer, "hello")).status_code == 202
            await desk.inbox.finish()
            assert await seen(app, bearer) == ["hello", "You wrote: hello"]
            assert await levels(desk) == [0]

    run(story())


def test_two_strangers_share_nothing(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (_, app):
            one, other = await visiting(app), await visiting(app)
            await write(app, one, "mine")
            assert await seen(app, other) == []

    run(story())


def test_signed_in_visitor_is_known(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            answer = await visit(app, signed())
            assert answer.json()["name"] == "Dana Lee"
            assert answer.json()["level"] == 2
            phone = await visiting(app, signed(claims("DANA-LEE@mail.example")))
            await write(app, answer.json()["token"], "from the desk")
            await write(app, phone, "from the phone")
            await desk.inbox.finish()
            assert set(await seen(app, phone)) >= {"from the desk", "from the phone"}
            assert await seen(app, phone) == await seen(app, answer.json()["token"])

    run(story())


def test_proof_ends_after_half_an_hour(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            bearer = await visiting(app, signed())
            for minutes in (0, 29, 1):
                desk.now += timedelta(minutes=minutes)
                await write(app, bearer, f"after {minutes}")
            assert await assurances(desk) == [2, 2, 1]
            desk.now += timedelta(hours=12)
            assert (await write(app, bearer, "too late")).status_code == 401

    run(story())


def test_step_up_rotates_the_token(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            bearer = await visiting(app, signed())
            assert (await visit(app, signed(), before=bearer)).json()["token"] == ""
            desk.now += timedelta(minutes=40)
            later = {"iat": desk.now.timestamp(), "exp": desk.now.timestamp() + 100}
            lifted = (await visit(app, signed(claims() | later), before=bearer)).json()["token"]
            assert lifted
            assert (await write(app, bearer, "with the old one")).status_code == 401
            assert (await write(app, lifted, "with the new one")).status_code == 202
            assert await assurances(desk) == [2]

    run(story())


def test_next_person_in_a_browser_begins_afresh(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (_, app):
            dana = await visiting(app, signed())
            await write(app, dana, "about my kitchen")
            amara = await visiting(app, signed(claims("amara-okafor")), before=dana)
            assert await seen(app, amara) == []
            assert (await write(app, dana, "still Dana?")).status_code == 401

    run(story())


def test_subject_not_on_file_stays_a_stranger(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            await same_mail(desk, "dana-lee", "amara-okafor")
            for subject in ("nobody", "marc-dubois", "amara-okafor@mail.example"):
                answer = await visit(app, signed(claims(subject)))
                assert (answer.status_code, answer.json()["level"]) == (201, 0), subject

    run(story())


@pytest.mark.parametrize("count", [40, pytest.param(100, marks=pytest.mark.prove)])
def test_wrong_tokens_are_refused_alike(count: int, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            before, dice, told = await rows_of(desk), Random(5), set()
            tried = dict(wrong_tokens())
            while len(tried) < count:
                place = dice.randrange(len(good := signed()))
                sign = "A" if good[place] not in "A." else "B" if good[place] == "A" else "_"
                tried[f"changed at {place}, {len(tried)}"] = good[:place] + sign + good[place + 1 :]
            for what, token in tried.items():
                answer = await visit(app, token)
                assert answer.status_code == 403, what
                told.add((answer.status_code, answer.text))
            assert len(told) == 1
            assert await rows_of(desk) == before

    run(story())


def test_token_is_good_for_once(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            token = signed()
            assert (await visit(app, token)).status_code == 201
            before = await rows_of(desk)
            again = await visit(app, token)
            assert (again.status_code, again.json()["error"]) == (403, "visit_refused")
            desk.now += timedelta(minutes=1)
            assert (await visit(app, token)).status_code == 403
            assert await rows_of(desk) == before
            assert (await visit(app)).json()["level"] == 0

    run(story())


def test_public_key_is_no_shared_secret(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            private, public = rsa_pair()
            await desk.stand_at("harbor-pine", SHOP, signature=Signature.RS256, key=public)
            assert (await visit(app, signed(key=private, algorithm="RS256"))).json()["level"] == 2
            head = forged({"alg": "HS256", "typ": "JWT"}, claims()).rpartition(".")[0]
            seal = hmac.new(public.encode(), head.encode(), hashlib.sha256).digest()
            confused = f"{head}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"
            assert (await visit(app, confused)).status_code == 403
            assert (await visit(app, signed())).status_code == 403

    run(story())


def test_site_that_signs_nothing_takes_no_token(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            await desk.stand_at("harbor-pine", SHOP)
            assert (await visit(app, signed())).status_code == 403
            assert (await visit(app)).status_code == 201

    run(story())


ELSEWHERE = (
    OTHERS, "https://evil.example", "http://www.harbor-pine.example", f"{SHOP}:8443", f"{SHOP}.evil.example",
    "https://harbor-pine.example", "null", "", "file://",
)  # fmt: skip


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_chat_stands_nowhere_else(origin: str, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            before = await rows_of(desk)
            assert (await visit(app, origin=origin)).status_code == 403
            assert (await visit(app, signed(), origin=origin)).status_code == 403
            assert (await visit(app, business="quiet-office")).status_code == 403
            assert await rows_of(desk) == before

    run(story())


def test_session_is_good_on_its_own_website_only(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (_, app):
            bearer, demo = await visiting(app), await become(app, "client:dana-lee")
            for token, origin in ((bearer, OTHERS), (bearer, "https://evil.example"), (demo, SHOP)):
                assert (await write(app, token, "hello", origin=origin)).status_code == 401
            assert (await write(app, bearer, "hello")).status_code == 202

    run(story())


def test_another_business_takes_no_token_of_ours(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            token = signed(claims("marc-dubois", aud="https://desk.example"))
            assert (await visit(app, token, origin=OTHERS, business="atelier-lumiere")).status_code == 403
            own = signed(claims("marc-dubois", aud="https://desk.example"), key=SECRET[::-1])
            known = await visit(app, own, origin=OTHERS, business="atelier-lumiere")
            assert known.json()["name"] == "Marc Dubois"
            assert await levels(desk) == [2]

    run(story())


def test_origins_are_answered_by_name(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (_, app):
            for path in ("/chat.js", "/static/chat-line.js", "/chat/messages", "/chat/site?business=harbor-pine"):
                for origin, named in ((SHOP, SHOP), (OTHERS, OTHERS), ("https://evil.example", None), ("null", None)):
                    async with visitor(app, host="desk.example", origin=origin) as http:
                        for answer in (await http.get(path), await http.options(path)):
                            assert answer.headers.get("access-control-allow-origin") == named
                            assert "origin" in answer.headers["vary"].lower()
                            assert "access-control-allow-credentials" not in answer.headers
            async with visitor(app, host="desk.example", origin=SHOP) as http:
                for path in ("/", "/files/x", "/static/demo.js", "/healthz"):
                    assert "access-control-allow-origin" not in (await http.get(path)).headers

    run(story())


def test_site_tells_name_and_colours(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (_, app), visitor(app, host="desk.example", origin=SHOP) as http:
            told = (await http.get("/chat/site", params={"business": "harbor-pine"})).json()
            assert told["name"] == "Harbor & Pine Renovations"
            assert told["signs"] is True
            loud = await http.get("/chat/site", params={"business": "harbor-pine", "colour": "#ffee00"})
            assert loud.json()["look"]["light-fill"] != told["look"]["light-fill"]

    run(story())


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.prove)])
def test_any_body_is_no_server_error(count: int, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with websites(tmp_path) as (desk, app):
            bearer, known = await visiting(app), await visiting(app, signed())
            dice = Random(11)
            async with (
                visitor(app, bearer, host="desk.example", origin=SHOP) as stranger,
                visitor(app, known, host="desk.example", origin=SHOP) as dana,
            ):
                for _ in range(count):
                    desk.now += timedelta(seconds=2)
                    http = dice.choice((stranger, dana))
                    path = dice.choice(PATHS) + dice.choice(("", "?id=x", "?id=%00&name=%ff", "?business=%00"))
                    answer = await http.request(
                        dice.choice(("POST", "GET", "OPTIONS", "PUT")), path, content=body(dice)
                    )
                    assert answer.status_code < 500, (path, answer.text)

    run(story())


PATHS = ("/chat/visits", "/chat/visits/renew", "/chat/files", "/chat/site", "/chat/messages")


def body(dice: Random) -> bytes:
    """Something that may come in, from noise to what is almost right."""
    odd: list[object] = [
        "",
        "\x00",
        "\ud800",
        "harbor-pine",
        signed(),
        "a.b.c",
        None,
        7,
        [],
        {},
        {"a": [1]},
        "x" * 5000,
        True,
        1e400,
    ]
    kinds = (
        lambda: dice.randbytes(dice.randrange(300)),
        lambda: b"",
        lambda: b"{" * 4000,
        lambda: b"\xff\xd8\xff" + dice.randbytes(50),
        lambda: _json({name: dice.choice(odd) for name in dice.sample(NAMES, dice.randrange(len(NAMES)))}),
        lambda: _json({"business": "harbor-pine", dice.choice(NAMES): dice.choice(odd)}),
    )
    return dice.choice(kinds)()


NAMES = ["business", "token", "language", "colour", "id", "text", "choice", "as", "level"]


def _json(said: object) -> bytes:
    return json.dumps(said).encode()


async def levels(desk: FakeDesk) -> list[int]:
    """The levels at which sessions were opened."""

    async def work(session: AsyncSession) -> list[int]:
        return list(await session.scalars(select(WebSession.assurance).order_by(WebSession.id)))

    return await desk.door.system(Scope.IDENTITY).read(work)


async def assurances(desk: FakeDesk) -> list[int]:
    """How far the senders of all messages were proved."""

    async def work(session: AsyncSession) -> list[int]:
        found = select(Message.assurance).where(Message.provider_id.is_not(None)).order_by(Message.id)
        return list(await session.scalars(found))

    return await desk.door.system(Scope.DISPATCH).read(work)


async def same_mail(desk: FakeDesk, *keys: str) -> None:
    """Let contacts share the e-mail address of the last of them."""

    async def work(session: AsyncSession) -> None:
        pine = (await session.scalars(select(Business.id).where(Business.slug == "harbor-pine"))).one()
        mine = select(Contact).where(Contact.business_id == pine, Contact.key.in_(keys))
        for contact in await session.scalars(mine):
            contact.email = f"{keys[-1]}@mail.example"

    await desk.door.system(Scope.IMPORT).write(work)
