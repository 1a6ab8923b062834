"""The page behind "The rest": the whole message, for three days, for nobody without the link."""

from datetime import timedelta

import pytest

from billing.access import Door
from billing.tables.talk import Delivery, Message
from channels.outgoing import ToSend
from channels.sms.rest import Rest
from tests.conftest import Run
from tests.fakes.twilio_shop import ADDRESS, DANA, TextShop

CARD = {"kind": "card", "label": "INV-1042", "value": "", "rows": [["Total", "$1,840.00"]], "extra": {}}
LINK = {"kind": "link", "label": "Pay <now>", "value": f"{ADDRESS}/pay/abc", "rows": [], "extra": {}}
SLY = {"kind": "link", "label": "Sly", "value": "javascript:alert(1)", "rows": [], "extra": {}}


@pytest.fixture
def shop(sqlite_door: Door, run: Run) -> TextShop:
    shop = TextShop(sqlite_door)
    run(shop.open())
    return shop


def path_of(shop: TextShop, row: Message) -> str:
    message = ToSend(row.id, row.public_id, row.business_id, row.connection, DANA, row.text, (), "en", row.created_at)
    assert shop.rest.url_of(message) == shop.rest.url_of(message)
    return shop.rest.url_of(message).removeprefix(ADDRESS)


def test_whole_message_is_shown(shop: TextShop, run: Run) -> None:
    row = run(shop.queue("<b>40 clients</b>\nhttps://x.example/a", [CARD, LINK, SLY]))
    before = run(shop.message(row.id)).version
    page = run(shop.get(path_of(shop, row)))
    assert page.status_code == 200
    for shown in (
        "&lt;b&gt;40 clients",
        "$1,840.00",
        "Pay &lt;now&gt;",
        'href="https://x.example/a"',
        "Harbor &amp; Pine",
    ):
        assert shown in page.text
    assert "javascript:" not in page.text
    assert run(shop.message(row.id)).version == before


def test_link_ends_after_three_days(shop: TextShop, run: Run) -> None:
    path = path_of(shop, run(shop.queue("Hello")))
    shop.now += timedelta(days=3)
    assert run(shop.get(path)).status_code == 404


def test_changed_link_opens_nothing(shop: TextShop, run: Run) -> None:
    path = path_of(shop, run(shop.queue("Hello")))
    token = path.removeprefix("/m/")
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        forged = token[:place] + other + token[place + 1 :]
        assert run(shop.get(f"/m/{forged}")).status_code == 404 or forged[-1] != token[-1]
    for odd in ("x", "é", "=" * 40, token[:-4], token + token):
        assert run(shop.get(f"/m/{odd}")).status_code == 404


def test_inbound_message_is_never_shown(shop: TextShop, run: Run) -> None:
    from billing.tables.talk import Direction

    path = path_of(shop, run(shop.queue("A secret of Dana's", direction=Direction.IN, delivery=Delivery.RECEIVED)))
    assert run(shop.get(path)).status_code == 404


def test_link_of_another_installation_opens_nothing(shop: TextShop, run: Run) -> None:
    row = run(shop.queue("Hello"))
    shop.rest, path = Rest(ADDRESS, b"another secret"), ""
    path = path_of(shop, row)
    assert run(shop.get(path)).status_code == 404
