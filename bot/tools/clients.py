"""Which client staff mean, finding clients, and what is going on with one."""

import re
from collections.abc import Sequence

import phonenumbers
from babel import Locale
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.clients import (
    ClientOverview,
    KnownClient,
    client_ids_of_number,
    client_ids_reached_at,
    clients_by_ids,
    clients_spoken_with,
    known_clients,
    overview_of,
    people_of,
)
from billing.tables.people import Client, Contact, ContactClient
from billing.tables.talk import Message
from billing.tables.work import Appointment
from bot.evidence import Answer, Fact, FactKind, RecordFacts
from bot.messages import Attachment, Mention
from bot.tools.balances import credit_facts, owed_facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.facts import (
    Data,
    button,
    count,
    estimate_facts,
    invoice_facts,
    mention_invoice,
    payment_facts,
    person_facts,
)
from bot.tools.naming import OTHER, THIS, bare, best_named, named_within
from bot.tools.progress import project_facts, request_facts
from bot.wording import label

NUMBER = re.compile(r"\b([a-z]{2,4})[-\s]?(\d{1,6})\b", re.IGNORECASE)
BARE_NUMBER = re.compile(r"#?\s?(\d{2,6})")
SHOWN = 5
FEW = 3


async def resolve_client(context: ToolContext, said: str) -> Client | Answer:
    """The one client that `said` means, or an Answer that asks which ("choose") or finds none.

    Understands names with slips, contacts' names, phone, e-mail, the number of any record, and "them".
    """
    return await context.records.read(lambda session: resolve_in(session, context, said))


async def resolve_in(session: AsyncSession, context: ToolContext, said: str) -> Client | Answer:
    """resolve_client inside a unit of work that is open already."""
    found = await _matching(session, context, said.strip())
    if len(found) == 1:
        return found[0]
    if found:
        return await ask_which(session, context, said, found)
    recent = await clients_spoken_with(session, FEW)
    if not bare(said) or bare(said) in THIS:
        return await ask_which(session, context, said, recent)
    return _none(recent)


def _none(recent: Sequence[Client]) -> Answer:
    there = [_name_facts(client) for client in recent]
    buttons = tuple(button(str(name_of(client)), client.name) for client in recent)
    return Answer("client_unknown", {"there": there}, buttons, error=True)


async def resolve_or_spot(context: ToolContext, said: str) -> Client | Answer:
    """As resolve_client; where `said` names nobody, a client named anywhere in the person's own words."""

    async def read(session: AsyncSession) -> Client | Answer:
        found = await _matching(session, context, said) if bare(said) not in {*THIS, ""} else []
        if not found:
            spotted = named_within(context.words, await known_clients(session), labels)
            found = await clients_by_ids(session, [client.id for client in spotted[:SHOWN]])
        if found:
            return found[0] if len(found) == 1 else await ask_which(session, context, said, found)
        return await resolve_in(session, context, "")

    return await context.records.read(read)


async def _matching(session: AsyncSession, context: ToolContext, said: str) -> list[Client]:
    wanted = bare(said)
    if not wanted or wanted in THIS:
        return await _in_focus(session, context)
    if wanted in OTHER:
        others = [m.key for m in context.mentions if m.kind == "client" and m.key != context.client_focus]
        return await _named(session, others[0]) if others else []
    ids = await _ids_by_point_or_number(session, context, said)
    return await clients_by_ids(session, ids) if ids else await _named(session, said)


async def _in_focus(session: AsyncSession, context: ToolContext) -> list[Client]:
    """The client spoken of last, by name or through a record of theirs."""
    if context.client_focus:
        return await _named(session, context.client_focus)
    for mention in context.mentions:
        if mention.kind == "client":
            return await _named(session, mention.key)
        ids = await client_ids_of_number(session, mention.key)
        if ids:
            return await clients_by_ids(session, ids)
    return []


async def _ids_by_point_or_number(session: AsyncSession, context: ToolContext, said: str) -> list[int]:
    if "@" in said:
        return await client_ids_reached_at(session, said.strip(" <>.,;"))
    phone = _phone(said, context.business.locale)
    if phone:
        return await client_ids_reached_at(session, phone)
    for prefix, digits in NUMBER.findall(said):
        ids = await client_ids_of_number(session, f"{prefix.upper()}-{digits}")
        if ids:
            return ids
    bare = BARE_NUMBER.fullmatch(said)
    return await client_ids_of_number(session, f"INV-{bare.group(1)}") if bare else []


def _phone(said: str, locale: str) -> str:
    """The E.164 form when the words are a phone number, else empty."""
    try:
        parsed = phonenumbers.parse(said, Locale.parse(locale).territory)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


async def _named(session: AsyncSession, said: str) -> list[Client]:
    fits = best_named(said, await known_clients(session), labels)
    return await clients_by_ids(session, [client.id for client in fits[:SHOWN]])


def labels(client: KnownClient) -> tuple[str, ...]:
    """All that a client may be called by."""
    return (client.name, *client.people)


async def ask_which(session: AsyncSession, context: ToolContext, said: str, clients: Sequence[Client]) -> Answer:
    """Offer these clients, each told apart by who speaks for it; a button asks again with the name in place."""
    choices: list[Data] = []
    buttons = []
    for client in clients:
        people = [contact_name(contact) for _, contact in await people_of(session, client.id)]
        choices.append({**_name_facts(client), "people": people})
        told_apart = " · ".join(str(fact) for fact in (name_of(client), *people[:1]))
        buttons.append(button(told_apart, _asked_again(context.words, said, client.name)))
    return Answer("choose", {"noun": "client", "choices": choices, "more": False}, tuple(buttons), error=True)


def _asked_again(words: str, said: str, name: str) -> str:
    """The person's question with the whole name where they said less; the name alone where that is unclear."""
    place = re.compile(rf"(?<!\w){re.escape(said.strip())}(?!\w)", re.IGNORECASE)
    if not said.strip() or len(place.findall(words)) != 1:
        return name
    return place.sub(lambda _: name, words)


def _name_facts(client: Client) -> Data:
    return {"name": name_of(client)}


def name_of(client: Client) -> Fact:
    """The client's name."""
    return facts_of(client.name, client).name("name", client.name)


def contact_name(contact: Contact) -> Fact:
    """A contact person's name."""
    return _of_contact(contact).name("name", contact.name)


def client_mention(client: Client) -> Mention:
    """What "them" means afterwards."""
    return Mention("client", client.name, client.name)


async def find_client(context: ToolContext, query: str = "") -> Answer:
    """Find clients of the business, with their people, phone and e-mail.

    query: what was said of the client: its or a contact's name, a phone, an e-mail, the number of a record.
    """

    async def read(session: AsyncSession) -> Answer:
        found = await _matching(session, context, query)
        if not found:
            return _none(await clients_spoken_with(session, FEW))
        cards = [_card(client, await people_of(session, client.id)) for client in found]
        data = {"clients": cards, "count": count("found", "clients", len(cards), "clients that fit")}
        return Answer("clients", data, mentions=tuple(client_mention(client) for client in found))

    return await context.records.read(read)


def _card(client: Client, people: Sequence[tuple[ContactClient, Contact]]) -> Data:
    of = facts_of(client.name, client)
    return {
        "name": of.name("name", client.name),
        "status": str(client.status),
        "since": of.date("since", client.since.date()),
        "people": [_person(link, contact) for link, contact in people],
    }


def _person(link: ContactClient, contact: Contact) -> Data:
    of = _of_contact(contact)
    return {
        "name": of.name("name", contact.name),
        "title": facts_of(f"contact {contact.key}", link).text("title", link.title) if link.title else "",
        "phone": of.fact("phone", FactKind.PHONE, contact.phone) if contact.phone else "",
        "email": of.fact("email", FactKind.EMAIL, contact.email) if contact.email else "",
    }


def _of_contact(contact: Contact) -> RecordFacts:
    # A contact may be called as its client is: its facts need a subject of their own.
    return facts_of(f"contact {contact.key}", contact)


async def client_overview(context: ToolContext, client: str = "") -> Answer:
    """What is going on with one client: people, balance, last payment, estimates, projects, next appointment,
    open requests and the last message.

    client: which client, as the person says it ("okafor", "them").
    """

    async def read(session: AsyncSession) -> Answer:
        found = await resolve_in(session, context, client)
        if isinstance(found, Answer):
            return found
        return _overview(context, await overview_of(session, found.id, context.today, context.now))

    return await context.records.read(read)


def _overview(context: ToolContext, seen: ClientOverview) -> Answer:
    subject = seen.client.name
    mentions = (client_mention(seen.client), *(mention_invoice(invoice) for invoice in seen.invoices[:FEW]))
    data = {
        "client": _card(seen.client, seen.people),
        "manager": person_facts(seen.manager),
        "balances": [
            owed_facts(context, owed, subject if place == 0 else f"{subject} {owed.currency}")
            for place, owed in enumerate(seen.owed)
        ],
        "credit": credit_facts(seen.credit, subject),
        "invoices": [invoice_facts(context, invoice) for invoice in seen.invoices[:FEW]],
        "invoices_more": _more(subject, "invoices_more", len(seen.invoices)),
        "last_payment": payment_facts(context, seen.last_payment) if seen.last_payment else "",
        "estimates": [estimate_facts(estimate) for estimate in seen.estimates[:FEW]],
        "projects": [project_facts(context, project) for project in seen.projects[:FEW]],
        "projects_more": _more(subject, "projects_more", len(seen.projects)),
        "appointment": _appointment(seen.appointment) if seen.appointment else "",
        "requests": [request_facts(request) for request in seen.requests[:FEW]],
        "requests_more": _more(subject, "requests_more", len(seen.requests)),
        "last_message": _last_message(subject, seen.last_message) if seen.last_message else "",
    }
    return Answer("client_overview", data, _offers(context, seen), mentions)


def _more(subject: str, name: str, there: int) -> Fact | str:
    return count(subject, name, there - FEW, "those not shown") if there > FEW else ""


def _appointment(appointment: Appointment) -> Data:
    of = facts_of("next appointment", appointment)
    return {
        "purpose": of.text("purpose", appointment.purpose),
        "at": of.moment("starts_at", appointment.starts_at),
        "place": of.text("place", appointment.place) if appointment.place else "",
    }


def _last_message(subject: str, message: Message) -> Data:
    of = facts_of(f"{subject} message", message)
    return {
        "author": str(message.author),
        "text": of.text("text", shortened(message.text)),
        "at": of.moment("created_at", message.created_at),
    }


def shortened(text: str, longest: int = 140) -> str:
    """One line of a message, cut at a word when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"


def _offers(context: ToolContext, seen: ClientOverview) -> tuple[Attachment, ...]:
    """What staff do most often next: send a link when something is owed, read the conversation."""
    name = seen.client.name
    offers = []
    if seen.owed:
        offers.append("offer_link")
    if seen.last_message:
        offers.append("offer_conversation")
    language = context.language
    return tuple(button(label(language, offer), label(language, f"{offer}_say", client=name)) for offer in offers)
