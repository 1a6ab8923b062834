"""Connecting at the command line: an account at Twilio, checked and pointed at us; websites that carry the chat."""

import asyncio
from collections.abc import Callable

from billing.access import Door
from billing.database import open_engines
from channels.outgoing import TryLaterError
from channels.sealing import Sealing
from channels.secret import secret_of
from channels.settings import Settings, read_settings
from channels.sms.accounts import Account, Accounts
from channels.sms.building import own_account
from channels.sms.connecting import (
    CannotConnectError,
    Further,
    check_address,
    check_given,
    look_at,
    point,
    store,
    told,
)
from channels.web.connecting import CannotStandError, WebsiteWish, stand_on_website
from channels.web.connecting import told as told_of_website
from channels.wiring import wall_clock


async def connect_twilio(further: Further | None, say: Callable[[str], None]) -> int:
    """Connect the settings' account, or a further business's; 0 where texts come in now, 1 where not, and why."""
    settings = read_settings()
    engines = open_engines(settings.database)
    try:
        check_address(settings.address)
        account = await _account(settings, Door(engines), further)
        for line in told(await asyncio.to_thread(point, account, settings.address)):
            say(line)
    except CannotConnectError as trouble:
        say(f"Not connected. {trouble}")
        return 1
    except TryLaterError as trouble:
        say(f"Not connected. {trouble.why}; try again in a moment.")
        return 1
    finally:
        await engines.dispose()
    say("Text the number to try it, or run `frontdesk doctor`.")
    return 0


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
