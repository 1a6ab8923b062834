"""Writes past conversations into the book."""

from dataclasses import dataclass

from billing.demo.book import Book
from billing.tables.bills import Invoice
from billing.tables.people import Client
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message


@dataclass(frozen=True)
class Said:
    """A message that was exchanged: day from today and clock in the business's zone."""

    author: Author
    day: int
    clock: str
    text: str
    staff: str = ""
    invoice: Invoice | None = None  # the invoice this message sent


async def add_conversation(book: Book, client: Client, contact: str, *messages: Said) -> Conversation:
    """A thread of text messages with a contact (key), oldest first, all answered and sent."""
    person = book.contacts[contact]
    if not person.phone or not messages:
        raise ValueError(f"{contact} has no phone, or nothing was said")
    connection = f"sms:{book.business.slug}"
    conversation = await book.put(
        Conversation(
            business_id=book.business.id,
            client_id=client.id,
            connection=connection,
            channel="sms",
            key=person.phone,
            address=person.phone,
            contact_id=person.id,
            language=person.language,
            opened_at=book.days.past(messages[0].day, messages[0].clock),
            last_message_at=book.days.past(messages[-1].day, messages[-1].clock),
        )
    )
    for said in messages:
        book.add(_message(book, client, conversation, said))
    return conversation


def _message(book: Book, client: Client, conversation: Conversation, said: Said) -> Message:
    at = book.days.past(said.day, said.clock)
    is_in = said.author is Author.CLIENT
    return Message(
        business_id=book.business.id,
        client_id=client.id,
        conversation_id=conversation.id,
        public_id=book.public_id(),
        direction=Direction.IN if is_in else Direction.OUT,
        author=said.author,
        author_staff_id=book.staff[said.staff].id if said.staff else None,
        connection=conversation.connection,
        provider_id=book.reference("SM"),
        text=said.text,
        language=conversation.language,
        delivery=Delivery.ANSWERED if is_in else Delivery.SENT,
        invoice_id=said.invoice.id if said.invoice else None,
        created_at=at,
        sent_at=None if is_in else at,
    )
