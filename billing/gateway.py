"""The PaymentGateway port and the values that pass through it: orders out, provider events in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from billing.money import Money


class EventKind(StrEnum):
    """What a provider can tell us; each provider's own names are mapped onto these."""

    PAYMENT_PROCESSING = "payment.processing"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    REFUND_PENDING = "refund.pending"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    CHARGEBACK_OPENED = "chargeback.opened"
    CHARGEBACK_WON = "chargeback.won"
    CHARGEBACK_LOST = "chargeback.lost"


class SignatureError(Exception):
    """A provider event whose signature is missing, malformed, wrong or too old; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"provider event refused: signature is {reason}")
        self.reason = reason


class UnreadableEventError(Exception):
    """A signed provider event whose body does not have the agreed form."""


@dataclass(frozen=True)
class ChargeOrder:
    """What a gateway is asked to collect.

    reference: our name of the payment (Payment.provider_ref), unique within the provider; it is also the
    idempotency key: the same reference started twice is one charge.
    instrument: what the gateway's own form made of the payer's means of payment; never a card number.
    return_url: where a provider's own page sends the payer back to.
    """

    business_id: int
    reference: str
    link_token_sha256: str
    amount: Money
    description: str
    return_url: str = ""
    instrument: str = ""


@dataclass(frozen=True)
class RefundOrder:
    """What a gateway is asked to give back of the payment `reference`; the same key twice is one refund."""

    business_id: int
    reference: str
    idempotency_key: str
    amount: Money
    reason: str = ""


class StepKind(StrEnum):
    """What the payer has to do after starting."""

    NOTHING = "nothing"  # the outcome comes as an event, perhaps it has come already
    CONFIRM = "confirm"  # our own page asks for the second step
    REDIRECT = "redirect"  # the provider's page, at `url`


@dataclass(frozen=True)
class Step:
    """The payer's next step; `url` only for a redirect."""

    kind: StepKind
    url: str = ""


@dataclass(frozen=True)
class ProviderEvent:
    """One thing a provider told us, in our own words.

    reference: the payment it is about. part: the refund's or chargeback's id at the provider, else "".
    amount: of the payment, refund or chargeback. occurred_at: at the provider, aware UTC.
    """

    business_id: int
    provider: str
    event_id: str
    kind: EventKind
    reference: str
    amount: Money
    occurred_at: datetime
    part: str = ""
    reason: str = ""

    def body(self) -> dict[str, Any]:
        """What is kept of the event in the database: no more than applying it needs."""
        return {
            "reference": self.reference,
            "amount_minor": self.amount.minor,
            "currency": self.amount.currency,
            "part": self.part,
            "reason": self.reason,
        }


class PaymentGateway(Protocol):
    """A payment provider. It never tells an outcome as a result: outcomes come as signed events."""

    @property
    def name(self) -> str:
        """The provider's name in Payment.provider and PaymentEvent.provider."""

    @property
    def form_targets(self) -> tuple[str, ...]:
        """Origins, beside our own, that the pay form may lead to."""

    async def start(self, order: ChargeOrder) -> Step:
        """Begin a charge, once per reference."""

    async def refund(self, order: RefundOrder) -> str:
        """Ask to give money back, once per idempotency key; answers the refund's id at the provider."""

    async def find_charge(self, business_id: int, reference: str) -> ProviderEvent | None:
        """Where a charge stands now, told as the event that reports it; None if it was never started."""

    def read_event(self, body: bytes, signature: str, now: datetime) -> ProviderEvent | None:
        """A checked event; None for kinds that do not concern us. SignatureError, UnreadableEventError."""


@runtime_checkable
class OwnForm(Protocol):
    """A gateway whose means of payment is typed on our own page: the sandbox with its test cards."""

    def instrument_of(self, card: str) -> str | None:
        """The instrument a typed test card stands for; None for any other number."""

    async def awaits_confirmation(self, business_id: int, reference: str) -> bool:
        """Whether the charge waits for the payer's second step."""

    async def confirm(self, business_id: int, reference: str, *, approved: bool) -> None:
        """The payer's answer to the second step; a repeated or late answer changes nothing."""
