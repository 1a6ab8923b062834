"""Erasing at the command line: the words of a client's turns, or of old ones, are taken away; receipts stay."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from billing.access import Door
from billing.principal import Scope
from bot.receipts.erasing import PORTION, Wish, erase_turns, find_clients, find_meant
from bot.receipts.sealing import key_of
from channels.auditing import NoKeyError, records_of
from channels.settings import read_settings


@dataclass(frozen=True)
class Order:
    """What the command line asked for: a client by key or name, turns older than so many days, or both."""

    client: str = ""
    older_than: int | None = None
    business: str = ""


async def erase(order: Order, is_sure: Callable[[str], bool], say: Callable[[str], None]) -> int:
    """Erase what is ordered once is_sure(what) says so; 1 when nothing could be meant."""
    if not order.client and order.older_than is None:
        say("Say whose: --client KEY, or how old: --older-than DAYS, or both.")
        return 1
    try:
        async with records_of(read_settings()) as (door, secret):
            wish = await _wish(door, order, say)
            if wish is None:
                return 1
            return await _carry_out(door, wish, secret, is_sure, say)
    except NoKeyError as missing:
        say(str(missing))
        return 1


async def _wish(door: Door, order: Order, say: Callable[[str], None]) -> Wish | None:
    before = datetime.now(UTC) - timedelta(days=order.older_than) if order.older_than is not None else None
    if not order.client:
        return Wish(before=before)
    erasing = door.system(Scope.ERASE)
    found = await erasing.read(lambda session: find_clients(session, order.client, order.business))
    if len(found) != 1:
        told = "no client" if not found else f"{len(found)} clients"
        say(f"There is {told} {order.client!r}: give the key or the whole name, and --business where two have it.")
        return None
    return Wish(found[0].id, before)


async def _carry_out(
    door: Door, wish: Wish, secret: bytes, is_sure: Callable[[str], bool], say: Callable[[str], None]
) -> int:
    erasing = door.system(Scope.ERASE)
    meant = await erasing.read(lambda session: find_meant(session, wish))
    if not meant:
        say("There is nothing to erase.")
        return 0
    if not is_sure(f"Erase the words, replies and journals of {len(meant):,} turns? They cannot be brought back."):
        say("Nothing was erased.")
        return 1
    erased = 0
    for start in range(0, len(meant), PORTION):
        portion, now = meant[start : start + PORTION], datetime.now(UTC)
        erased += await erasing.write(lambda session: erase_turns(session, portion, key_of(secret), now))  # noqa: B023 - awaited here
    say(f"{erased:,} turns were erased. Their receipts still stand: `frontdesk audit verify` checks them.")
    return 0
