"""The chat on a page of another origin, under a strict content policy: two tabs, lost networks, tokens good and bad."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from billing.tables.sites import Signature
from tests.browser.chatting import all_words, answers, field, own, write
from tests.browser.conftest import Served
from tests.browser.website import Website, launcher, open_chat, panel, ready
from tests.channels.site_calls import SECRET, claims, signed
from tests.fakes.desk import FakeDesk, Said, fake_app, fake_desk
from tests.fakes.story import SCRIPT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeDesk, Served]]:
    """One desk for all tests of this module."""
    desk = fake_desk(tmp_path_factory.mktemp("desk"))
    desk.inbox.script.update(SCRIPT)
    server = Served(fake_app(desk))
    server.open()
    yield desk, server
    server.close()


@pytest.fixture
def desk(served: tuple[FakeDesk, Served]) -> FakeDesk:
    return served[0]


@pytest.fixture
def website(served: tuple[FakeDesk, Served]) -> Iterator[Website]:
    """The business's website, where its chat may stand and who is signed in is vouched for."""
    desk, server = served
    site = Website(server.url)
    desk.wait(desk.stand_at("harbor-pine", site.url, signature=Signature.HS256, key=SECRET))
    yield site
    site.close()


@pytest.fixture
def cut(served: tuple[FakeDesk, Served]) -> Callable[[], None]:
    return served[1].cut


def token(**other: Any) -> str:
    """What the website's server signs of Dana."""
    return signed(claims(**other))


def test_visitor_writes_on_another_origin(page: Page, website: Website) -> None:
    open_chat(page, website)
    expect(field(page)).to_be_focused()
    write(page, "what's this invoice for?")
    expect(answers(page)).to_contain_text("6 oak doors $1,440.00")
    expect(page.locator("front-desk .card .lead dd")).to_have_text("$1,840.00")


def test_page_asks_nobody_else(page: Page, website: Website) -> None:
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    open_chat(page, website)
    write(page, "hello")
    expect(answers(page)).to_have_count(1)
    assert [url for url in asked if not url.startswith((website.url, website.desk))] == []
    assert page.context.cookies() == []


def test_closed_page_loads_little(page: Page, website: Website) -> None:
    sizes: dict[str, int] = {}
    page.on("response", lambda got: sizes.update({got.url: len(got.body())}) if got.url.endswith(".js") else None)
    page.goto(website.url)
    expect(launcher(page)).to_be_visible()
    assert sum(sizes.values()) < 40_000
    assert not any("chat-desk" in url for url in sizes)


def test_signed_in_visitor_is_known_at_once(page: Page, website: Website) -> None:
    website.data = f'data-token="{token()}"'
    open_chat(page, website)
    assert page.evaluate("JSON.parse(localStorage['frontdesk:harbor-pine']).name") == "Dana Lee"


def test_next_visitor_sees_nothing_of_the_one_before(page: Page, website: Website) -> None:
    website.data = f'data-token="{token(sub="dana-lee")}"'
    open_chat(page, website)
    write(page, "Dana's own words")
    expect(answers(page).last).to_contain_text("Dana's own words")
    page.evaluate("token => Frontdesk.identify(token)", token(sub="marta-alvarez"))
    expect(page.locator("front-desk .empty h3")).to_contain_text("Marta")
    assert all_words(page) == []
    page.evaluate("Frontdesk.identify(null)")
    expect(page.locator("front-desk .empty h3")).to_have_text("Hello.")
    website.data = ""
    page.reload()
    launcher(page).click()
    ready(page)
    assert all_words(page) == []


@pytest.mark.parametrize("kind", ["forged", "expired", "replayed", "another business's"])
def test_wrong_token_leaves_a_guest(kind: str, page: Page, website: Website, browser: Browser) -> None:
    bad = {
        "forged": signed(claims(), key=SECRET[::-1]),
        "expired": token(lasts=0),
        "replayed": token(sub="amara-okafor"),
        "another business's": token(aud="atelier-lumiere"),
    }[kind]
    website.data = f'data-token="{bad}"'
    if kind == "replayed":
        with browser.new_context() as other:
            first = other.new_page()
            open_chat(first, website)
            expect(first.locator("front-desk .empty h3")).to_have_text("Hello Amara.")
    open_chat(page, website)
    expect(page.get_by_text("We could not see who you are signed in as.")).to_be_visible()
    expect(page.locator("front-desk .empty h3")).to_have_text("Hello.")
    write(page, "as a guest")
    expect(answers(page)).to_contain_text("You wrote: as a guest")


def test_chat_does_not_stand_on_a_strange_website(page: Page, website: Website, desk: FakeDesk) -> None:
    strange = Website(website.desk)
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(strange.url)
    page.wait_for_timeout(500)
    expect(page.locator("front-door .open")).to_have_count(0)
    assert any("is not allowed" in one for one in said)
    strange.close()


def test_another_business_does_not_stand_here(page: Page, website: Website, desk: FakeDesk) -> None:
    desk.wait(desk.stand_at("atelier-lumiere", "https://atelier.example"))
    website.business = "atelier-lumiere"
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(website.url)
    page.wait_for_timeout(500)
    expect(page.locator("front-door")).to_have_count(0)
    assert any("is not allowed" in one for one in said)


def test_two_tabs_show_one_conversation(context: BrowserContext, page: Page, website: Website) -> None:
    open_chat(page, website)
    write(page, "from the first tab")
    expect(answers(page)).to_have_count(1)
    second = context.new_page()
    open_chat(second, website)
    expect(answers(second)).to_have_count(1)
    write(second, "from the second tab")
    for tab in (page, second):
        expect(answers(tab)).to_have_count(2)
        expect(own(tab)).to_have_count(2)
    assert all_words(page) == all_words(second)


def test_reload_goes_on(page: Page, website: Website) -> None:
    open_chat(page, website)
    write(page, "before")
    expect(answers(page)).to_have_count(1)
    open_chat(page, website)
    expect(answers(page)).to_have_count(1)
    assert all_words(page) == ["before", "You wrote: before"]


def test_lost_network_loses_and_doubles_nothing(
    context: BrowserContext, page: Page, website: Website, cut: Callable[[], None]
) -> None:
    open_chat(page, website)
    context.set_offline(True)
    cut()
    write(page, "kept while away")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    context.set_offline(False)
    expect(answers(page)).to_have_count(1)
    expect(own(page)).to_have_count(1)


def test_blocked_stream_falls_back_to_asking(page: Page, website: Website) -> None:
    page.route("**/chat/stream*", lambda route: route.abort())
    open_chat(page, website)
    write(page, "without a stream")
    expect(answers(page)).to_contain_text("You wrote: without a stream", timeout=6000)
    expect(own(page)).to_have_count(1)


def test_held_back_stream_falls_back_within_seconds(page: Page, website: Website) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/chat/stream*", hold)  # a proxy that waits for the end of a stream, which never comes
    open_chat(page, website)
    write(page, "behind a proxy")
    expect(answers(page)).to_contain_text("You wrote: behind a proxy", timeout=9000)
    assert held


def test_unread_answers_are_counted(page: Page, website: Website, desk: FakeDesk) -> None:
    open_chat(page, website)
    desk.inbox.pause = 0.8
    write(page, "take your time")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    expect(page.locator("front-door .count")).to_have_text("1")
    desk.inbox.pause = 0.0
    page.reload()
    expect(page.locator("front-door .count")).to_have_text("1")
    launcher(page).click()
    expect(page.locator("front-door .count")).to_be_hidden()
    expect(answers(page)).to_have_count(1)


def test_photo_is_sent_by_paste_and_button(page: Page, website: Website, tmp_path: Path) -> None:
    website.data = f'data-token="{token()}"'
    open_chat(page, website)
    photo = tmp_path / "crack in the wall.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"0" * 900)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a photo or PDF").click()
    chooser.value.set_files(photo)
    expect(own(page).last).to_contain_text("crack in the wall.jpg")
    expect(own(page).last.locator(".fate")).to_have_count(0)
    field(page).evaluate(PASTE)
    expect(page.locator("front-desk .sent")).to_have_count(2)
    fake = tmp_path / "not a photo.jpg"
    fake.write_bytes(b"<html>")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a photo or PDF").click()
    chooser.value.set_files(fake)
    expect(own(page).last).to_contain_text("We can take photos and PDFs of up to 5 MB.")


PASTE = """field => {
  const data = new DataTransfer();
  const bytes = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0x2d, 49]);
  data.items.add(new File([bytes], "plan.pdf", { type: "application/pdf" }));
  const pasted = { clipboardData: data, bubbles: true, composed: true, cancelable: true };
  field.dispatchEvent(new ClipboardEvent("paste", pasted));
}"""


def test_phone_shows_a_sheet_that_keeps_the_focus(browser: Browser, website: Website) -> None:
    with browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce") as phone:
        page = phone.new_page()
        open_chat(page, website)
        box = panel(page).bounding_box()
        assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.tagName") in {"FRONT-DOOR", "BODY"}
        page.keyboard.press("Escape")
        expect(panel(page)).to_be_hidden()
        expect(launcher(page)).to_be_focused()


def test_site_speaks_the_language_of_its_page(page: Page, website: Website) -> None:
    website.html = 'lang="de-DE"'
    open_chat(page, website)
    expect(page.get_by_role("button", name="Schließen")).to_be_visible()
    expect(field(page)).to_have_attribute("placeholder", "Nachricht schreiben")


def test_page_from_right_to_left_is_mirrored(page: Page, website: Website, desk: FakeDesk) -> None:
    desk.inbox.script["מתי?"] = Said("ביום שישי, 28 בנובמבר.")
    website.html = 'lang="he" dir="rtl"'
    open_chat(page, website)
    box = launcher(page).bounding_box()
    assert box is not None
    assert box["x"] < 100
    write(page, "מתי?")
    expect(answers(page)).to_contain_text("28")
    assert answers(page).locator(".words").evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_unreachable_server_is_said_and_tried_again(page: Page, website: Website) -> None:
    page.route("**/chat/visits", lambda route: route.abort())
    page.goto(website.url)
    launcher(page).click()
    expect(page.get_by_text("The chat cannot be reached just now.")).to_be_visible()
    page.unroute("**/chat/visits")
    page.get_by_role("button", name="Try again").click()
    ready(page)


def test_nothing_is_styled_in_place(page: Page, website: Website) -> None:
    open_chat(page, website)
    write(page, "what's this invoice for?")
    expect(answers(page)).to_have_count(1)
    styled = page.evaluate("""() => {
      const roots = [document, document.querySelector('front-door').shadowRoot];
      roots.push(roots[1].querySelector('front-desk').shadowRoot);
      return roots.map(root => root.querySelectorAll('style, script:not([src])').length);
    }""")
    assert styled == [0, 0, 0]


def test_code_makes_the_visitor_known_in_every_tab(
    context: BrowserContext, page: Page, website: Website, desk: FakeDesk
) -> None:
    open_chat(page, website)
    write(page, "123 456")
    expect(answers(page)).to_have_count(1)
    second = context.new_page()
    open_chat(second, website)
    desk.wait(desk.prove_newest("dana-lee"))
    page.reload()
    launcher(page).click()
    ready(page)
    for tab, words in ((page, "as Dana"), (second, "from the second tab")):
        write(tab, words)
        expect(answers(tab).last).to_contain_text(words)
    assert page.evaluate("JSON.parse(localStorage['frontdesk:harbor-pine']).name") == "Dana Lee"
