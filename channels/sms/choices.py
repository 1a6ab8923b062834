"""Choices by number: what "1" means to somebody whose last message from us offered numbered choices."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Delivery, Direction, Message
from channels.sms.fitting import choices_of, offers_numbers

_LONGEST = 80


def chosen(text: str, attachments: list[dict[str, object]]) -> str | None:
    """What a reply to these choices says: by its number, or by its label."""
    said = text.strip().strip("#.)(:").strip().casefold()
    if not said or len(said) > _LONGEST:
        return None
    offered = choices_of(attachments)
    for number, (label, value) in enumerate(offered, 1):
        if said == label.casefold() or (said == str(number) and offers_numbers(offered)):
            return value
    return None


async def last_offered(session: AsyncSession, connection: str, address: str) -> list[dict[str, object]]:
    """What hangs on the newest message that went out to an address; nothing where none did."""
    newest = (
        select(Message.attachments)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.connection == connection,
            Conversation.key == address,
            Message.direction == Direction.OUT,
            Message.delivery.in_([Delivery.SENT, Delivery.DELIVERED]),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return list(await session.scalar(newest) or [])
