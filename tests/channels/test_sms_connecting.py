"""Connecting an account, and what the doctor says of one: each trouble in plain words, no secret in any."""

from datetime import timedelta
from typing import Any

import pytest

from billing.access import Door
from billing.doctor import Severity
from billing.principal import Scope
from billing.tables.addresses import Address, Connection
from billing.tables.talk import Delivery
from channels.connections import CannotConnectError
from channels.outgoing import TryLaterError
from channels.sealing import SealBrokenError, Sealing
from channels.sms.accounts import Account, Accounts, OwnAccount
from channels.sms.connecting import Further, Pointed, check_address, check_given, store
from channels.sms.health import check_texts
from tests.conftest import Run
from tests.fakes.databases import Database
from tests.fakes.twilio_shop import ADDRESS, DANA, NUMBER, SID, TOKEN, TextShop, texted

OURS = f"{ADDRESS}/webhooks/twilio/sms"


@pytest.fixture
def shop(sqlite_door: Door, run: Run) -> TextShop:
    shop = TextShop(sqlite_door)
    run(shop.open())
    return shop


def looks(*, url: str = OURS, trouble: Exception | None = None) -> Any:
    """What Twilio would say of the number."""

    def look(account: Account, timeout: float) -> Pointed:
        if trouble is not None:
            raise trouble
        return Pointed("Desk", url, "")

    return look


def test_health_is_told_in_a_line(shop: TextShop, run: Run) -> None:
    run(shop.post(texted("hello")))
    run(shop.queue("waits", delivery=Delivery.QUEUED, provider_id=None))
    shop.now += timedelta(minutes=30)
    lines, found = run(check_texts(shop.door, shop.accounts, ADDRESS, shop.now, looks()))
    waits = "1 wait to be sent, the oldest since 30 min ago"
    assert lines == [f"sms:harbor: last text in 30 min ago; {waits}; 0 parked; 0 addresses blocked."]
    assert [finding.severity for finding in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("look", "address", "severity", "words"),
    [
        (looks(url="https://old.example/sms"), ADDRESS, Severity.ERROR, "not to https://desk.example.com/webhooks"),
        (looks(url=""), ADDRESS, Severity.ERROR, "to nowhere"),
        (looks(trouble=CannotConnectError("Twilio refuses it.")), ADDRESS, Severity.ERROR, "Twilio refuses it."),
        (looks(trouble=TryLaterError("no network")), ADDRESS, Severity.WARNING, "no network"),
        (looks(), "http://127.0.0.1:8000", Severity.ERROR, "cannot reach"),
    ],
)
def test_trouble_is_told_with_advice(
    shop: TextShop, run: Run, look: Any, address: str, severity: Severity, words: str
) -> None:
    _, [found] = run(check_texts(shop.door, shop.accounts, address, shop.now, look))
    assert (found.severity, words in found.what) == (severity, True)
    assert TOKEN not in found.what + found.advice


def test_blocked_addresses_are_counted(shop: TextShop, run: Run) -> None:
    async def work(session: Any) -> None:
        row = Address(
            business_id=shop.business_id, connection=shop.connection, channel="sms", address=DANA,
            blocked_at=shop.now, blocked_for="30005",
        )  # fmt: skip
        session.add(row)

    run(shop.door.system(Scope.IMPORT).write(work))
    lines, _ = run(check_texts(shop.door, shop.accounts, ADDRESS, shop.now, looks()))
    assert "1 addresses blocked" in lines[0]


def test_further_business_is_kept_sealed(database: Database, run: Run) -> None:
    shop = TextShop(database.door)
    run(shop.open())
    further = Further("harbor", SID, NUMBER, "a token to keep")
    rows = [run(store(shop.door, shop.sealing, further, shop.now)) for _ in range(2)]
    assert rows[0].id == rows[1].id
    [kept] = run(shop.rows(Connection))
    assert "a token to keep" not in kept.sealed + repr(further)
    without = Accounts(shop.door, OwnAccount(), shop.sealing)
    found = run(without.find_by_path(kept.path))
    assert (found.token, found.key, found.sender) == ("a token to keep", "sms:harbor", NUMBER)
    with pytest.raises(SealBrokenError):
        run(Accounts(shop.door, OwnAccount(), Sealing(b"another key")).find_by_path(kept.path))


def test_unknown_business_is_named(shop: TextShop, run: Run) -> None:
    with pytest.raises(CannotConnectError, match="There are: harbor"):
        run(store(shop.door, shop.sealing, Further("nobody", SID, NUMBER, "x"), shop.now))


@pytest.mark.parametrize("address", ["http://desk.example.com", "https://localhost", "https://", "desk.example.com"])
def test_address_must_be_reached_by_https(address: str) -> None:
    with pytest.raises(CannotConnectError):
        check_address(address)


@pytest.mark.parametrize(
    ("sid", "sender", "token"), [("AC1", NUMBER, "x"), (SID, "12125550140", "x"), (SID, NUMBER, ""), (SID, "MG1", "x")]
)
def test_what_is_no_account_is_refused(sid: str, sender: str, token: str) -> None:
    with pytest.raises(CannotConnectError):
        check_given(sid, sender, token)
