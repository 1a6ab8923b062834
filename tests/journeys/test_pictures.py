"""Dana sends a picture: it lands on a request, staff see it, and she hears what happened to it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Message
from billing.tables.work import Request
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

DANA, PRIYA = "client:dana-lee", "staff:priya"


def opened(desk: DeskAtWork, run: Run, number: str) -> tuple[Request, list[str]]:
    """The request of this number, and what staff were told of it."""

    async def work(session: AsyncSession) -> tuple[Request, list[str]]:
        request = (await session.scalars(select(Request).where(Request.number == number))).one()
        alerts = select(Message.text).where(Message.idempotency_key.startswith(f"alert:{request.id}:"))
        return request, list(await session.scalars(alerts))

    found: tuple[Request, list[str]] = run(desk.door.system(Scope.DOCTOR).read(work))
    return found


def test_picture_without_words_becomes_a_request(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "", level=1))
    number = answer.text.split("REQ-")[1].split(".")[0]
    request, alerts = opened(desk, run, f"REQ-{number}")
    assert request.summary == "A picture, sent without words"
    assert any("Dana Lee" in alert for alert in alerts)
    assert answer.text.startswith("Thank you for the picture. It is with ")
    assert answer.turn.outcome == "picture"


def test_second_picture_is_added_to_the_first(desk: DeskAtWork, run: Run) -> None:
    first = run(desk.ask(DANA, "", level=1)).text
    second = run(desk.ask(DANA, "", level=1)).text
    number = first.split("REQ-")[1].split(".")[0]
    assert second == f"Thank you, the picture is with REQ-{number} now."


def test_stranger_with_a_picture_is_asked_for_words(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "", level=0))
    assert "number I don't know" in answer.text
    assert "REQ-" not in answer.text


def test_staff_with_a_picture_are_asked_for_words(desk: DeskAtWork, run: Run) -> None:
    assert "in words what you need" in run(desk.ask(PRIYA, "", level=1)).text
