"""What a turn finds stored: its messages, who asks at which level, and the code that they bring, tried once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.turns import Claim, Said, Step, messages_of, read_journal
from billing.principal import Scope
from billing.tables.addresses import Address
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Conversation
from bot.addresses import PERSONAL, person_at
from bot.caps import Cap, Caps, find_cap
from bot.cards.redacting import is_card_alone
from bot.codes import Brought, Proof, asks_for_code, bare_name, introduced, is_written_as_name, name_key, read_code
from bot.consenting import Heard, hear, needs_no_confirmation
from bot.elsewhere import Around, read_around
from bot.identity import Asker, Party, Recognised, asker_in, asks_to_switch, chosen_party, recognise
from bot.introducing import brought_by
from bot.meaning import Act, Understanding
from bot.proposals import Pending, find_pending
from bot.proving import CODE_STEP, Ledger, Tried, code_of, find_named, hidden, prove_how, read_ledger, try_code
from bot.standing import SIGNED_IN, Standing, standing_of
from bot.starting import find_expected
from bot.wishes import find_wish


@dataclass(frozen=True)
class Stored:
    """What is read before the words are understood. words: those of all messages, but for what they say about being
    written to. ledger: what is known of proving the address that was written from, if that is a phone or chat.
    """

    thread: Conversation
    asker: Asker
    said: tuple[Said, ...]
    around: Around
    pending: tuple[Pending, ...]
    journal: Sequence[Step]
    holder_id: int | None
    words: str
    heard: Heard | None
    ledger: Ledger | None = None
    proof: Proof | None = None
    cap: Cap = Cap.NONE

    @property
    def address_id(self) -> int | None:
        return self.ledger.address_id if self.ledger is not None else None

    @property
    def is_proved_now(self) -> bool:
        return self.proof is not None and self.proof.brought.is_proof

    @property
    def is_others(self) -> bool:
        """Whether the thread is still somebody's whom its address no longer proves."""
        is_nobody = self.asker.principal.assurance == 0
        has_owner = self.thread.contact_id is not None or self.thread.staff_id is not None
        return self.ledger is not None and is_nobody and has_owner


def is_relayed(message: Said) -> bool:
    """Whether a message is a reply to our news of a client, and so goes to that client.

    A pressed button is an order to us, and STOP counts wherever it is written.
    """
    text = message.text
    is_words = message.choice is None and find_wish(text, "") is None and not is_card_alone(text)
    return message.about_id is not None and is_words


def settle_party(stored: Stored) -> tuple[Asker, str, Party | None, bool]:
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


def _settle_proved(stored: Stored) -> tuple[Asker, str, Party | None, bool]:
    """Who was just proved, and what they had asked before, or wrote beside the code."""
    asker, focus = stored.asker, stored.thread.focus
    beside = "\n".join(each.choice or each.text for each in stored.said if not _is_hidden_code(each))
    words = beside or focus.get("waiting_words", "")
    named = name_key(focus.get("named", ""))
    party = next((each for each in asker.parties if name_key(each.name) == named), None)
    if asker.must_choose and party is not None:
        asker = replace(asker, principal=replace(asker.principal, client_id=party.id))
    return asker, words, None, False


def _is_hidden_code(message: Said) -> bool:
    return read_code(message.text.replace("•", "0")) is not None


async def read_stored(
    session: AsyncSession, claim: Claim, now: datetime, provider_confirms: frozenset[str], caps: Caps
) -> Stored:
    messages = await messages_of(session, claim)
    assurance = min(message.assurance for message in messages)
    known = await recognise(session, claim.conversation_id, assurance, messages[0].created_at)
    thread, asker = known.thread, known.asker
    words, heard = hear([each for each in messages if not is_relayed(each)], thread.channel)
    if heard is not None:
        is_silent = await needs_no_confirmation(session, thread, messages, provider_confirms)
        heard = replace(heard, is_silent=is_silent)
    ledger = await _ledger_of(session, known, claim, now)
    person = await _person_of(session, asker) if ledger is not None else None
    stored = Stored(
        thread=thread,
        asker=asker,
        said=tuple(messages),
        around=await read_around(session, thread, asker.principal, messages[0].id, now, is_shared=known.is_shared),
        pending=await find_pending(session, thread, asker.principal, claim.turn_id, now),
        journal=await read_journal(session, claim),
        holder_id=known.holder_id,
        words=words,
        heard=heard,
        ledger=ledger,
        proof=await _first_proof(session, ledger, known, person, now),
        cap=await find_cap(session, thread, caps, now),
    )
    return await _with_brought(session, stored, now)


async def _ledger_of(session: AsyncSession, known: Recognised, claim: Claim, now: datetime) -> Ledger | None:
    if known.address is None:
        return None
    return await read_ledger(session, known.address, known.thread.id, claim.turn_id, now)


async def _with_brought(session: AsyncSession, stored: Stored, now: datetime) -> Stored:
    """The turn with what its messages brought beside words, if they did: the last of them counts."""
    found = [(brought, each.created_at) for each in stored.said if (brought := brought_by(each.attachments))]
    ledger, proof = stored.ledger, stored.proof
    if not found or ledger is None or proof is None:
        return stored
    brought, at = found[-1]
    if brought is Brought.NUMBER_PROVED:
        standing = await standing_of(session, await session.get_one(Address, ledger.address_id), at)
        if standing.level == 2:
            stored = replace(stored, proof=replace(proof, brought=brought))
            return await _as_proved(session, stored, standing)
        brought = Brought.NUMBER_UNKNOWN  # it passed to somebody else since
    expected = await find_expected(session, ledger.address_id, now) if brought is Brought.START else None
    names = expected.name if expected is not None else ""
    return replace(stored, proof=replace(proof, brought=brought, names=names))


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
        is_vouched=ledger.channel in SIGNED_IN,
    )
    return await prove_how(session, ledger, proof, person, now)


async def with_code_tried(door: Door, claim: Claim, stored: Stored, secret: bytes, now: datetime) -> Stored:
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
        bare = hidden(said)
        words, _ = hear(bare, stored.thread.channel)
        stored = replace(stored, said=bare, words=words, journal=(*stored.journal, step))
    tried = Tried.from_json(step.content)
    stored = replace(stored, proof=replace(proof, brought=tried.brought, left=tried.left))
    if tried.brought is not Brought.PROVED:
        return stored
    standing = Standing(2, tried.contact_id, tried.staff_id)
    return await door.system(Scope.DISPATCH).read(lambda session: _as_proved(session, stored, standing))


async def _as_proved(session: AsyncSession, stored: Stored, standing: Standing) -> Stored:
    """The turn as the person's whom its code, or their own number, proved."""
    person = await person_at(session, standing)
    business = await session.get_one(Business, stored.thread.business_id)
    asker = await asker_in(session, stored.thread, business, person, 2)
    return replace(stored, asker=asker, pending=())


async def proof_of(
    door: Door, stored: Stored, asker: Asker, words: str, understood: Understanding, now: datetime
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


def says_no_language(proof: Proof | None, words: str) -> bool:
    """Whether a turn is a name or a code: no words by which its language could be told."""
    if proof is None:
        return False
    is_bare_code = proof.brought is not Brought.NOTHING and (not words or "•" in words)
    return bool(proof.names) or is_bare_code or asks_for_code(words)


CLEARLY = 0.8  # from here on, words after a question for a name are taken for what they seem to ask


def _named(words: str, stored: Stored, understood: Understanding) -> str:
    """The name that somebody unproved, or at a shared phone, says; the earlier one where they ask for another code."""
    proof, level = stored.proof, stored.asker.principal.assurance
    if proof is None or (level > 0 and not proof.is_shared) or stored.thread.key.startswith(PERSONAL):
        return ""
    if level == 0 and asks_for_code(words):
        return str(stored.thread.focus.get("named", ""))
    is_clear = understood.confidence >= CLEARLY and understood.act in {Act.TOOL, Act.SMALLTALK, Act.OPT_OUT}
    # "Hello, I'm Leila Haddad" is small talk of somebody known, and what was to be learnt of somebody who is not.
    is_clear = is_clear and not (understood.smalltalk == "greeting" and introduced(words))
    if proof.is_asked and (is_written_as_name(introduced(words) or words) or not is_clear):
        return bare_name(words)
    name = introduced(words)
    return name if len(name.split()) > 1 and not is_clear else ""
