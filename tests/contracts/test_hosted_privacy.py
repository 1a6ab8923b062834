"""What reaches the provider, by its own journal: card numbers never, in strict privacy no name and no amount."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Client, Contact, ContactClient
from tests.conftest import Run
from tests.contracts.conftest import scripted_provider
from tests.fakes.desk_at_work import Answer, DeskAtWork
from tests.fakes.hosting import NAME, PATIENT, Aimock, hosted

DANA, PRIYA = "client:dana-lee", "staff:priya"
CARD = "4242 4242 4242 4242"
STRICT = replace(PATIENT, is_strict=True)


def _calls(words: str, tool: str, **args: str) -> dict[str, Any]:
    match = {"userMessage": words, "hasToolResult": False}
    return {"match": match, "response": {"toolCalls": [{"name": tool, "arguments": json.dumps(args)}]}}


def _says(words: str, text: str, *, after_tool: bool = True) -> dict[str, Any]:
    return {"match": {"userMessage": words, "hasToolResult": after_tool}, "response": {"content": text}}


FIXTURES = [
    _calls("is settled", "explain_invoice", invoice="{number_2}"),
    _says(
        "is settled",
        "Not yet, {name_1}. {INV-1042.number} has {INV-1042.balance} left, due {INV-1042.due_on}.",
    ),
    _calls("what is left", "list_invoices", status="open"),
    _says("what is left", "{owed_USD.total} is left in all."),
    _calls("change my address", "update_contact", field="address", value="{address_1}"),
    _says("change my address", "Shall I change it?"),
    _calls("owes", "client_overview", client="{name_2}"),
    _says("owes", "{name_2} owes {name_2.owed}."),
    _says("card", "Please do not send card numbers here. Use the link instead.", after_tool=False),
]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with scripted_provider(tmp_path_factory.mktemp("aimock"), FIXTURES) as peer:
        yield peer


async def planted(desk: DeskAtWork) -> set[str]:
    """What identifies Dana: as it is on file, and in its parts."""

    async def work(session: AsyncSession) -> set[str]:
        query = (
            select(Contact, Client)
            .join(ContactClient, ContactClient.contact_id == Contact.id)
            .join(Client, Client.id == ContactClient.client_id)
            .where(Contact.key == "dana-lee")
        )
        contact, client = (await session.execute(query)).one()
        contact.phone, contact.email = "+12125550134", "dana.lee@example.com"
        client.postal = "418 Sycamore Street, Brooklyn, NY 11215"
        return {contact.name, client.name, "dana.lee", "2125550134", "212 555 0134", "418 Sycamore", "Sycamore Street"}

    return await desk.door.system(Scope.IMPORT).write(work)


def sent(peer: Aimock, since: int) -> str:
    return json.dumps([body["messages"] for body in peer.bodies()[since:]], ensure_ascii=False)


async def ask(desk: DeskAtWork, peer: Aimock, who: str, words: str) -> tuple[Answer, str]:
    since = len(peer.bodies())
    answer = await desk.ask(who, words)
    return answer, sent(peer, since)


def test_strict_privacy_sends_no_name_and_no_figure(desk: DeskAtWork, run: Run, provider: Aimock) -> None:
    async def story() -> None:
        secrets = await planted(desk)
        words = (
            "Hi, Dana Lee of 418 Sycamore Street here (call me at +1 212 555 0134 or dana.lee@example.com): "
            "I sent $1,840.00, can you check that 1042 is settled?"
        )
        async with hosted(desk, provider.base_url, hosting=STRICT):
            answer, told = await ask(desk, provider, DANA, words)
            assert answer.turn.model == NAME, answer.turn.timings
            assert answer.tools == ["explain_invoice"]
            assert answer.text.startswith("Not yet, Dana Lee. INV-1042 has $1,840.00 left")
            after, more = await ask(desk, provider, DANA, "and what is left in all?")
            assert after.turn.model == NAME, after.turn.timings
            assert "$1,840.00" in after.text
        for secret in (*secrets, "Dana", "1,840", "1840", "1,440", "$", "example.com"):
            assert secret.lower() not in (told + more).lower(), secret
        assert "INV-1042" in told, "record numbers are how the model speaks of records"

    run(story())


def test_placeholders_in_arguments_reach_the_tool_as_values(desk: DeskAtWork, run: Run, provider: Aimock) -> None:
    async def story() -> None:
        await planted(desk)
        async with hosted(desk, provider.base_url, hosting=STRICT):
            answer, told = await ask(desk, provider, DANA, "please change my address to 77 Juniper Lane")
        assert "Juniper" not in told
        assert "77 Juniper Lane" in answer.text
        assert [call["args"]["value"] for call in answer.turn.calls] == ["77 Juniper Lane"]

    run(story())


def test_staff_name_a_client_that_the_provider_never_sees(desk: DeskAtWork, run: Run, provider: Aimock) -> None:
    async def story() -> None:
        async with hosted(desk, provider.base_url, hosting=STRICT):
            answer, told = await ask(desk, provider, PRIYA, "what is Okafor Dental like, and what do they owes us?")
        assert answer.turn.model == NAME, answer.turn.timings
        assert answer.tools == ["client_overview"]
        assert answer.text == "Okafor Dental owes $6,200.00."
        assert "okafor" not in told.lower()
        assert "6,200" not in told

    run(story())


def test_card_numbers_never_leave(desk: DeskAtWork, run: Run, provider: Aimock) -> None:
    async def story() -> None:
        async with hosted(desk, provider.base_url, hosting=PATIENT):
            answer, told = await ask(desk, provider, DANA, f"take it from my card {CARD} please, 12/29")
            _, more = await ask(desk, provider, DANA, "or from my other card?")
        assert answer.turn.model == NAME, answer.turn.timings
        assert "4242" not in told + more
        assert "take it from my card" in told
        assert "[card number removed]" in more, "nor with the history"
        assert "Dana Lee" in told, "a name is no secret unless privacy is strict"

    run(story())


def test_nobody_elses_data_goes_with_a_clients_question(desk: DeskAtWork, run: Run, provider: Aimock) -> None:
    async def others(session: AsyncSession) -> list[str]:
        people = await session.scalars(select(Contact.name).where(Contact.key != "dana-lee"))
        return list(people)

    async def story() -> None:
        async with hosted(desk, provider.base_url, hosting=PATIENT):
            _, told = await ask(desk, provider, DANA, "what is left to pay?")
        assert [name for name in await desk.door.system(Scope.DOCTOR).read(others) if name in told] == []

    run(story())
