"""What the server does by itself: the first visitor finds everything loaded, each answer carries what guards it."""

from __future__ import annotations

import gc
import hashlib
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lossgeo.ui.runtime import compressed, process, stylesheet
from lossgeo.views.pages import LESSON_PAGES

# What a page may load or fetch is on its own server. Streamlit needs style attributes, the small script in its page,
# modules made of the components' code (blob:), a font inside its styles (data:), and WebAssembly, which Firefox blocks
# otherwise; the pictures of the maps are data: too. Not every browser takes 'self' for a socket. No word on frames: a
# course may show this app in its page.
CONTENT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address here holds what a learner does: no other site is told
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guarded:
    """Every HTTP answer with HEADERS. (Plain ASGI: Starlette's own base class would wrap each body.)"""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


PAUSE = 3.0  # seconds: a browser that opens with the server wants the processor to itself
MIDDLEWARE = [Middleware(Guarded), Middleware(compressed.Compressed)]
ABOUT = "See why some loss functions are easy to minimise and others are not: move over their maps, run the methods."


def first_page() -> str:
    """Streamlit's own page with the name of the app and the rules of style that hold in every window.

    Streamlit itself brings them a second later, from the script, and the title of the page would jump. They stand
    after Streamlit's own, which are in the head, and before what the script adds, which thus has the last word.
    """
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    title = f'<title>lossgeo</title>\n    <meta name="description" content="{ABOUT}">'
    return page.replace("<title>Streamlit</title>", title).replace("<body>", f"<body>{stylesheet.FIRST}")


def routes() -> list[Route]:
    """The addresses at which a visitor can arrive. Everything else is Streamlit's."""
    page = first_page()
    tag = f'"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}

    async def answer(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return HTMLResponse(page, headers=headers)

    return [Route(compressed.root() + path, answer) for path in ("", *LESSON_PAGES)]


def warm(pause: float = PAUSE) -> None:
    """Load what every first view needs; after a pause compute those of the three pages, for a visitor on a laptop.

    All of it lands in the caches that the sessions share (`views.cached`, the specs of `charts`).
    """
    import pandas  # noqa: F401  before Altair: see frame

    from lossgeo.charts.style import ChartStyle
    from lossgeo.ui import below  # noqa: F401
    from lossgeo.ui.learn import start_page  # noqa: F401
    from lossgeo.ui.stage import linked
    from lossgeo.views.choice import choice_from
    from lossgeo.views.stage_data import stage_data
    from lossgeo.views.view import build

    time.sleep(pause)
    for page in LESSON_PAGES.values():
        view = build(page, choice_from(page, {}), ChartStyle("laptop"))
        linked.spec_of(view)
        stage_data(view)
    # What is loaded now stays: the collector need not look through it again after each visitor.
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Warm up beside the server, which meanwhile hands the browser Streamlit's own scripts."""
    process.start()
    for work in (compressed.pack, warm):
        threading.Thread(target=work, name=work.__name__, daemon=True).start()
    yield
