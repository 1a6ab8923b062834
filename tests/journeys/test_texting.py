"""Who is asking, by text: Dana at level 1, Marc and the Haddads by code, Priya's writes, and somebody unknown."""

import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Conversation, Message
from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, DeskAtWork
from tests.fakes.proving import Texting

DANA, PRIYA, HADDADS, MARC, STRANGER = "+12125550101", "+12125550141", "+12125550177", "+33639980101", "+12125559999"


def test_client_is_answered_from_the_phone_on_file(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        answer = await texting.ask(DANA, "what's this invoice for?")
        assert answer.tools == ["explain_invoice"]
        assert "INV-1042" in answer.text
        assert answer.turn.asked_as["assurance"] == 1

    run(story())


def test_refused_question_is_answered_after_the_code(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        refused = await texting.ask(DANA, "can I have a statement of my account")
        assert refused.turn.outcome == "prove_first"
        assert "Reply CODE" in refused.text
        assert "d***@mail.example" in refused.text
        sent = await texting.ask(DANA, "code")
        assert sent.turn.outcome == "code_sent"
        assert texting.box.mails[-1].to == "dana.lee@mail.example"
        answer = await texting.ask(DANA, texting.box.newest_code)
        assert answer.tools == ["account_statement"]
        assert answer.turn.asked_as["assurance"] == 2

    run(story())


def test_one_of_two_on_a_phone_proves_themselves(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(any_desk)
        asked = await texting.ask(HADDADS, "what do I owe?")
        assert asked.tools == []
        assert "Haddad" not in asked.text
        assert "$" not in asked.text
        named = await texting.ask(HADDADS, "Leila Haddad")
        assert named.text.startswith("If that name is on file, a code is on its way")
        answer = await texting.ask(HADDADS, f"my code is {texting.box.newest_code}")
        assert "INV-1044" in answer.text
        assert "INV-1034" not in answer.text
        any_desk.later(minutes=31)
        late = await texting.ask(HADDADS, "what is it for and what do I owe?")
        assert late.turn.outcome == "asked_who"
        assert "INV" not in late.text

    run(story())


def test_contact_of_two_clients_is_asked_for_whom(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk, ATELIER)
        asked = await texting.ask(MARC, "Combien je dois ?")
        assert asked.tools == []
        assert "Dubois" not in asked.text
        await texting.ask(MARC, "Famille Dubois")
        answer = await texting.ask(MARC, texting.box.newest_code)
        assert answer.tools
        assert answer.turn.asked_as["client"] is not None
        other = await texting.ask(MARC, "pour SCI Les Tilleuls")
        assert other.turn.outcome == "switched"
        desk.later(minutes=31)
        await texting.ask(MARC, "Combien je dois ?")
        await texting.ask(MARC, "Marc Dubois")
        whom = await texting.ask(MARC, texting.box.newest_code)
        assert whom.turn.outcome == "asked_for_whom"
        assert "Famille Dubois" in whom.text
        assert (await texting.ask(MARC, "Famille Dubois")).tools == answer.tools

    run(story())


def test_staff_read_at_once_and_write_after_a_code(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(any_desk)
        read = await texting.ask(PRIYA, "who owes us money?")
        assert read.tools == ["outstanding_balances"]
        refused = await texting.ask(PRIYA, "send Okafor Dental a payment link")
        assert refused.tools == []
        assert "Reply CODE" in refused.text
        await texting.ask(PRIYA, "CODE")
        proposed = await texting.ask(PRIYA, texting.box.newest_code)
        assert proposed.tools == ["propose_payment_link"]
        assert "$6,200.00" in proposed.text
        assert (await texting.ask(PRIYA, "yes")).turn.outcome == "confirmed"

    run(story())


def test_unknown_number_is_told_how_to_be_recognised(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        hello = await texting.ask(STRANGER, "hi")
        assert "Harbor & Pine" in hello.text
        assert "Write the full name on your account" in hello.text
        assert "open" in hello.text
        refused = await texting.ask(STRANGER, "what do I owe?")
        assert refused.tools == []
        handed = await texting.ask(STRANGER, "can somebody call me back")
        assert handed.tools == ["hand_to_person"]
        assert handed.turn.asked_as["client"] is None
        assert "I passed your message on" in handed.text

    run(story())


def test_code_and_question_in_a_burst_are_one_answer(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(STRANGER, "hello")
        await texting.ask(STRANGER, "I'm Dana Lee")
        answer = await texting.ask(STRANGER, texting.box.newest_code, "what's this invoice for?")
        assert "INV-1042" in answer.text

    run(story())


def test_changed_phone_is_told_and_known_only_by_code(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(DANA, "code")
        await texting.ask(DANA, texting.box.newest_code)
        proposed = await texting.ask(DANA, "change my phone to 212 555 9999")
        assert "212" in proposed.text
        assert (await texting.ask(DANA, "yes")).turn.outcome == "confirmed"
        thread = (await texting.receive(DANA, "what do I owe?")).conversation_id
        told = [message.text for message in await desk.messages(thread)]
        assert any("this one is no longer used" in text for text in told)
        old = await texting.ask(DANA, "what do I owe?")
        assert old.turn.asked_as["assurance"] == 0
        new = await texting.ask(STRANGER, "what do I owe?")
        assert new.turn.asked_as["assurance"] == 0  # on file since today
        desk.later(days=8)
        assert (await texting.ask(STRANGER, "what do I owe?")).turn.asked_as["assurance"] == 1

    run(story())


def test_changed_email_is_told_by_letter(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask("client:dana-lee", "my e-mail is now dana@new.example")
        await desk.ask("client:dana-lee", "yes")

        async def work(session: AsyncSession) -> list[tuple[str, str, int | None]]:
            queued = select(Conversation.key, Message.text, Message.client_id).join(
                Message, Message.conversation_id == Conversation.id
            )
            rows = await session.execute(queued.where(Conversation.connection == "email:harbor-and-pine"))
            return [(key, text, client) for key, text, client in rows]

        ((key, text, client),) = await desk.door.system(Scope.DOCTOR).read(work)
        assert key == "dana.lee@mail.example"
        assert "the e-mail on your account was just changed" in text
        assert client is None

    run(story())


def test_first_messages_at_once_make_one_thread(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(any_desk)
        senders = await asyncio.gather(*(texting.receive(STRANGER, f"hello {n}") for n in range(4)))
        assert len({(sender.address_id, sender.conversation_id) for sender in senders}) == 1
        assert (await texting.ask(STRANGER, "hello")).turn.outcome == "asked_who"

    run(story())
