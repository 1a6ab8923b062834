"""The pay page in every state: nothing that axe-core objects to, and nothing wider than a phone."""

import pytest
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser

from billing.money import Money
from billing.records.links import LinkState, LinkView
from channels.pay.pages import Pages
from tests.browser.test_accessibility import found_by_axe

pytestmark = pytest.mark.browser


def a_view(state: LinkState, locale: str) -> LinkView:
    """A link of a business with a long name, over seven figures."""
    return LinkView(
        state=state,
        link_id=1,
        business_id=1,
        business="Atelier Lumière Innenausbau und Lichtplan",
        colour="#ffcc00",
        business_locale=locale,
        contact_locale="",
        invoice_id=1,
        invoice_number="INV-1042",
        amount=Money(1_234_567_89, "EUR"),
        is_part=True,
        reference="ref",
        provider="sandbox",
    )


def every_page(locale: str) -> list[HTMLResponse]:
    pages, at = Pages(()), "/pay/token"
    asked = a_view(LinkState.PAYABLE, locale)
    notices = ("", "declined", "refused", "stale", "changed", "not_a_test_card")
    return [
        *(pages.payable(asked, "", at, proof="p", takes_card=True, notice=notice) for notice in notices),
        pages.payable(asked, "", at, proof="p", takes_card=False),
        pages.bank(a_view(LinkState.PROCESSING, locale), "", at, proof="p"),
        *(pages.state(a_view(state, locale), "", at) for state in LinkState if state is not LinkState.PAYABLE),
        pages.unknown(locale),
    ]


@pytest.mark.parametrize(
    ("locale", "dark"),
    [
        ("en_US", False),
        ("de_DE", True),
        pytest.param("fr_FR", False, marks=pytest.mark.prove),
        pytest.param("es_ES", True, marks=pytest.mark.prove),
    ],
)
def test_every_state_is_accessible_and_narrow(locale: str, dark: bool, browser: Browser, axe: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    for response in every_page(locale):
        page.set_content(bytes(response.body).decode())
        for summary in page.locator("summary").all():
            summary.click()
        assert found_by_axe(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for control in page.locator("button, input:not([type=hidden]), a").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 44
    context.close()
