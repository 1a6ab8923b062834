"""What each principal may see and change: the tables, the filters on them, and the columns a client may write."""

from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from billing.database import Base
from billing.principal import Principal, Scope
from billing.scopes import EVERY_TABLE, SECRETS, Tables, reach_of
from billing.tables.addresses import Address, AddressLink
from billing.tables.audit import Anchor
from billing.tables.bills import Invoice
from billing.tables.files import File, FileLink, FileVersion, Visibility
from billing.tables.owned import OfClient, Owned
from billing.tables.payments import PaymentEvent, PaymentLink, SandboxCharge
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.plans import PaymentPromise
from billing.tables.quotes import Acceptance, Estimate
from billing.tables.talk import Conversation, Note, NoteKind, Proposal, Turn, TurnStep, WebSession
from billing.tables.work import Request

Asker = Principal | Scope
Criteria = tuple[LoaderCriteriaOption, ...]

CLIENT_READS: Tables = frozenset(
    {table for table in EVERY_TABLE if issubclass(table, OfClient)} | {Business, Staff, Contact}
)
STRANGER_READS: Tables = frozenset({Business, Staff})

# A client's session asks, promises, accepts and disputes. It moves no money, and bills nothing.
CLIENT_ADDS: Tables = frozenset({Acceptance, FileLink, Note, PaymentLink, PaymentPromise, Request})
CLIENT_CHANGES: dict[type[Base], frozenset[str]] = {
    Client: frozenset({"postal"}),
    Contact: frozenset({"name", "language", "locale", "phone", "email", "phone_since", "email_since", "preferences"}),
    Conversation: frozenset({"language", "focus", "context_since", "last_message_at"}),
    Estimate: frozenset({"status", "decided_at"}),
    Invoice: frozenset({"disputed_at"}),
    PaymentLink: frozenset({"status", "token_sha256"}),
    Request: frozenset({"status", "priority", "summary", "closed_at", "outcome", "conversation_id"}),
}

# Staff write their business's records; turns, anchors, sign-ins and what providers say are written by system scopes.
STAFF_READS: Tables = EVERY_TABLE - SECRETS
STAFF_WRITES: Tables = STAFF_READS - {
    Address, AddressLink, Anchor, Business, PaymentEvent, SandboxCharge, Turn, TurnStep, WebSession,
}  # fmt: skip

# Among the tables where a client sees some rows of its own and not others: what a row of its making must be.
CLIENT_MAKES: dict[type[Base], tuple[str, str]] = {Note: ("kind", NoteKind.CHANGE)}

# Parents whose key does not hold the client, or that may be hidden from it: looked up before a row points there.
LOOKED_UP: Tables = frozenset({Contact, Conversation, Turn, File, FileVersion})


# A business's row is held while a number of its series is given out.
_NUMBERED: Tables = frozenset({Business})


@dataclass(frozen=True)
class Limits:
    """What one kind of asker may do, whoever it is.

    columns: per table, those that may change. locks: tables whose rows may be held though not changed.
    """

    name: str
    reads: Tables
    adds: Tables
    changes: Tables
    deletes: Tables
    columns: dict[type[Base], frozenset[str]] | None = None
    locks: Tables = frozenset()
    is_system: bool = False
    core: bool = False


@cache
def limits_of(kind: str) -> Limits:
    """The limits of "client", "stranger" (a client principal without a client), "staff", or a scope's name."""
    nothing: Tables = frozenset()
    if kind == "client":
        changes = frozenset(CLIENT_CHANGES)
        return Limits(kind, CLIENT_READS, CLIENT_ADDS, changes, nothing, CLIENT_CHANGES)
    if kind == "stranger":
        return Limits(kind, STRANGER_READS, nothing, nothing, nothing)
    if kind == "staff":
        return Limits(kind, STAFF_READS, STAFF_WRITES, STAFF_WRITES, STAFF_WRITES, locks=_NUMBERED)
    reach = reach_of(Scope(kind))
    return Limits(
        kind, reach.reads, reach.writes, reach.writes, reach.writes,
        locks=_NUMBERED & reach.reads, is_system=True, core=reach.core,
    )  # fmt: skip


def kind_of(asker: Asker) -> str:
    """The name under which `limits_of` knows an asker, and which its role on PostgreSQL bears."""
    if isinstance(asker, Scope):
        return asker.value
    if asker.is_staff:
        return "staff"
    return "stranger" if asker.client_id is None else "client"


@lru_cache(maxsize=1024)  # a turn opens several sessions for one asker, and writing the filters costs each
def criteria_for(asker: Asker) -> Criteria:
    """The filters that every statement of this asker carries; none for a system scope."""
    if isinstance(asker, Scope):
        return ()
    business = asker.business_id
    own_business = _filtered(Business, Business.id == business)
    if asker.is_staff:
        return own_business, _of_mixin(Owned, business, None)
    staff = _filtered(Staff, Staff.business_id == business)
    if asker.client_id is None:
        return own_business, staff
    own_contact = (Contact.business_id == business) & (Contact.id == (asker.contact_id or 0))
    shown = select(File.id).where(File.visibility == Visibility.CLIENT)
    shown_versions = select(FileVersion.id).join(File, File.id == FileVersion.file_id)
    return (
        own_business,
        staff,
        _of_mixin(OfClient, business, asker.client_id),
        _filtered(Contact, own_contact),
        _filtered(File, File.visibility == Visibility.CLIENT),
        _filtered(FileVersion, FileVersion.file_id.in_(shown)),
        _filtered(
            FileLink,
            FileLink.file_version_id.in_(shown_versions.where(File.visibility == Visibility.CLIENT)),
        ),
        _filtered(Proposal, Proposal.staff_id.is_(None)),
        _filtered(Note, Note.kind == NoteKind.CHANGE),
    )


def looked_up_by(table: type[Base]) -> dict[str, type[Base]]:
    """The columns of a table that point at parents to be looked up, and those parents."""
    parents = {parent.__tablename__: parent for parent in LOOKED_UP}
    made = table.__table__
    assert isinstance(made, Table)
    return {
        key.parent.name: parents[constraint.referred_table.name]
        for constraint in made.foreign_key_constraints
        for key in constraint.elements
        if key.column.name == "id" and constraint.referred_table.name in parents
    }


def _filtered(table: type[Base], criterion: ColumnElement[bool]) -> LoaderCriteriaOption:
    # Each load, relationship loads included, is given its filters as it is run: nothing propagates.
    return with_loader_criteria(table, criterion, include_aliases=True, propagate_to_loaders=False)


def _of_mixin(mixin: type[Owned], business: int, client: int | None) -> LoaderCriteriaOption:
    # One option for all tables of a mixin: one per table costs a millisecond a statement.
    if client is None:
        return with_loader_criteria(
            mixin, lambda cls: cls.business_id == business, include_aliases=True, propagate_to_loaders=False
        )
    return with_loader_criteria(
        mixin,
        lambda cls: (cls.business_id == business) & (cls.client_id == client),
        include_aliases=True,
        propagate_to_loaders=False,
    )
