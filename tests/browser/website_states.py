"""Every state in which the chat on a website can be seen, and how a page gets there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chatting import answers, own, write
from tests.browser.website import Website, launcher, open_chat
from tests.channels.site_calls import SECRET, claims, signed
from tests.fakes.desk import FakeDesk, Said

DESK, PHONE = (760, 800), (360, 740)
Walk = Callable[[Page, Website, FakeDesk], None]


@dataclass(frozen=True)
class State:
    """A state by its name: how the browser is, how the page is written, and what is done on it."""

    name: str
    walk: Walk
    size: tuple[int, int] = DESK
    html: str = 'lang="en"'
    is_dark: bool = False
    who: str = ""

    def context(self, browser: Browser) -> BrowserContext:
        """A browser as this state wants it."""
        dark: Any = "dark" if self.is_dark else "light"
        context = browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]},
            color_scheme=dark, reduced_motion="reduce", locale="en-US",
        )  # fmt: skip
        context.set_default_timeout(10_000)
        return context

    def show(self, page: Page, website: Website, desk: FakeDesk) -> None:
        """Bring a page into the state."""
        website.html, website.data = self.html, ""
        if self.who:
            website.data = f'data-token="{signed(claims(self.who))}"'
        self.walk(page, website, desk)


def closed(page: Page, website: Website, _desk: FakeDesk) -> None:
    page.goto(website.url)
    expect(launcher(page)).to_be_visible()


def opened(page: Page, website: Website, _desk: FakeDesk) -> None:
    open_chat(page, website)


def answered(page: Page, website: Website, _desk: FakeDesk) -> None:
    open_chat(page, website)
    write(page, "what's this invoice for?")
    expect(page.locator("front-desk .card")).to_be_visible()


def attached(page: Page, website: Website, desk: FakeDesk) -> None:
    hung = {"kind": "file", "label": "INV-1042.pdf", "value": "/files/abc", "rows": [], "extra": {}}
    desk.inbox.script[""] = Said("Thank you. The photo is with your request REQ-7.")
    desk.inbox.script["can i have it as pdf?"] = Said("Here is INV-1042 as PDF.", attachments=(hung,))
    open_chat(page, website)
    before = own(page).count()
    page.locator("front-desk textarea").evaluate(DROP)
    expect(page.locator("front-desk .sent").last).to_be_visible()
    write(page, "can I have it as PDF?")
    expect(page.locator("front-desk .files a").last).to_be_visible()
    expect(own(page)).to_have_count(before + 2)


DROP = """field => {
  const data = new DataTransfer();
  const bytes = new Uint8Array(4000).fill(7);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  data.items.add(new File([bytes], "cabinet door, left side.jpg", { type: "image/jpeg" }));
  field.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, composed: true, cancelable: true }));
}"""


def offline(page: Page, website: Website, desk: FakeDesk) -> None:
    desk.inbox.script["when do you open on saturday?"] = Said("On Saturday we are open from 9:00 to 13:00.")
    open_chat(page, website)
    write(page, "When do you open on Saturday?")
    expect(answers(page)).to_have_count(1)
    page.context.set_offline(True)
    write(page, "And on Sunday?")
    expect(page.locator("front-desk .notice")).to_be_visible()
    expect(own(page).last).to_contain_text("Not sent yet")


def refused(page: Page, website: Website, _desk: FakeDesk) -> None:
    website.data = f'data-token="{signed(claims(), key=SECRET[::-1])}"'
    open_chat(page, website)
    expect(page.locator("front-desk .notice")).to_be_visible()


def unread(page: Page, website: Website, desk: FakeDesk) -> None:
    open_chat(page, website)
    desk.inbox.pause = 0.5
    write(page, "How long does a kitchen take?")
    page.keyboard.press("Escape")
    expect(page.locator("front-door .count")).to_have_text("1")
    desk.inbox.pause = 0.0


def unreachable(page: Page, website: Website, _desk: FakeDesk) -> None:
    page.route("**/chat/visits", lambda route: route.abort())
    page.goto(website.url)
    launcher(page).click()
    expect(page.locator("front-door .alone")).to_be_visible()


def from_right_to_left(page: Page, website: Website, desk: FakeDesk) -> None:
    desk.inbox.script["מתי צריך לשלם?"] = Said(
        "החשבון INV-1042 לתשלום עד יום שישי, 28 בנובמבר. נותרו $1,840.00 לתשלום."
    )
    open_chat(page, website)
    write(page, "מתי צריך לשלם?")
    expect(answers(page).last).to_contain_text("1,840")


def in_german(page: Page, website: Website, desk: FakeDesk) -> None:
    desk.inbox.script["wann haben sie offen?"] = Said(
        "Wir sind Montag bis Freitag von 8:00 bis 17:00 Uhr da.\nSoll Sie jemand zurückrufen?",
        attachments=tuple(
            {"kind": "button", "label": word, "value": word, "rows": [], "extra": {}} for word in ("Ja", "Nein")
        ),
    )
    open_chat(page, website)
    write(page, "Wann haben Sie offen?")
    expect(answers(page)).to_have_count(1)


STATES = (
    State("closed", closed),
    State("open", opened),
    State("answer", answered, who="dana-lee"),
    State("attachments", attached, who="amara-okafor"),
    State("offline", offline),
    State("refused", refused),
    State("unread", unread),
    State("unreachable", unreachable),
    State("phone", answered, size=PHONE, who="dana-lee"),
    State("dark", answered, is_dark=True, who="dana-lee"),
    State("dark-open", opened, is_dark=True),
    State("rtl", from_right_to_left, html='lang="he" dir="rtl"'),
    State("es", opened, html='lang="es"'),
    State("de", in_german, html='lang="de"'),
)


@dataclass
class Pictures:
    """Where pictures of the states are put."""

    folder: Path
    taken: list[str] = field(default_factory=list)

    def take(self, page: Page, state: State) -> None:
        """A picture of a state."""
        page.wait_for_timeout(300)
        page.screenshot(path=self.folder / f"{state.name}.png")
        self.taken.append(state.name)
