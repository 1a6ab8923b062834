"""What the business's own guides say, word for word, with the page it stands on."""

from bot.evidence import Answer, Fact, FactKind
from bot.tools import facts
from bot.tools.context import ToolContext
from bot.tools.hours import opening_facts
from bot.tools.topics import topic_of, who_answers
from bot.wording import label
from knowledge.index import Found
from knowledge.quoting import best_sentences

QUOTED = 2  # sentences of the passage that answers best
PAGES = 3


async def search_knowledge(context: ToolContext, question: str = "") -> Answer:
    """What the business's guides say: hours, deposits, methods of payment, late fees, warranty, cancellation,
    services, site rules. Quotes them word for word; when nothing is found, says whom to ask.

    question: the person's question in their words.
    """
    asked = question.strip() or context.words
    found: list[Found] = []
    if context.knowledge is not None:
        found = list(await context.knowledge.search(context.business.id, asked, PAGES))
    if not found:
        return await _nothing_found(context, asked)
    best = found[0]
    data = {
        "quotes": [
            _of_page(best, f"quote_{n}", sentence) for n, sentence in enumerate(best_sentences(best, asked, QUOTED))
        ],
        "source": _of_page(best, "title", best.passage.title),
        "others": [
            _of_page(other, "title", other.passage.title)
            for other in found[1:]
            if other.passage.source != best.passage.source
        ][:1],
        **opening_facts(context),
    }
    return Answer("knowledge", data)


def _of_page(found: Found, name: str, words: str) -> Fact:
    passage = found.passage
    subject = f"guide {passage.source.removesuffix('.md')}"
    return Fact(subject, name, FactKind.TEXT, words, f"guide:{passage.source}", passage.id)


async def _nothing_found(context: ToolContext, asked: str) -> Answer:
    client_id = context.principal.client_id
    helper = None
    if client_id is not None or context.principal.is_staff:
        helper = await context.records.read(lambda session: who_answers(session, topic_of(asked), client_id))
    data = {"helper": facts.person_facts(helper), "business": facts.business_facts(context)}
    ask = facts.button(label(context.language, "person"), label(context.language, "say_person"))
    return Answer("knowledge_nothing", data, (ask,), error=True)
