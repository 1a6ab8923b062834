"""The page behind a payment link: opening it changes nothing, paying starts with its button."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from billing.changes.payments import AmountChangedError, LinkClosedError, LinkNotFoundError, begin_payment
from billing.gateway import ChargeOrder, OwnForm, StepKind
from billing.money import Money
from billing.principal import Scope
from billing.records.links import LinkState, LinkView, find_link, find_payment_by_reference
from billing.tables.payments import Payment, PaymentStatus
from channels.pay.desk import PayDesk
from channels.pay.form import (
    Proof,
    StaleFormError,
    make_proof,
    read_fields,
    read_proof,
    reference_of,
    token_hash,
)
from channels.pay.pages import Pages
from channels.pay.webhook import webhook_router


@dataclass(frozen=True)
class Visit:
    """One request to a link: everything that answering it needs."""

    desk: PayDesk
    pages: Pages
    address: str  # where the page itself stands: /pay/{token}
    token_sha256: str
    accepted: str  # the Accept-Language header


def pay_router(pay: PayDesk) -> APIRouter:
    """GET and POST /pay/{token}, POST /pay/{token}/confirm, POST /webhooks/sandbox."""
    router, pages = APIRouter(), Pages(pay.gateway.form_targets)
    router.include_router(webhook_router(pay))

    def visit(request: Request, token: str) -> Visit:
        accepted = request.headers.get("Accept-Language", "")
        return Visit(pay, pages, f"/pay/{token}", token_hash(token), accepted)

    @router.get("/pay/{token}")
    async def open_link(request: Request, token: str) -> Response:
        return await show(visit(request, token))

    @router.post("/pay/{token}")
    async def press_pay(request: Request, token: str) -> Response:
        return await pay_now(visit(request, token), await read_fields(request))

    @router.post("/pay/{token}/confirm")
    async def answer_bank(request: Request, token: str) -> Response:
        return await confirm(visit(request, token), await read_fields(request))

    return router


async def show(visit: Visit, notice: str = "") -> Response:
    """The page as the link stands now; `notice` stands above the form if there is one."""
    view = await _view(visit)
    if view is None:
        return visit.pages.unknown(visit.accepted)
    if view.state is LinkState.PAYABLE:
        return _payable(visit, view, notice)
    if await _asks_bank(visit, view):
        proof = make_proof(visit.desk.secret, view.reference, view.amount.minor, visit.desk.clock())
        return visit.pages.bank(view, visit.accepted, visit.address, proof=proof)
    return visit.pages.state(view, visit.accepted, visit.address)


async def pay_now(visit: Visit, fields: dict[str, str]) -> Response:
    """The pay button: begin the payment once, start its charge, and show what became of it."""
    gateway, secret, now = visit.desk.gateway, visit.desk.secret, visit.desk.clock()
    try:
        proof = read_proof(secret, visit.token_sha256, fields.get("proof", ""), now)
    except StaleFormError:
        return await show(visit, "stale")
    # The typed number ends here: from now on there is only what a test card stands for.
    card = fields.pop("card", "")
    instrument = gateway.instrument_of(card) if isinstance(gateway, OwnForm) else ""
    del card
    if instrument is None:
        return await show(visit, "not_a_test_card")
    try:
        payment = await _begin(visit, proof)
    except LinkNotFoundError:
        return visit.pages.unknown(visit.accepted)
    except LinkClosedError:
        return _back(visit)
    except AmountChangedError:
        return await show(visit, "changed")
    return await _start(visit, payment, instrument)


async def confirm(visit: Visit, fields: dict[str, str]) -> Response:
    """The payer's answer to the second step."""
    gateway, view = visit.desk.gateway, await _view(visit)
    if view is None:
        return visit.pages.unknown(visit.accepted)
    answer = fields.get("answer", "")
    if not isinstance(gateway, OwnForm) or not view.reference or answer not in {"approve", "refuse"}:
        return _back(visit)
    try:
        read_proof(visit.desk.secret, view.reference, fields.get("proof", ""), visit.desk.clock())
    except StaleFormError:
        return _back(visit)
    await gateway.confirm(view.business_id, view.reference, approved=answer == "approve")
    after = await _payment(visit, view.business_id, view.reference)
    failed = after is not None and after.status is PaymentStatus.FAILED
    return await show(visit, "refused") if failed else _back(visit)


async def _begin(visit: Visit, proof: Proof) -> Payment:
    desk = visit.desk
    reference = reference_of(desk.gateway.name, visit.token_sha256, proof.seed)
    return await desk.door.system(Scope.PAYMENT_EVENT).write(
        lambda session: begin_payment(
            session,
            token_sha256=visit.token_sha256,
            shown_minor=proof.shown_minor,
            reference=reference,
            provider=desk.gateway.name,
            now=desk.clock(),
        )
    )


async def _start(visit: Visit, payment: Payment, instrument: str) -> Response:
    view, reference = await _view(visit), payment.provider_ref or ""
    if payment.status is PaymentStatus.PROCESSING and view is not None:
        step = await visit.desk.gateway.start(
            ChargeOrder(
                business_id=payment.business_id,
                reference=reference,
                link_token_sha256=visit.token_sha256,
                amount=Money(payment.amount_minor, payment.currency),
                description=view.invoice_number,
                return_url=visit.desk.public_url + visit.address,
                instrument=instrument,
            )
        )
        if step.kind is StepKind.REDIRECT:
            return RedirectResponse(step.url, 303)
    after = await _payment(visit, payment.business_id, reference)
    failed = after is not None and after.status is PaymentStatus.FAILED
    return await show(visit, "declined") if failed else _back(visit)


def _payable(visit: Visit, view: LinkView, notice: str) -> HTMLResponse:
    desk = visit.desk
    proof = make_proof(desk.secret, visit.token_sha256, view.amount.minor, desk.clock())
    takes_card = isinstance(desk.gateway, OwnForm)
    return visit.pages.payable(view, visit.accepted, visit.address, proof=proof, takes_card=takes_card, notice=notice)


def _back(visit: Visit) -> RedirectResponse:
    """To the page itself, so that reloading it sends nothing again."""
    return RedirectResponse(visit.address, 303, {"Cache-Control": "no-store"})


async def _asks_bank(visit: Visit, view: LinkView) -> bool:
    gateway = visit.desk.gateway
    if view.state is not LinkState.PROCESSING or view.provider != gateway.name:
        return False
    return isinstance(gateway, OwnForm) and await gateway.awaits_confirmation(view.business_id, view.reference)


async def _view(visit: Visit) -> LinkView | None:
    records, now = visit.desk.door.system(Scope.PAYMENT_EVENT), visit.desk.clock()
    return await records.read(lambda session: find_link(session, visit.token_sha256, now))


async def _payment(visit: Visit, business_id: int, reference: str) -> Payment | None:
    records, provider = visit.desk.door.system(Scope.PAYMENT_EVENT), visit.desk.gateway.name
    return await records.read(lambda session: find_payment_by_reference(session, business_id, provider, reference))
