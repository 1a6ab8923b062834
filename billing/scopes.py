"""The tables each named system scope may read and write: work that has no principal."""

from dataclasses import dataclass
from functools import cache

from billing.database import Base
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink, Connection, Consent, OneTimeCode, StartLink
from billing.tables.audit import Anchor
from billing.tables.bills import CreditNote, Invoice, InvoiceLine
from billing.tables.files import File, FileLink, FileVersion
from billing.tables.payments import (
    Allocation,
    Chargeback,
    Payment,
    PaymentEvent,
    PaymentLink,
    Refund,
    SandboxCharge,
)
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from billing.tables.plans import Instalment, PaymentPlan, PaymentPromise, Retainer
from billing.tables.quotes import Acceptance, Estimate, EstimateLine
from billing.tables.sites import Site, SiteVisit
from billing.tables.talk import Conversation, Draft, Message, Note, Proposal, Turn, TurnStep, WebSession
from billing.tables.work import Appointment, Project, Request, Task, TimeEntry

Tables = frozenset[type[Base]]

EVERY_TABLE: Tables = frozenset(
    {
        Acceptance, Address, AddressLink, Allocation, Anchor, Appointment, Business, Chargeback, Client, Connection,
        Consent, Contact, ContactClient, Conversation, CreditNote, Draft, Estimate, EstimateLine, File, FileLink,
        FileVersion, Instalment, Invoice, InvoiceLine, Message, Note, OneTimeCode, Payment, PaymentEvent,
        PaymentLink, PaymentPlan, PaymentPromise, Project, Proposal, Refund, Request, Retainer, SandboxCharge, Site,
        SiteVisit, Staff, StartLink, Task, TimeEntry, Turn, TurnStep, WebSession,
    }
)  # fmt: skip

_PEOPLE: Tables = frozenset({Business, Client, Contact, ContactClient, Staff})
# What proves who somebody is, and the secrets of providers: for system scopes alone, never for a principal.
SECRETS: Tables = frozenset({Connection, OneTimeCode, Site, SiteVisit, StartLink})

_ADDRESSES: Tables = frozenset({Address, AddressLink})
_TURNS: Tables = frozenset({Consent, Conversation, File, Message, OneTimeCode, Proposal, Request, Turn, TurnStep})
_MONEY: Tables = frozenset(
    {Allocation, Chargeback, CreditNote, Instalment, Invoice, Payment, PaymentEvent, PaymentLink, PaymentPlan,
     PaymentPromise, Refund, Retainer, SandboxCharge}
)  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """What a scope may touch. core: bulk statements over tables, as an import needs them."""

    reads: Tables
    writes: Tables
    core: bool = False


@cache
def reach_of(scope: Scope) -> Reach:
    """The tables of a scope."""
    return _REACH[scope]


_REACH: dict[Scope, Reach] = {
    # A message, a sign-in or a click on a link comes in, from anybody.
    Scope.INTAKE: Reach(
        reads=_PEOPLE
        | _ADDRESSES
        | {Consent, Conversation, File, FileLink, FileVersion, Message, Proposal, Request, StartLink, Turn, WebSession},
        writes=_ADDRESSES | {Consent, Conversation, File, FileVersion, Message, StartLink, WebSession},
    ),
    # Who writes from this address, and how far is that proved?
    Scope.IDENTITY: Reach(
        reads=_PEOPLE | _ADDRESSES | {Consent, Conversation, Message, OneTimeCode, SiteVisit, StartLink, WebSession},
        writes=_ADDRESSES | {Consent, Conversation, OneTimeCode, SiteVisit, StartLink, WebSession},
    ),
    # A business's accounts with providers, and their sealed secrets.
    Scope.CONNECT: Reach(reads=frozenset({Business, Connection, Site}), writes=frozenset({Connection, Site})),
    # Claim a turn, journal it, commit its reply; check a code; ask and alert staff.
    Scope.DISPATCH: Reach(
        reads=_PEOPLE
        | _ADDRESSES
        | {
            Consent,
            Conversation,
            File,
            FileVersion,
            Message,
            OneTimeCode,
            Proposal,
            Request,
            StartLink,
            Turn,
            TurnStep,
            WebSession,
        },
        writes=_ADDRESSES
        | {Consent, Conversation, File, Message, OneTimeCode, Proposal, Request, StartLink, Turn, TurnStep, WebSession},
    ),
    # Hand queued messages to their channel, and write down what became of them and of where they went.
    Scope.SEND: Reach(
        reads=_PEOPLE
        | _ADDRESSES
        | {Consent, Conversation, Draft, File, FileLink, FileVersion, Message, Turn, WebSession},
        writes=_ADDRESSES | {Consent, Conversation, Draft, FileLink, Message},
    ),
    # Open a pay page, take a provider's event, apply it, tell the payer and staff.
    Scope.PAYMENT_EVENT: Reach(
        reads=_PEOPLE | _MONEY | {Address, InvoiceLine, Project, Conversation, Message, Request},
        writes=(_MONEY - {CreditNote, Retainer}) | {Conversation, Message, Request},
    ),
    # Write down how far the receipts of a business's conversations have come.
    Scope.ANCHOR: Reach(reads=frozenset({Business, Conversation, Anchor}), writes=frozenset({Anchor})),
    # Take the words of turns away, leaving their receipts.
    Scope.ERASE: Reach(
        reads=frozenset({Business, Client, Conversation, Message, Turn, TurnStep}),
        writes=frozenset({Conversation, Message, Turn, TurnStep}),
    ),
    Scope.DOCTOR: Reach(reads=EVERY_TABLE, writes=frozenset()),
    Scope.IMPORT: Reach(reads=EVERY_TABLE, writes=EVERY_TABLE, core=True),
}
