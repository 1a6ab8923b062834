"""What is said unasked: receipts of payments to the payer, new requests to the staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.payment_events import PaymentNews
from billing.records.reaching import REACHABLE, by_choice
from billing.tables.addresses import Address
from billing.tables.people import Business, Client, Contact, Role, Staff
from billing.tables.talk import Author, Conversation, Direction, Message
from billing.tables.work import Request
from bot.evidence import Answer, Fact, FactKind, RecordFacts, calculated
from bot.grounding import Grounded, ground
from bot.journal import attachment_to_json
from bot.messages import Attachment, AttachmentKind
from bot.sendgate import Refused, may_send
from bot.showing import Reader, reader_locale
from bot.standing import PHONES
from bot.wording import label, render


async def announce_payment(session: AsyncSession, news: PaymentNews) -> None:
    """Tell the payer in the thread the link was sent in, else where they like to be reached, what became of a payment.

    Runs in the transaction that applies the event, so that the receipt is there exactly when the money is.
    """
    thread = await _thread_of(session, news)
    if thread is None or thread.business_id != news.business_id or thread.client_id not in {news.client_id, None}:
        return
    business = await session.get_one(Business, news.business_id)
    reader = await reader_of(session, thread, business, news.occurred_at)
    text = worded(payment_answer(news), reader)
    await queue_outgoing(
        session,
        thread,
        Outgoing(
            text=text,
            author=Author.SYSTEM,
            at=news.occurred_at,
            idempotency_key=f"payment:{news.payment_id}:{news.kind}",
            language=reader.language,
        ),
    )


def payment_answer(news: PaymentNews) -> Answer:
    """The news of a payment as facts."""
    payment = RecordFacts(news.payment_number, "payment", news.payment_id, news.payment_version)
    data: dict[str, Any] = {
        "state": news.kind,
        "number": payment.number(news.payment_number),
        "amount": payment.money("amount", news.amount_minor, news.currency, "amount_minor"),
        "at": payment.moment("received_at", news.occurred_at),
        "invoice": {},
    }
    if news.invoice_id is not None:
        invoice = RecordFacts(news.invoice_number, "invoice", news.invoice_id, news.invoice_version)
        data["invoice"] = {
            "number": invoice.number(news.invoice_number),
            "left": invoice.money("balance", news.left_minor, news.currency, "balance_minor"),
        }
        if news.due_on is not None:
            data["invoice"]["due_on"] = invoice.date("due_on", news.due_on)
    return Answer(kind="payment_news", data=data)


async def _thread_of(session: AsyncSession, news: PaymentNews) -> Conversation | None:
    if news.conversation_id is not None:
        return await session.get(Conversation, news.conversation_id)
    theirs = select(Conversation).where(
        Conversation.business_id == news.business_id, Conversation.client_id == news.client_id
    )
    threads = list(await session.scalars(theirs.order_by(Conversation.last_message_at.desc())))
    ids = {thread.contact_id for thread in threads if thread.contact_id is not None}
    contacts = {each.id: each for each in await session.scalars(select(Contact).where(Contact.id.in_(ids)))}
    return next(iter(await by_choice(session, threads, contacts)), None)


async def reader_of(session: AsyncSession, thread: Conversation, business: Business, now: datetime) -> Reader:
    """How whoever a conversation is with reads."""
    person: Contact | Staff | None = None
    if thread.contact_id is not None:
        person = await session.get(Contact, thread.contact_id)
    elif thread.staff_id is not None:
        person = await session.get(Staff, thread.staff_id)
    locale = person.locale if person else business.locale
    language = thread.language or (person.language if person else business.locale.partition("_")[0])
    return Reader(language, reader_locale(language, locale), business.zone, now)


def worded(answer: Answer, reader: Reader) -> str:
    """The words of an announcement, every figure bound to its evidence."""
    draft = render(answer, intent="", language=reader.language)
    grounded = ground(draft, answer.facts(), reader, answers=(answer,))
    if not isinstance(grounded, Grounded):
        raise TypeError(f"an announcement is not bound: {grounded.reasons}")
    return grounded.text


async def alert_staff(session: AsyncSession, keys: Sequence[str], now: datetime) -> None:
    """Put each request that a turn opened, under the keys of its calls, into the chats of those who look after it."""
    if not keys:
        return
    requests = await session.scalars(select(Request).where(Request.idempotency_key.in_(keys)))
    for request in requests.all():
        for staff in await _lookers_after(session, request):
            await _alert(session, request, staff, now)


async def _lookers_after(session: AsyncSession, request: Request) -> list[Staff]:
    everybody = (await session.scalars(select(Staff).where(Staff.business_id == request.business_id))).all()
    assigned = [staff for staff in everybody if staff.id == request.assignee_id]
    return assigned or [staff for staff in everybody if staff.role in {Role.OWNER, Role.MANAGER}]


async def _alert(session: AsyncSession, request: Request, staff: Staff, now: datetime) -> None:
    client = await session.get(Client, request.client_id) if request.client_id is not None else None
    thread = await session.get(Conversation, request.conversation_id) if request.conversation_id is not None else None
    news = News(request_answer(request, client), f"alert:{request.id}:{staff.id}", thread, "take")
    await _tell(session, staff, news, now)


async def tell_holder(
    session: AsyncSession,
    thread: Conversation,
    holder_id: int,
    words: str,
    key: str,
    now: datetime,
    *,
    wants_none: bool = False,
) -> None:
    """Hand what a client wrote to the person who has the conversation: nobody else answers it.

    wants_none: among it is that they do not want to be written to unasked any more.
    """
    staff = await session.get_one(Staff, holder_id)
    client = await session.get(Client, thread.client_id) if thread.client_id is not None else None
    words = words.strip() or label(staff.language, "picture_summary")
    of = RecordFacts("thread", "conversation", thread.id, thread.version)
    name = RecordFacts(client.name, "client", client.id, client.version).name("name", client.name) if client else ""
    kind = "client_opted_out" if wants_none else "client_wrote"
    news = News(Answer(kind, {"client": name, "text": of.text("message", words)}), key, thread, "give_back")
    await _tell(session, staff, news, now)


async def alert_too_many(session: AsyncSession, thread: Conversation, key: str, now: datetime) -> None:
    """Tell owners and managers that somebody, or everybody, writes so much that it is only stored for now."""
    client = await session.get(Client, thread.client_id) if thread.client_id is not None else None
    name = RecordFacts(client.name, "client", client.id, client.version).name("name", client.name) if client else ""
    everybody = (await session.scalars(select(Staff).where(Staff.business_id == thread.business_id))).all()
    for staff in everybody:
        if staff.role in {Role.OWNER, Role.MANAGER}:
            news = News(Answer("staff_too_many", {"client": name}), f"{key}:{staff.id}", thread)
            await _tell(session, staff, news, now)


async def tell_withheld(session: AsyncSession, message: Message, holder_id: int, now: datetime) -> None:
    """Hand what the assistant's answer was withheld from to the person who took the conversation meanwhile."""
    asked = select(Message.text).where(
        Message.turn_id == message.turn_id, Message.direction == Direction.IN, Message.text != ""
    )
    words = list(await session.scalars(asked.order_by(Message.id))) if message.turn_id is not None else []
    if not words:
        return
    thread = await session.get_one(Conversation, message.conversation_id)
    await tell_holder(session, thread, holder_id, "\n".join(words), f"turn:{message.turn_id}:held", now)


async def tell_picture_refused(session: AsyncSession, message_id: int, why: str, now: datetime) -> None:
    """Tell somebody once that what they sent with a message was not kept. why: "too_large" or "refused_type"."""
    message = await session.get_one(Message, message_id)
    thread = await session.get_one(Conversation, message.conversation_id)
    business = await session.get_one(Business, message.business_id)
    reader = await reader_of(session, thread, business, now)
    text = worded(Answer("picture_refused", {"too_large": why == "too_large"}), reader)
    key = f"picture:{message_id}:refused"
    await queue_outgoing(session, thread, Outgoing(text, Author.SYSTEM, now, key, language=reader.language))


async def tell_idle(session: AsyncSession, thread: Conversation, holder_id: int, hours: int, now: datetime) -> None:
    """Tell client and staff that the assistant answers again where a person had the conversation and fell silent."""
    staff = await session.get_one(Staff, holder_id)
    client = await session.get(Client, thread.client_id) if thread.client_id is not None else None
    of = RecordFacts(client.name, "client", client.id, client.version) if client else None
    hours_idle = calculated("hold", "hours", FactKind.COUNT, hours, what="hours without a word of the person")
    data = {"client": of.name("name", client.name) if of and client else "", "hours": hours_idle}
    key = f"idle:{thread.id}:{now.isoformat()}"
    await _tell(session, staff, News(Answer("hold_ended", data), f"{key}:staff", thread, "take"), now)
    if thread.channel not in REACHABLE or isinstance(await may_send(session, thread, Author.SYSTEM, key, now), Refused):
        return
    business = await session.get_one(Business, thread.business_id)
    reader = await reader_of(session, thread, business, now)
    name = RecordFacts(staff.name, "staff", staff.id, staff.version).name("name", staff.name)
    text = worded(Answer("notice_idle", {"staff": name}), reader)
    await queue_outgoing(session, thread, Outgoing(text, Author.SYSTEM, now, key, language=reader.language))


@dataclass(frozen=True)
class OldPoint:
    """A phone or e-mail address that is no longer a contact's. key: of the change, so that it is told once."""

    contact_id: int
    is_phone: bool
    written: str
    key: str


async def tell_old_point(session: AsyncSession, business_id: int, old: OldPoint, now: datetime) -> None:
    """Tell whoever has a contact point that it was taken off an account: if it was not them, they can say so."""
    business = await session.get_one(Business, business_id)
    contact = await session.get_one(Contact, old.contact_id)
    reader = Reader(contact.language, reader_locale(contact.language, contact.locale), business.zone, now)
    text = worded(
        Answer("contact_point_changed", {"business": public_facts(business), "is_phone": old.is_phone}), reader
    )
    thread = await thread_with(session, business, "sms" if old.is_phone else "email", old.written, now)
    outgoing = Outgoing(text, Author.SYSTEM, now, f"{old.key}:old", language=reader.language)
    await queue_outgoing(session, thread, outgoing)


def public_facts(business: Business) -> dict[str, Fact]:
    """A business's name, and its phone where it has one."""
    of = RecordFacts("business", "business", business.id, business.version)
    facts = {"name": of.name("name", business.name)}
    if business.phone:
        facts["phone"] = of.fact("phone", FactKind.PHONE, business.phone)
    return facts


async def thread_with(
    session: AsyncSession, business: Business, channel: str, written: str, now: datetime
) -> Conversation:
    """The thread of a contact point, about no client: what is said there later is somebody else's, maybe."""
    known = (Address.business_id == business.id, Address.channel == channel, Address.address == written)
    connection = await session.scalar(select(Address.connection).where(*known).limit(1)) or f"{channel}:{business.slug}"
    there = (Conversation.connection == connection, Conversation.key == written)
    thread = (await session.scalars(select(Conversation).where(*there))).one_or_none()
    if thread is None:
        thread = Conversation(
            business_id=business.id,
            connection=connection,
            channel=channel,
            key=written,
            address=written,
            opened_at=now,
            last_message_at=now,
        )
        session.add(thread)
        await session.flush()
    return thread


async def tell_locked(session: AsyncSession, address: Address, person: Contact | Staff | None, at: datetime) -> None:
    """Tell owners and managers that codes were guessed at: from one address, or against one person from several."""
    of = RecordFacts("address", "address", address.id, address.version)
    name: Fact | str = ""
    if person is not None:
        name = RecordFacts(person.name, person.__tablename__, person.id, person.version).name("name", person.name)
    kind = FactKind.PHONE if address.channel in PHONES else FactKind.TEXT
    answer = Answer("guessing", {"address": of.fact("address", kind, address.address), "person": name})
    whom = f"{person.__tablename__}:{person.id}" if person is not None else f"address:{address.id}"
    everybody = await session.scalars(select(Staff).where(Staff.business_id == address.business_id))
    for staff in [each for each in everybody if each.role in {Role.OWNER, Role.MANAGER}]:
        await _tell(session, staff, News(answer, f"guessing:{whom}:{at:%Y%m%d%H}:{staff.id}"), at)


@dataclass(frozen=True)
class News:
    """What a member of staff is told. about: the client's conversation it is about. deed: what its button does."""

    answer: Answer
    key: str
    about: Conversation | None = None
    deed: str = ""


# The deeds of buttons under news of a client: what they are called, and the person's own words that they stand for.
DEEDS = {"take": ("take_it", "say_take"), "give_back": ("give_back", "say_give_back")}


async def _tell(session: AsyncSession, staff: Staff, news: News, now: datetime) -> None:
    business = await session.get_one(Business, staff.business_id)
    thread = await _staff_thread(session, business, staff, now)
    reader = Reader(staff.language, reader_locale(staff.language, staff.locale), business.zone, now)
    outgoing = Outgoing(
        worded(news.answer, reader), Author.SYSTEM, now, news.key, language=staff.language,
        attachments=await _buttons(session, staff, news), about_id=news.about.id if news.about is not None else None,
    )  # fmt: skip
    await queue_outgoing(session, thread, outgoing)


async def _buttons(session: AsyncSession, staff: Staff, news: News) -> list[dict[str, Any]]:
    """The button under news of a client: none of somebody unknown, nor to take what somebody has."""
    about = news.about
    if about is None or about.client_id is None or not news.deed or (news.deed == "take" and about.holder_id):
        return []
    client = await session.get_one(Client, about.client_id)
    shown, said = DEEDS[news.deed]
    words = label(staff.language, said, client=client.name)
    press = Attachment(AttachmentKind.BUTTON, label(staff.language, shown), words, extra={"deed": news.deed})
    return [attachment_to_json(press)]


def request_answer(request: Request, client: Client | None) -> Answer:
    """A new request as facts."""
    of = RecordFacts(request.number, "request", request.id, request.version)
    data: dict[str, Any] = {
        "request_kind": request.kind.value,
        "urgent": request.priority.value in {"high", "urgent"},
        "number": of.number(request.number),
        "summary": of.text("summary", request.summary),
        "client": "",
    }
    if client is not None:
        data["client"] = RecordFacts(client.name, "client", client.id, client.version).fact(
            "name", FactKind.NAME, client.name
        )
    return Answer(kind="staff_alert", data=data)


async def _staff_thread(session: AsyncSession, business: Business, staff: Staff, now: datetime) -> Conversation:
    """The staff member's own latest thread that can bring it; their web chat where there is none yet."""
    theirs = select(Conversation).where(Conversation.business_id == business.id, Conversation.staff_id == staff.id)
    latest = list(await session.scalars(theirs.order_by(Conversation.last_message_at.desc())))
    thread = next(iter(await by_choice(session, latest, {})), None)
    if thread is None:
        thread = Conversation(
            business_id=business.id,
            connection=f"web:{business.slug}",
            channel="web",
            key=f"web:staff:{staff.key}",
            address=f"web:staff:{staff.key}",
            staff_id=staff.id,
            language=staff.language,
            opened_at=now,
            last_message_at=now,
        )
        session.add(thread)
        await session.flush()
    return thread
