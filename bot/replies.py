"""What is said without a model: fixed answers by reason, worded by the phrasebook."""

from typing import Any

from billing.tables.people import Business
from bot.codes import LASTS
from bot.evidence import Answer, Fact, FactKind, RecordFacts, calculated
from bot.identity import Asker
from bot.messages import Attachment, AttachmentKind
from bot.proposals import Pending
from bot.tools.context import BusinessCard
from bot.tools.hours import opening_facts
from bot.turn import TurnWork
from bot.wording import label

# What is answered with a button for sharing the own number, where the channel vouches for it.
ASKS_FOR_NUMBER = frozenset({"unrecognised", "prove_first", "start", "start_over"})
YES_NO = {"en": ("Yes", "No"), "es": ("Sí", "No"), "fr": ("Oui", "Non"), "de": ("Ja", "Nein"),
          "pt": ("Sim", "Não"), "it": ("Sì", "No")}  # fmt: skip


def base_facts(card: BusinessCard) -> tuple[Fact, ...]:
    """The business's own name and contact points: evidence in every turn."""
    of = RecordFacts("business", Business.__tablename__, card.id, card.version)
    facts = [of.name("name", card.name)]
    if card.phone:
        facts.append(of.fact("phone", FactKind.PHONE, card.phone))
    if card.email:
        facts.append(of.fact("email", FactKind.EMAIL, card.email))
    return tuple(facts)


def fixed(kind: str, card: BusinessCard, **data: Any) -> Answer:
    """A fixed answer of `kind`, with the business's facts at hand."""
    return Answer(kind=kind, data={"business": {fact.name: fact for fact in base_facts(card)}, **data})


def cannot_yet(work: TurnWork) -> Answer:
    """Why what was asked cannot be done yet: nobody knows who asks, or it takes a proof first; and how to get there."""
    is_unknown = work.context.principal.assurance == 0
    answer = about_code("unrecognised" if is_unknown else "prove_first", work)
    return Answer(answer.kind, answer.data, answer.attachments, error=True)


def about_code(kind: str, work: TurnWork) -> Answer:
    """A reply on the way to a proof: where a code goes, how many tries are left, when the business is open."""
    proof, data = work.proof, {"business": {fact.name: fact for fact in work.base}}
    if proof is None:
        return Answer(kind, {**data, "staff": work.context.principal.is_staff, "phone": False})
    lasts = calculated("code", "minutes", FactKind.COUNT, LASTS.seconds // 60, what="minutes a code is good for")
    said: dict[str, Any] = {"to": "", "left": "", "minutes": lasts, "offers_code": True}
    if proof.to:
        inputs = (f"{proof.record}.contact_point",)
        said["to"] = calculated("code", "to", FactKind.TEXT, proof.to, what="the contact point, masked", inputs=inputs)
    if proof.left:
        said["left"] = calculated("code", "left", FactKind.COUNT, proof.left, what="tries left, of five")
    is_staff = work.context.principal.is_staff
    return Answer(
        kind,
        {**data, **said, **opening_facts(work.context), "staff": is_staff, "phone": True, "vouched": proof.is_vouched},
        (share_number(work),) if proof.is_vouched and kind in ASKS_FOR_NUMBER else (),
    )


def share_number(work: TurnWork) -> Attachment:
    """The button by which a person shares their own phone number, where the channel vouches for it."""
    return Attachment(AttachmentKind.OWN_NUMBER, label(work.reader.language, "share_number"))


def known_as(asker: Asker) -> Answer:
    """Who somebody is known as now, and what they can ask for."""
    who, is_staff = asker.principal, asker.principal.is_staff
    record = f"staff:{who.staff_id}" if is_staff else f"contact:{who.contact_id}"
    known = "whom the address is linked to"
    name = calculated("asker", "name", FactKind.NAME, asker.name, what=known, inputs=(f"{record}.name",))
    party = next((each for each in asker.parties if each.id == who.client_id and each.name != asker.name), None)
    client = RecordFacts(party.name, "client", party.id, party.version).name("name", party.name) if party else ""
    return fixed("known_as", asker.business, person=name, client=client, staff=is_staff)


def ask_for_whom(asker: Asker, *, after_choice: bool = False) -> Answer:
    """Which of the contact's clients this is about."""
    names = _party_facts(asker)
    buttons = tuple(Attachment(AttachmentKind.BUTTON, str(name), str(name.value)) for name in names)
    return Answer(kind="which_client", data={"parties": names, "unclear": after_choice}, attachments=buttons)


def now_speaking_for(asker: Asker, client_id: int) -> Answer:
    """That the thread is now about another client."""
    name = next(fact for fact in _party_facts(asker) if fact.record == f"client:{client_id}")
    return Answer(kind="client_chosen", data={"party": name})


def _party_facts(asker: Asker) -> list[Fact]:
    return [
        RecordFacts(party.name, "client", party.id, party.version).name("name", party.name) for party in asker.parties
    ]


def yes_no(language: str) -> tuple[Attachment, ...]:
    """The two buttons under a proposal."""
    return tuple(Attachment(AttachmentKind.BUTTON, word, word) for word in YES_NO.get(language, YES_NO["en"]))


def ask_again(pending: tuple[Pending, ...], card: BusinessCard) -> Answer:
    """A yes that could mean more than one thing, or came late: the last proposal once more, by its name."""
    last = pending[-1]
    return Answer(
        kind="ask_again",
        data={**fixed("ask_again", card).data, "several": len(pending) > 1, "shown": last.shown.data},
        proposal=last.shown.proposal,
        mentions=last.shown.mentions,
    )
