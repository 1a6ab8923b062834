"""Kept turns say the same when they are told again, and tell what another model would say, without any network."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from sqlalchemy import Connection, event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Message, TurnStep
from bot.agent import Agents
from bot.models import make_model
from bot.providers import ModelWish
from bot.receipts.erasing import erase_turns
from bot.receipts.sealing import key_of
from bot.replaying import Kept, Replayer, find_kept, told_by
from bot.tools.registry import CLIENT_TOOLS
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork, open_desk, the_understanding
from tests.fakes.hijacked import HijackedModel
from tests.fakes.kept_turns import answered, ask_many, tell_the_story, turn_ids

DANA = "client:dana-lee"
HOSTED_TURNS = {16: 4, 820: 160}


class ScriptedModel(HijackedModel):
    """Asks one tool, then says what it was told to say."""

    call: dict[str, Any] = {}  # noqa: RUF012 - a pydantic field
    words: str = "Done."

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        asked = messages[-1].type == "tool" or not self.call
        message = AIMessage(content=self.words) if asked else AIMessage(content="", tool_calls=[self.call])
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A turn that fails is logged with its traceback, which takes longer to draw than the turn."""

    def drop(_logger: Any, _method: str, _event: Any) -> str:
        raise structlog.DropEvent

    structlog.configure(processors=[drop])
    yield
    structlog.reset_defaults()


def hijacked() -> BaseChatModel:
    """A hosted model as bad as it gets: its turns fail, are repaired, and must still be told again."""
    return HijackedModel(
        tools={spec.name: spec.parameters for spec in CLIENT_TOOLS},
        bait=["INV-1042", "INV-1047", "the kitchen", "half"],
    )


@contextmanager
def no_network() -> Iterator[None]:
    """Not even the loopback."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    try:
        yield
    finally:
        pytest_socket.enable_socket()
        pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


async def read(desk: DeskAtWork, turn_id: int) -> Kept:
    kept = await desk.door.system(Scope.DOCTOR).read(lambda session: find_kept(session, str(turn_id)))
    assert kept is not None
    return kept


async def newest(desk: DeskAtWork) -> Kept:
    return await read(desk, (await turn_ids(desk))[-1])


async def told_again(desk: DeskAtWork) -> Counter[str]:
    """Tell every turn of the desk again and compare; how many there were of each outcome."""
    replayer, outcomes = Replayer(desk.door, the_understanding()), Counter[str]()
    written: list[object] = []

    def began(connection: Connection) -> None:
        written.append(connection)

    event.listen(desk.engines.writing.engine, "begin", began)
    for turn_id in await turn_ids(desk):
        kept = await read(desk, turn_id)
        with no_network():
            again = await replayer.tell_again(kept)
        assert told_by(kept).differences(again) == (), (turn_id, told_by(kept), again)
        outcomes[again.outcome] += 1
    event.remove(desk.engines.writing.engine, "begin", began)
    assert written == []
    return outcomes


@pytest.mark.parametrize("count", [16, pytest.param(820, marks=pytest.mark.prove)])
def test_turns_told_again_are_identical(demo_files: Path, tmp_path: Path, run: Run, count: int) -> None:
    async def story() -> None:
        desk = open_desk(demo_files, tmp_path)
        await tell_the_story(desk)
        await ask_many(desk, count)
        own = await told_again(desk)
        assert {"answered", "confirmed", "declined", "opted_out", "help", "asked_for_whom", "held", "given_up"} <= set(
            own
        )
        await desk.close()
        hosted = open_desk(demo_files, tmp_path, hijacked())
        before = set(await turn_ids(hosted))
        assert not before
        await ask_many(hosted, HOSTED_TURNS[count])
        other = await told_again(hosted)
        await hosted.close()
        assert sum((own + other).values()) >= (40 if count < 100 else 990)

    run(story())


def test_changed_journal_comes_out_differently(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await answered(desk, DANA, "what do I owe?")
        kept = await newest(desk)

        async def forge(session: AsyncSession) -> None:
            words = {"text": "You owe nothing.", "calls": []}
            last = update(TurnStep).where(TurnStep.turn_id == kept.turn.id, TurnStep.step == "m2")
            await session.execute(last.values(content=words))

        await desk.door.system(Scope.IMPORT).write(forge)
        replayer = Replayer(desk.door, the_understanding())
        again = await replayer.tell_again(await newest(desk))
        assert "text" in told_by(kept).differences(again)

    run(story())


def test_journal_that_lacks_a_step_reads_no_record(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await answered(desk, DANA, "what do I owe?")
        kept = await newest(desk)
        without = Kept(kept.turn, kept.said, tuple(each for each in kept.steps if each.kind == "model"), kept.reply)
        again = await Replayer(desk.door, the_understanding()).tell_again(without)
        assert again.outcome == "failed"
        assert told_by(kept).text != again.text

    run(story())


def test_another_model_gets_the_kept_answers(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await answered(desk, DANA, "what's this invoice for?")
        kept = await newest(desk)
        call = {"name": "explain_invoice", "args": {"invoice": "This"}, "id": "1", "type": "tool_call"}
        model = ScriptedModel(call=call, words="{INV-1042.balance} is open.")
        told, unrecorded = await Replayer(desk.door, the_understanding()).ask_another(kept, Agents(model, "scripted"))
        assert told.text == "$1,840.00 is open."
        assert unrecorded == []
        assert "text" in told_by(kept).differences(told)

    run(story())


def test_another_models_new_call_is_not_run(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await answered(desk, DANA, "what's this invoice for?")
        kept = await newest(desk)
        links = await _messages(desk)
        call = {"name": "send_payment_link", "args": {"invoice": "INV-1042"}, "id": "1", "type": "tool_call"}
        model = ScriptedModel(call=call, words="Here is your link.")
        replayer = Replayer(desk.door, the_understanding())
        told, unrecorded = await replayer.ask_another(kept, Agents(model, "scripted"))
        assert unrecorded == [("send_payment_link", {"invoice": "INV-1042"})]
        assert not [each for each in told.attachments if each["kind"] == "link"]
        assert await _messages(desk) == links

    run(story())


def test_builtin_model_asked_again_says_the_same(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        for words in ("what's this invoice for?", "STOP", "who do I call?"):
            await answered(desk, DANA, words)
            kept = await newest(desk)
            replayer = Replayer(desk.door, the_understanding())
            told, unrecorded = await replayer.ask_another(kept, Agents(make_model(ModelWish()), "builtin"))
            assert (told.text, unrecorded) == (told_by(kept).text, [])

    run(story())


def test_history_is_read_again_for_another_model(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await answered(desk, DANA, "what's this invoice for?")
        first = await newest(desk)
        await answered(desk, DANA, "what do I owe?")
        assert [words for _, words in (await newest(desk)).history][-2:] == [
            "what's this invoice for?",
            told_by(first).text,
        ]
        erase = desk.door.system(Scope.ERASE)
        await erase.write(lambda session: erase_turns(session, [first.turn.id], key_of(b"a"), desk.now))
        assert "what's this invoice for?" not in [words for _, words in (await newest(desk)).history]
        assert not (await read(desk, first.turn.id)).can_be_told

    run(story())


async def _messages(desk: DeskAtWork) -> int:
    async def work(session: AsyncSession) -> int:
        return len((await session.scalars(select(Message.id))).all())

    return await desk.door.system(Scope.DOCTOR).read(work)
