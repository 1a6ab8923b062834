"""What axe-core finds on the chat of a website: nothing, in each of its states; and each state has its picture."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from billing.tables.sites import Signature
from tests.browser.conftest import Served
from tests.browser.test_accessibility import found_by_axe
from tests.browser.website import Website
from tests.browser.website_states import STATES, State
from tests.channels.site_calls import SECRET
from tests.fakes.desk import FakeDesk, fake_app, fake_desk
from tests.fakes.story import SCRIPT

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parent.parent.parent / "docs" / "widget"
# The others are walked at length: they differ from these by their colours and words.
QUICK = {"closed", "open", "answer", "attachments", "offline", "refused", "unread", "dark", "rtl", "phone"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Website, FakeDesk]]:
    """One website for all states."""
    desk = fake_desk(tmp_path_factory.mktemp("desk"))
    desk.inbox.script.update(SCRIPT)
    server = Served(fake_app(desk))
    server.open()
    website = Website(server.url)
    desk.wait(desk.stand_at("harbor-pine", website.url, signature=Signature.HS256, key=SECRET))
    yield website, desk
    website.close()
    server.close()


@pytest.mark.parametrize(
    "state",
    [pytest.param(one, id=one.name, marks=[] if one.name in QUICK else pytest.mark.prove) for one in STATES],
)
def test_state_has_no_violation(state: State, browser: Browser, place: tuple[Website, FakeDesk], axe: str) -> None:
    website, desk = place
    with state.context(browser) as context:
        page = context.new_page()
        state.show(page, website, desk)
        assert found_by_axe(page, axe) == []


def test_every_state_has_its_picture() -> None:
    assert {path.stem for path in PICTURES.glob("*.png")} == {state.name for state in STATES}
