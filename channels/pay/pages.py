"""Renders the pay page: its template, headers, and amounts as its reader writes them."""

import secrets
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from billing.money import format_money
from billing.records.links import LinkState, LinkView
from channels.pay.colour import FALLBACK, accents_of
from channels.pay.wording import LANGUAGES, Said, Words, choose_language

_TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """The compiled templates. `form_targets`: origins beside ours that the form may lead to."""

    def __init__(self, form_targets: tuple[str, ...]) -> None:
        self._form_action = " ".join(("'self'", *form_targets))
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def unknown(self, accepted: str) -> HTMLResponse:
        """No such link: the same page for every wrong token."""
        language = choose_language([], accepted)
        said = LANGUAGES[language].unknown
        return self._respond("state.html", language, FALLBACK, 404, said=said, again="", amount="", view=None)

    def state(self, view: LinkView, accepted: str, address: str) -> HTMLResponse:
        """A link through which nothing is to be done now, and why."""
        language, words, amount = _reader(view, accepted)
        said = _sentence(words, view)
        shows_amount = view.state in (LinkState.PAID, LinkState.PROCESSING) and view.amount.minor > 0
        return self._respond(
            "state.html", language, view.colour, 200,
            view=view, said=said,
            amount=amount if shows_amount else "",
            again=address if view.state is LinkState.PROCESSING else "",
        )  # fmt: skip

    def payable(
        self, view: LinkView, accepted: str, address: str, *, proof: str, takes_card: bool, notice: str = ""
    ) -> HTMLResponse:
        """The amount and the button. notice: the name of a sentence of Words that stands above the form."""
        language, words, amount = _reader(view, accepted)
        return self._respond(
            "payable.html", language, view.colour, _STATUS[notice],
            view=view, amount=amount, address=address, proof=proof, takes_card=takes_card,
            notice=getattr(words, notice) if notice else "",
            card_is_wrong=notice == "not_a_test_card",
        )  # fmt: skip

    def bank(self, view: LinkView, accepted: str, address: str, *, proof: str) -> HTMLResponse:
        """The second step: the payer's bank asks."""
        language, _, amount = _reader(view, accepted)
        return self._respond(
            "bank.html", language, view.colour, 200, view=view, amount=amount, address=address, proof=proof
        )

    def _respond(self, template: str, language: str, colour: str, status: int, **shown: Any) -> HTMLResponse:
        nonce = secrets.token_urlsafe(12)
        page = self._templates.get_template(template).render(
            words=LANGUAGES[language], language=language, accents=accents_of(colour), nonce=nonce, **shown
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action {self._form_action}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Language": language,
        }
        return HTMLResponse(page, status, headers)


_STATUS = {"": 200, "stale": 403, "changed": 409, "not_a_test_card": 422, "declined": 402, "refused": 402}


def _sentence(words: Words, view: LinkView) -> Said:
    said: Said = getattr(words, view.state.value)
    return Said(said.heading, said.text.format(number=view.invoice_number))


def _reader(view: LinkView, accepted: str) -> tuple[str, Words, str]:
    """The reader's language, its words, and the amount as they write it."""
    locales = [locale for locale in (view.contact_locale, view.business_locale) if locale]
    language = choose_language(locales, accepted)
    words = LANGUAGES[language]
    fitting = [locale for locale in locales if choose_language([locale], "") == language and _is_known(locale)]
    amount = format_money(view.amount, fitting[0] if fitting else words.locale)
    return language, words, amount


def _is_known(locale: str) -> bool:
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return False
    return True
