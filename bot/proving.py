"""Proving who writes from a phone: the code a message brings, the name it says, and the code that can be sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import rows_of
from billing.changes.addresses import prove_address
from billing.changes.turns import Claim, Said, Step, add_steps, check_claim
from billing.tables.addresses import Address, AddressLink, CodeMedium, LinkedBy, OneTimeCode
from billing.tables.people import Client, Contact, ContactClient, Staff
from billing.tables.talk import Message, Turn
from bot.announcements import tell_locked
from bot.codes import (
    ASKED_WHO,
    LASTS,
    LOCKED_FOR,
    ON_FILE_FOR,
    SEND_WINDOW,
    SENDS,
    SENT,
    TRIES,
    WRONG,
    WRONG_A_DAY,
    Brought,
    CodeWish,
    Past,
    Proof,
    hide_codes,
    is_same_code,
    mask,
    name_key,
    read_code,
)
from bot.starting import settle_starts

CODE_STEP = "code"
DAY = timedelta(hours=24)
Person = Contact | Staff


@dataclass(frozen=True)
class Ledger:
    """What is known of an address before a turn: its locks, the codes asked for there, and the newest of them."""

    address_id: int
    channel: str
    written: str
    locked_until: datetime | None
    past: Past
    newest: OneTimeCode | None
    is_asked: bool

    def is_locked(self, at: datetime) -> bool:
        """Whether no code is taken from here, or sent, for now."""
        return self.locked_until is not None and self.locked_until > at


@dataclass(frozen=True)
class Tried:
    """What a turn's code came to, and whom it proved."""

    brought: Brought
    left: int = 0
    contact_id: int | None = None
    staff_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is journalled; without the digits."""
        return {"brought": self.brought.value, "left": self.left, "contact": self.contact_id, "staff": self.staff_id}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Tried":
        """The reverse of to_json."""
        return cls(Brought(kept["brought"]), kept["left"], kept["contact"], kept["staff"])


async def read_ledger(session: AsyncSession, address: Address, thread_id: int, turn_id: int, now: datetime) -> Ledger:
    """The ledger of the address that a thread is held from, before a turn."""
    earlier = {"thread": thread_id, "turn": turn_id, "since": now - DAY}
    past = [(outcome, at) for outcome, at in await rows_of(session, _codes_before(), earlier) if at is not None]
    before = await rows_of(session, _turn_before(), earlier)
    last = before[0].outcome if before else None
    newest = await session.scalar(
        select(OneTimeCode).where(OneTimeCode.address_id == address.id).order_by(OneTimeCode.id.desc()).limit(1)
    )
    is_asked = last in {ASKED_WHO, SENT, WRONG, "code_ended"}
    return Ledger(
        address.id, address.channel, address.address, address.locked_until, Past(past), newest, is_asked
    )  # fmt: skip


@cache
def _codes_before() -> Select[str, datetime | None]:
    """What became of codes in the turns of a conversation before this one."""
    earlier = (Turn.conversation_id == bindparam("thread"), Turn.id < bindparam("turn"))
    about_codes = (Turn.outcome == SENT) | (Turn.outcome == WRONG)
    counted = select(Turn.outcome, Turn.finished_at).where(*earlier, about_codes, Turn.finished_at > bindparam("since"))
    return counted.order_by(Turn.id)


@cache
def _turn_before() -> Select[str]:
    earlier = (Turn.conversation_id == bindparam("thread"), Turn.id < bindparam("turn"))
    return select(Turn.outcome).where(*earlier).order_by(Turn.id.desc()).limit(1)


def code_of(said: Sequence[Said], ledger: Ledger) -> tuple[str, datetime] | None:
    """The digits of the last code that a turn's messages bring, and when it came, while one may have been sent here.

    One turn is one try: of several guesses sent in a row only the last counts.
    """
    found = [(digits, each.created_at) for each in said if (digits := read_code(each.text)) is not None]
    asked_at, newest = ledger.past.asked_at, ledger.newest
    if not found or asked_at is None or asked_at < found[-1][1] - SEND_WINDOW:
        return None
    is_used = newest is not None and newest.used_at is not None and newest.created_at >= asked_at
    return None if is_used else found[-1]


async def try_code(
    session: AsyncSession, claim: Claim, ledger: Ledger, said: Sequence[Said], secret: bytes, now: datetime
) -> Step:
    """Try a turn's code, once: what it came to is journalled with it, and its digits are taken out of the messages.

    Whether the name it was asked for is on file makes no difference, neither in what is answered nor in how long it
    takes: sending has been another process's work. ClaimLostError when another process has the turn.
    """
    client_id = await check_claim(session, claim)
    found = code_of(said, ledger)
    assert found is not None
    address = await session.get_one(Address, ledger.address_id, with_for_update=True)
    tried = await _judge(session, address, ledger, found, secret)
    await _hide(session, [each.id for each in said if read_code(each.text) is not None])
    step = Step(CODE_STEP, "code", tried.to_json(), now)
    await add_steps(session, claim, client_id, [step])
    await session.flush()
    return step


async def _judge(
    session: AsyncSession, address: Address, ledger: Ledger, found: tuple[str, datetime], secret: bytes
) -> Tried:
    (digits, at), asked_at = found, ledger.past.asked_at
    assert asked_at is not None
    row = await _open_code(session, address, asked_at)
    is_right = is_same_code(secret, row.id if row else 0, digits, row.code_hash if row else "")
    if ledger.is_locked(at):
        return Tried(Brought.LOCKED)
    if at >= asked_at + LASTS:
        return Tried(Brought.ENDED)
    if row is not None and is_right and row.code_hash and row.tries < TRIES and at < row.expires_at:
        row.used_at = at
        whose = {"contact_id": row.contact_id, "staff_id": row.staff_id}
        await prove_address(session, address, whose, LinkedBy.CODE, at)
        await settle_starts(session, address, whose, at)
        return Tried(Brought.PROVED, 0, row.contact_id, row.staff_id)
    left = max(0, TRIES - ledger.past.wrong(asked_at) - 1)
    if row is not None:
        row.tries += 1
        await _guard(session, row, address, at)
    if left == 0 or ledger.past.wrong(at - DAY) + 1 >= WRONG_A_DAY:
        await _lock(session, address, at)
        left = 0
    return Tried(Brought.WRONG, left)


async def _open_code(session: AsyncSession, address: Address, asked_at: datetime) -> OneTimeCode | None:
    living = (OneTimeCode.used_at.is_(None), OneTimeCode.ended_at.is_(None), OneTimeCode.created_at >= asked_at)
    query = select(OneTimeCode).where(OneTimeCode.address_id == address.id, *living)
    found: OneTimeCode | None = await session.scalar(query.order_by(OneTimeCode.id.desc()).limit(1).with_for_update())
    return found


async def _lock(session: AsyncSession, address: Address, at: datetime) -> None:
    address.locked_until = at + LOCKED_FOR
    await end_codes(session, OneTimeCode.address_id == address.id, at)
    await tell_locked(session, address, None, at)


async def _guard(session: AsyncSession, row: OneTimeCode, address: Address, at: datetime) -> None:
    """Against guesses from many addresses: too many wrong ones at one person's codes end them all."""
    if await _wrong_against(session, _of_row(row), at) + 1 < WRONG_A_DAY:
        return
    await end_codes(session, _of_row(row), at)
    table, row_id = (Contact, row.contact_id) if row.contact_id is not None else (Staff, row.staff_id)
    await tell_locked(session, address, await session.get_one(table, row_id), at)


def _of_row(row: OneTimeCode) -> Any:
    if row.contact_id is not None:
        return OneTimeCode.contact_id == row.contact_id
    return OneTimeCode.staff_id == row.staff_id


async def _wrong_against(session: AsyncSession, whose: Any, at: datetime) -> int:
    with session.no_autoflush:
        total = await session.scalar(
            select(func.coalesce(func.sum(OneTimeCode.tries), 0)).where(whose, OneTimeCode.created_at > at - DAY)
        )
    return int(total or 0)


async def end_codes(session: AsyncSession, whose: Any, at: datetime) -> None:
    """End the codes that are still open: a newer one takes their place, or they were tried too often."""
    still = (OneTimeCode.used_at.is_(None), OneTimeCode.ended_at.is_(None))
    for code in await session.scalars(select(OneTimeCode).where(whose, *still).with_for_update()):
        code.ended_at = at


async def _hide(session: AsyncSession, ids: Iterable[int]) -> None:
    for message in await session.scalars(select(Message).where(Message.id.in_(list(ids)))):
        message.text = hide_codes(message.text)


def hidden(said: Sequence[Said]) -> tuple[Said, ...]:
    """A turn's messages as they are stored once its code was tried."""
    return tuple(replace(each, text=hide_codes(each.text)) if read_code(each.text) else each for each in said)


async def request_code(
    session: AsyncSession, business_id: int, address_id: int, wish: CodeWish | None, now: datetime
) -> None:
    """Put a code on its way and end those before it. The digits are made when it is sent, and kept nowhere.

    No wish: the name is not on file, and the answer was the same.
    """
    await end_codes(session, OneTimeCode.address_id == address_id, now)
    if wish is not None:
        session.add(
            OneTimeCode(
                business_id=business_id, address_id=address_id, contact_id=wish.contact_id, staff_id=wish.staff_id,
                medium=wish.medium, destination=wish.destination, code_hash="", created_at=now, expires_at=now + LASTS,
            )
        )  # fmt: skip


async def prove_how(session: AsyncSession, ledger: Ledger, proof: Proof, person: Person | None, now: datetime) -> Proof:
    """The proof with the code that can be sent to this person, and where it would go, masked."""
    if person is None:
        return proof
    point = second_point(person, ledger.written, now)
    if point is None:
        return proof
    medium, destination = point
    is_spent = await _is_spent(session, person, now)
    wish = None if is_spent else _wish(ledger.address_id, person, medium, destination)
    record = f"{person.__tablename__}:{person.id}"
    known = replace(proof, wish=wish, to=mask(medium, destination), record=record, is_reachable=True)
    return replace(known, is_spent=proof.is_spent or is_spent)


def _wish(address_id: int, person: Person, medium: CodeMedium, destination: str) -> CodeWish:
    is_contact = isinstance(person, Contact)
    return CodeWish(
        address_id, person.id if is_contact else None, None if is_contact else person.id, medium, destination
    )


def second_point(person: Person, asking: str, now: datetime) -> tuple[CodeMedium, str] | None:
    """A contact point that has been on file for a week and is not the one that asks; e-mail before phone."""
    for medium, value, since in (
        (CodeMedium.EMAIL, person.email, getattr(person, "email_since", None)),
        (CodeMedium.SMS, person.phone, getattr(person, "phone_since", None)),
    ):
        is_old = since is None or since <= now - ON_FILE_FOR
        if value and is_old and value.casefold() != asking.casefold():
            return medium, value
    return None


async def _is_spent(session: AsyncSession, person: Person, now: datetime) -> bool:
    """Whether a person was sent as many codes in an hour as may be, or too many wrong ones were tried on them."""
    whose = (OneTimeCode.contact_id if isinstance(person, Contact) else OneTimeCode.staff_id) == person.id
    sent = await session.scalar(
        select(func.count(OneTimeCode.id)).where(whose, OneTimeCode.created_at > now - SEND_WINDOW)
    )
    return int(sent or 0) >= SENDS or await _wrong_against(session, whose, now) >= WRONG_A_DAY


async def find_named(session: AsyncSession, business_id: int, name: str, address_id: int) -> Person | None:
    """The one person whose name, or whose client's name, is exactly this; None where none or several are.

    Of several, the one who was known at this address. Every name is compared, whether or not one fits.
    """
    wanted = name_key(name)
    people: dict[tuple[str, int], None] = {}
    for table in (Contact, Staff):
        rows = await session.execute(select(table.id, table.name).where(table.business_id == business_id))
        people |= {(table.__tablename__, row.id): None for row in rows if name_key(row.name) == wanted}
    clients = await session.execute(select(Client.id, Client.name).where(Client.business_id == business_id))
    ids = [row.id for row in clients if name_key(row.name) == wanted]
    served = select(ContactClient.contact_id).where(ContactClient.client_id.in_(ids), ContactClient.is_primary)
    people |= {("contact", contact_id): None for contact_id in await session.scalars(served)}
    links = select(AddressLink.contact_id, AddressLink.staff_id).where(AddressLink.address_id == address_id)
    known = {("contact", c) if c is not None else ("staff", s) for c, s in await session.execute(links)}
    found = list(people) if len(people) == 1 else [each for each in people if each in known]
    if len(found) != 1:
        return None
    kind, row_id = found[0]
    if kind == "staff":
        return await session.get_one(Staff, row_id)
    return await session.get_one(Contact, row_id)
