"""Web sessions: who may open one, and that nobody becomes another by changing a token or an id."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import WebSession
from channels.errors import TABLE
from channels.web.loopback import host_name, is_loopback
from tests.channels.web_calls import become, post, served, texts, visitor

Run = Callable[[Coroutine[Any, Any, None]], None]


def test_people_of_demo_are_listed(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            businesses = (await http.get("/chat/people")).json()["businesses"]
            assert [one["slug"] for one in businesses] == ["harbor-pine", "atelier-lumiere"]
            people = {one["key"]: one for one in businesses[0]["people"]}
            assert people["client:dana-lee"]["about"] == "a bill due in 6 days"
            assert people["client:amara-okafor"]["about"] == "Okafor Dental, 62 days overdue"
            assert people["client:marta-alvarez"]["about"] == "48 days overdue, writes Spanish"
            assert people["staff:priya"]["role"] == "staff"

    run(story())


def test_session_speaks_for_its_person(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            dana, priya = await become(app, "client:dana-lee"), await become(app, "staff:priya")
            assert (await post(app, dana, "from Dana")).status_code == 202
            assert (await post(app, priya, "from Priya")).status_code == 202
            assert await texts(app, dana) == ["from Dana"]
            assert await texts(app, priya) == ["from Priya"]

    run(story())


@pytest.mark.parametrize("forge", ["", "x", "Bearer", "0" * 22, "caf\u00e9", "' OR 1=1 --"])
def test_forged_token_opens_nothing(forge: str, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            await become(app, "client:dana-lee")
            async with visitor(app, forge or " ") as http:
                for call in (
                    http.get("/chat/messages"),
                    http.get("/chat/stream"),
                    http.post("/chat/messages", json={"id": "a", "text": "hello"}),
                    http.post("/chat/sessions/end"),
                ):
                    assert (await call).status_code == 401
            assert desk.inbox.accepted == 0

    run(story())


def test_changed_token_is_nobody(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            for place in range(len(token)):
                changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
                assert (await post(app, changed, "hello")).status_code == 401
            assert (await post(app, token, "hello")).status_code == 202

    run(story())


def test_ids_in_request_change_nothing(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            dana, amara = await become(app, "client:dana-lee"), await become(app, "client:amara-okafor")
            hers = await desk.conversation_of("client:amara-okafor")
            foreign = {"conversation_id": hers, "as": "client:amara-okafor", "client_id": 2, "level": 2}
            assert (await post(app, dana, "mine", **foreign)).status_code == 202
            async with visitor(app, dana) as http:
                answer = await http.get("/chat/messages", params={"conversation_id": hers, "after": 0})
                assert answer.json()["messages"][0]["text"] == "mine"
            assert await texts(app, amara) == []

    run(story())


def test_same_message_id_of_two_people_stays_apart(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            dana, amara = await become(app, "client:dana-lee"), await become(app, "client:amara-okafor")
            shared = "8b0e7a52-9a3e-4a44-9d6c-0d7d2f9f4b11"
            first = await post(app, dana, "from Dana", id=shared)
            second = await post(app, amara, "from Amara", id=shared)
            assert first.json()["id"] != second.json()["id"]
            assert await texts(app, amara) == ["from Amara"]

    run(story())


def test_ended_session_is_over(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            ended, other = await become(app, "client:dana-lee"), await become(app, "client:dana-lee")
            async with visitor(app, ended) as http:
                assert (await http.post("/chat/sessions/end")).status_code == 204
                assert (await http.get("/chat/messages")).status_code == 401
            assert (await post(app, ended, "hello")).status_code == 401
            assert (await post(app, other, "hello")).status_code == 202

    run(story())


def test_old_session_expires(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            desk.now += timedelta(hours=11, minutes=59)
            assert (await post(app, token, "hello")).status_code == 202
            desk.now += timedelta(minutes=1)
            assert (await post(app, token, "hello")).status_code == 401

    run(story())


@pytest.mark.parametrize(
    "from_where",
    [
        {"client": ("192.0.2.7", 50_000)},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8000"},
        {"host": "desk.example:8000"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"x_forwarded_for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
    ],
)
def test_choosing_from_elsewhere_is_refused(from_where: dict[str, Any], run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app, **from_where) as http:
            assert (await http.get("/chat/people")).status_code == 403
            refused = await http.post("/chat/sessions", json={"as": "client:dana-lee"})
            assert refused.status_code == 403
            assert (await http.get("/")).status_code == 404

    run(story())


@pytest.mark.parametrize("bound_to", ["0.0.0.0", "::", "192.0.2.7", "desk.example", ""])
def test_choosing_on_a_public_server_is_refused(bound_to: str, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app), visitor(app) as http:
            desk.settings.host = bound_to
            refused = await http.post("/chat/sessions", json={"as": "client:dana-lee"})
            assert refused.status_code == 403

    run(story())


def test_only_demo_people_can_be_chosen(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            for who in ("client:nora-real", "staff:dana-lee", "client:priya", "dana-lee", "client:", ""):
                answer = await http.post("/chat/sessions", json={"as": who})
                assert answer.status_code == 404, who

    run(story())


@pytest.mark.parametrize("level", [3, -1, "high", None])
def test_unknown_level_is_refused(level: Any, run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            answer = await http.post("/chat/sessions", json={"as": "client:dana-lee", "level": level})
            assert answer.status_code == 422

    run(story())


def test_level_changes_but_thread_stays(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            await post(app, await become(app, "client:dana-lee", level=2), "before")
            token = await become(app, "client:dana-lee", level=0)
            assert await texts(app, token) == ["before"]
            levels = await desk.door.system(Scope.IDENTITY).read(_levels)
            assert levels == [2, 0]

    run(story())


def test_token_is_stored_only_as_hash(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app):
            token = await become(app, "client:dana-lee")
            await post(app, token, "hello")
            tokens.append(token)

    tokens: list[str] = []
    run(story())
    assert all(tokens[0].encode() not in path.read_bytes() for path in tmp_path.glob("desk.db*"))


async def _levels(session: AsyncSession) -> list[int]:
    return list(await session.scalars(select(WebSession.assurance).order_by(WebSession.id)))


def test_loopback_is_told_from_names() -> None:
    assert all(is_loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"))
    assert not any(is_loopback(host) for host in ("", "testclient", "127.1", "10.0.0.1", "localhost.example"))
    assert host_name("[::1]:8000") == "::1"
    assert host_name("[broken") == ""


def test_pages_carry_strict_headers(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            for path in ("/", "/chat.js", "/chat/people", "/nowhere", "/healthz"):
                headers = (await http.get(path)).headers
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert headers["x-content-type-options"] == "nosniff"
            page = (await http.get("/")).text
            assert "<style" not in page
            assert " style=" not in page

    run(story())


def test_server_says_when_it_is_ready(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/readyz")).status_code == 200

    run(story())


def test_static_files_stay_in_their_folder(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app) as http:
            assert (await http.get("/static/demo.css")).status_code == 200
            for name in ("..%2Fpages.py", "%2Fetc%2Fpasswd", "pages.py", "", "%00.js"):
                assert (await http.get(f"/static/{name}")).status_code == 404, name

    run(story())


def test_person_in_a_browser_reads_a_page(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (_, app), visitor(app, accept="text/html,*/*") as http:
            gone = await http.get("/files/nothing")
            assert gone.status_code == 404
            assert gone.headers["content-type"].startswith("text/html")
            assert "This link no longer works." in gone.text
            assert (await http.post("/chat/sessions/end")).headers["content-type"] == "application/json"

    run(story())


def test_every_error_has_its_status() -> None:
    for kind, told in TABLE.items():
        assert issubclass(kind, Exception)
        assert 400 <= told.status < 500
        assert told.sentence.endswith(".")
    ours = {
        kind
        for kind in Exception.__subclasses__()
        if kind.__module__.startswith("channels.web")
        and kind.__name__.endswith("Error")
        and kind.__module__ != "channels.web.connecting"  # told at the command line
    }
    assert ours
    assert ours <= set(TABLE)
