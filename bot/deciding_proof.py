"""What is decided of proving who asks: codes asked for and brought, names said, and what needs a code first."""

from billing.principal import PrincipalKind
from bot.codes import ASKED_WHO, SENT, WRONG, Brought, Proof, asks_for_code
from bot.decided import Decided
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.meaning import Act
from bot.opening import OpenTurn
from bot.replies import about_code, cannot_yet, fixed, known_as
from bot.tools.people import carry_out_hand_to_person
from bot.tools.registry import find_tool
from bot.turn import CallMade, TurnWork
from bot.wording import label, render

VOUCH_STEP = "vouch"
_WITHOUT_CODE = frozenset({
    Brought.NUMBER_PROVED, Brought.NUMBER_SHARED, Brought.NUMBER_UNKNOWN, Brought.START, Brought.START_OVER,
})  # fmt: skip


def decide_brought(turn: OpenTurn) -> Decided | None:
    """What a code, an own number or a start link in this turn came to, unless it proved them and a question waits."""
    proof = turn.work.proof
    if proof is None or proof.brought is Brought.NOTHING:
        return None
    if proof.brought in _WITHOUT_CODE:
        return _introduced(turn, proof)
    if proof.brought is Brought.PROVED:
        return None if turn.words else _said(turn, about_code("proved", turn.work), "proved")
    if proof.brought is Brought.ENDED:
        return _kept(turn, about_code("code_ended", turn.work), "code_ended")
    if proof.brought is Brought.LOCKED:
        return _kept(turn, about_code("codes_locked", turn.work), "codes_locked")
    return _kept(turn, about_code("code_wrong" if proof.left else "codes_locked", turn.work), WRONG)


def _introduced(turn: OpenTurn, proof: Proof) -> Decided | None:
    """The answer to a number or a start link: who they are known as, or what is asked for next."""
    if proof.brought is Brought.NUMBER_PROVED:
        waits = turn.words or turn.asker.must_choose
        return None if waits else _said(turn, known_as(turn.asker), "known_as")
    is_known = turn.asker.principal.assurance > 0
    if is_known and turn.words:
        return None
    if is_known:
        return _said(turn, known_as(turn.asker), "known_as")
    answer = about_code(proof.brought.value, turn.work)
    named = proof.names if proof.brought is Brought.START else ""
    return _kept(turn, answer, ASKED_WHO, waiting=turn.words, named=named)


async def decide_proof(turn: OpenTurn) -> Decided | None:
    """A code asked for, a name said, or a question that needs a code first."""
    proof = turn.work.proof
    if proof is None or proof.brought is not Brought.NOTHING:
        return None
    if proof.names:
        return _named(turn, proof)
    if asks_for_code(turn.words):
        return await _asked(turn, proof)
    level = turn.asker.principal.assurance
    if level == 0 and _wants_to_be_known(turn):
        is_question = turn.work.understanding.act is Act.TOOL
        return _kept(turn, cannot_yet(turn.work), ASKED_WHO, waiting=turn.words if is_question else "")
    if level > 0 and lacks_proof(turn.work, every=True):
        return _kept(turn, cannot_yet(turn.work), "prove_first", waiting=turn.words)
    return None


def lacks_proof(work: TurnWork, *, every: bool = False) -> bool:
    """Whether a tool that the words ask for (every one of them) needs more proof than there is."""
    kind, level = work.context.principal.kind, work.context.principal.assurance
    calls = work.understanding.calls if work.understanding.act is Act.TOOL else ()
    found = [find_tool(kind, call.tool) for call in calls]
    lacking = [spec is None or spec.level > level for spec in found]
    return bool(lacking) and (all(lacking) if every else any(lacking))


def _wants_to_be_known(turn: OpenTurn) -> bool:
    """Whether somebody unknown asks for what only a known person gets, or only says hello."""
    understood = turn.work.understanding
    is_hello = understood.act is Act.SMALLTALK and understood.smalltalk == "greeting"
    return is_hello or understood.act is Act.CLARIFY or lacks_proof(turn.work, every=True)


def _named(turn: OpenTurn, proof: Proof) -> Decided:
    """Somebody said whose they are. The answer is one, whether or not that name is on file."""
    if proof.is_locked or proof.is_spent:
        return _refused(turn, proof)
    return _kept(turn, about_code("code_perhaps", turn.work), SENT, named=proof.names, proof=proof)


def _refused(turn: OpenTurn, proof: Proof) -> Decided:
    kind = "codes_locked" if proof.is_locked else "codes_spent"
    return _kept(turn, about_code(kind, turn.work), kind)


async def _asked(turn: OpenTurn, proof: Proof) -> Decided:
    """CODE, from somebody who is known by the phone on file, or not."""
    level = turn.asker.principal.assurance
    if level == 0:
        return ask_who(turn)
    if level > 1:
        return _said(turn, about_code("proved", turn.work), "proved")
    if proof.is_locked or proof.is_spent:
        return _refused(turn, proof)
    if not proof.is_reachable:
        return await _ask_to_vouch(turn)
    return _kept(turn, about_code("code_sent", turn.work), SENT, proof=proof)


async def _ask_to_vouch(turn: OpenTurn) -> Decided:
    """Nothing that a code could go to: a colleague is asked, once, to say who this is."""
    work = turn.work
    known = work.journal.recall(VOUCH_STEP)
    if known is not None:
        answer = answer_from_json(known["answer"])
    else:
        language = work.context.business.locale[:2]
        reason = label(language, "vouch_reason", name=turn.asker.name, address=turn.thread.address)
        handed = await carry_out_hand_to_person(work.tool_context(VOUCH_STEP), {"reason": reason})
        answer = Answer("vouch_asked", handed.data, mentions=handed.mentions)
        content = {"tool": "hand_to_person", "args": {}, "answer": answer_to_json(answer)}
        await work.journal.record(VOUCH_STEP, "tool", content)
    made = CallMade(VOUCH_STEP, "hand_to_person", {}, answer)
    work.calls.append(made)
    kept = _kept(turn, answer, "vouch_asked")
    return Decided(kept.text, made=(made,), outcome=kept.outcome, waiting_words=kept.waiting_words)


def _said(turn: OpenTurn, answer: Answer, outcome: str) -> Decided:
    return Decided(_words(turn, answer), extra=(answer,), outcome=outcome)


def _kept(
    turn: OpenTurn, answer: Answer, outcome: str, *, waiting: str = "", named: str = "", proof: Proof | None = None
) -> Decided:
    """A reply on the way to a proof: the question that waits for it, and the name that was said, are kept."""
    focus = turn.thread.focus
    return Decided(
        _words(turn, answer),
        extra=(answer,),
        outcome=outcome,
        waiting_words=waiting or focus.get("waiting_words", ""),
        named=named or focus.get("named", ""),
        wish=proof.wish if proof is not None else None,
    )


def ask_who(turn: OpenTurn) -> Decided:
    """That nobody is known by this address yet, and how to be."""
    return _kept(turn, cannot_yet(turn.work), ASKED_WHO)


def not_yet(turn: OpenTurn) -> Decided:
    """A yes to what needs more proof than there is: it stays proposed."""
    if turn.work.proof is not None:
        return _kept(turn, cannot_yet(turn.work), "prove_first", waiting=turn.words)
    is_staff = turn.asker.principal.kind is PrincipalKind.STAFF
    return _said(turn, fixed("prove_first", turn.asker.business, staff=is_staff), "prove_first")


def _words(turn: OpenTurn, answer: Answer) -> str:
    return render(answer, intent="", language=turn.work.reader.language)
