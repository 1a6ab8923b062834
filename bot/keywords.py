"""STOP, START, HELP, and a plain yes or no: decided in code, before any model."""

import re
import unicodedata
from enum import StrEnum


class Keyword(StrEnum):
    """What a short message decides by itself."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    YES = "yes"
    NO = "no"


WORDS: dict[Keyword, frozenset[str]] = {
    Keyword.STOP: frozenset(
        {"stop", "stopall", "stop all", "unsubscribe", "opt out", "optout", "revoke", "arret", "stopp", "baja",
         "parar", "pare", "sair", "cancelar inscricao", "disiscrivimi"}
    ),
    Keyword.START: frozenset({"start", "unstop", "subscribe", "alta", "resume", "iniciar", "riprendi"}),
    Keyword.HELP: frozenset({"help", "info", "ayuda", "aide", "hilfe", "ajuda", "aiuto"}),
    Keyword.YES: frozenset(
        {
            "y", "yes", "yes please", "yep", "yeah", "yup", "ok", "okay", "k", "sure", "sure thing", "go ahead",
            "do it", "please do", "confirm", "confirmed", "yes do it", "yes go ahead", "yes send it", "ok do it",
            "ok yes", "yes ok", "send it", "ok send it", "si", "si por favor", "dale", "claro", "vale",
            "de acuerdo", "adelante", "confirmo", "hazlo", "envialo", "si envialo", "oui", "oui merci",
            "oui svp", "d accord", "daccord", "vas y", "allez y", "ja", "ja bitte", "jawohl", "gerne", "einverstanden",
            "sim", "sim por favor", "sim claro", "sim pode", "sim envie", "pode enviar", "com certeza", "esta bem",
            "certo", "si certo", "si grazie", "si per favore", "va bene", "si va bene", "d accordo", "daccordo",
            "certamente", "confermo",
        }
    ),
    Keyword.NO: frozenset(
        {
            "n", "no", "nope", "nah", "no thanks", "no thank you", "dont", "do not", "cancel", "cancel it", "not now",
            "never mind", "nevermind", "leave it", "forget it", "dont send", "dont send it", "no gracias", "cancelar",
            "cancela", "mejor no", "ahora no", "dejalo", "non", "non merci", "annule", "annuler", "pas maintenant",
            "nein", "nein danke", "abbrechen", "nicht jetzt", "nao", "nao obrigado", "nao obrigada",
            "agora nao", "deixa", "no grazie", "annulla", "non ora", "lascia stare", "meglio di no",
        }
    ),
}  # fmt: skip


def find_keyword(text: str) -> Keyword | None:
    """The keyword that the whole message is, whatever its case, accents, punctuation or emoji; else None."""
    plain = plain_form(text)
    return next((keyword for keyword, words in WORDS.items() if plain in words), None)


def plain_form(text: str) -> str:
    """Lower-case words without accents, punctuation or emoji: "¡Sí, envíalo!" → "si envialo"."""
    apart = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", bare))
