"""Whom to turn to, handing over, and the contact's own data and wishes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing.access import Door
from billing.principal import Principal, PrincipalKind
from billing.tables.people import Client, Contact
from billing.tables.talk import Note
from billing.tables.work import Request, RequestKind
from bot.tools.people import (
    carry_out_hand_to_person,
    carry_out_set_preference,
    carry_out_update_contact,
    plan_hand_to_person,
    plan_set_preference,
    plan_update_contact,
    who_to_contact,
)
from tests.bot.shop import Desk, Run, say
from tests.fakes.clock import NOW


def stranger(desk: Desk) -> Principal:
    """Somebody who is not recognised."""
    return Principal(business_id=desk.shop.business.id, kind=PrincipalKind.CLIENT, assurance=0)


@pytest.mark.parametrize(
    ("topic", "name"),
    [("my bill", "Elena"), ("la factura", "Elena"), ("refunds", "Priya"), ("the estimate", "Priya"),
     ("Elena", "Elena"), ("office manager", "Elena"), ("", "Priya"), ("payment plan", "Elena")],
)  # fmt: skip
def test_the_one_who_answers_for_it_is_named(sqlite_door: Door, run: Run, topic: str, name: str) -> None:
    assert say(Desk(sqlite_door, run).ask(who_to_contact, topic), "contact_who").startswith(name)


def test_phone_mail_and_hours_are_given(sqlite_door: Door, run: Run) -> None:
    answer = Desk(sqlite_door, run).ask(who_to_contact, "billing")
    assert say(answer, "contact_who") == (
        "Elena Ruiz, Office manager: +1 212-555-0143, elena@harborandpine.example. "
        "We are open now and close today at 17:00."
    )
    assert say(answer, "contact_number").startswith("+1 212-555-0140, hello@harborandpine.example.")


def test_a_stranger_is_told_the_business_alone(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    text = say(desk.ask(who_to_contact, "billing", principal=stranger(desk)))
    assert text.startswith("Harbor & Pine: +1 212-555-0140")
    assert "Elena" not in text


def test_a_person_is_asked_with_the_reason(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_hand_to_person, "about my bill")
    assert say(planned) == "Shall I ask Elena Ruiz to answer you here?"
    done = desk.do(carry_out_hand_to_person, planned)
    assert say(done) == (
        "I told Elena Ruiz that you want to talk (REQ-1). It is on Elena’s list; we are open and close today at 17:00."
    )
    assert say(done, "callback").startswith("I asked Elena Ruiz to call you on +1 212-555-0101 (REQ-1).")
    desk.do(carry_out_hand_to_person, planned)
    request = desk.row(Request)
    assert (request.kind, request.summary) == (RequestKind.CALLBACK, "about my bill")
    assert (request.assignee_id, request.contact_id) == (desk.shop.office.id, desk.shop.contact.id)


def test_on_a_weekend_the_next_opening_is_named(sqlite_door: Door, run: Run) -> None:
    saturday = NOW + timedelta(days=3)
    desk = Desk(sqlite_door, run, now=saturday)
    done = desk.do(carry_out_hand_to_person, desk.ask(plan_hand_to_person, "help"))
    assert "It is on Priya’s list for when we open again, Mon 23 Nov at 08:00." in say(done, now=saturday)


def test_a_strangers_wish_is_passed_on_without_a_client(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run, conversation_id=0)
    nobody = stranger(desk)
    planned = desk.ask(plan_hand_to_person, "please call me", principal=nobody)
    done = desk.do(carry_out_hand_to_person, planned, principal=nobody)
    assert done.kind == "handed_unknown"
    assert say(done).endswith("By phone: +1 212-555-0140.")
    request = desk.row(Request)
    assert (request.client_id, request.contact_id, request.summary) == (None, None, "please call me")


@pytest.mark.parametrize(
    ("field", "value", "column", "stored"),
    [
        ("phone", "(212) 555-0199", "phone", "+12125550199"),
        ("my number", "+33 1 42 68 53 00", "phone", "+33142685300"),
        ("email", "it is dana.new@example.com now", "email", "dana.new@example.com"),
        ("", "dana.new@example.com", "email", "dana.new@example.com"),
        ("name", "Dana Lee-Park", "name", "Dana Lee-Park"),
    ],
)
def test_contact_data_is_changed_on_yes(
    sqlite_door: Door, run: Run, field: str, value: str, column: str, stored: str
) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_update_contact, field, value)
    assert say(planned).startswith("Change your ")
    done = desk.do(carry_out_update_contact, planned)
    assert done.kind == "contact_updated"
    (contact,) = [row for row in desk.rows(Contact) if row.key == "client:dana-lee"]
    assert getattr(contact, column) == stored
    if column in {"phone", "email"}:
        assert getattr(contact, f"{column}_since") == NOW
    assert stored in desk.row(Note).text


def test_the_old_value_stays_in_a_note(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_update_contact, "phone", "212 555 0199")
    assert say(planned) == "Change your phone from +1 212-555-0101 to +1 212-555-0199?"
    desk.do(carry_out_update_contact, planned)
    desk.do(carry_out_update_contact, planned)
    assert desk.row(Note).text == "phone changed by the contact in chat, from +12125550101 to +12125550199"


def test_a_postal_address_is_the_clients(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.do(carry_out_update_contact, desk.ask(plan_update_contact, "address", "12 Elm Street, Brooklyn NY 11201"))
    (client,) = [row for row in desk.rows(Client) if row.key == "dana-lee"]
    assert client.postal == "12 Elm Street, Brooklyn NY 11201"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("phone", "12", "contact_invalid"),
        ("phone", "123 456 7890", "contact_invalid"),
        ("email", "dana at example", "contact_invalid"),
        ("email", "dana@example", "contact_invalid"),
        ("name", "<script>", "contact_invalid"),
        ("address", "here", "contact_invalid"),
        ("phone", "", "contact_unclear"),
        ("", "hello", "contact_unclear"),
        ("phone", "+1 212 555 0101", "contact_same"),
    ],
)
def test_what_cannot_be_right_is_asked_again(sqlite_door: Door, run: Run, field: str, value: str, kind: str) -> None:
    answer = Desk(sqlite_door, run).ask(plan_update_contact, field, value)
    assert answer.kind == kind
    assert answer.proposal is None
    assert say(answer)


def test_a_change_never_reaches_another_contact(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_update_contact, "phone", "212 555 0199")
    own = desk.context().principal
    foreign = replace(own, contact_id=desk.shop.other_contact.id, client_id=None)
    assert desk.do(carry_out_update_contact, planned, principal=foreign).kind == "contact_invalid"
    (other,) = [row for row in desk.rows(Contact) if row.key == "client:amara"]
    assert other.phone != "+12125550199"


@pytest.mark.parametrize(
    ("name", "value", "text", "stored"),
    [
        ("reminders", "off", "Done: from now on we send you no reminders.", {"reminders": False}),
        ("reminders", "on please", "Done: from now on we send you reminders.", {"reminders": True}),
        ("", "stop the receipts", "Done: from now on we send you no receipts.", {"receipts": False}),
        ("channel", "text me", "Done: from now on we write to you by SMS.", {"channel": "sms"}),
        (
            "quiet_hours",
            "10pm to 8am",
            "Done: from now on we send nothing of our own accord in your quiet hours, 22:00-08:00.",
            {"quiet_hours": "22:00-08:00"},
        ),
    ],
)
def test_wishes_are_kept(
    sqlite_door: Door, run: Run, name: str, value: str, text: str, stored: dict[str, object]
) -> None:
    desk = Desk(sqlite_door, run)
    done = desk.do(carry_out_set_preference, desk.ask(plan_set_preference, name, value))
    assert say(done) == text
    (contact,) = [row for row in desk.rows(Contact) if row.key == "client:dana-lee"]
    assert contact.preferences == stored


def test_a_language_changes_with_its_locale(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.do(carry_out_set_preference, desk.ask(plan_set_preference, "language", "español"))
    (contact,) = [row for row in desk.rows(Contact) if row.key == "client:dana-lee"]
    assert (contact.language, contact.locale) == ("es", "es_US")


@pytest.mark.parametrize(("name", "value"), [("language", "Klingon"), ("reminders", "maybe"), ("", "blue")])
def test_unclear_wishes_are_asked_back(sqlite_door: Door, run: Run, name: str, value: str) -> None:
    answer = Desk(sqlite_door, run).ask(plan_set_preference, name, value)
    assert answer.kind == "preference_unclear"
    assert say(answer)
