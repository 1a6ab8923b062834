"""Two clients of one business and one of another, each with a row of everything: for tests of the boundary."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Principal, PrincipalKind, Scope
from billing.tables.addresses import Consent
from billing.tables.files import Visibility
from billing.tables.talk import NoteKind
from tests.factories.addresses import make_code, make_connection
from tests.factories.audit import make_anchor
from tests.factories.bills import make_credit_note, make_invoice
from tests.factories.files import make_file, make_file_link, make_file_version
from tests.factories.payments import (
    make_chargeback,
    make_payment,
    make_payment_event,
    make_payment_link,
    make_refund,
    make_sandbox_charge,
)
from tests.factories.people import make_address, make_business, make_client, make_contact, make_staff
from tests.factories.plans import make_plan, make_promise, make_retainer
from tests.factories.quotes import make_acceptance, make_estimate
from tests.factories.sites import make_draft, make_site, make_site_visit, make_start_link
from tests.factories.talk import (
    make_conversation,
    make_message,
    make_note,
    make_proposal,
    make_turn,
    make_turn_step,
    make_web_session,
)
from tests.factories.work import make_appointment, make_project, make_request, make_task, make_time_entry
from tests.fakes.clock import NOW, TODAY

AMOUNT = 100_00


@dataclass(frozen=True)
class Household:
    """The ids of one client's rows."""

    business: int
    client: int
    contact: int
    invoice: int
    project: int
    estimate: int
    payment: int
    link: int
    conversation: int
    turn: int
    request: int
    file: int
    internal_version: int
    note: int
    retainer: int


@dataclass(frozen=True)
class Neighbours:
    """mine: who asks. theirs: of the same business. far: of another business."""

    mine: Household
    theirs: Household
    far: Household
    staff: int
    staff_thread: int

    @property
    def client(self) -> Principal:
        """The client who asks."""
        return Principal(
            business_id=self.mine.business, kind=PrincipalKind.CLIENT, assurance=2,
            client_id=self.mine.client, contact_id=self.mine.contact,
        )  # fmt: skip

    @property
    def stranger(self) -> Principal:
        """Somebody nobody knows."""
        return Principal(business_id=self.mine.business, kind=PrincipalKind.CLIENT, assurance=0)

    @property
    def staff_member(self) -> Principal:
        """Staff of the business of mine and theirs."""
        return Principal(
            business_id=self.mine.business, kind=PrincipalKind.STAFF, assurance=2, staff_id=self.staff, role="manager"
        )


async def make_neighbours(door: Door) -> Neighbours:
    """Write them all, as an import does."""
    return await door.system(Scope.IMPORT).write(_write)


async def _write(session: AsyncSession) -> Neighbours:
    near, far = await make_business(session), await make_business(session)
    staff = await make_staff(session, business=near)
    thread = await make_conversation(session, person=staff)
    await make_staff(session, business=far)
    await make_anchor(session, business=near)
    await make_anchor(session, business=far)
    for business in (near, far):
        await make_connection(session, business=business)
        await make_site(session, business=business)
        await make_site_visit(session, business=business)
    # First theirs, so that the ids of mine are not 1.
    theirs = await _household(session, near, "THEIRS", thread)
    mine = await _household(session, near, "MINE", thread)
    return Neighbours(mine, theirs, await _household(session, far, "FAR", None), staff.id, thread.id)


async def _household(session: AsyncSession, business: Any, mark: str, staff_thread: Any) -> Household:
    client = await make_client(session, business=business, name=mark)
    contact = await make_contact(session, business=business, clients=[client], name=mark)
    await make_code(session, person=contact, address=await make_address(session, person=contact))
    await make_start_link(session, person=contact)
    session.add(
        Consent(
            business_id=business.id, contact_id=contact.id, channel="sms", scope="all", source="form",
            wording=mark, is_given=True, at=NOW,
        )
    )  # fmt: skip
    project = await make_project(session, client=client, name=mark)
    task = await make_task(session, project=project, title=mark)
    estimate = await make_estimate(session, client=client, title=mark, lines=[(mark, 1, AMOUNT)])
    await make_acceptance(session, estimate=estimate, contact_id=contact.id)
    invoice = await make_invoice(session, client=client, title=mark, lines=[(mark, 1, AMOUNT)])
    await make_time_entry(session, project=project, task_id=task.id, invoice_id=invoice.id)
    await make_appointment(session, client=client, purpose=mark)
    request = await make_request(session, client=client, summary=mark)
    payment = await make_payment(session, client=client, amount_minor=10_00, settles=[(invoice, 10_00)])
    await make_refund(session, payment=payment, amount_minor=1_00)
    await make_chargeback(session, payment=payment)
    await make_credit_note(session, invoice=invoice)
    await make_payment_event(session, business=business)
    await make_sandbox_charge(session, business=business)
    link = await make_payment_link(session, invoice=invoice)
    retainer = await make_retainer(session, client=client)
    await make_plan(session, invoice=invoice, parts=[(TODAY, AMOUNT)])
    await make_promise(session, invoice=invoice, contact_id=contact.id)
    file = await make_file(session, client=client, name=mark)
    await make_file_link(session, version=await make_file_version(session, file=file, number=2))
    internal = await make_file(session, client=client, name="INTERNAL", visibility=Visibility.INTERNAL)
    hidden = await make_file_version(session, file=internal, number=2)
    await make_file_link(session, version=hidden)
    note = await make_note(session, client=client, text="INTERNAL")
    await make_note(session, client=client, text=mark, kind=NoteKind.CHANGE)
    thread = await make_conversation(session, person=contact, client=client)
    turn = await make_turn(session, conversation=thread)
    await make_turn_step(session, turn=turn)
    await make_draft(session, turn=turn)
    await make_message(session, conversation=thread, text=mark, turn_id=turn.id)
    await make_proposal(session, conversation=thread, client=client, summary=mark)
    if staff_thread is not None:
        await make_proposal(session, conversation=staff_thread, client=client, summary="INTERNAL")
    await make_web_session(session, conversation=thread)
    return Household(
        business.id, client.id, contact.id, invoice.id, project.id, estimate.id, payment.id, link.id, thread.id,
        turn.id, request.id, file.id, hidden.id, note.id, retainer.id,
    )  # fmt: skip
