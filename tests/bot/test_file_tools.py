"""Finding files and handing them out."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import InvoiceStatus
from billing.tables.files import FileKind, FileLink, Visibility
from bot.messages import AttachmentKind
from bot.tools.files import find_file
from tests.bot.shop import Desk, Run, other_principal, say, spoken_of
from tests.factories.bills import make_invoice
from tests.factories.files import make_file, make_file_version
from tests.fakes.clock import NOW


def with_files(door: Door, run: Run) -> Desk:
    """Dana's papers, one of them internal, and one of the other client."""
    desk = Desk(door, run)

    async def add(session: AsyncSession) -> None:
        dana, project = desk.shop.dana, desk.shop.project.id
        for kind, name in ((FileKind.PERMIT, "Building permit.pdf"), (FileKind.WARRANTY, "Cabinet warranty.pdf"),
                           (FileKind.PHOTO, "Kitchen before.jpg"), (FileKind.PHOTO, "Deck before.jpg")):  # fmt: skip
            await make_file(
                session, client=dana, kind=kind, name=name, project_id=project if "Deck" not in name else None
            )
        for invoice in (desk.shop.kitchen, desk.shop.deposit):
            await make_file(
                session, client=dana, kind=FileKind.INVOICE, name=f"{invoice.number}.pdf", invoice_id=invoice.id
            )
        await make_file(session, client=dana, name="Margin.xlsx", visibility=Visibility.INTERNAL)
        await make_file(session, client=desk.shop.other, name="Okafor contract.pdf")

    desk.add(add)
    return desk


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("permit", "Building permit.pdf"),
        ("the building permit please", "Building permit.pdf"),
        ("el permiso", "Building permit.pdf"),
        ("warrenty", "Cabinet warranty.pdf"),
        ("la garantía", "Cabinet warranty.pdf"),
        ("photo of the kitchen", "Kitchen before.jpg"),
        ("PDF of INV-1042", "INV-1042.pdf"),
        ("invoice 1019", "INV-1019.pdf"),
        ("Cabinet warranty.pdf", "Cabinet warranty.pdf"),
    ],
)
def test_words_find_the_file(sqlite_door: Door, run: Run, query: str, name: str) -> None:
    answer = with_files(sqlite_door, run).ask(find_file, query)
    assert [mention.key for mention in answer.mentions] == [name]
    (attached,) = answer.attachments
    assert attached.kind is AttachmentKind.FILE
    assert attached.value.startswith("https://desk.example/files/token")
    assert say(answer).startswith(f"Here is {name}")


def test_a_link_is_stored_hashed_and_ends(sqlite_door: Door, run: Run) -> None:
    desk = with_files(sqlite_door, run)
    answer = desk.ask(find_file, "permit")
    link = desk.row(FileLink)
    assert link.token_sha256 == f"{answer.attachments[0].value.rpartition('/')[2]:0>64}"
    assert (link.expires_at - NOW).days == 1


def test_the_newest_version_is_handed_out(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> int:
        file = await make_file(session, client=desk.shop.dana, name="Contract.pdf")
        return (await make_file_version(session, file=file, number=2)).id

    newest = desk.add(add)
    desk.ask(find_file, "contract")
    assert desk.row(FileLink).file_version_id == newest


def test_a_few_of_a_kind_are_given_together(sqlite_door: Door, run: Run) -> None:
    answer = with_files(sqlite_door, run).ask(find_file, "photos")
    assert say(answer) == "Here they are: Kitchen before.jpg and Deck before.jpg."
    assert len(answer.attachments) == 2


def test_the_record_spoken_of_decides(sqlite_door: Door, run: Run) -> None:
    answer = with_files(sqlite_door, run).ask(find_file, "the invoice", mentions=spoken_of("INV-1042"))
    assert [mention.key for mention in answer.mentions] == ["INV-1042.pdf"]


@pytest.mark.parametrize("query", ["margin", "Okafor contract", "contract", "drawings of the moon"])
def test_internal_foreign_and_absent_are_one_answer(sqlite_door: Door, run: Run, query: str) -> None:
    desk = with_files(sqlite_door, run)
    answer = desk.ask(find_file, query)
    assert answer == desk.ask(find_file, "unicorn")
    assert say(answer).startswith("I can't find that document on your account. What there is:")
    assert not desk.rows(FileLink)


def test_the_file_of_a_draft_is_not_given(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        draft = await make_invoice(session, client=desk.shop.dana, number="INV-1099", status=InvoiceStatus.DRAFT)
        await make_file(session, client=desk.shop.dana, kind=FileKind.INVOICE, name="INV-1099.pdf", invoice_id=draft.id)

    desk.add(add)
    assert desk.ask(find_file, "INV-1099").kind == "nothing"


def test_without_words_the_papers_are_listed(sqlite_door: Door, run: Run) -> None:
    desk = with_files(sqlite_door, run)
    answer = desk.ask(find_file)
    assert say(answer).startswith("6 documents on file:")
    assert "Margin" not in say(answer)
    assert answer.attachments[0].value.startswith("send me ")
    assert say(desk.ask(find_file, "", principal=other_principal(desk.shop))) == (
        "1 document on file:\n• Okafor contract.pdf"
    )
