"""Streamlit's own scripts and styles, compressed once per process; Streamlit itself does not compress them at all.

It leaves them as they are because it would have to compress them for each visitor anew. Here every file is compressed
once, beside the start of the server, and kept in memory: 0.7 s of processor time and 7 MB for all of them. They are not
kept in a temporary folder: whoever else may write there could put a script of their own into every page.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = Path(st.__file__).parent / "static"
KINDS = (".css", ".js", ".json", ".svg")  # fonts and pictures are compressed already
SMALLEST = 1000  # bytes; what is smaller fits into one or two packets anyway
LEVEL = 6  # 9 takes a third longer and saves 0.3 %

_packed: dict[str, bytes] = {}  # path below FOLDER, with slashes -> the file, compressed by gzip


def pack() -> None:
    """Compress every file that is worth it. Takes most of a second, in which other threads can work."""
    for file in sorted(FOLDER.rglob("*")):
        if file.suffix in KINDS and file.stat().st_size >= SMALLEST:
            _packed[file.relative_to(FOLDER).as_posix()] = gzip.compress(file.read_bytes(), LEVEL, mtime=0)


def root() -> str:
    """The path under which the app is served, with a slash at both ends: "/" unless server.baseUrlPath is set."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/" if base else "/"


def takes_gzip(accepted: str) -> bool:
    """Whether a browser with this Accept-Encoding header takes gzip; "gzip;q=0" means that it does not."""
    for part in accepted.lower().split(","):
        coding, *weight = re.split(r"\s*;\s*q\s*=\s*", part.strip(), maxsplit=1)
        if coding == "gzip":
            return re.fullmatch(r"0(\.0*)?", "".join(weight)) is None
    return False


class Compressed:
    """Streamlit's files, compressed for browsers that take gzip. Every other answer passes through unchanged.

    Streamlit is asked for the headers only. So it decides everything else: whether there is such a file, whether the
    browser has it already, how long the browser may keep it. A file that has not been packed yet is sent as it is.
    (Plain ASGI, as Guarded in server.py.)
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.root = app, root()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if not (path.startswith(f"{self.root}static/") and path.endswith(KINDS)):
            await self.app(scope, receive, send)
            return
        body = _packed.get(path.removeprefix(self.root)) if _may_be_exchanged(scope) else None

        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":  # a cache on the way must keep the two forms apart
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
            await send(message)

        if body is None:
            await self.app(scope, receive, varied)
        else:
            await self.app({**scope, "method": "HEAD"}, receive, _exchanged(body, varied))


def _may_be_exchanged(scope: Scope) -> bool:
    """Whether the compressed file answers this request. A range counts the bytes of the file as it is."""
    asked = Headers(scope=scope)
    whole = scope["method"] == "GET" and "range" not in asked
    return whole and takes_gzip(", ".join(asked.getlist("accept-encoding")))


def _exchanged(body: bytes, send: Send) -> Send:
    """Passes on the answer to a HEAD request: with `body` and the headers that are true of it, if the file is there."""
    found = False

    async def exchanged(message: Message) -> None:
        nonlocal found
        if message["type"] == "http.response.start":
            found = message["status"] == 200
            headers = MutableHeaders(scope=message)
            # Weak: the content is the same and the bytes are not. Streamlit recognises it in this form, too.
            if "etag" in headers:
                headers["ETag"] = f"W/{headers['etag']}"
            if found:
                headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(body))
                del headers["Accept-Ranges"]
        elif found:
            message = {"type": "http.response.body", "body": body}
        await send(message)

    return exchanged
