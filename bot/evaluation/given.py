"""The records a scenario starts from: values as its file declares them, days counted from the scenario's today."""

from dataclasses import dataclass

from pydantic import ConfigDict

from billing.tables.bills import InvoiceStatus
from billing.tables.files import FileKind, Visibility
from billing.tables.payments import PaymentMethod, PaymentStatus
from billing.tables.people import Role
from billing.tables.plans import InstalmentStatus
from billing.tables.quotes import EstimateStatus, QuoteKind
from billing.tables.work import Priority, ProjectStatus, RequestKind, RequestStatus, TaskStatus

STRICT = ConfigDict(extra="forbid", coerce_numbers_to_str=True)  # a field that is misspelt must not go unread


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is sold; price per unit in major units."""

    __pydantic_config__ = STRICT
    what: str
    price: str
    quantity: str = "1"
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Somebody who speaks for the client; phone in E.164. One whose key is there already speaks for this one too."""

    __pydantic_config__ = STRICT
    key: str
    name: str
    language: str = "en"
    phone: str | None = None
    email: str | None = None
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A task of a project."""

    __pydantic_config__ = STRICT
    title: str
    due: int
    staff: str
    status: TaskStatus = TaskStatus.TODO


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project with its tasks."""

    __pydantic_config__ = STRICT
    number: str
    name: str
    manager: str
    status: ProjectStatus = ProjectStatus.ACTIVE
    started: int | None = None
    due: int | None = None
    expected: int | None = None
    finished: int | None = None
    delay_reason: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """An agreed time; the day is moved off a weekend."""

    __pydantic_config__ = STRICT
    purpose: str
    day: int
    staff: str
    clock: str = "09:00"
    minutes: int = 60
    project: str = ""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """An estimate or proposal; decided and by (a contact) where it was accepted."""

    __pydantic_config__ = STRICT
    number: str
    title: str
    lines: tuple[Line, ...]
    issued: int
    status: EstimateStatus = EstimateStatus.SENT
    kind: QuoteKind = QuoteKind.ESTIMATE
    decided: int | None = None
    by: str = ""
    valid_days: int = 30
    project: str = ""


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A bill. tax: thousandths of a percent. disputed: the day it was contested."""

    __pydantic_config__ = STRICT
    number: str
    title: str
    lines: tuple[Line, ...]
    due: int
    terms: int = 14
    tax_label: str = ""
    tax: int = 0
    memo: str = ""
    project: str = ""
    estimate: str = ""
    disputed: int | None = None
    status: InvoiceStatus | None = None  # draft or void; else it follows from the payments


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money given back of a payment; all of it when no amount is named."""

    __pydantic_config__ = STRICT
    day: int
    reason: str
    amount: str = ""
    invoice: str = ""
    settled: bool = True


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Money for invoices, in their order; all that they need when no amount is named."""

    __pydantic_config__ = STRICT
    invoices: tuple[str, ...]
    day: int
    amount: str = ""
    method: PaymentMethod = PaymentMethod.CARD
    status: PaymentStatus = PaymentStatus.SUCCEEDED
    failure: str = ""
    refund: Refund | None = None


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One part of a plan."""

    __pydantic_config__ = STRICT
    due: int
    amount: str
    status: InstalmentStatus = InstalmentStatus.SCHEDULED


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A payment plan over a whole invoice; paid parts are paid by card on their day."""

    __pydantic_config__ = STRICT
    invoice: str
    agreed: int
    parts: tuple[Instalment, ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Something that was asked of the business before."""

    __pydantic_config__ = STRICT
    kind: RequestKind
    summary: str
    contact: str
    opened: int
    status: RequestStatus = RequestStatus.NEW
    priority: Priority = Priority.NORMAL
    staff: str = ""
    project: str = ""
    invoice: str = ""
    due: int | None = None
    closed: int | None = None
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class File:
    """A text kept about the client; papers of bills and quotes are printed anyway."""

    __pydantic_config__ = STRICT
    name: str
    text: str
    kind: FileKind = FileKind.OTHER
    day: int = -10
    project: str = ""
    visibility: Visibility = Visibility.CLIENT


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client with all that is recorded about it."""

    __pydantic_config__ = STRICT
    key: str
    name: str
    contacts: tuple[Contact, ...]
    manager: str
    postal: str = ""
    company: bool = False
    since: int = -300
    projects: tuple[Project, ...] = ()
    visits: tuple[Visit, ...] = ()
    quotes: tuple[Quote, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    plans: tuple[Plan, ...] = ()
    requests: tuple[Request, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who works for the business."""

    __pydantic_config__ = STRICT
    key: str
    name: str
    title: str = ""
    role: Role = Role.MEMBER
    phone: str = ""
    email: str = ""
    topics: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Business:
    """A business of the scenario's own. hours: {"mon": ["08:00", "17:00"], …}."""

    __pydantic_config__ = STRICT
    slug: str
    name: str
    staff: tuple[Colleague, ...]
    trade: str = ""
    zone: str = "America/New_York"
    locale: str = "en_US"
    currency: str = "USD"
    phone: str = ""
    email: str = ""
    postal: str = ""
    hours: tuple[tuple[str, tuple[str, str]], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Given:
    """Starting records: the whole demo, or a business with the clients that are declared.

    business: the slug of a demo business (its staff and guides, none of its clients), or one declared here.
    """

    __pydantic_config__ = STRICT
    business: str | Business = "harbor-and-pine"
    demo: bool = False
    clients: tuple[Client, ...] = ()

    @property
    def slug(self) -> str:
        return self.business if isinstance(self.business, str) else self.business.slug
