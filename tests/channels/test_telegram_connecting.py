"""Connecting a bot and looking after it: what is wrong is said plainly, and long before Telegram drops anything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing.access import Door
from billing.doctor import Severity
from billing.tables.addresses import Connection
from channels.connections import CannotConnectError
from channels.outgoing import TryLaterError
from channels.settings import BadSettingsError, Settings, read_settings
from channels.telegram.accounts import BotAccount, Bots, OwnBot, secret_for
from channels.telegram.building import own_bot
from channels.telegram.calling import Hooked, Who
from channels.telegram.connecting import Connected, Further, check_address, check_token, store, told
from channels.telegram.health import check_bots
from tests.conftest import Run
from tests.fakes.telegram_said import BOT_ID, TOKEN, message
from tests.fakes.telegram_shop import TelegramShop

ADDRESS = "https://desk.example.com"
OURS = f"{ADDRESS}/webhooks/telegram"


@pytest.fixture
def shop(sqlite_door: Door, run: Run, tmp_path: Path) -> Iterator[TelegramShop]:
    shop = TelegramShop(sqlite_door, tmp_path)
    run(shop.open())
    yield shop
    run(shop.desk.close())


def looks(hooked: Hooked | Exception) -> Any:
    """What Telegram would say of the bot."""

    async def look(_account: BotAccount) -> Hooked:
        if isinstance(hooked, Exception):
            raise hooked
        return hooked

    return look


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://desk.example.com", "https"), ("https://localhost", "https"), ("https://desk.example.com:8000", "8443")],
)  # fmt: skip
def test_address_that_telegram_cannot_use_is_said(address: str, words: str) -> None:
    check_address("https://desk.example.com:8443")
    with pytest.raises(CannotConnectError, match=words):
        check_address(address)


@pytest.mark.parametrize("token", ["", "hello", "123:short", f"{TOKEN} x", f"@{TOKEN}"])
def test_what_is_no_token_is_said(token: str) -> None:
    check_token(TOKEN)
    with pytest.raises(CannotConnectError, match="@BotFather"):
        check_token(token)


def test_further_business_keeps_its_bot_sealed(shop: TelegramShop, run: Run) -> None:
    token = "987654321:" + "b" * 35
    for _ in range(2):
        row = run(store(shop.door, shop.sealing, Further("harbor", token), Who(987654321, "second_bot"), shop.now))
    [kept] = run(shop.rows(Connection))
    assert (kept.account, kept.sender, kept.path) == ("987654321", "second_bot", row.path)
    assert token not in kept.sealed
    found = run(Bots(shop.door, OwnBot(), shop.sealing).find_by_key("telegram:harbor"))
    assert (found.token, found.secret) == (token, secret_for(token, shop.sealing.secret))
    with pytest.raises(CannotConnectError, match="There are: harbor"):
        run(store(shop.door, shop.sealing, Further("nobody", token), Who(1, ""), shop.now))


def test_what_was_done_is_told() -> None:
    who = Who(BOT_ID, "harbor_bot")
    assert told(Connected(who, OURS))[0] == f"Telegram now posts what is written to @harbor_bot to {OURS}."
    lines = told(Connected(who, waiting=3, is_fetched=True))
    assert lines[0].startswith("What is written to @harbor_bot is fetched")
    assert "3 updates wait" in lines[2]
    assert lines[-1] == "Write to it: https://t.me/harbor_bot"


@pytest.mark.parametrize(
    ("hooked", "polls", "severity", "words"),
    [
        (Hooked("https://old.example/x", 0), False, Severity.ERROR, f"not to {OURS}"),
        (Hooked("", 0), False, Severity.ERROR, "to nowhere"),
        (Hooked(OURS, 0), True, Severity.ERROR, "cannot fetch"),
        (CannotConnectError("Telegram does not know this token."), True, Severity.ERROR, "does not know"),
        (TryLaterError("Telegram is not reached"), True, Severity.WARNING, "not reached"),
        (Hooked("", 4), True, Severity.ERROR, "4 updates wait at Telegram; the last message came in never"),
    ],
)
def test_what_is_wrong_with_a_bot_is_found(
    shop: TelegramShop, run: Run, hooked: Any, polls: bool, severity: Severity, words: str
) -> None:
    bots = Bots(shop.door, replace(shop.bots.own, polls=polls), shop.sealing)
    _, [finding] = run(check_bots(shop.door, bots, ADDRESS, shop.now, looks(hooked)))
    assert finding.severity is severity
    assert words in finding.what
    assert TOKEN not in f"{finding}"


@pytest.mark.parametrize(("hours", "severity"), [(1, Severity.WARNING), (7, Severity.ERROR)])
def test_waiting_updates_are_told_before_they_are_dropped(
    shop: TelegramShop, run: Run, hours: int, severity: Severity
) -> None:
    run(shop.post(message(text="hello")))
    shop.now += timedelta(hours=hours)
    hooked = Hooked(OURS, 5, "Connection refused", shop.now - timedelta(minutes=3))
    lines, [finding] = run(check_bots(shop.door, shop.bots, ADDRESS, shop.now, looks(hooked)))
    assert lines[0].startswith(f"telegram:harbor: last message in {hours * 60 if hours < 2 else hours} ")
    assert finding.severity is severity
    assert "Connection refused" in finding.what
    assert ("24 hours" in finding.advice) is (hours > 6)


def test_bot_in_order_is_a_line(shop: TelegramShop, run: Run) -> None:
    lines, found = run(check_bots(shop.door, shop.bots, ADDRESS, shop.now, looks(Hooked(OURS, 0))))
    assert (len(lines), found) == (1, [])


def test_token_sealed_with_another_key_is_said(shop: TelegramShop, run: Run) -> None:
    run(store(shop.door, shop.sealing, Further("harbor", TOKEN), Who(1, ""), shop.now))
    bots = Bots(shop.door, OwnBot(), type(shop.sealing)(b"another key"))
    _, [finding] = run(check_bots(shop.door, bots, ADDRESS, shop.now, looks(Hooked(OURS, 0))))
    assert "another key" in finding.what


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOKEN", "hello"), ("SECRET", "short"), ("SECRET", "with blanks in it, alas"), ("MODE", "pull"),
     ("API_BASE", "api.telegram.org")],
)  # fmt: skip
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"FRONTDESK_TELEGRAM_{name}", value)
    with pytest.raises(BadSettingsError, match=f"FRONTDESK_TELEGRAM_{name}") as told:
        read_settings()
    assert value not in str(told.value).replace("polling", "")


def test_settings_name_the_bot(tmp_path: Path) -> None:
    own = own_bot(Settings(data=tmp_path, telegram_token=TOKEN, telegram_mode="webhook"))  # type: ignore[arg-type]  # pydantic makes it a secret
    assert (own.token, own.polls, own.secret) == (TOKEN, False, "")
    assert own_bot(Settings(data=tmp_path)).polls
