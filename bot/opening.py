"""Opening a turn: its messages, who asks, what was said before, and what the words mean."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from billing.access import Door
from billing.changes.turns import Claim, Said
from billing.principal import Scope
from billing.tables.talk import Conversation
from bot.builtin.understanding import BuiltinUnderstanding
from bot.caps import Cap, Caps
from bot.consenting import Heard
from bot.conversation import last_calls_of, mentions_of
from bot.identity import Asker, Party
from bot.journal import Journal
from bot.keywords import Keyword, find_keyword
from bot.meaning import TurnContext, Understanding
from bot.proposals import Pending
from bot.replies import base_facts
from bot.showing import Reader, reader_locale
from bot.stored import Stored, is_relayed, proof_of, read_stored, says_no_language, settle_party, with_code_tried
from bot.tools.context import KnowledgeSearch, LinkMaker, StartAddress, ToolContext, no_start_address
from bot.turn import TurnWork, grants_of
from bot.wording import language_of


@dataclass(frozen=True)
class Surroundings:
    """What outlives a turn and tools need: how links are made, the guides, how much is answered, and where bots are.

    provider_confirms: the channels whose provider answers STOP and START itself.
    """

    links: LinkMaker
    knowledge: KnowledgeSearch | None
    provider_confirms: frozenset[str] = frozenset()
    caps: Caps = field(default_factory=Caps)
    start_address: StartAddress = no_start_address


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
    address_id: int | None = None  # where it was written from, if that is a phone or chat
    cap: Cap = Cap.NONE
    threads: tuple[tuple[int, datetime | None], ...] = ()  # whose words are its context, and since when

    @property
    def is_proved_now(self) -> bool:
        """Whether a code, or their own number, proved in this turn who asks: the conversation turns to them."""
        return self.work.proof is not None and self.work.proof.brought.is_proof

    @property
    def is_silenced(self) -> bool:
        """Whether it was said within the hour that no more is answered now; STOP and replies to clients always are."""
        is_said = self.heard is not None or find_keyword(self.words) is Keyword.HELP or any(map(is_relayed, self.said))
        return self.cap is Cap.AGAIN and not is_said

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing is said: a person has the conversation, all is said already, or it is too much."""
        return self.is_held or self.needs_no_answer or self.is_silenced

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


async def open_turn(
    door: Door,
    claim: Claim,
    understanding: BuiltinUnderstanding,
    around: Surroundings,
    clock: Callable[[], datetime],
    secret: bytes = b"",  # the key under which codes are kept
) -> OpenTurn:
    """Read what the turn answers, try the code it brings, and understand it before any record or file is read."""
    now = clock()
    stored = await door.system(Scope.DISPATCH).read(
        lambda session: read_stored(session, claim, now, around.provider_confirms, around.caps)
    )
    stored = await with_code_tried(door, claim, stored, secret, now)
    asker, words, switched, wants_switch = settle_party(stored)
    is_fresh = switched is not None or stored.is_proved_now or stored.is_others
    asked = context_of(stored, asker, now, is_new_context=is_fresh)
    understood = await asyncio.to_thread(understanding.understand_in_turn, words, asked)
    proof = await proof_of(door, stored, asker, words, understood, now)
    if says_no_language(proof, words) or find_keyword(words) is Keyword.TELEGRAM:
        understood = replace(understood, language=asked.language)
    reader = _reader_of(asker, understood, now)
    context = _tool_context(stored, asker, asked, reader, door, around)
    work = TurnWork(
        context=replace(context, words=words, turn_id=claim.turn_id),
        understanding=understood,
        asked=asked,
        journal=Journal(door.system(Scope.DISPATCH), claim, stored.journal, clock),
        reader=reader,
        base=base_facts(asker.business),
        person=asker.name,
        history=() if is_fresh else stored.around.history,
        grants=grants_of(understood),
        proof=proof,
    )
    return OpenTurn(
        claim, stored.thread, asker, stored.pending, stored.said, work, stored.holder_id, switched, wants_switch,
        stored.heard, stored.address_id, stored.cap, stored.around.threads,
    )  # fmt: skip


def _reader_of(asker: Asker, understood: Understanding, now: datetime) -> Reader:
    language = language_of(understood.language)
    return Reader(language, reader_locale(language, asker.locale), asker.business.zone, now)


def _tool_context(
    stored: Stored, asker: Asker, asked: TurnContext, reader: Reader, door: Door, around: Surroundings
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
        start_address=around.start_address,
    )


def context_of(stored: Stored, asker: Asker, now: datetime, *, is_new_context: bool) -> TurnContext:
    """What the words are read against; nothing of what was said about another client."""
    focus = {} if is_new_context else stored.around.focus or {}
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
