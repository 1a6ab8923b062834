"""People: whom to turn to, handing over to a person, and the contact's own data and wishes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from babel import Locale, UnknownLocaleError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes import contacts as changes
from billing.changes.requests import NewRequest, create_request
from billing.principal import Scope
from billing.records import people as records
from billing.tables.people import Contact, Staff
from billing.tables.work import Request, RequestKind
from bot.announcements import OldPoint, tell_old_point
from bot.evidence import Answer, Fact, FactKind, calculated
from bot.messages import Mention
from bot.tools import facts
from bot.tools.contact_points import KINDS, field_of, parse_preference, parse_value, preference_of
from bot.tools.context import ToolContext, facts_of
from bot.tools.hours import opening_facts
from bot.tools.start_links import APP, offer_start
from bot.tools.topics import named_person, topic_of, who_answers
from bot.wording import label

LONGEST = 500  # characters of a reason


async def who_to_contact(context: ToolContext, topic: str = "") -> Answer:
    """Whom to turn to about something: name, what they do, phone and e-mail; and the business's own.

    topic: what it is about ("billing", "the schedule", a person's name); empty for who looks after the client.
    """
    helper = await _helper(context, topic, topic_of(topic))
    data = {
        "helper": facts.person_facts(helper),
        "has_topic": bool(topic_of(topic)),
        "business": facts.business_facts(context),
        **opening_facts(context),
    }
    ask = facts.button(label(context.language, "person"), label(context.language, "say_person"))
    return Answer("who", data, (ask,))


async def _helper(context: ToolContext, said: str, topic: str) -> Staff | None:
    """Who answers for it. Somebody unknown is told no names: the business's own number does."""
    principal = context.principal
    if principal.client_id is None and not principal.is_staff:
        return None

    async def work(session: AsyncSession) -> Staff | None:
        named = named_person(said, await records.list_staff(session)) if said.strip() else None
        return named or await who_answers(session, topic, principal.client_id)

    return await context.records.read(work)


async def plan_hand_to_person(context: ToolContext, reason: str = "") -> Answer:
    """Bring in a person, or ask to be called back: staff are told, with the reason.

    reason: what it is about, in the person's words; empty when they only want a person.
    """
    words = (reason.strip() or context.words).strip()[:LONGEST]
    helper = await _helper(context, words, topic_of(words))
    data = {"helper": facts.person_facts(helper), **opening_facts(context)}
    arguments = {"reason": words, "topic": topic_of(words), "invoice_id": None}
    subject = context.business.name if helper is None else helper.name
    proposal = {"action": "hand_to_person", "arguments": arguments, "subject": subject}
    return Answer("proposal_hand_to_person", data, proposal=proposal)


async def carry_out_hand_to_person(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Write a request for a person; somebody unknown leaves one without a client."""
    reason = str(arguments.get("reason") or "") or label(context.business.locale[:2], "wants_person")
    principal = context.principal
    is_known = principal.client_id is not None
    helper = await _helper(context, reason, str(arguments.get("topic") or ""))
    new = NewRequest(
        business_id=context.business.id,
        client_id=principal.client_id,
        kind=RequestKind.CALLBACK,
        summary=reason[:LONGEST],
        created_at=context.now,
        idempotency_key=context.key,
        contact_id=principal.contact_id if is_known else None,
        invoice_id=arguments.get("invoice_id") if is_known else None,
        assignee_id=helper.id if helper else None,
        conversation_id=context.conversation_id or None,
    )
    writing = context.records if is_known else context.door.system(Scope.DISPATCH)
    request = await create_request(context.door, writing, new)
    return await _handed_over(context, request, helper, is_known=is_known)


async def _handed_over(context: ToolContext, request: Request, helper: Staff | None, *, is_known: bool) -> Answer:
    contact = await _own_contact(context) if is_known else None
    data = {
        "number": facts_of(request.number, request).number(request.number),
        "helper": facts.person_facts(helper),
        "phone": _current(contact, "phone") if contact else "",
        "business": facts.business_facts(context),
        **opening_facts(context),
    }
    mention = Mention("request", request.number, request.summary[:60])
    return Answer("handed_over" if is_known else "handed_unknown", data, mentions=(mention,))


async def _own_contact(context: ToolContext) -> Contact | None:
    return await context.records.read(partial(records.find_contact, contact_id=context.principal.contact_id))


def _current(row: Any, column: str, kind: FactKind = FactKind.PHONE) -> Fact | str:
    value = getattr(row, column)
    return facts_of("contact", row).fact(f"current_{column}", kind, value, column) if value else ""


async def plan_update_contact(context: ToolContext, field: str = "", value: str = "") -> Answer:
    """Change the person's own phone, e-mail, name or postal address; always asks for their yes first.

    field: phone, email, name or address. value: the new one, in the person's words.
    """
    meant = field_of(field, value)
    if meant is None or not value.strip():
        return Answer("contact_unclear", {"field": meant or ""}, error=True)
    checked = parse_value(meant, value, _region(context))
    if checked is None:
        return Answer("contact_invalid", {"field": meant}, error=True)
    if context.principal.contact_id is None:
        return Answer("no_permission", {}, error=True)
    contact = await _own_contact(context)
    current = getattr(contact, meant, None) if contact else None
    data = {
        "field": meant,
        "value": calculated("contact", meant, KINDS[meant], checked, what="the value the person gave"),
        "current": _current(contact, meant, KINDS[meant]) if contact is not None and current else "",
    }
    if current == checked:
        return Answer("contact_same", data)
    arguments = {"field": meant, "value": checked}
    proposal = {"action": "update_contact", "arguments": arguments, "subject": meant}
    return Answer("proposal_update_contact", data, proposal=proposal)


def _region(context: ToolContext) -> str:
    try:
        return Locale.parse(context.business.locale).territory or "US"
    except (ValueError, UnknownLocaleError):
        return "US"


async def carry_out_update_contact(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Change it; the old value stays in an internal note, and an old phone or e-mail address is told."""
    field, principal = arguments["field"], context.principal
    value = parse_value(field, str(arguments["value"]), _region(context)) if field in KINDS else None
    if value is None or principal.contact_id is None or principal.client_id is None:
        return Answer("contact_invalid", {"field": field}, error=True)
    change = partial(
        changes.change_contact,
        contact_id=principal.contact_id,
        client_id=principal.client_id,
        field=field,
        value=value,
        now=context.now,
        key=context.key,
    )
    await _tell_old_point(context, field, value)
    changed = await context.records.write(change)
    if changed is None:
        return Answer("no_permission", {}, error=True)
    column = "postal" if field == "address" else field
    new = facts_of("contact", changed.row).fact(field, KINDS[field], value, column)
    return Answer("contact_updated", {"field": field, "value": new, "is_reached_by": field in {"phone", "email"}})


async def _tell_old_point(context: ToolContext, field: str, value: str) -> None:
    """Before the change, and once: a crash between the two must not leave somebody untold."""
    contact = await _own_contact(context)
    before = getattr(contact, field) if contact is not None and field in {"phone", "email"} else None
    if contact is None or not before or before == value:
        return
    old = OldPoint(contact.id, field == "phone", before, context.key)
    telling = context.door.system(Scope.DISPATCH)
    await telling.write(lambda session: tell_old_point(session, context.business.id, old, context.now))


async def plan_set_preference(context: ToolContext, name: str = "", value: str = "") -> Answer:
    """Set how the person wants to be written to.

    name: language, channel, reminders, receipts or quiet_hours. value: in their words ("Spanish", "off",
    "10 pm to 8 am").
    """
    said = value.strip() or context.words
    preference = preference_of(name, said)
    chosen = parse_preference(preference, said) if preference else None
    if preference is None or chosen is None or context.principal.contact_id is None:
        return Answer("preference_unclear", {"preference": preference or ""}, error=True)
    arguments = {"name": preference, "value": chosen}
    proposal = {"action": "set_preference", "arguments": arguments, "subject": preference}
    return Answer("proposal_set_preference", _preference(preference, chosen), proposal=proposal)


def _preference(name: str, value: str | bool) -> facts.Data:
    hours: Fact | str = ""
    if name == "quiet_hours":
        hours = calculated("contact", "quiet_hours", FactKind.TEXT, str(value), what="the hours the person named")
    choice = "" if name == "quiet_hours" else value
    return {"preference": name, "is_on": value is True, "choice": choice, "hours": hours}


async def carry_out_set_preference(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Set it."""
    name, value = str(arguments["name"]), arguments["value"]
    contact_id = context.principal.contact_id
    if contact_id is None:
        return Answer("no_permission", {}, error=True)
    locale = _locale(context, str(value)) if name == "language" else ""
    keep = partial(changes.set_preference, contact_id=contact_id, name=name, value=value, locale=locale)
    if await context.records.write(keep) is None:
        return Answer("no_permission", {}, error=True)
    is_app = (name, value) == ("channel", APP)
    link = await offer_start(context) if is_app else None
    data = {**_preference(name, value), "is_offered": link is not None}
    return Answer("preference_set", data, (link,) if link is not None else ())


def _locale(context: ToolContext, language: str) -> str:
    """The reader's region in the new language, where Babel knows it: es_US, fr_FR."""
    region = context.locale.partition("_")[2] or _region(context)
    try:
        return str(Locale.parse(f"{language}_{region}"))
    except (ValueError, UnknownLocaleError):
        return language
