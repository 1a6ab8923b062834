"""Taking a message in: redacted, stored once, its wish about being written to heard, and answered not too soon."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Lately, Received, look_at_thread, store_inbound
from billing.tables.talk import Conversation, Direction, Message
from bot.addresses import receive_from
from bot.cards.reading import runs_of
from bot.cards.redacting import redact, redact_parts, redacted_value
from bot.consenting import take_wish
from bot.introducing import introduce
from bot.messages import Inbound
from bot.quiet import WAITS, answer_time
from bot.receipts.redacting import Rewritten, redact_stored

TOGETHER = timedelta(minutes=15)  # how far back the parts of one card's number are looked for
PARTS = 6

Choose = Callable[[str, Sequence[Mapping[str, Any]]], str | None]  # words, attachments -> the value of a button


class SplitCardError(Exception):
    """The message makes a card's number up with earlier ones, which have to be rewritten with it."""


@dataclass(frozen=True)
class Taking:
    """A message to take in: into a known conversation, or, without one, from its address to this business.

    secret: the key of the receipts' chain. choose: what words stand for among what was offered last, where a channel
    has no buttons.
    """

    inbound: Inbound
    conversation_id: int | None
    business_id: int = 0
    media: tuple[dict[str, Any], ...] = ()
    secret: bytes = b""
    choose: Choose | None = None


@dataclass(frozen=True)
class Taken:
    """What is stored. is_new: whether this delivery of it was the first. quiet: seconds to wait for more of it."""

    public_id: str
    conversation_id: int
    is_new: bool
    quiet: float = 0.0


async def take_in(session: AsyncSession, taking: Taking, *, may_rewrite: bool = False) -> Taken:
    """Store a message once, in one transaction with all that follows from its coming in.

    Raises SplitCardError, having written nothing that stays, where earlier messages have to be rewritten and this
    session may not (`may_rewrite`).
    """
    inbound = _without_cards(taking.inbound)
    thread_id, inbound = await _addressed(session, taking, inbound)
    brings = await introduce(session, thread_id, inbound)
    lately = await look_at_thread(session, thread_id) if inbound.channel.value in WAITS else None
    if taking.choose is not None and lately is not None:
        inbound = replace(inbound, choice=taking.choose(inbound.text, lately.offered))
    if runs_of(inbound.text) and not await _is_known(session, inbound):
        inbound = await _without_parts_of_card(session, thread_id, inbound, taking.secret if may_rewrite else None)
    is_redacted = inbound.text != taking.inbound.text or (
        taking.inbound.choice is not None and inbound.choice != taking.inbound.choice
    )
    answer_after = _answer_after(inbound, lately) if lately is not None else None
    received = Received(
        connection=inbound.connection,
        provider_id=inbound.provider_id,
        text=inbound.text,
        choice=inbound.choice,
        assurance=brings.assurance,
        received_at=inbound.received_at,
        answer_after=answer_after,
        redacted_at=inbound.received_at if is_redacted else None,
        attachments=[*(_named_without_cards(each) for each in taking.media), *brings.marks],
        about_id=brings.about_id,
    )
    public_id, is_new = await store_inbound(session, thread_id, received)
    if is_new:
        words = inbound.choice or inbound.text
        await take_wish(session, thread_id, inbound.channel.value, words, inbound.received_at)
    quiet = (answer_after or inbound.received_at) - inbound.received_at
    return Taken(public_id, thread_id, is_new, quiet.total_seconds())


def _without_cards(inbound: Inbound) -> Inbound:
    choice = None if inbound.choice is None else redact(inbound.choice)
    return replace(inbound, text=redact(inbound.text), choice=choice)


def _named_without_cards(attachment: dict[str, Any]) -> dict[str, Any]:
    return attachment | {key: redacted_value(attachment[key]) for key in ("label", "rows") if key in attachment}


async def _addressed(session: AsyncSession, taking: Taking, inbound: Inbound) -> tuple[int, Inbound]:
    """The conversation, and the message with how far its sender is proved."""
    if taking.conversation_id is not None:
        return taking.conversation_id, inbound
    sender = await receive_from(
        session,
        business_id=taking.business_id,
        connection=inbound.connection,
        channel=inbound.channel.value,
        address=inbound.address,
        now=inbound.received_at,
    )
    return sender.conversation_id, replace(inbound, assurance=sender.assurance)


async def _is_known(session: AsyncSession, inbound: Inbound) -> bool:
    same = (Message.connection == inbound.connection, Message.provider_id == inbound.provider_id)
    return await session.scalar(select(Message.id).where(*same)) is not None


async def _without_parts_of_card(
    session: AsyncSession, thread_id: int, inbound: Inbound, secret: bytes | None
) -> Inbound:
    """The message without a card's number that it makes up with earlier ones, which are rewritten with the secret."""
    text, earlier = await _parts_of_card(session, thread_id, inbound)
    if earlier and secret is None:
        raise SplitCardError
    if earlier and secret is not None:
        await redact_stored(session, thread_id, earlier, secret, inbound.received_at)
    return replace(inbound, text=text)


async def _parts_of_card(
    session: AsyncSession, conversation_id: int, inbound: Inbound
) -> tuple[str, Sequence[Rewritten]]:
    """The message's text, and earlier messages, without a number that they make up together."""
    # Locked, so that two parts that come at once see each other.
    await session.execute(select(Conversation.id).where(Conversation.id == conversation_id).with_for_update())
    lately = (
        select(Message.id, Message.text)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.IN,
            Message.created_at >= inbound.received_at - TOGETHER,
        )
        .order_by(Message.id.desc())
        .limit(PARTS)
    )
    rows = list(await session.execute(lately))[::-1]
    *before, text = redact_parts([*(row.text for row in rows), inbound.text])
    changed = [
        Rewritten(row.id, row.text, now) for row, now in zip(rows, before, strict=True) if now != row.text
    ]  # fmt: skip
    return text, changed


def _answer_after(inbound: Inbound, lately: Lately) -> datetime | None:
    words = inbound.choice or inbound.text
    return answer_time(inbound.channel.value, words, inbound.received_at, lately.waiting_since)
