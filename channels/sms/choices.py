"""Choices by number: what "1" means to somebody whose last message from us offered numbered choices."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Delivery, Direction, Message
from channels.sms.fitting import choices_of, is_word

_LONGEST = 80


def chosen(text: str, attachments: list[dict[str, object]]) -> str | None:
    """What a reply to these choices says: by its number, or by its label."""
    said = text.strip().strip("#.)(:").strip().casefold()
    if not said or len(said) > _LONGEST:
        return None
    offered = choices_of(attachments)
    by_number = [value for label, value in offered if not is_word((label, value))]
    if said in {str(number) for number in range(1, len(by_number) + 1)}:
        return by_number[int(said) - 1]
    return next((value for label, value in offered if said == label.casefold()), None)


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
