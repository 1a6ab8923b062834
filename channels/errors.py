"""Our error class → HTTP status, a word for programs and a sentence for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

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


@dataclass(frozen=True)
class Answered:
    """How an error is told over HTTP."""

    status: int
    code: str
    sentence: str


TABLE: dict[type[Exception], Answered] = {
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
    """Answer every error of the table by its line."""
    for kind, answered in TABLE.items():
        app.add_exception_handler(kind, _handler(answered))


def _handler(told: Answered) -> Callable[[Request, Exception], Awaitable[Response]]:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}}.get(told.status, {})

    async def answer(request: Request, _error: Exception) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(sentence_page(told.sentence), told.status, headers)
        return JSONResponse({"error": told.code, "sentence": told.sentence}, told.status, headers)

    return answer
