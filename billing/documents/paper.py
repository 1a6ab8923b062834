"""The sheet that documents are set on: letterhead, facts, tables, totals, prose and signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from billing.documents.lettering import printable
from billing.documents.values import Letterhead, Party
from billing.documents.wording import word

INK, GREY, RULE, WASH = (31, 35, 40), (104, 110, 118), (218, 221, 225), (246, 247, 248)
_MARGIN, _FONT = 20.0, "helvetica"
# Documents of the same content must be the same bytes, whenever they are made.
_MADE_AT = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and whether it holds figures."""

    heading: str
    share: float
    is_figure: bool = False


class Sheet(FPDF):
    """A page of US Letter or A4, by the letterhead's locale, with the business's accent."""

    def __init__(self, letterhead: Letterhead, title: str) -> None:
        super().__init__(format="letter" if letterhead.locale.endswith("US") else "a4")
        self.core_fonts_encoding = "cp1252"
        self.c_margin = 0  # text and rules share their edges
        self.letterhead = letterhead
        self.accent = tuple(bytes.fromhex(letterhead.colour.removeprefix("#")))
        self.set_margins(_MARGIN, 18, _MARGIN)
        self.set_auto_page_break(auto=True, margin=24)
        self.set_creation_date(_MADE_AT)
        self.set_title(printable(title))
        self.set_author(printable(letterhead.name))
        self.set_lang(letterhead.locale.replace("_", "-"))
        self.alias_nb_pages()
        self.add_page()

    def normalize_text(self, text: str) -> str:
        """Every text that is set passes here: signs the fonts lack are replaced by their nearest."""
        return str(super().normalize_text(printable(text)))

    def header(self) -> None:
        """The letterhead: name and trade at the left, how to reach the business at the right."""
        self.set_fill_color(*self.accent)
        self.rect(0, 0, self.w, 3.2, style="F")
        self.set_xy(_MARGIN, 16)
        self._type(15, self.accent, "B")
        self.cell(self.epw / 2, 7, self.letterhead.name)
        self._type(8.5, GREY)
        lines = (self.letterhead.postal, self.letterhead.phone, self.letterhead.email)
        for number, line in enumerate(lines):
            self.set_xy(self.w / 2, 16 + number * 4.4)
            self.cell(self.epw / 2, 4.4, line, align=Align.R)
        self.set_xy(_MARGIN, 23)
        self.cell(self.epw / 2, 4.4, self.letterhead.trade)
        self.set_y(40)

    def footer(self) -> None:
        """Name and page at the foot."""
        self.set_y(-16)
        self._type(8, GREY)
        self.cell(self.epw / 2, 5, self.letterhead.name)
        page = f"{word('page', self.letterhead.language)} {self.page_no()} / {{nb}}"
        # The placeholder is wider than the number that takes its place.
        shift = self.get_string_width("{nb}") - self.get_string_width("1")
        self.cell(self.epw / 2 + shift, 5, page, align=Align.R)

    def heading(self, kind: str, number: str, title: str) -> None:
        """What this is ("Invoice INV-1042"), and about what."""
        self._type(22, INK, "B")
        self.multi_cell(self.epw, 9.5, f"{kind} {number}".rstrip(), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._type(12, GREY)
        self.multi_cell(self.epw, 6.5, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(6)

    def parties(self, party: Party, facts: Sequence[tuple[str, str]]) -> None:
        """At the left whom it is for, at the right the facts that identify it."""
        top, half = self.get_y(), self.epw * 0.5
        language = self.letterhead.language
        self._label(word("for", language))
        self._type(10.5, INK, "B")
        self.multi_cell(half - 6, 5.4, party.name, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._type(10, INK)
        attention = f"{word('attention', language)} {party.attention}\n" if party.attention else ""
        self.multi_cell(half - 6, 5.2, attention + party.postal, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        left_end = self.get_y()
        self.set_y(top)
        for label, value in facts:
            self._fact(label, value, _MARGIN + half, half)
        self.set_y(max(left_end, self.get_y()) + 8)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Facts over the whole width, a rule under each."""
        for label, value in facts:
            self._fact(label, value, _MARGIN, self.epw, ruled=True)
        self.ln(6)

    def grid(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings, rules between them, figures at the right; a new page repeats the headings."""
        self._headings(columns)
        for row in rows:
            self._row(columns, row)
        self.ln(3)

    def totals(self, lines: Sequence[tuple[str, str]], last: tuple[str, str]) -> None:
        """Sums at the right; the last is the one people look for."""
        if self.get_y() > self.h - 24 - 8 * (len(lines) + 3):
            self.add_page()
        width = self.epw * 0.56
        left = _MARGIN + self.epw - width
        for label, value in lines:
            self._pair(left, width, label, value, size=10, style="")
        self.ln(1.5)
        self.set_fill_color(*WASH)
        top = self.get_y()
        self.rect(left - 3, top, width + 6, 13, style="F")
        self.set_fill_color(*self.accent)
        self.rect(left - 3, top, 1, 13, style="F")
        self.set_y(top + 3)
        self._pair(left, width, *last, size=15, style="B")
        self.set_y(top + 20)

    def note(self, text: str) -> None:
        """A remark in grey."""
        self._type(9, GREY)
        self.multi_cell(self.epw, 4.8, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def prose(self, text: str, heading: str = "") -> None:
        """A paragraph, under a heading if it has one; a heading is never left alone at the foot."""
        if heading:
            if self.get_y() > self.h - 50:
                self.add_page()
            self._type(11, INK, "B")
            self.multi_cell(self.epw, 6, heading, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._type(10, INK)
        self.multi_cell(self.epw, 5.2, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3.5)

    def signatures(self, *names: tuple[str, str]) -> None:
        """A line for each who signs: (name, for whom)."""
        if self.get_y() > self.h - 62:
            self.add_page()
        self.ln(14)
        top, width = self.get_y(), self.epw / 2
        for number, (name, role) in enumerate(names):
            left = _MARGIN + number * width
            self.set_xy(left, top - 9)
            self._type(14, self.accent, "I", family="times")
            self.cell(width - 10, 8, name)
            self.set_draw_color(*GREY)
            self.set_line_width(0.2)
            self.line(left, top, left + width - 10, top)
            self.set_xy(left, top + 1.5)
            self._type(9, GREY)
            self.multi_cell(width - 10, 4.6, f"{name}\n{role}", align=Align.L)
        self.ln(4)

    def to_bytes(self) -> bytes:
        """The finished PDF."""
        return bytes(self.output())

    def _headings(self, columns: Sequence[Column]) -> None:
        self._type(8.5, GREY)
        for column in columns:
            align = Align.R if column.is_figure else Align.L
            self.cell(self.epw * column.share, 6, column.heading, align=align)
        self.ln(6)
        self._rule(INK)

    def _row(self, columns: Sequence[Column], row: Sequence[str]) -> None:
        self._type(10, INK)
        widths = [self.epw * column.share for column in columns]
        height = max(
            float(str(self.multi_cell(width - 2, 5.2, text, dry_run=True, output="HEIGHT")))
            for column, width, text in zip(columns, widths, row, strict=True)
            if not column.is_figure
        )
        if self.get_y() + height + 5 > self.h - 24:
            self.add_page()
            self._headings(columns)
            self._type(10, INK)
        top, left = self.get_y() + 2.2, _MARGIN
        for column, width, text in zip(columns, widths, row, strict=True):
            self.set_xy(left, top)
            if column.is_figure:
                self.cell(width, 5.2, text, align=Align.R)
            else:
                self.multi_cell(width - 2, 5.2, text, align=Align.L)
            left += width
        self.set_xy(_MARGIN, top + height + 2.2)
        self._rule(RULE)

    def _fact(self, label: str, value: str, left: float, width: float, *, ruled: bool = False) -> None:
        top = self.get_y()
        self.set_xy(left, top)
        self._type(9, GREY)
        self.cell(width * 0.36, 5.6, label)
        self.set_xy(left + width * 0.36, top)
        self._type(10, INK)
        self.multi_cell(width * 0.64, 5.6, value, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if ruled:
            self.ln(1.2)
            self._rule(RULE)
            self.ln(1.2)

    def _pair(self, left: float, width: float, label: str, value: str, *, size: float, style: str) -> None:
        height = size * 0.47 + 1.6
        self.set_x(left)
        self._type(size if not style else 11, INK if style else GREY, style)
        self.cell(width * 0.5, height, label)
        self._type(size, INK, style)
        self.cell(width * 0.5, height, value, align=Align.R)
        self.ln(height)

    def _label(self, text: str) -> None:
        self._type(9, GREY)
        self.cell(0, 5.6, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rule(self, colour: tuple[int, int, int]) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(0.2)
        self.line(_MARGIN, self.get_y(), _MARGIN + self.epw, self.get_y())

    def _type(self, size: float, colour: tuple[int, ...], style: str = "", family: str = _FONT) -> None:
        self.set_font(family, style=style, size=size)
        self.set_text_color(*colour)
