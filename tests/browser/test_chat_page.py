"""The demo's page in a real browser: the story, odd texts, the keyboard, and what broke in between."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing.tables.talk import Author
from tests.browser.chatting import all_words, answers, field, open_as, own, write
from tests.fakes.desk import FakeDesk, Said
from tests.fakes.story import OWING, RECEIPT, SCRIPT

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def script(desk: FakeDesk) -> None:
    desk.inbox.script.update(SCRIPT)


def test_client_asks_and_gets_the_link(page: Page, url: str, desk: FakeDesk) -> None:
    open_as(page, url)
    page.get_by_role("button", name="What’s this invoice for?").click()
    expect(answers(page)).to_contain_text("6 oak doors $1,440.00")
    expect(page.locator("front-desk .card .lead dd")).to_have_text("$1,840.00")
    expect(page.get_by_role("button", name="Where is my estimate?")).to_have_count(0)
    write(page, "and when is it due?")
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text("due Sat, Nov 28")
    page.get_by_role("button", name="Pay $1,840.00").click()
    pay = page.get_by_role("link", name="Pay $1,840.00")
    expect(pay).to_have_attribute("href", f"{url}/pay/q7Zr0vC1mX9sTg2b")
    desk.wait(desk.say("client:dana-lee", RECEIPT))
    expect(page.locator("front-desk article.system")).to_contain_text("paid in full")
    expect(page.get_by_role("link", name="Receipt for INV-1042 (PDF)")).to_be_visible()
    expect(answers(page)).to_have_count(3)
    expect(own(page)).to_have_count(3)


def test_reader_sees_where_figures_come_from(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "what's this invoice for?")
    page.get_by_text("Where this comes from").click()
    rows = page.locator("front-desk .from tbody tr")
    expect(rows.nth(3)).to_contain_text("$1,840.00")
    expect(rows.nth(3)).to_contain_text("invoice:12.balance_minor@3")
    expect(rows.last).to_contain_text("days from today to the due day")
    expect(page.locator("front-desk .from li")).to_contain_text("explain_invoice")


def test_balances_stand_in_columns_and_their_words_are_whole(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "who owes us money?")
    rows = page.locator("front-desk .sums li")
    expect(rows).to_have_count(4)
    expect(rows.first.locator(".sum")).to_have_text("$6,200.00")
    assert all_words(page)[-1] == OWING.text
    edges = page.locator("front-desk .sum").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) - min(edges) < 1


def test_question_in_words_spends_its_buttons(page: Page, url: str, desk: FakeDesk) -> None:
    answers_to_it: Iterable[dict[str, Any]] = (
        {"kind": "button", "label": word, "value": word, "rows": [], "extra": {}} for word in ("Yes", "No")
    )
    desk.inbox.script["send it"] = Said("Send this?\n“Hello Amara.\nPriya”", attachments=tuple(answers_to_it))
    open_as(page, url)
    write(page, "send it")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_visible()
    expect(page.locator("front-desk blockquote")).to_have_text("“Hello Amara.\nPriya”")
    desk.wait(desk.say("client:dana-lee", Said("Somebody wrote.")))
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_visible()
    write(page, "yes")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_hidden()


def test_choosing_another_person_changes_the_thread(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "Dana was here")
    expect(answers(page)).to_contain_text("You wrote: Dana was here")
    page.get_by_role("button", name="Staff").click()
    page.get_by_role("radio", name="Priya Shah").check()
    expect(page.get_by_role("button", name="Who owes us money?")).to_be_visible()
    expect(page.get_by_text("Dana was here")).to_have_count(0)
    page.get_by_role("button", name="Who owes us money?").click()
    expect(answers(page)).to_contain_text("Okafor Dental: $6,200.00")
    assert "as=staff%3Apriya" in page.url
    page.get_by_role("button", name="Clients").click()
    page.get_by_role("radio", name="Dana Lee").check()
    expect(own(page)).to_contain_text("Dana was here")


def test_level_is_explained_and_keeps_the_thread(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "hello")
    expect(answers(page)).to_have_count(1)
    page.get_by_role("radio", name="Unknown").check()
    expect(page.locator("#meaning")).to_contain_text("nothing about any account")
    expect(answers(page)).to_have_count(1)
    write(page, "again")
    expect(answers(page)).to_have_count(2)


def test_component_speaks_the_persons_language(page: Page, url: str) -> None:
    for who, send in (("client:marta-alvarez", "Enviar"), ("client:marc-dubois", "Envoyer")):
        open_as(page, url, who)
        expect(page.get_by_role("button", name=send)).to_be_visible()
    open_as(page, url, "client:heike-brandt")
    page.get_by_role("button", name="Wofür ist diese Rechnung?").click()
    expect(answers(page)).to_be_visible()


ODD = {
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🙏",
    "html": '<img src=x onerror="window.hit=1"><script>window.hit=1</script>&lt;b&gt; </div><style>*{display:none}',
    "right to left": "\u202eevil txt\u202c \u200fשלום\u200e مرحبا 12",
    "one word": "w" * 3_000,
    "lines": "one\n\n  two\tthree",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_stays_text(text: str, page: Page, url: str, desk: FakeDesk) -> None:
    desk.inbox.script[text.lower()] = Said("Noted, thank you.")
    open_as(page, url)
    write(page, text)
    expect(answers(page)).to_contain_text("Noted, thank you.")
    expect(own(page)).to_have_count(1)
    assert all_words(page)[0] == text
    assert page.evaluate("window.hit") is None
    assert not _overflows(page)
    after = answers(page).locator(".words")
    assert after.evaluate("node => getComputedStyle(node).direction") == "ltr"
    assert after.evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"


def test_null_signs_are_dropped(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "be\x00fore\x07 after")
    expect(answers(page)).to_contain_text("You wrote: before after")
    expect(own(page)).to_have_count(1)


def test_largest_message_goes_through(page: Page, url: str, desk: FakeDesk) -> None:
    text = "€uro " * 9_362  # 65,534 bytes
    desk.inbox.script[text.strip().lower()] = Said("Read.")
    open_as(page, url)
    write(page, text)
    expect(answers(page)).to_contain_text("Read.")
    assert own(page).locator(".words").text_content() == text.strip()
    own(page).get_by_role("button", name="Show all").click()
    expect(own(page).get_by_role("button", name="Show less")).to_be_visible()
    field(page).fill("€" * 30_000)
    field(page).press("Enter")
    expect(page.locator("front-desk .notice")).to_contain_text("in parts")
    expect(own(page)).to_have_count(1)


def test_hostile_answer_cannot_act(page: Page, url: str) -> None:
    open_as(page, url)
    write(page, "evil")
    expect(answers(page)).to_contain_text("evil.example")
    hrefs = page.locator("front-desk article a").evaluate_all("links => links.map(link => link.href)")
    assert hrefs == [f"{url}/files/abc"]
    expect(page.get_by_role("link", name="<b>bold</b>")).to_be_visible()
    expect(page.locator("front-desk .card i, front-desk .card img, front-desk .card u")).to_have_count(0)


def test_own_links_in_text_can_be_opened(page: Page, url: str, desk: FakeDesk) -> None:
    open_as(page, url)
    desk.wait(desk.say("client:dana-lee", Said(f"Pay here: {url}/pay/abc-1. Not {url}/console or {url}.evil/pay/x.")))
    expect(page.locator("front-desk article.system")).to_be_visible()
    links = page.locator("front-desk article a")
    assert links.evaluate_all("links => links.map(link => link.href)") == [f"{url}/pay/abc-1"]
    assert all_words(page) == [f"Pay here: {url}/pay/abc-1. Not {url}/console or {url}.evil/pay/x."]


def test_page_works_by_keyboard_alone(page: Page, url: str) -> None:
    open_as(page, url)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the chat")).to_be_focused()
    page.keyboard.press("Enter")
    reached: list[str] = []
    for _ in range(20):
        page.keyboard.press("Tab")
        tag = page.evaluate("document.querySelector('front-desk').shadowRoot.activeElement?.tagName ?? ''")
        reached.append(tag)
        if tag == "TEXTAREA":
            break
    assert reached[-1] == "TEXTAREA"
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    expect(own(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(answers(page)).to_contain_text("You wrote: first line\nsecond line")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("front-desk details[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("front-desk details[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("front-desk .scroll").focus()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()


def test_answer_is_announced_once(page: Page, url: str, desk: FakeDesk) -> None:
    desk.inbox.pause = 0.4
    desk.inbox.script["slowly"] = Said("One.\nTwo.\nThree.")
    open_as(page, url)
    page.evaluate("""() => {
        window.heard = [];
        const region = document.querySelector('front-desk').shadowRoot.querySelector('[aria-live=polite]');
        const watch = new MutationObserver(() => window.heard.push(region.textContent));
        watch.observe(region, {childList: true, characterData: true, subtree: true});
    }""")
    write(page, "slowly")
    expect(page.locator("front-desk article.draft")).to_contain_text("One.")
    expect(answers(page)).to_contain_text("Three.")
    assert page.evaluate("window.heard") == ["Assistant: One.\nTwo.\nThree."]
    expect(page.locator("front-desk article.draft")).to_have_count(0)
    expect(page.locator("front-desk [role=log]")).to_have_attribute("aria-live", "off")


def test_preparing_sign_comes_and_goes(page: Page, url: str, desk: FakeDesk) -> None:
    desk.inbox.pause = 1.2
    open_as(page, url)
    write(page, "hello")
    expect(page.get_by_text("Looking it up")).to_be_visible()
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_text("Looking it up")).to_have_count(0)


def test_broken_line_resumes_whole(page: Page, url: str, desk: FakeDesk, cut: Callable[[], None]) -> None:
    open_as(page, url)
    for number in range(12):
        if number % 3 == 1:
            cut()
        said = Said(f"line {number}")
        desk.wait(desk.say("client:dana-lee", said, author=Author.STAFF, aloud=number % 2 == 0))
    expect(page.locator("front-desk article.staff")).to_have_count(12)
    cut()
    write(page, "still there?")
    expect(answers(page)).to_have_count(1)
    assert all_words(page)[:12] == [f"line {number}" for number in range(12)]
    expect(own(page)).to_have_count(1)


def test_messages_written_offline_go_out_once(page: Page, url: str, desk: FakeDesk, context: BrowserContext) -> None:
    open_as(page, url)
    context.set_offline(True)
    write(page, "kept one")
    write(page, "kept two")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    expect(page.get_by_text("Not sent yet")).to_have_count(1)
    context.set_offline(False)
    expect(answers(page)).to_have_count(2)
    assert [text for text in all_words(page) if text.startswith("kept")] == ["kept one", "kept two"]
    expect(page.get_by_text("You are offline.")).to_have_count(0)


def test_lost_acknowledgement_makes_no_second_message(page: Page, url: str, desk: FakeDesk) -> None:
    lost: list[str] = []

    def lose_first(route: Any) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(json.loads(route.request.post_data)["id"])
        route.fetch()  # the server has it, but its answer never arrives
        route.abort()

    page.route("**/chat/messages", lose_first)
    open_as(page, url)
    write(page, "once only")
    expect(answers(page)).to_have_count(1)
    page.wait_for_timeout(900)
    expect(own(page)).to_have_count(1)
    assert len(lost) == 1
    assert desk.inbox.accepted == 2


def test_unsent_message_outlives_a_reload(page: Page, url: str) -> None:
    page.route("**/chat/messages", lambda route: route.abort())
    open_as(page, url)
    write(page, "do not lose me")
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    page.unroute("**/chat/messages")
    page.reload()
    expect(answers(page)).to_contain_text("You wrote: do not lose me")
    expect(own(page)).to_have_count(1)


def test_ended_session_offers_to_start_again(page: Page, url: str) -> None:
    tokens: list[str] = []
    page.on("request", lambda sent: tokens.append(sent.headers.get("authorization", "")))
    open_as(page, url)
    bearer = next(token for token in tokens if token)
    page.request.post(f"{url}/chat/sessions/end", headers={"authorization": bearer})
    expect(page.get_by_text("This chat has ended.")).to_be_visible()
    expect(field(page)).to_be_disabled()
    page.get_by_role("button", name="Start again").click()
    expect(field(page)).to_be_enabled()
    write(page, "back")
    expect(answers(page)).to_contain_text("You wrote: back")


def test_earlier_messages_can_be_called_up(page: Page, url: str, desk: FakeDesk) -> None:
    open_as(page, url)
    desk.wait(desk.say("client:dana-lee", *[Said(f"line {number}") for number in range(130)], aloud=False))
    page.reload()
    expect(page.locator("front-desk article")).to_have_count(100)
    page.get_by_role("button", name="Show earlier messages").click()
    expect(page.locator("front-desk article")).to_have_count(130)
    assert all_words(page) == [f"line {number}" for number in range(130)]
    expect(page.get_by_role("button", name="Show earlier messages")).to_be_hidden()


def test_reader_further_up_is_not_pulled_down(page: Page, url: str, desk: FakeDesk) -> None:
    open_as(page, url)
    desk.wait(desk.say("client:dana-lee", *[Said(f"line {number}") for number in range(30)]))
    expect(page.locator("front-desk article")).to_have_count(30)
    page.locator("front-desk .scroll").evaluate("node => { node.scrollTop = 0; }")
    desk.wait(desk.say("client:dana-lee", Said("the newest")))
    page.get_by_role("button", name="New message").click()
    expect(page.get_by_text("the newest").first).to_be_in_viewport()
    expect(page.get_by_role("button", name="New message")).to_be_hidden()


def _overflows(page: Page) -> bool:
    """Whether anything is wider than the page or the thread."""
    wide: bool = page.evaluate("""() => {
        const scroll = document.querySelector('front-desk').shadowRoot.querySelector('.scroll');
        return document.documentElement.scrollWidth > innerWidth || scroll.scrollWidth > scroll.clientWidth;
    }""")
    return wide
