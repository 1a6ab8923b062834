"""Connecting at the command line: accounts, checked and pointed at us; websites that carry the chat."""

import asyncio
from collections.abc import Awaitable, Callable

from billing.access import Door
from billing.database import open_engines
from channels.connections import CannotConnectError
from channels.outgoing import TryLaterError
from channels.sealing import Sealing
from channels.secret import secret_of
from channels.settings import Settings, read_settings
from channels.sms.accounts import Account, Accounts
from channels.sms.building import own_account
from channels.sms.connecting import (
    Further,
    check_address,
    check_given,
    look_at,
    point,
    store,
    told,
)
from channels.telegram import connecting as telegram
from channels.telegram.accounts import BotAccount, Bots
from channels.telegram.building import own_bot
from channels.telegram.calling import Calls
from channels.web.connecting import CannotStandError, WebsiteWish, stand_on_website
from channels.web.connecting import told as told_of_website
from channels.wiring import wall_clock


async def connect_twilio(further: Further | None, say: Callable[[str], None]) -> int:
    """Connect the settings' account, or a further business's; 0 where texts come in now, 1 where not, and why."""

    async def work(settings: Settings, door: Door) -> list[str]:
        check_address(settings.address)
        account = await _account(settings, door, further)
        return told(await asyncio.to_thread(point, account, settings.address))

    return await _connect(work, say, "Text the number to try it, or run `frontdesk doctor`.")


async def connect_telegram(further: telegram.Further | None, say: Callable[[str], None]) -> int:
    """Connect the settings' bot, or a further business's; 0 where updates come in now, 1 where not, and why."""

    async def work(settings: Settings, door: Door) -> list[str]:
        account = await _bot(settings, door, further)
        calls = Calls(account)
        try:
            return telegram.told(await telegram.point(account, calls, settings.address))
        finally:
            await calls.close()

    return await _connect(work, say, "Run `frontdesk serve` and write to the bot, or run `frontdesk doctor`.")


async def _connect(
    work: Callable[[Settings, Door], Awaitable[list[str]]], say: Callable[[str], None], advice: str
) -> int:
    settings = read_settings()
    engines = open_engines(settings.database)
    try:
        for line in await work(settings, Door(engines)):
            say(line)
    except CannotConnectError as trouble:
        say(f"Not connected. {trouble}")
        return 1
    except TryLaterError as trouble:
        say(f"Not connected. {trouble.why}; try again in a moment.")
        return 1
    finally:
        await engines.dispose()
    say(advice)
    return 0


async def _bot(settings: Settings, door: Door, further: telegram.Further | None) -> BotAccount:
    """The bot that is meant; a further one is kept only once Telegram has taken its token."""
    own, sealing = own_bot(settings), Sealing(secret_of(settings))
    if further is not None:
        telegram.check_token(further.token)
        calls = Calls(BotAccount(0, "", "", api_base=own.api_base, token=further.token))
        try:
            who = await telegram.look_at(calls)
        finally:
            await calls.close()
        row = await telegram.store(door, sealing, further, who, wall_clock())
        found = await Bots(door, own, sealing).find_by_key(row.key)
    elif own.token:
        found = await Bots(door, own, sealing).find_by_path("")
    else:
        raise CannotConnectError(
            "Write /newbot to @BotFather in Telegram, and set FRONTDESK_TELEGRAM_TOKEN to the token it gives you, in"
            " the environment or in .env."
        )
    if found is None:
        raise CannotConnectError("There is no business in the database yet.")
    return found


async def _account(settings: Settings, door: Door, further: Further | None) -> Account:
    """The account that is meant; a further one is kept only once Twilio has taken its token."""
    own, sealing = own_account(settings), Sealing(secret_of(settings))
    accounts = Accounts(door, own, sealing)
    if further is not None:
        check_given(further.sid, further.sender, further.token)
        tried = Account(0, "", "", further.sid, further.sender, own.api_base, further.token)
        await asyncio.to_thread(look_at, tried)
        row = await store(door, sealing, further, wall_clock())
        return Account(row.business_id, row.key, row.path, row.account, row.sender, own.api_base, further.token)
    if not own.sid:
        names = "FRONTDESK_TWILIO_ACCOUNT_SID, FRONTDESK_TWILIO_AUTH_TOKEN and FRONTDESK_TWILIO_FROM"
        raise CannotConnectError(f"Set {names} first, in the environment or in .env.")
    found = await accounts.find_by_path("")
    if found is None:
        raise CannotConnectError("There is no business in the database yet.")
    return found


async def connect_website(wish: WebsiteWish, say: Callable[[str], None]) -> int:
    """Let a business's chat stand on websites, and say what to paste there; 1 where it cannot, and why."""
    settings = read_settings()
    engines = open_engines(settings.database)
    try:
        standing = await stand_on_website(Door(engines), Sealing(secret_of(settings)), wish, wall_clock())
    except CannotStandError as trouble:
        say(f"Nothing was changed. {trouble}")
        return 1
    finally:
        await engines.dispose()
    for line in told_of_website(standing, settings.address):
        say(line)
    return 0
