"""The sandbox's webhook: signed events come in, anything else leaves no trace."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.sandbox_gateway import sandbox_key, sign
from billing.tables.payments import SandboxCharge
from channels.pay.webhook import SIGNATURE_HEADER
from tests.channels.pay_shop import LATE, Shop, opened
from tests.conftest import Run
from tests.fakes.clock import NOW


def test_webhook_takes_signed_events_only(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            path = await shop.link()
            await shop.press(path, LATE)
            body = await settled_body(shop)
            before = await shop.counts()
            signature = sign(sandbox_key("secret"), body, NOW)
            for wrong in ("", "t=1,v1=2", signature + "0", sign(sandbox_key("guess"), body, NOW)):
                refused = await shop.http.post("/webhooks/sandbox", content=body, headers={SIGNATURE_HEADER: wrong})
                assert refused.status_code == 403
            assert await shop.counts() == before
            for _ in range(2):
                taken = await shop.http.post("/webhooks/sandbox", content=body, headers={SIGNATURE_HEADER: signature})
                assert taken.status_code == 200
            assert shop.ears.kinds == ["processing", "succeeded"]

    run(story())


async def settled_body(shop: Shop) -> bytes:
    """The event that the sandbox would send of the one late charge."""

    async def work(session: AsyncSession) -> SandboxCharge:
        return (await session.scalars(select(SandboxCharge))).one()

    charge = await shop.door.system(Scope.PAYMENT_EVENT).read(work)
    told = (
        f'{{"id":"sev_{charge.reference}_payment.succeeded","type":"payment.succeeded",'
        f'"business":{charge.business_id},"reference":"{charge.reference}","amount_minor":184000,'
        f'"currency":"USD","occurred_at":"{NOW.isoformat()}","part":"","reason":""}}'
    )
    return told.encode()


def test_webhook_refuses_nonsense(run: Run, sqlite_door: Door) -> None:
    async def story() -> None:
        async with opened(sqlite_door) as shop:
            body = b"{}"
            headers = {SIGNATURE_HEADER: sign(sandbox_key("secret"), body, NOW)}
            nonsense = await shop.http.post("/webhooks/sandbox", content=body, headers=headers)
            assert nonsense.status_code == 400
            large = await shop.http.post("/webhooks/sandbox", content=b"x" * 70_000)
            assert large.status_code == 413

    run(story())
