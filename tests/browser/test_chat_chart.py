"""A chart under an answer of the web chat: figures in rows, bars beside them, on a desk and on a phone."""

import os

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chatting import answers, open_as, write
from tests.browser.test_accessibility import found_by_axe
from tests.fakes.desk import FakeDesk, Said

pytestmark = pytest.mark.browser

ROWS = [
    ["Noch nicht fällig", "$1,234,567.00"],
    ["1 bis 30 Tage", "$617,283.50"],
    ["Donaudampfschifffahrtsgesellschaft AG", "$0.00"],
]
SHARES = {"shares": "1.000 0.500 x"}
CHART = {"kind": "chart", "label": "Open balances by age", "value": "", "rows": ROWS, "extra": SHARES}


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_chart_is_rows_with_bars(browser: Browser, url: str, desk: FakeDesk, axe: str, width: int, scheme: str) -> None:
    desk.inbox.script["aging"] = Said("$617,283.50 of $1,851,850.50 is overdue.", attachments=(CHART,))
    context = browser.new_context(
        viewport={"width": width, "height": 780}, reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    open_as(page, url, "staff:priya")
    write(page, "aging")
    chart = answers(page).get_by_role("group", name="Open balances by age")
    expect(chart.locator("dt")).to_have_text([name for name, _ in ROWS])
    expect(chart.locator("dd")).to_have_text([figure for _, figure in ROWS])
    bars = [bar.bounding_box() for bar in chart.locator(".bar i").all()]
    widths = [bar["width"] if bar else 0.0 for bar in bars]
    assert widths[0] == pytest.approx(widths[1] * 2, abs=1)
    assert widths[2] == 0
    if pictures := os.environ.get("PICTURES"):  # noqa: TID251 - the test run's own
        page.screenshot(path=f"{pictures}/chart-{width}-{scheme}.png")
    assert found_by_axe(page, axe) == []
    assert chart.evaluate("node => node.getBoundingClientRect().right <= innerWidth")
    context.close()
