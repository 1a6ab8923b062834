"""What a reply says beside its answer, decided in code: that a card's number was removed, that a STOP is heard."""

from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from billing.ledger import payable
from billing.records.invoices import list_owing
from billing.tables.bills import Invoice
from bot.caps import Cap
from bot.cards.redacting import is_card_alone, is_redacted
from bot.decided import Decided
from bot.deciding import consent_kind
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.messages import Attachment
from bot.opening import OpenTurn
from bot.relaying import RELAYED, relay
from bot.replies import fixed
from bot.tools import facts
from bot.turn import Draft
from bot.wording import label, render

CARD_STEP = "card"


async def card_alone(turn: OpenTurn) -> Decided | None:
    """The answer to messages in which nothing is left but that a card's number was removed."""
    if turn.cap is not Cap.NONE or not _has_card(turn) or not is_card_alone(turn.words_as_said):
        return None
    answer = await _card_answer(turn)
    return Decided(_words(turn, answer), extra=(answer,), outcome="card_removed")


async def with_notices(turn: OpenTurn, draft: Draft) -> Draft:
    """A draft that also says what has to be said, after its answer and in the phrasebook's words."""
    notices = [] if draft.outcome == RELAYED else list(await relay(turn))
    if _has_card(turn) and draft.outcome != "card_removed":
        notices.append(await _card_answer(turn))
    heard = turn.heard
    if heard is not None and not heard.is_all and not heard.is_silent:
        notices.append(fixed(consent_kind(heard), turn.asker.business))
    if not notices:
        return draft
    parts = [draft.text, *(_words(turn, notice) for notice in notices)]
    text = "\n\n".join(part for part in parts if part)
    return replace(draft, text=text, extra=(*draft.extra, *notices))


def _has_card(turn: OpenTurn) -> bool:
    return any(is_redacted(each.text) or is_redacted(each.choice or "") for each in turn.said)


async def _card_answer(turn: OpenTurn) -> Answer:
    """That the number was removed, with a button to the link where one invoice can be paid; journalled."""
    work = turn.work
    known = work.journal.recall(CARD_STEP)
    if known is not None:
        return answer_from_json(known["answer"])
    invoice = await _one_payable(turn)
    data = {"invoice": facts.invoice_facts(work.context, invoice) if invoice else ""}
    answer = Answer("card_removed", data, () if invoice is None else (_pay_button(turn, invoice),))
    work.journal.hold(CARD_STEP, "notice", {"answer": answer_to_json(answer)})
    return answer


async def _one_payable(turn: OpenTurn) -> Invoice | None:
    """The one invoice the person can pay; None when there is none or several, or they are not known."""
    who = turn.asker.principal
    if who.is_staff or who.client_id is None or who.assurance == 0:
        return None

    async def read(session: AsyncSession) -> list[Invoice]:
        return [row for row in await list_owing(session) if await payable(session, row) > 0]

    owing = await turn.work.context.records.read(read)
    return owing[0] if len(owing) == 1 else None


def _pay_button(turn: OpenTurn, invoice: Invoice) -> Attachment:
    say = partial(label, turn.work.reader.language)
    shown = say("pay_this", number=f"{{{invoice.number}.number}}")
    return facts.button(shown, say("say_pay", number=invoice.number))


def _words(turn: OpenTurn, answer: Answer) -> str:
    return render(answer, intent="", language=turn.work.reader.language)
