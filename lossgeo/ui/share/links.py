"""Checking the parameters of a link: text in, valid values out. A link may be old, damaged or malicious."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from lossgeo.views.pages import FARTHEST, FURTHER, SEEN

LONGEST = 4000  # characters of a link; the controls produce fewer than 1000


def names(texts: Iterable[str], known: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """The known names in comma-separated lists, in the order of `known`; and whether there were unknown ones."""
    said = {name.strip().lower() for text in texts for name in text.split(",")} - {""}
    order = list(known)
    return tuple(name for name in order if name in said), bool(said - set(order))


def number(texts: Sequence[str], low: float, high: float) -> float | None:
    """The last text as a number, clipped to the range; None if it is not a finite number."""
    try:
        value = float(texts[-1]) if texts and len(texts[-1]) < 40 else math.nan
    except ValueError:
        value = math.nan
    return min(max(value, low), high) if math.isfinite(value) else None


def direction(texts: Sequence[str]) -> tuple[float, float, float] | None:
    """Three numbers, the position of the camera; None if they are invalid or too near or far."""
    parts = [number([part], -FARTHEST, FARTHEST) for part in (texts[-1].split(",") if texts else [])]
    eye = [part for part in parts if part is not None]
    if len(parts) != 3 or len(eye) != 3 or not 0.05 <= math.hypot(*eye) <= 20:
        return None
    return eye[0], eye[1], eye[2]


def heard(texts: Sequence[str], value: object) -> bool:
    """Whether a control with the value `value` accepted everything that the link says about it."""
    if isinstance(value, bool):
        return [text.lower() for text in texts] == [str(value).lower()]
    if isinstance(value, int | float):
        said = number(texts, -math.inf, math.inf)
        return said is not None and math.isclose(said, value, rel_tol=1e-9)
    if isinstance(value, list | tuple):
        return sorted(text for text in texts if text) == sorted(str(item) for item in value)
    return list(texts) == [str(value)]


def dropped(
    page: str, link: Mapping[str, Sequence[str]], own: Iterable[str], values: Mapping[str, object]
) -> list[str]:
    """The parameters of the page that could not be used.

    own: the names of the page's controls. values: the current values of its widgets, by key. A control that is
    not drawn at the moment is not counted. Parameters that do not begin with the page's name are ignored: they
    belong to Streamlit, to another page, or to a mail program.
    """
    known = {*own, *FURTHER}
    out = []
    for key, texts in link.items():
        name = key.removeprefix(f"{page}_")
        if name == key:
            continue
        if key in values:
            fine = heard(texts, values[key])
        elif name == "eye":
            fine = direction(texts) is not None
        elif name in SEEN:
            fine = number(texts, -FARTHEST, FARTHEST) is not None
        else:
            fine = name in known
        if not fine:
            out.append(key)
    return out


def renewed(link: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The link with today's names: the maps that once lay under *Look closer* are layers of the map of the stage.

    Basins had nothing else; beside the map, Curvature had what is now called Along the run.
    """
    out = dict(link)
    for page in ("mse", "logistic", "nonconvex"):
        closer, layer = f"{page}_closer", f"{page}_layer"
        said = (link.get(closer) or [""])[-1]
        if said == "Basins":
            del out[closer]
            if out.get(f"{page}_tab") == ["Look closer"]:
                del out[f"{page}_tab"]
            out.setdefault(layer, ["ends"])
        elif said == "Curvature":
            out[closer] = ["Along the run"]
            if page == "nonconvex" or "sigmoid" in "".join(link.get("logistic_loss", [])):
                out.setdefault(layer, ["curvature"])
            elif page == "logistic":
                out.setdefault(layer, ["condition"])
    return out


def sentence(keys: Sequence[str]) -> str:
    """The message about unusable parameters. It never repeats the values of the link."""
    fit = [f"`{key}`" for key in keys if re.fullmatch(r"[A-Za-z0-9_]{1,30}", key)]
    shown, more = fit[:5], len(keys) - len(fit[:5])
    listed = ", ".join(shown) + (f" and {more} more" if shown and more else "" if shown else f"{more} settings")
    why = "unknown, out of range or damaged"
    return f"This page cannot use {listed} of this link ({why}). All else is set as the link says."


def usable(link: str) -> bool:
    """Whether a text is a URL that can be displayed, copied and written into a file."""
    return len(link) <= LONGEST and re.fullmatch(r"https?://[!-~]+", link) is not None


def changed(link: str, changes: Mapping[str, str]) -> str:
    """The link with some parameters set, or removed where the new text is empty."""
    parts = urlsplit(link)
    pairs = [(key, text) for key, text in parse_qsl(parts.query, keep_blank_values=True) if key not in changes]
    pairs += [(key, text) for key, text in changes.items() if text]
    query = "&".join(f"{quote_plus(key)}={quote_plus(text, safe=',/')}" for key, text in pairs)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def only_here(link: str) -> bool:
    """Whether the URL refers to the local computer, so that it does not work on others."""
    host = urlsplit(link).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.") or host == "0.0.0.0"


def file_name(*words: str) -> str:
    """A short file name from the words, valid on every file system."""
    text = "-".join(re.sub(r"[^a-z0-9.]+", "-", word.lower()).strip("-.") for word in ("lossgeo", *words))
    return re.sub(r"-{2,}", "-", text)[:72].strip("-.")
