"""What comes in is stored before other work begins, and holds nothing up for long."""

import asyncio
import time

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.precedence import PATIENCE, Precedence
from billing.principal import Scope
from tests.conftest import Run
from tests.fakes.databases import Database


def test_other_work_waits_for_what_goes_first(run: Run) -> None:
    async def story() -> list[str]:
        precedence, done = Precedence(), []

        async def other() -> None:
            await precedence.after()
            done.append("other")

        with precedence.first(), precedence.first():
            waiting = asyncio.ensure_future(other())
            await asyncio.sleep(PATIENCE / 5)
            done.append("first")
        await waiting
        return done

    assert run(story()) == ["first", "other"]


def test_other_work_has_an_end_to_its_patience(run: Run) -> None:
    async def story() -> None:
        precedence = Precedence()
        with precedence.first():
            await asyncio.wait_for(precedence.after(), 60 * PATIENCE)

    run(story())


def test_nothing_waits_after_an_intake_that_failed(database: Database, run: Run) -> None:
    async def fails(_session: AsyncSession) -> None:
        raise ZeroDivisionError

    async def story() -> None:
        outcomes = await asyncio.gather(
            *(database.door.system(Scope.INTAKE).write(fails) for _ in range(3)), return_exceptions=True
        )
        assert [type(each) for each in outcomes] == [ZeroDivisionError] * 3
        assert not database.engines.precedence._under_way

    run(story())


def test_a_message_is_stored_before_a_turn_goes_on(database: Database, run: Run) -> None:
    order: list[str] = []

    async def stores(_session: AsyncSession) -> None:
        time.sleep(PATIENCE / 3)  # noqa: ASYNC251 - a unit of work runs in a thread of its engine
        order.append("message")

    async def goes_on(_session: AsyncSession) -> None:
        order.append("turn")

    async def story(door: Door) -> None:
        turns = [door.system(Scope.DISPATCH).read(goes_on), door.system(Scope.DISPATCH).write(goes_on)]
        await asyncio.gather(door.system(Scope.INTAKE).write(stores), *turns)

    run(story(database.door))
    assert order == ["message", "turn", "turn"]
