"""What a document is made of: frozen values, with no table behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.money import Money


@dataclass(frozen=True)
class Letterhead:
    """Who writes: colour as #rrggbb, locale in Babel's form, language of the labels (en, es, fr, de)."""

    name: str
    trade: str
    postal: str
    phone: str
    email: str
    colour: str
    locale: str
    language: str


@dataclass(frozen=True)
class Party:
    """Who it is for."""

    name: str
    postal: str
    attention: str = ""


@dataclass(frozen=True)
class Item:
    """One line: quantity in thousandths of its unit."""

    description: str
    quantity_milli: int
    unit: str
    unit_price: Money
    amount: Money


@dataclass(frozen=True)
class InvoicePaper:
    """An invoice as it is printed. settled: what payments and credits have taken off the total."""

    letterhead: Letterhead
    party: Party
    number: str
    title: str
    issued_on: date | None
    due_on: date | None
    items: Sequence[Item]
    subtotal: Money
    discount: Money
    discount_label: str
    tax: Money
    tax_label: str
    total: Money
    settled: Money
    balance: Money
    project: str = ""
    estimate: str = ""
    memo: str = ""


@dataclass(frozen=True)
class EstimatePaper:
    """An estimate or a proposal as it is printed."""

    letterhead: Letterhead
    party: Party
    number: str
    title: str
    is_proposal: bool
    issued_on: date | None
    valid_until: date | None
    accepted_on: date | None
    items: Sequence[Item]
    subtotal: Money
    tax: Money
    tax_label: str
    total: Money
    project: str = ""


@dataclass(frozen=True)
class Clause:
    """A numbered section of a contract."""

    heading: str
    text: str


@dataclass(frozen=True)
class ContractPaper:
    """A contract over a project at a price."""

    letterhead: Letterhead
    party: Party
    number: str
    title: str
    agreed_on: date
    price: Money
    clauses: Sequence[Clause]
    signed_by: tuple[str, str]


@dataclass(frozen=True)
class CertificatePaper:
    """A permit or a warranty: facts in a row, and what they mean."""

    letterhead: Letterhead
    party: Party
    number: str
    title: str
    valid_from: date
    valid_until: date
    facts: Sequence[tuple[str, str]]
    text: Sequence[str]
    signed_by: str


@dataclass(frozen=True)
class ReceiptPaper:
    """That a payment arrived, and what it settled: (invoice number, title, amount)."""

    letterhead: Letterhead
    party: Party
    number: str
    received_at: datetime
    zone: str
    method: str
    amount: Money
    settles: Sequence[tuple[str, str, Money]]
    credit: Money


@dataclass(frozen=True)
class Movement:
    """One line of a statement: what raised (charge) or lowered (credit) the balance."""

    day: date
    text: str
    charge: Money
    credit: Money
    balance: Money


@dataclass(frozen=True)
class StatementPaper:
    """A client's account over a period, with the balance before and after."""

    letterhead: Letterhead
    party: Party
    starts_on: date
    ends_on: date
    opening: Money
    movements: Sequence[Movement]
    closing: Money
