"""How many of a question's words a text shares, whatever their endings. Pure."""

import re
import unicodedata
from collections.abc import Collection

# Words that carry no topic, in the languages of questions and guides. Without accents; words
# under three letters never count.
_EMPTY_WORDS = """
about after all and any are been before being but can could did does doing done for from get give got had
has have having her him his how into its just know let like many may might more most much must need nor
not off once our out please she should some such tell than that the their them then there these they this
those through time too under until very want was were what when where which while who whom whose why will with
would you your yours aucun aura aurez aussi aux avant avec avez avoir avons beaucoup cela ces cet cette
chez combien comme comment dans depuis des dois doit elle elles est estce etait etes etre faire fait faut
ici ils les leur leurs lui mais mes moi mon nos notre nous ont par pas pendant peut peux plus plutot pour
pouvez puis quand que quel quelle quelles quels qui quoi sans serai sera ses son sont sous sur tes toi ton
tous tout toute toutes tres une vais veux vers voudrais vos votre vous algo alguien como con cual cuales
cuando cuanta cuantas cuanto cuantos del desde donde dos ella ellos entre era eres esa ese eso esta estan
estas este esto estoy fue hace han hasta hay las los mas mis muy necesito para pero por porque puede
pueden puedo quien quiero ser sin sobre sus tambien tengo tiene tienen tus una unas uno unos usted ustedes
aber als auch auf aus bei bin bis bitte dann das dass dem den der die dies diese dieser doch dort durch
ein eine einem einen einer eines fur gibt habe haben hat hier ich ihnen ihr ihre ist kann konnen man mein
meine mich mir mit muss nach nicht noch nur oder ohne sehr sein sich sie sind und uns unser vom von wann
war warum welche welcher welches wenn wer werden wie wieviel wir wird zum zur
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_WORD = re.compile(r"[^\W_]+")


def topic_words(text: str) -> frozenset[str]:
    """The words of `text` that say what it is about: lower case, without accents, at least three letters."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return frozenset(word for word in _WORD.findall(bare) if len(word) > 2 and word not in _EMPTY)


def shared(question: Collection[str], words: Collection[str]) -> frozenset[str]:
    """Those words of the question that `words` has too, in the same or another form."""
    return frozenset(word for word in question if any(is_same_word(word, other) for other in words))


def is_same_word(one: str, other: str) -> bool:
    """Whether two words are forms of one: "cancel" and "cancelling", but not "date" and "data"."""
    if one == other:
        return True
    alike = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        alike += 1
    short, long = sorted((len(one), len(other)))
    return alike >= 6 or (alike >= 4 and (alike >= 0.75 * long or (alike == short and long - short <= 3)))


def overlap(question: Collection[str], heading: Collection[str], body: Collection[str]) -> float:
    """Share of the question's words found, 0 to 1; one found in the body alone counts for 0.6."""
    if not question:
        return 0.0
    in_heading = shared(question, heading)
    in_body = shared(question, body) - in_heading
    return (len(in_heading) + 0.6 * len(in_body)) / len(question)
