"""What the pay page is given: the door, the gateway, the clock, who announces, and the secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billing.access import Door
from billing.gateway import PaymentGateway
from billing.payment_events import Announce, apply_events, catch_up
from billing.sandbox_gateway import SandboxGateway, open_sandbox


@dataclass(frozen=True)
class PayDesk:
    """Everything that pages and webhooks of payments need.

    clock: aware UTC. secret: signs the page's forms. public_url: where a provider's own page sends the payer
    back to, without a slash at its end; the sandbox needs none.
    """

    door: Door
    gateway: PaymentGateway
    clock: Callable[[], datetime]
    announce: Announce
    secret: str
    public_url: str = ""


def sandbox_desk(door: Door, clock: Callable[[], datetime], announce: Announce, secret: str) -> PayDesk:
    """A desk whose payments go through the sandbox provider."""
    return PayDesk(door, open_sandbox(door, secret, clock, announce), clock, announce, secret)


async def tend(desk: PayDesk) -> None:
    """What a timer does every second or so: late charges, events left behind, payments that nobody told of."""
    if isinstance(desk.gateway, SandboxGateway):
        await desk.gateway.settle_due(desk.clock())
    await apply_events(desk.door, desk.announce, desk.clock())
    await catch_up(desk.door, desk.gateway, desk.announce, desk.clock())
