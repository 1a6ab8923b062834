"""Opening a turn: its messages, who asks, what was said before, and what the words mean."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.turns import Claim, Said, Step, messages_of, read_journal
from billing.principal import Scope
from billing.tables.talk import Conversation
from bot.builtin.understanding import BuiltinUnderstanding
from bot.consenting import Heard, hear, needs_no_confirmation
from bot.conversation import last_calls_of, mentions_of, read_history
from bot.identity import Asker, Party, asks_to_switch, chosen_party, recognise
from bot.journal import Journal
from bot.keywords import Keyword
from bot.meaning import TurnContext, Understanding
from bot.proposals import Pending, find_pending
from bot.replies import base_facts
from bot.showing import Reader, reader_locale
from bot.tools.context import KnowledgeSearch, LinkMaker, ToolContext
from bot.turn import TurnWork, grants_of
from bot.wording import language_of


@dataclass(frozen=True)
class Surroundings:
    """What outlives a turn and tools need: how links are made, and the guides.

    provider_confirms: the channels whose provider answers STOP and START itself.
    """

    links: LinkMaker
    knowledge: KnowledgeSearch | None
    provider_confirms: frozenset[str] = frozenset()


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
    heard: Heard | None = None  # what the messages say about being written to

    @property
    def is_held(self) -> bool:
        """Whether a person has the conversation."""
        return self.holder_id is not None

    @property
    def needs_no_answer(self) -> bool:
        """Whether the messages only say again what was confirmed, or what the provider confirms itself."""
        return self.heard is not None and self.heard.is_all and self.heard.is_silent

    @property
    def wants_no_messages(self) -> bool:
        """Whether the person says in this turn that they do not want to be written to."""
        return self.heard is not None and self.heard.keyword is Keyword.STOP

    @property
    def words_as_said(self) -> str:
        """What the person wrote, all messages of the turn, whole; a pressed button its words."""
        return "\n".join(each.choice or each.text for each in self.said)

    @property
    def words(self) -> str:
        """What the person wrote, all messages of the turn, but for what they say about being written to."""
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
    words: str
    heard: Heard | None


async def open_turn(
    door: Door,
    claim: Claim,
    understanding: BuiltinUnderstanding,
    around: Surroundings,
    clock: Callable[[], datetime],
) -> OpenTurn:
    """Read what the turn answers, and understand it before any record or file text is read."""
    now = clock()
    stored = await door.system(Scope.DISPATCH).read(
        lambda session: _read(session, claim, now, around.provider_confirms)
    )
    journal = Journal(door.system(Scope.DISPATCH), claim, stored.journal, clock)
    asker, words, switched, wants_switch = _settle_party(stored)
    asked = context_of(stored, asker, now, is_new_context=switched is not None)
    understood = await asyncio.to_thread(understanding.understand, words, asked)
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
        history=() if switched else stored.history,
        grants=grants_of(understood),
    )
    opened = OpenTurn(claim, stored.thread, asker, stored.pending, stored.said, work, stored.holder_id)
    return replace(opened, switched=switched, asks_to_switch=wants_switch, heard=stored.heard)


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


async def _read(session: AsyncSession, claim: Claim, now: datetime, provider_confirms: frozenset[str]) -> _Stored:
    messages = await messages_of(session, claim)
    assurance = min(message.assurance for message in messages)
    known = await recognise(session, claim.conversation_id, assurance)
    thread, asker = known.thread, known.asker
    words, heard = hear(messages, thread.channel)
    if heard is not None:
        is_silent = await needs_no_confirmation(session, thread, messages, provider_confirms)
        heard = replace(heard, is_silent=is_silent)
    return _Stored(
        thread=thread,
        asker=asker,
        said=tuple(messages),
        history=await read_history(session, thread, before=messages[0].id),
        pending=await find_pending(session, thread, asker.principal, claim.turn_id, now),
        journal=await read_journal(session, claim),
        holder_id=known.holder_id,
        words=words,
        heard=heard,
    )
