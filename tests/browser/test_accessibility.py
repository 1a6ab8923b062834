"""What axe-core finds on the demo's page: nothing, in light and dark, on a desk and on a phone."""

import json

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from channels.web.colour import look_of
from tests.browser.chatting import answers, open_as, own, write
from tests.fakes.desk import FakeDesk, Said
from tests.fakes.story import RECEIPT, SCRIPT

pytestmark = pytest.mark.browser

DESK, PHONE, NARROW = (1440, 900), (390, 844), (360, 740)


def found_by_axe(page: Page, axe: str) -> list[str]:
    """Each violation with the elements it was found on, the shadow tree included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)  # evaluated, not added as a script: the page's policy allows only its own files
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {json.dumps([node['html'] for node in one['nodes']])}"
        for one in result["violations"]
    ]


@pytest.mark.parametrize(
    ("who", "scheme", "size"),
    [
        ("client:dana-lee", "light", DESK),
        pytest.param("client:dana-lee", "dark", PHONE, marks=pytest.mark.prove),
        pytest.param("client:marc-dubois", "dark", DESK, marks=pytest.mark.prove),
        ("client:marc-dubois", "dark", PHONE),
        pytest.param("client:marc-dubois", "light", PHONE, marks=pytest.mark.prove),
    ],
)
def test_page_has_no_violation(
    who: str, scheme: str, size: tuple[int, int], browser: Browser, url: str, desk: FakeDesk, axe: str
) -> None:
    desk.inbox.script.update(SCRIPT)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    open_as(page, url, who)
    assert found_by_axe(page, axe) == []
    for count, text in enumerate(("what's this invoice for?", "ok send me the link", "long " * 600), start=1):
        write(page, text)
        expect(answers(page)).to_have_count(count)
    desk.wait(desk.say(who, RECEIPT))
    expect(page.locator("front-desk article.system")).to_be_visible()
    page.locator("front-desk details.from summary").first.click()
    assert found_by_axe(page, axe) == []
    if size == PHONE:
        page.get_by_role("button", name="Change").click()
        assert found_by_axe(page, axe) == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_troubled_states_have_no_violation(scheme: str, browser: Browser, url: str, desk: FakeDesk, axe: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = context.new_page()
    desk.inbox.pause = 3.0
    open_as(page, url, "client:marta-alvarez")
    write(page, "hola")
    expect(page.locator("front-desk .wait")).to_be_visible()
    assert found_by_axe(page, axe) == []
    context.set_offline(True)
    write(page, "sin red")
    expect(page.locator("front-desk .notice")).to_be_visible()
    expect(own(page).last).to_contain_text("Aún sin enviar")
    assert found_by_axe(page, axe) == []
    context.close()


def test_loud_business_colour_stays_readable(page: Page, url: str, desk: FakeDesk, axe: str) -> None:
    desk.inbox.script.update(SCRIPT)

    def recolour(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["business"]["look"] = look_of("#ffe600")
        route.fulfill(response=answer, json=body)

    page.route("**/chat/sessions", recolour)
    open_as(page, url)
    write(page, "ok send me the link")
    expect(page.get_by_role("link", name="Pay $1,840.00")).to_be_visible()
    assert found_by_axe(page, axe) == []
    page.emulate_media(color_scheme="dark")
    assert found_by_axe(page, axe) == []


@pytest.mark.parametrize("zoom", [1, 2], ids=["phone", "zoomed to 200 %"])
def test_narrow_page_scrolls_only_down(zoom: int, browser: Browser, url: str, desk: FakeDesk) -> None:
    desk.inbox.script.update(SCRIPT)
    desk.inbox.script["long"] = Said("Donaudampfschifffahrtsgesellschaftskapitän" * 4)
    width, height = NARROW if zoom == 1 else (1280 // 4, 1024 // 2)  # a 640 px window at 200 % is 320 px wide
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    open_as(page, url, "client:heike-brandt")
    for count, text in enumerate(("long", "who owes us money?", "what's this invoice for?"), start=1):
        write(page, text)
        expect(answers(page)).to_have_count(count)
    too_wide = page.evaluate("""() => {
        const root = document.querySelector('front-desk').shadowRoot;
        return [...root.querySelectorAll('*')].filter(node => node.getBoundingClientRect().right > innerWidth + 1)
            .map(node => node.className || node.tagName);
    }""")
    assert too_wide == []
    page.get_by_role("button", name="Change").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_touch_targets_are_large_enough(page: Page, url: str, desk: FakeDesk) -> None:
    desk.inbox.script.update(SCRIPT)
    open_as(page, url)
    write(page, "what's this invoice for?")
    expect(answers(page)).to_have_count(1)
    write(page, "ok send me the link")
    expect(answers(page)).to_have_count(2)
    low = page.evaluate("""() => {
        const root = document.querySelector('front-desk').shadowRoot;
        const inside = root.querySelectorAll('button, summary, a, textarea');
        const places = [...inside, ...document.querySelectorAll('button, label')];
        return places.filter(node => node.offsetParent && node.getBoundingClientRect().height < 44)
            .map(node => node.outerHTML.slice(0, 80));
    }""")
    assert low == []
