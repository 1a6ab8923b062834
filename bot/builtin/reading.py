"""One question as it is read: its words, the lexicons of its language, and the context it stands in."""

from dataclasses import dataclass

from bot.builtin.lexicon import Lexicon, lexicons_for
from bot.builtin.normalizing import write_out
from bot.meaning import TurnContext


@dataclass(frozen=True)
class Reading:
    """What argument finders look at. `said`: the person's words; `plain`: the same with slang written out.

    vocabulary: words known from the utterances; what is not among them may be a name.
    """

    said: str
    plain: str
    lexicons: tuple[Lexicon, ...]
    context: TurnContext
    vocabulary: frozenset[str]

    @property
    def language(self) -> str:
        """The language of the question."""
        return self.lexicons[0].language

    def first(self, name: str) -> str | None:
        """The first word or phrase of the list `name` that was said, in any of the lexicons."""
        for lexicon in self.lexicons:
            if found := lexicon.any_of(name).search(self.plain):
                return found[0].strip()
        return None

    def said_any(self, name: str) -> bool:
        """Whether anything of the list `name` was said."""
        return self.first(name) is not None

    def value_of(self, table: str) -> str | None:
        """Which value of a table ("statuses") the words speak of, if any."""
        for lexicon in self.lexicons:
            for value, pattern in lexicon.table(table).items():
                if pattern.search(self.plain):
                    return value
        return None


def read_question(text: str, language: str, context: TurnContext, vocabulary: frozenset[str]) -> Reading:
    """The reading of one question in `language`."""
    return Reading(text, write_out(text, language), lexicons_for(language), context, vocabulary)
