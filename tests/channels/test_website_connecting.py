"""Letting a website carry the chat: each trouble in plain words, the secret shown once and kept sealed."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.sites import Signature, Site
from channels.sealing import Sealing
from channels.web.connecting import CannotStandError, WebsiteWish, check_websites, stand_on_website, told
from channels.web.sites import BadOriginError, DemoWebsites, NotAllowedHereError, Sites, parse_origin
from tests.channels.site_calls import rsa_pair
from tests.conftest import Run
from tests.fakes.clock import NOW

SEALING = Sealing(b"a secret of the tests")
SHOP, DESK = "https://www.pine.example", "https://desk.example"


@pytest.fixture
def door(sqlite_door: Door, run: Run) -> Door:
    """A door to a database with one business."""

    async def work(session: AsyncSession) -> None:
        session.add(
            Business(slug="pine", name="Pine", zone="UTC", locale="en_US", currency="USD", hours={}, is_demo=True)
        )

    run(sqlite_door.system(Scope.IMPORT).write(work))
    return sqlite_door


def test_secret_is_shown_once_and_kept_sealed(door: Door, run: Run) -> None:
    async def story() -> None:
        standing = await stand_on_website(door, SEALING, WebsiteWish("", (SHOP,), Signature.HS256), NOW)
        assert len(standing.secret) >= 43
        assert standing.secret not in repr(standing)
        assert any(standing.secret in line for line in told(standing, DESK))
        assert standing.secret not in (await row_of(door)).sealed
        assert (await Sites(door, SEALING).find("pine", SHOP)).key == standing.secret
        kept = await stand_on_website(door, SEALING, WebsiteWish("pine", (SHOP, "https://pine.example")), NOW)
        assert (kept.secret, kept.signature) == ("", Signature.HS256)
        assert (await Sites(door, SEALING).find("pine", SHOP)).key == standing.secret
        lines, found = await check_websites(Sites(door, SEALING), DESK)
        assert found == []
        assert standing.secret not in "".join(lines)
        assert "HS256" in lines[0]

    run(story())


def test_snippet_is_one_line_to_paste(door: Door, run: Run) -> None:
    standing = run(stand_on_website(door, SEALING, WebsiteWish("pine", (SHOP,)), NOW))
    lines = told(standing, DESK)
    assert f'  <script src="{DESK}/chat.js" data-business="pine" async></script>' in lines
    assert f"  script-src {DESK}; connect-src {DESK}" in lines


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("www.pine.example", "Write it like https://"),
        ("https://www.pine.example/shop", "names a page"),
        ("http://www.pine.example", "not encrypted"),
        ("https://*.pine.example", "is no website's address"),
        ("https://user@pine.example", "is no website's address"),
        ("https://pine.example:99999", "is no address"),
        ("*", "Write it like https://"),
        ("null", "Write it like https://"),
        ("", "Write it like https://"),
    ],
)
def test_wrong_origin_is_explained(written: str, said: str) -> None:
    with pytest.raises(BadOriginError, match=said.replace("*", r"\*")):
        parse_origin(written)


def test_origin_is_written_as_browsers_do() -> None:
    assert parse_origin(" HTTPS://Www.Pine.Example:443/ ") == "https://www.pine.example"
    assert parse_origin("https://pine.example:8443") == "https://pine.example:8443"
    assert parse_origin("http://localhost:3000") == "http://localhost:3000"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (WebsiteWish("oak", (SHOP,)), "no business called 'oak'. There are: pine"),
        (WebsiteWish("pine", ()), "Say where"),
        (WebsiteWish("pine", (SHOP,), Signature.RS256, "words"), "an RSA public key"),
        (WebsiteWish("pine", (SHOP,), Signature.RS256, rsa_pair()[0]), "stays on your server"),
        (WebsiteWish("pine", ("http://pine.example",)), "not encrypted"),
    ],
    ids=["no business", "no origin", "no key", "a private key", "no https"],
)
def test_what_is_wrong_is_said_and_nothing_changed(wish: WebsiteWish, said: str, door: Door, run: Run) -> None:
    with pytest.raises(CannotStandError, match=said):
        run(stand_on_website(door, SEALING, wish, NOW))
    with pytest.raises(NotAllowedHereError):
        run(Sites(door, SEALING).find("pine", SHOP))


def test_public_key_is_taken(door: Door, run: Run) -> None:
    wish = WebsiteWish("pine", (SHOP,), Signature.RS256, rsa_pair()[1])
    assert run(stand_on_website(door, SEALING, wish, NOW)).secret == ""


def test_doctor_says_who_sees_nothing(door: Door, run: Run) -> None:
    async def story() -> None:
        await stand_on_website(door, SEALING, WebsiteWish("pine", (SHOP,), Signature.HS256), NOW)
        _, local = await check_websites(Sites(door, SEALING), "http://127.0.0.1:8000")
        assert "Visitors cannot reach" in local[0].what
        _, plain = await check_websites(Sites(door, SEALING), "http://desk.example")
        assert "https" in plain[0].what
        lines, broken = await check_websites(Sites(door, Sealing(b"another")), DESK)
        assert lines == []
        assert "cannot be opened" in broken[0].what

    run(story())


def test_demo_stands_on_this_machine_alone(door: Door, run: Run) -> None:
    async def story() -> None:
        demo = DemoWebsites(b"secret", 8000)
        found = await Sites(door, SEALING, demo).find("pine", "http://localhost:8000")
        assert found.key == demo.key_of("pine") != demo.key_of("oak")
        with pytest.raises(NotAllowedHereError):
            await Sites(door, SEALING, demo).find("pine", "http://localhost:8001")
        with pytest.raises(NotAllowedHereError):
            await Sites(door, SEALING).find("pine", "http://localhost:8000")

    run(story())


async def row_of(door: Door) -> Site:
    """The stored website."""

    async def work(session: AsyncSession) -> Site:
        return (await session.scalars(select(Site))).one()

    return await door.system(Scope.CONNECT).read(work)
