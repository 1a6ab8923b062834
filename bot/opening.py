"""Opening a turn: its messages, who asks, what was said before, and what the words mean."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.turns import Claim, Said, Step, messages_of, read_journal
from billing.principal import Scope
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Conversation
from bot.addresses import Standing, person_at
from bot.builtin.understanding import BuiltinUnderstanding
from bot.codes import Brought, Proof, asks_for_code, bare_name, introduced, is_written_as_name, name_key, read_code
from bot.conversation import last_calls_of, mentions_of, read_history
from bot.identity import Asker, Party, Recognised, asker_in, asks_to_switch, chosen_party, recognise
from bot.journal import Journal
from bot.meaning import Act, TurnContext, Understanding
from bot.proposals import Pending, find_pending
from bot.proving import CODE_STEP, Ledger, Tried, code_of, find_named, hidden, prove_how, read_ledger, try_code
from bot.replies import base_facts
from bot.showing import Reader, reader_locale
from bot.tools.context import KnowledgeSearch, LinkMaker, ToolContext
from bot.turn import TurnWork, grants_of
from bot.wording import language_of


@dataclass(frozen=True)
class Surroundings:
    """What outlives a turn and tools need: how links are made, and the guides."""

    links: LinkMaker
    knowledge: KnowledgeSearch | None


@dataclass(frozen=True)
class OpenTurn:
    """A claimed turn with all that it is answered from."""

    claim: Claim
    thread: Conversation
    asker: Asker
    pending: tuple[Pending, ...]
    said: tuple[Said, ...]
    work: TurnWork
    holder_id: int | None  # the staff member who answers instead of the assistant
    switched: Party | None = None  # the client this turn turns to
    asks_to_switch: bool = False
    address_id: int | None = None  # where it was written from, if that is a phone or chat

    @property
    def is_proved_now(self) -> bool:
        """Whether a code in this turn proved who asks: the conversation turns to them."""
        return self.work.proof is not None and self.work.proof.brought is Brought.PROVED

    @property
    def is_held(self) -> bool:
        """Whether a person has the conversation."""
        return self.holder_id is not None

    @property
    def words(self) -> str:
        """What the person wrote, all messages of the turn."""
        return self.work.context.words


@dataclass(frozen=True)
class _Stored:
    thread: Conversation
    asker: Asker
    said: tuple[Said, ...]
    history: tuple[tuple[str, str], ...]
    pending: tuple[Pending, ...]
    journal: Sequence[Step]
    holder_id: int | None
    ledger: Ledger | None = None
    proof: Proof | None = None

    @property
    def is_proved_now(self) -> bool:
        return self.proof is not None and self.proof.brought is Brought.PROVED

    @property
    def is_others(self) -> bool:
        """Whether the thread is still somebody's whom its address no longer proves."""
        is_nobody = self.asker.principal.assurance == 0
        has_owner = self.thread.contact_id is not None or self.thread.staff_id is not None
        return self.ledger is not None and is_nobody and has_owner

    @property
    def words(self) -> str:
        return words_of(self.said)


async def open_turn(
    door: Door,
    claim: Claim,
    understanding: BuiltinUnderstanding,
    around: Surroundings,
    clock: Callable[[], datetime],
    secret: bytes = b"",
) -> OpenTurn:
    """Read what the turn answers, and understand it before any record or file text is read.

    A code that it brings is tried first: it decides who asks. secret: the key under which codes are kept.
    """
    now = clock()
    stored = await door.system(Scope.DISPATCH).read(lambda session: _read(session, claim, now))
    stored = await _with_code_tried(door, claim, stored, secret, now)
    journal = Journal(door.system(Scope.DISPATCH), claim, stored.journal, clock)
    asker, words, switched, wants_switch = _settle_party(stored)
    is_new_context = switched is not None or stored.is_proved_now or stored.is_others
    asked = context_of(stored, asker, now, is_new_context=is_new_context)
    understood = await asyncio.to_thread(understanding.understand, words, asked)
    proof = await _proof_of(door, stored, asker, words, understood, now)
    if _says_no_language(proof, words):
        understood = replace(understood, language=asked.language)
    reader = _reader_of(asker, understood, now)
    context = _tool_context(stored, asker, asked, reader, door, around)
    context = replace(context, words=words, turn_id=claim.turn_id)
    work = TurnWork(
        context=context,
        understanding=understood,
        asked=asked,
        journal=journal,
        reader=reader,
        base=base_facts(asker.business),
        person=asker.name,
        history=() if is_new_context else stored.history,
        grants=grants_of(understood),
        proof=proof,
    )
    holder_id, address_id = stored.holder_id, stored.ledger.address_id if stored.ledger else None
    return OpenTurn(
        claim, stored.thread, asker, stored.pending, stored.said, work, holder_id, switched, wants_switch, address_id
    )


def words_of(said: Iterable[Said]) -> str:
    """What messages say: a pressed button its words."""
    return "\n".join(message.choice or message.text for message in said)


def _reader_of(asker: Asker, understood: Understanding, now: datetime) -> Reader:
    language = language_of(understood.language)
    return Reader(language, reader_locale(language, asker.locale), asker.business.zone, now)


def _tool_context(
    stored: _Stored, asker: Asker, asked: TurnContext, reader: Reader, door: Door, around: Surroundings
) -> ToolContext:
    return ToolContext(
        principal=asker.principal,
        door=door,
        business=asker.business,
        now=reader.now,
        language=reader.language,
        locale=reader.locale,
        zone=reader.zone,
        links=around.links,
        mentions=asked.mentions,
        client_focus=asked.client_focus,
        conversation_id=stored.thread.id,
        knowledge=around.knowledge,
    )


def _settle_party(stored: _Stored) -> tuple[Asker, str, Party | None, bool]:
    """For which client a contact of several is asking now, and the words that are to be answered then."""
    if stored.is_proved_now:
        return _settle_proved(stored)
    asker, words = stored.asker, stored.words
    wants_switch = asks_to_switch(words, asker)
    if not asker.must_choose and not wants_switch:
        return asker, words, None, False
    party = chosen_party(words, asker)
    if party is None:
        nobody = replace(asker.principal, client_id=None)
        return replace(asker, principal=nobody), words, None, wants_switch
    waiting = stored.thread.focus.get("waiting_words", "") if asker.must_choose else ""
    chosen = replace(asker.principal, client_id=party.id)
    return replace(asker, principal=chosen), waiting, party, wants_switch


def _settle_proved(stored: _Stored) -> tuple[Asker, str, Party | None, bool]:
    """Who was just proved, and what they had asked before, or wrote beside the code."""
    asker, focus = stored.asker, stored.thread.focus
    beside = words_of(each for each in stored.said if not _is_hidden_code(each))
    words = beside or focus.get("waiting_words", "")
    named = name_key(focus.get("named", ""))
    party = next((each for each in asker.parties if name_key(each.name) == named), None)
    if asker.must_choose and party is not None:
        asker = replace(asker, principal=replace(asker.principal, client_id=party.id))
    return asker, words, None, False


def _is_hidden_code(message: Said) -> bool:
    return read_code(message.text.replace("•", "0")) is not None


def context_of(stored: _Stored, asker: Asker, now: datetime, *, is_new_context: bool) -> TurnContext:
    """What the words are read against; nothing of what was said about another client."""
    focus = {} if is_new_context else stored.thread.focus
    return TurnContext(
        kind=asker.principal.kind.value,
        language=stored.thread.language or asker.language,
        locale=asker.locale,
        zone=asker.business.zone,
        now=now,
        mentions=mentions_of(focus),
        last_calls=last_calls_of(focus),
        client_focus=focus.get("client", ""),
        has_pending_proposal=bool(stored.pending),
    )


async def _read(session: AsyncSession, claim: Claim, now: datetime) -> _Stored:
    messages = await messages_of(session, claim)
    assurance = min(message.assurance for message in messages)
    known = await recognise(session, claim.conversation_id, assurance, messages[0].created_at)
    thread, asker = known.thread, known.asker
    ledger = await read_ledger(session, thread, claim.turn_id, now)
    person = await _person_of(session, asker) if ledger is not None else None
    return _Stored(
        thread=thread,
        asker=asker,
        said=tuple(messages),
        history=await read_history(session, thread, before=messages[0].id),
        pending=await find_pending(session, thread, asker.principal, claim.turn_id, now),
        journal=await read_journal(session, claim),
        holder_id=known.holder_id,
        ledger=ledger,
        proof=await _first_proof(session, ledger, known, person, now),
    )


async def _person_of(session: AsyncSession, asker: Asker) -> Contact | Staff | None:
    who = asker.principal
    if who.staff_id is not None:
        return await session.get_one(Staff, who.staff_id)
    return await session.get_one(Contact, who.contact_id) if who.contact_id is not None else None


async def _first_proof(
    session: AsyncSession, ledger: Ledger | None, known: Recognised, person: Contact | Staff | None, now: datetime
) -> Proof | None:
    """How a known person can be proved; for somebody unknown, nothing about anybody."""
    if ledger is None:
        return None
    proof = Proof(
        is_asked=ledger.is_asked,
        is_locked=ledger.is_locked(now),
        is_spent=ledger.past.is_spent(now),
        is_shared=known.is_shared,
    )
    return await prove_how(session, ledger, proof, person, now)


async def _with_code_tried(door: Door, claim: Claim, stored: _Stored, secret: bytes, now: datetime) -> _Stored:
    """The turn with its code tried, if it brings one: by an earlier process, or now."""
    ledger, proof = stored.ledger, stored.proof
    if ledger is None or proof is None:
        return stored
    step = next((each for each in stored.journal if each.step == CODE_STEP), None)
    said = stored.said
    if step is None:
        if code_of(said, ledger) is None:
            return stored
        writing = door.system(Scope.DISPATCH)
        step = await writing.write(lambda session: try_code(session, claim, ledger, said, secret, now))
        stored = replace(stored, said=hidden(said), journal=(*stored.journal, step))
    tried = Tried.from_json(step.content)
    stored = replace(stored, proof=replace(proof, brought=tried.brought, left=tried.left))
    if tried.brought is not Brought.PROVED:
        return stored
    return await door.system(Scope.DISPATCH).read(lambda session: _as_proved(session, stored, tried))


async def _as_proved(session: AsyncSession, stored: _Stored, tried: Tried) -> _Stored:
    """The turn as the person's whom its code proved."""
    person = await person_at(session, Standing(2, tried.contact_id, tried.staff_id))
    business = await session.get_one(Business, stored.thread.business_id)
    asker = await asker_in(session, stored.thread, business, person, 2)
    return replace(stored, asker=asker, pending=())


async def _proof_of(
    door: Door, stored: _Stored, asker: Asker, words: str, understood: Understanding, now: datetime
) -> Proof | None:
    """The proof with whom the words name, and the code that can be sent to them."""
    proof, ledger = stored.proof, stored.ledger
    if proof is None or ledger is None or proof.brought is not Brought.NOTHING:
        return proof
    name = _named(words, stored, understood)
    if not name or name.casefold() == asker.name.casefold():
        return proof
    named = replace(proof, names=name, wish=None, to="", record="", is_reachable=False)

    async def look(session: AsyncSession) -> Proof:
        person = await find_named(session, stored.thread.business_id, name, ledger.address_id)
        found = await prove_how(session, ledger, named, person, now)
        return replace(named, wish=found.wish)

    return await door.system(Scope.DISPATCH).read(look)


def _says_no_language(proof: Proof | None, words: str) -> bool:
    """Whether a turn is a name or a code: no words by which its language could be told."""
    if proof is None:
        return False
    is_bare_code = proof.brought is not Brought.NOTHING and (not words or "•" in words)
    return bool(proof.names) or is_bare_code or asks_for_code(words)


CLEARLY = 0.8  # from here on, words after a question for a name are taken for what they seem to ask


def _named(words: str, stored: _Stored, understood: Understanding) -> str:
    """The name that somebody unproved, or at a shared phone, says; the earlier one where they ask for another code."""
    proof, level = stored.proof, stored.asker.principal.assurance
    if proof is None or (level > 0 and not proof.is_shared):
        return ""
    if level == 0 and asks_for_code(words):
        return str(stored.thread.focus.get("named", ""))
    is_clear = understood.confidence >= CLEARLY and understood.act in {Act.TOOL, Act.SMALLTALK, Act.OPT_OUT}
    if proof.is_asked and (is_written_as_name(words) or not is_clear):
        return bare_name(words)
    name = introduced(words)
    return name if len(name.split()) > 1 and not is_clear else ""
