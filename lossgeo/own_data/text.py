"""Bytes or pasted text as plain lines: encodings, line ends, invisible characters, and what is no text at all."""

from __future__ import annotations

import re

MAX_BYTES = 5_000_000  # of a file; for a paste the same number of characters
MAX_LINES = 200_000
MAX_LINE = 20_000  # characters of one line
MAX_NAME = 60  # characters of a name or a label that are shown

_NO_TEXT = {
    b"PK\x03\x04": "a zip archive, for example an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF": "a PDF file",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}
_MARKS = (  # the longer marks first: the mark of UTF-32 begins with that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Marks of writing direction, joiners, soft hyphens, byte-order marks: they have no width and no meaning here.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def lines_of(raw: bytes | str) -> tuple[list[str], list[str]]:
    """The lines of a file or a paste, without their ends, and a list of sentences on how they were read.

    Raises ValueError, with one sentence, if it is too large, empty or no text.
    """
    what = "text" if isinstance(raw, str) else "file"
    if len(raw) > MAX_BYTES:
        unit = "characters" if isinstance(raw, str) else "bytes"
        raise ValueError(f"The {what} has {len(raw)} {unit}; at most {MAX_BYTES} are read: keep fewer rows.")
    text, notes = (raw, []) if isinstance(raw, str) else _decoded(raw)
    text = _INVISIBLE.sub("", text).rstrip("\x1a")
    text = _LINE_ENDS.sub("\n", text).replace("\x0b", " ").replace("\x0c", " ")
    if not text.strip():
        raise ValueError(f"There is nothing to read: the {what} is empty.")
    _refuse_binary(text)
    if text.count("\n") >= MAX_LINES:
        raise ValueError(f"The {what} has {text.count(chr(10)) + 1} lines; at most {MAX_LINES} are read.")
    lines = text.split("\n")
    longest = max(lines, key=len)
    if len(longest) > MAX_LINE:
        where = lines.index(longest) + 1
        raise ValueError(
            f"There are {len(longest)} characters in line {where}, too many for a table; at most {MAX_LINE} are read."
        )
    return lines, notes


def _decoded(raw: bytes) -> tuple[str, list[str]]:
    """The text of a file, and a sentence if its encoding had to be guessed."""
    for start, kind in _NO_TEXT.items():
        if raw.startswith(start):
            raise ValueError(f"This is {kind}, not text: save the table as CSV and load that file.")
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), []
            except UnicodeDecodeError:
                name = encoding.upper()
                raise ValueError(f"The file begins like {name} but is not {name}: save it again as UTF-8.") from None
    zeros = [raw[parity::2].count(0) for parity in (0, 1)]
    if sum(zeros) > len(raw) / 4 and min(zeros) * 20 < max(zeros):  # half of the bytes of plain words in UTF-16
        encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return raw.decode(encoding, errors="replace"), ["The file has no mark of its encoding: it was read as UTF-16."]
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        note = "The file is not UTF-8: it was read as Latin-1, so look at the letters with accents."
    try:
        return raw.decode("cp1252"), [note]  # Windows' Latin-1, with the euro sign
    except UnicodeDecodeError:
        return raw.decode("latin-1"), [note]


def _refuse_binary(text: str) -> None:
    """Raises ValueError if the text holds a NUL, or so many control characters that it is no text."""
    odd = _CONTROL.findall(text)
    if "\x00" in odd or len(odd) > len(text) / 100 + 3:
        first = "\x00" if "\x00" in odd else odd[0]
        where = text.count("\n", 0, text.index(first)) + 1
        raise ValueError(f"There are bytes in line {where} that are no text: save the table as CSV and load that file.")


def shown(text: str, longest: int = MAX_NAME) -> str:
    """A name or a label as one short line of plain text: no control characters, at most `longest` characters.

    It is raw text. Whoever shows it as HTML or Markdown must escape it.
    """
    text = text[: 10 * longest + 1000]
    line = " ".join("".join(c if c.isprintable() else " " for c in text if not _INVISIBLE.match(c)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def safe_cell(text: str) -> str:
    """The text for a cell of a CSV file, such that no spreadsheet takes it for a formula.

    A text that begins with = + - @, a tab or a line end, also after spaces, gets an apostrophe in front.
    """
    risky = text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in tuple("=+-@＝＋－＠")
    return f"'{text}" if risky and text else text


def listed(words: list[str]) -> str:
    """The words as an English list: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, thing: str) -> str:
    """A number and a thing, "1 row" or "12 rows"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def spelt(number: int) -> str:
    """A small number as a word."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)
