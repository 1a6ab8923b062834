"""Our error class → HTTP status, a word for programs and a sentence for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response

from channels.content import RefusedContentError
from channels.sms.parsing import BadFormError, FormTooLargeError, NotSignedError
from channels.telegram.reading import UnreadableUpdateError
from channels.telegram.webhook import NotFromTelegramError, UpdateTooLargeError
from channels.web.files import FileGoneError
from channels.web.loopback import NotOnLoopbackError
from channels.web.messages import (
    EmptyMessageError,
    MessageTooLongError,
    TooManyMessagesError,
    UnreadableMessageError,
)
from channels.web.pages import NothingHereError, sentence_page
from channels.web.people import NoSuchPersonError
from channels.web.sessions import SessionGoneError
from channels.web.signing import VisitRefusedError
from channels.web.sites import NotAllowedHereError
from channels.web.uploads import UnknownSenderError


@dataclass(frozen=True)
class Answered:
    """How an error is told over HTTP."""

    status: int
    code: str
    sentence: str


TABLE: dict[type[Exception], Answered] = {
    NotAllowedHereError: Answered(403, "not_allowed_here", "This website may not show that chat."),
    VisitRefusedError: Answered(
        403, "visit_refused", "We could not see who you are signed in as. You can go on as a guest."
    ),
    UnknownSenderError: Answered(403, "unknown_sender", "We can take files once we know who you are."),
    RefusedContentError: Answered(422, "refused_file", "We can take photos and PDFs of up to 5 MB."),
    SessionGoneError: Answered(401, "session_gone", "This chat has ended. Open it again to go on."),
    NotOnLoopbackError: Answered(403, "not_here", "Choosing who to be works only on this machine."),
    NoSuchPersonError: Answered(404, "no_such_person", "The demo has nobody by that name."),
    FileGoneError: Answered(404, "file_gone", "This link no longer works. Ask in the chat for a new one."),
    NothingHereError: Answered(404, "nothing_here", "There is no page at this address."),
    NotSignedError: Answered(403, "not_signed", "This address takes requests that Twilio signed."),
    BadFormError: Answered(400, "bad_form", "That is not the form that Twilio sends."),
    FormTooLargeError: Answered(413, "form_too_large", "That is more than Twilio ever sends."),
    NotFromTelegramError: Answered(403, "not_from_telegram", "This address takes updates that Telegram posts."),
    UnreadableUpdateError: Answered(400, "unreadable_update", "That is not an update as Telegram posts it."),
    UpdateTooLargeError: Answered(413, "update_too_large", "That is more than Telegram ever posts."),
    MessageTooLongError: Answered(413, "too_long", "That is too long for one message. Please send it in parts."),
    EmptyMessageError: Answered(422, "empty", "There is nothing to read in that message."),
    UnreadableMessageError: Answered(422, "unreadable", "That message could not be read."),
    TooManyMessagesError: Answered(429, "too_many", "That was quick. Please wait a moment, then go on."),
}


def install_errors(app: FastAPI) -> None:
    """Answer every error of the table by its line.

    What does not fit a route is unreadable too: the library's own answer repeats the input, and fails on odd bytes.
    """
    app.add_exception_handler(RequestValidationError, _handler(TABLE[UnreadableMessageError]))
    for kind, answered in TABLE.items():
        app.add_exception_handler(kind, _handler(answered))


def _handler(told: Answered) -> Callable[[Request, Exception], Awaitable[Response]]:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}}.get(told.status, {})

    async def answer(request: Request, _error: Exception) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(sentence_page(told.sentence), told.status, headers)
        return JSONResponse({"error": told.code, "sentence": told.sentence}, told.status, headers)

    return answer
