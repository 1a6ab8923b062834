"""Writes people into the book: the business, its staff, clients with contacts, and their addresses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from billing.demo.book import Book
from billing.tables.addresses import Address, AddressLink
from billing.tables.people import Client, ClientStatus, Contact, ContactClient, Role, Staff

_LOCALES = {"en": "en_US", "es": "es_US", "fr": "fr_FR", "de": "de_DE"}
_FILED_FOR_DAYS = 40  # contact points must have been on file for a while to be trusted


@dataclass(frozen=True)
class Colleague:
    """A staff member to be; phone in E.164."""

    key: str
    name: str
    title: str
    role: Role
    phone: str
    email: str
    topics: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True)
class Person:
    """A contact to be; phone in E.164, or none."""

    key: str
    name: str
    language: str
    phone: str | None
    email: str | None
    title: str = ""
    last_seen: int = -9  # days from today
    preferences: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Customer:
    """A client to be; `since` in days from today."""

    key: str
    name: str
    since: int
    people: tuple[Person, ...]
    postal: str
    manager: str
    company: bool = False
    status: ClientStatus = ClientStatus.ACTIVE


async def add_staff(book: Book, colleague: Colleague) -> Staff:
    """A staff member with the phone they text from."""
    staff = await book.put(
        Staff(
            business_id=book.business.id,
            key=colleague.key,
            name=colleague.name,
            title=colleague.title,
            role=colleague.role,
            language=colleague.language,
            locale=_LOCALES[colleague.language],
            phone=colleague.phone,
            email=colleague.email,
            topics=list(colleague.topics),
        )
    )
    book.staff[colleague.key] = staff
    address = await _address(book, colleague.phone, book.days.past(-1, book.clock()))
    book.add(
        AddressLink(
            business_id=book.business.id,
            address_id=address.id,
            staff_id=staff.id,
            linked_at=book.days.past(-400),
        )
    )
    return staff


async def add_client(book: Book, customer: Customer) -> Client:
    """A client with its contacts; a contact whose key is there already speaks for this client too."""
    client = await book.put(
        Client(
            business_id=book.business.id,
            key=customer.key,
            name=customer.name,
            status=customer.status,
            company=customer.company,
            currency=book.business.currency,
            postal=customer.postal,
            since=book.days.past(customer.since, book.clock()),
            manager_id=book.staff[customer.manager].id,
        )
    )
    book.clients[customer.key] = client
    for position, person in enumerate(customer.people):
        contact = book.contacts.get(person.key) or await _add_contact(book, person, customer.since)
        book.add(
            ContactClient(
                business_id=book.business.id,
                client_id=client.id,
                contact_id=contact.id,
                title=person.title,
                is_primary=position == 0,
            )
        )
    return client


async def _add_contact(book: Book, person: Person, since: int) -> Contact:
    filed = book.days.past(min(since, -_FILED_FOR_DAYS), "09:30")
    contact = await book.put(
        Contact(
            business_id=book.business.id,
            key=person.key,
            name=person.name,
            language=person.language,
            locale=_LOCALES[person.language],
            phone=person.phone,
            email=person.email,
            phone_since=filed if person.phone else None,
            email_since=filed if person.email else None,
            preferences=dict(person.preferences),
        )
    )
    book.contacts[person.key] = contact
    if person.phone:
        address = await _address(book, person.phone, book.days.past(person.last_seen, book.clock()))
        book.add(
            AddressLink(business_id=book.business.id, address_id=address.id, contact_id=contact.id, linked_at=filed)
        )
    return contact


async def _address(book: Book, phone: str, seen: datetime) -> Address:
    connection = f"sms:{book.business.slug}"
    if phone in book.addresses:  # two people who share a phone
        return book.addresses[phone]
    address = await book.put(
        Address(
            business_id=book.business.id,
            connection=connection,
            channel="sms",
            address=phone,
            last_seen_at=seen,
            last_changed_at=None,
        )
    )
    book.addresses[phone] = address
    return address
