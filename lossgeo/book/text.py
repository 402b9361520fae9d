"""Markdown with formulas as HTML; the formulas become MathML, so that no script is needed for them."""

from __future__ import annotations

import re
from html import escape

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)


def block(text: str) -> Markup:
    """A text as paragraphs, lists and tables."""
    return _set(text, inline=False)


def inline(text: str) -> Markup:
    """A text of one line, without a paragraph around it."""
    return _set(text, inline=True)


def _set(text: str, inline: bool) -> Markup:
    formulas: list[str] = []

    def keep(found: re.Match[str]) -> str:
        shown, within = found.groups()
        formulas.append(formula(shown or within, display=bool(shown)))
        return f"@@{len(formulas) - 1}@@"

    held = FORMULA.sub(keep, text.strip())
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    out = markdown.renderInline(held) if inline else markdown.render(held)
    out = out.replace("<th ", '<th scope="col" ').replace("<th>", '<th scope="col">')
    return Markup(re.sub(r"@@(\d+)@@", lambda found: formulas[int(found[1])], out))  # escaped by markdown-it


def formula(source: str, display: bool = False) -> str:
    """A formula as MathML, with its source for those who copy it."""
    made = convert(source.strip(), display="block" if display else "inline")
    made = re.sub(
        r'(?:<mi mathvariant="normal">\w</mi>){2,}', lambda word: f"<mi>{re.sub('<.*?>', '', word[0])}</mi>", made
    )
    return made.replace("<math ", f'<math alttext="{escape(source.strip())}" ', 1)
