"""The words that Telegram itself needs from us, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language's words. dead: a button of an earlier message. again: one that was pressed already."""

    dead: str
    again: str


_WORDS = {
    "en": Words(
        "That button is from earlier. Please write what you need, or use the newest message.",
        "We have that already.",
    ),
    "es": Words(
        "Ese botón es de antes. Escriba lo que necesita o use el mensaje más reciente.",
        "Eso ya lo tenemos.",
    ),
    "fr": Words(
        "Ce bouton n'est plus actuel. Écrivez ce qu'il vous faut, ou utilisez le dernier message.",
        "C'est déjà noté.",
    ),
    "de": Words(
        "Dieser Knopf gehört zu einer älteren Nachricht. Schreiben Sie, was Sie brauchen, oder nehmen Sie die neueste.",
        "Das haben wir schon.",
    ),
    "pt": Words(
        "Esse botão é de antes. Escreva o que precisa ou use a mensagem mais recente.",
        "Isso já foi registado.",
    ),
    "it": Words(
        "Questo pulsante è di prima. Scriva che cosa le serve o usi il messaggio più recente.",
        "L'abbiamo già ricevuto.",
    ),
}  # fmt: skip


def words_of(language: str) -> Words:
    """The words in a language, in English where it has none."""
    return _WORDS.get(language.partition("_")[0].partition("-")[0], _WORDS["en"])
