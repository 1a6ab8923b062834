"""What a day's turns used, summed where the rows lie, on SQLite and PostgreSQL."""

from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal, PrincipalKind, Scope
from billing.records.turns import used_by_business_since, used_since
from billing.tables.talk import Conversation, TurnStatus
from tests.conftest import Run
from tests.factories.people import make_business, make_client, make_contact, make_staff
from tests.factories.talk import make_conversation, make_turn
from tests.fakes.clock import NOW
from tests.fakes.databases import Database

DAY_AGO = NOW - timedelta(days=1)


async def _talk(session: AsyncSession) -> tuple[Conversation, Conversation, Conversation]:
    """Two threads of one client's contact and one of staff, with turns of a hosted model and of the built-in one."""
    business = await make_business(session)
    client = await make_client(session, business=business)
    contact = await make_contact(session, business=business, clients=[client])
    web = await make_conversation(session, person=contact, client=client)
    phone = await make_conversation(session, person=contact, client=client)
    office = await make_conversation(session, person=await make_staff(session, business=business))
    for thread, read, written in ((web, 300, 50), (phone, 40, 0), (office, 7, 1)):
        timings = {"ms": 3.5, "tried": "openai:x", "read": read, "written": written, "cost_micros": read}
        await make_turn(session, conversation=thread, timings=timings, status=TurnStatus.DONE)
    ended = {"status": TurnStatus.DONE}
    await make_turn(session, conversation=web, timings={"ms": 3.5}, **ended)
    await make_turn(
        session, conversation=web, timings={"read": 999}, started_at=DAY_AGO - timedelta(seconds=1), **ended
    )
    await make_turn(session, conversation=web)  # it runs
    return web, phone, office


def test_a_days_turns_are_summed_by_person_and_by_business(database: Database, run: Run) -> None:
    system = database.door.system
    web, phone, office = run(system(Scope.IMPORT).write(_talk))
    read = system(Scope.DISPATCH).read
    person = Principal(web.business_id, PrincipalKind.CLIENT, 1, client_id=web.client_id, contact_id=web.contact_id)
    nobody = Principal(web.business_id, PrincipalKind.CLIENT, 0)
    staff = Principal(web.business_id, PrincipalKind.STAFF, 2, staff_id=office.staff_id, role="owner")
    for who, thread, used in (
        (person, web, (390, 340)),
        (nobody, phone, (40, 40)),
        (staff, office, (8, 7)),
    ):
        asked = partial(used_since, who=who, conversation_id=thread.id, since=DAY_AGO)
        assert run(read(asked)) == used, who
    assert run(read(partial(used_by_business_since, business_id=web.business_id, since=DAY_AGO))) == (398, 347)
    tomorrow = partial(used_by_business_since, business_id=web.business_id, since=NOW + timedelta(days=1))
    assert run(read(tomorrow)) == (0, 0), "a day without turns used nothing"
