"""TelegramGateway: hands a message to Telegram piece by piece, and edits what was already shown of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.access import Door
from billing.principal import Scope
from channels.outgoing import RefusedError, Sent, ToSend, TryLaterError
from channels.telegram.calling import Calls
from channels.telegram.charts import alternative, draw_chart, shares_of
from channels.telegram.formatting import caption, parts_of, to_html, written_out
from channels.telegram.handing import Standing, message_id_of, note_handed, place_of, standing_of
from channels.telegram.papers import Papers
from channels.telegram.pieces import Piece, PieceKind, pieces_of

ON_ITS_WAY = timedelta(seconds=30)  # then a draft that was never written down is taken for lost
SOON = 2.0  # seconds until that is looked at again


async def nobody_grows(_turn_id: int) -> None:
    """Nothing is shown before it is whole."""


@dataclass(frozen=True)
class TelegramGateway:
    """One bot. quiet(turn id): lets what is being shown of an answer end, so that nothing comes after the answer.

    Telegram has no list of what it was sent. A message of several pieces is written down piece by piece, and one
    whose answer was shown while it grew replaces that by an edit, which may be done twice. So only one window is
    left: Telegram took a piece and our row does not say so (the process died, or its answer was lost on the way).
    There it errs towards sending that one piece again.
    """

    door: Door
    calls: Calls
    papers: Papers
    clock: Callable[[], datetime]
    quiet: Callable[[int], Awaitable[None]] = nobody_grows

    async def send(self, message: ToSend) -> Sent:
        """Hand a message over, from the piece on that Telegram does not have. Raises TryLaterError, RefusedError."""
        pieces = pieces_of(message)
        if not pieces:
            raise RefusedError("empty", "there is nothing to send")
        standing = await self._standing(message)
        places = list(standing.handed)
        for piece in pieces[len(places) :]:
            shown = message_id_of(standing.draft or "") if not places else 0
            places.append(place_of(message.address, await self._hand(message, piece, shown)))
            if len(pieces) > 1:
                await self._note(message.id, places)
        return _sent(pieces, places)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message where every piece of it is written down; else it is not known, see above."""
        pieces = pieces_of(message)
        handed = (await self._read(message.id)).handed
        return _sent(pieces, handed) if handed and len(handed) >= len(pieces) else None

    async def rewrite(self, message: ToSend, place: str) -> None:
        """Put a message's first piece in a place where something older of it may be shown."""
        piece = pieces_of(message)[0]
        await self.calls.edit_words(message.address, message_id_of(place), piece.html, piece.keyboard)

    async def _standing(self, message: ToSend) -> Standing:
        """How far the message has come, once nothing more is shown of its growing."""
        standing = await self._read(message.id)
        if standing.draft is None or standing.turn_id is None:
            return standing
        await self.quiet(standing.turn_id)
        standing = await self._read(message.id)
        if standing.draft == "" and standing.drafted_at and self.clock() - standing.drafted_at < ON_ITS_WAY:
            raise TryLaterError("a draft of it is on its way", SOON)
        return standing

    async def _hand(self, message: ToSend, piece: Piece, shown: int) -> int:
        if piece.kind is PieceKind.CHART:
            return await self._send_chart(message, piece)
        if piece.kind is PieceKind.FILE:
            return await self._send_file(message, piece)
        if shown and await self._replace(message, piece, shown):
            return shown
        try:
            return await self.calls.send_words(message.address, piece.html, piece.keyboard)
        except RefusedError as refused:
            plainer = _plainer(message, piece, refused)
            if plainer is None:
                raise
            return await self.calls.send_words(message.address, plainer.html, plainer.keyboard)

    async def _replace(self, message: ToSend, piece: Piece, shown: int) -> bool:
        """Whether what is shown could be turned into the piece; else it was taken away, where that was possible."""
        try:
            if piece.keyboard is None or not piece.keyboard.asks_number:  # no edit can bring keys
                await self.calls.edit_words(message.address, shown, piece.html, piece.keyboard)
                return True
        except RefusedError as refused:
            if refused.blocks_address:
                raise
        try:
            await self.calls.delete(message.address, shown)
        except RefusedError as refused:
            if refused.blocks_address:
                raise
        return False

    async def _send_chart(self, message: ToSend, piece: Piece) -> int:
        chart = piece.attachment or {}
        rows = [(str(label), str(text)) for label, text in chart.get("rows", ())]
        picture = await asyncio.to_thread(draw_chart, str(chart.get("label", "")), rows, shares_of(chart))
        return await self.calls.send_picture(message.address, picture, "chart.png", caption(alternative(chart)))

    async def _send_file(self, message: ToSend, piece: Piece) -> int:
        """The file itself; where it is gone or too large, its link in words."""
        attachment = piece.attachment or {}
        paper = await self.papers.find(attachment)
        if paper is None:
            html = to_html(parts_of([written_out(attachment)])[0])
            return await self.calls.send_words(message.address, html)
        label = caption(str(attachment.get("label") or ""))
        label = "" if label == paper.name else label
        if paper.is_picture:
            try:
                return await self.calls.send_picture(message.address, paper.content, paper.name, label)
            except RefusedError as refused:  # too long for its width, or no picture after all
                if refused.blocks_address:
                    raise
        return await self.calls.send_document(message.address, paper.content, paper.name, label)

    async def _read(self, message_id: int) -> Standing:
        return await self.door.system(Scope.SEND).read(lambda session: standing_of(session, message_id))

    async def _note(self, message_id: int, places: Sequence[str]) -> None:
        await self.door.system(Scope.SEND).write(lambda session: note_handed(session, message_id, places))


def _sent(pieces: Sequence[Piece], places: Sequence[str]) -> Sent:
    """It is known by the last of its words, under which the buttons are: that is what people answer to."""
    words = [place for piece, place in zip(pieces, places, strict=False) if piece.kind is PieceKind.WORDS]
    return Sent((words or list(places))[-1], len(pieces))


def _plainer(message: ToSend, piece: Piece, refused: RefusedError) -> Piece | None:
    """The same piece with its links written out, where Telegram takes none of them under a button."""
    if "BUTTON_URL" not in refused.why.upper() or piece.keyboard is None:
        return None
    words = [each for each in pieces_of(message, opens_links=False) if each.kind is PieceKind.WORDS]
    return words[-1]
