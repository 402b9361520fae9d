"""A real server: visitors at the same time, connections that break, requests that no browser sends."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import pyarrow as pa
import pytest
import streamlit as st
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.app_discovery import discover_asgi_app

from lossgeo.charts.stage import unpacked
from lossgeo.landscapes import LANDSCAPES
from lossgeo.ui.runtime import compressed, stylesheet
from lossgeo.ui.runtime import server as guards
from tests.bench import load

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("mse", "logistic", "nonconvex")
START = {"mse": ("w0", "b0"), "logistic": ("w0", "b0"), "nonconvex": ("x0", "y0")}
METHODS = ("adam", "momentum", "nesterov", "adagrad", "rmsprop", "newton", "backtracking")


@pytest.fixture(scope="module")
def server():
    with load.server("") as (address, pid):
        yield address, pid


class Visitor(load.Session):
    """A session with settings of its own; it keeps no message, so that all of the stage comes each time."""

    def __init__(self, connection, number: int = 0) -> None:
        super().__init__(connection, load.Tally(), number)
        self.words: list[str] = []

    async def arrive(self, page: str, link: str = "") -> None:
        self.page, self.link, self.widgets, self.moved, self.words = page, link, {}, {}, []
        await self.again()

    async def again(self) -> None:
        self.known.clear()
        await self.run()

    def _see(self, element) -> None:
        super()._see(element)
        kind = element.WhichOneof("type")
        if kind in ("markdown", "toast", "alert", "html", "text"):
            self.words.append(str(getattr(element, kind)))

    def rows(self, name: str) -> list[dict]:
        stage = self.widgets.get(f"{self.page}_stage")
        assert stage is not None, f"{self.page}?{self.link} came without its stage; the server says {self.tally.errors}"
        found = next(data for data in stage.datasets if data.name == name)
        with pa.ipc.open_stream(found.data.data) as stream:
            sent = stream.read_all()
        return [unpacked(**sent.to_pydict())] if name == "view" else sent.to_pylist()

    @property
    def stage(self) -> dict[str, bytes]:
        return {data.name: data.data.data for data in self.widgets[f"{self.page}_stage"].datasets}


def connect(address: str, origin: str | None = None):
    return websockets.connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream", max_size=None, subprotocols=["streamlit"],
        origin=origin or address, open_timeout=30,
    )  # fmt: skip


async def with_settings(address: str, i: int, moves: int) -> int:
    """One of many at the same time: after each run the stage is of this visitor's settings."""
    page, method, checked = PAGES[i % 3], METHODS[i % len(METHODS)], 0
    size = 10 + i
    first, second = START[page]
    async with connect(address) as connection:
        visitor = Visitor(connection, i)
        own = {f"{page}_methods": method, f"{page}_steps": 20 + i, f"{page}_n": size, f"{page}_{first}": 0.25 + i / 64}
        await visitor.arrive(page, "&".join(f"{key}={quote(str(value))}" for key, value in own.items()))
        start = [0.25 + i / 64, None]
        for turn in range(moves + 1):
            if turn:
                start[1] = -1.0 - i / 64 - turn / 4
                visitor._state(second).double_value = start[1]
                await asyncio.sleep(0.01 * (i % 5))
                await visitor.again()
            view, path = visitor.rows("view")[0], visitor.rows("path")
            assert view["sw"] == start[0], (i, turn)
            assert start[1] is None or view["sb"] == start[1], (i, turn)
            assert {row["method"] for row in path} == {method}
            assert max(row["t"] for row in path) <= 20 + i
            assert page == "nonconvex" or len(visitor.rows("points")) == size
            checked += 1
        assert not visitor.tally.errors, visitor.tally.errors
    return checked


@pytest.mark.slow
def test_twenty_visitors_see_their_own(server):
    async def all_at_once():
        return await asyncio.gather(*(with_settings(server[0], i, 3) for i in range(20)))

    assert sum(asyncio.run(all_at_once())) == 80


@pytest.mark.parametrize("page", PAGES)
def test_a_lost_connection_comes_back_through_the_address(server, page):
    async def lose_and_return():
        async with connect(server[0]) as connection:
            visitor = Visitor(connection)
            await visitor.arrive(page)
            visitor._state(START[page][0]).double_value = 0.75
            visitor._state("lr").double_value = 0.0625
            await visitor.again()
            visitor._state("methods").string_array_value.data[:] = ["adam", "newton"]
            await visitor.again()
            before = visitor.stage
            bound = {visitor.widgets[key].query_param_key for key in visitor.moved}
        # what the browser then has in its address line, by the names that the server gave
        assert bound == {f"{page}_{name}" for name in (START[page][0], "lr", "methods")}
        async with connect(server[0]) as connection:
            visitor = Visitor(connection)
            first = f"{page}_{START[page][0]}=0.75&{page}_lr=0.0625"
            await visitor.arrive(page, f"{first}&{page}_methods=adam&{page}_methods=newton")
            return before, visitor.stage

    before, after = asyncio.run(lose_and_return())
    assert before == after


def test_who_leaves_in_the_middle_leaves_nothing(server):
    """Twelve sessions close while the server computes for them; its threads end, and others see what is so."""
    address, pid = server

    def threads() -> int:
        return len(os.listdir(f"/proc/{pid}/task")) if Path(f"/proc/{pid}/task").exists() else 0

    async def leave(name: str) -> None:
        async with connect(address) as connection:
            message = BackMsg()
            message.rerun_script.page_name = "nonconvex"
            message.rerun_script.query_string = (
                f"nonconvex_landscape={quote(name)}&nonconvex_layer=ends"
            )
            await connection.send(message.SerializeToString())
            await asyncio.sleep(0.05)

    async def see(name: str) -> dict[str, bytes]:
        async with connect(address) as connection:
            visitor = Visitor(connection)
            await visitor.arrive("nonconvex", f"nonconvex_landscape={quote(name)}")
            assert not visitor.tally.errors
            assert visitor.widgets["nonconvex_landscape"].raw_value == name
            return visitor.stage

    async def play() -> None:
        names = list(LANDSCAPES)[-12:]
        await see(names[0])
        before = threads()
        await asyncio.gather(*map(leave, names))
        for name in (names[0], names[-1], names[0]):
            assert await see(name) == await see(name)
        end = time.monotonic() + 15
        while threads() > before + 1 and time.monotonic() < end:
            await asyncio.sleep(0.2)
        assert threads() <= before + 1

    asyncio.run(play())


# --- requests that no browser sends ---------------------------------------------------------------------------------


def raw(address: str, request: bytes) -> bytes:
    host = urlsplit(address)
    with socket.create_connection((host.hostname, host.port), timeout=10) as plug:
        with contextlib.suppress(ConnectionError):  # refused before the end: what it says is still read
            plug.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := plug.recv(65536):
                answer += part
    return answer


ODD = {
    "bytes that are no UTF-8": b"mse_lr=\xff\xfe\x80&mse_w0=\xc3\x28",
    "percent signs that are no UTF-8": b"mse_lr=%ff%fe&mse_dataset=%c3%28&%80=%80",
    "a hundred kilobytes": b"mse_dataset=" + b"x" * 100_000,
    "ten thousand keys": b"&".join(b"k%d=1" % i for i in range(10_000)),
    "nothing but signs": b"&&&===;;;%%%#",
    "a line break": b"mse_lr=1%0d%0aSet-Cookie:%20a=b",
    "markup": b"mse_tab=<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_requests_get_the_page_or_a_plain_refusal(server, name):
    answer = raw(server[0], b"GET /mse?" + ODD[name] + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    status = int(answer.split(b" ", 2)[1])
    assert status in (200, 301, 302, 307, 308, 400, 414, 431), answer[:300]
    for leak in (b"traceback", b"alert(1)", b"site-packages", b"xxxxxxxx", b"\nset-cookie: a=b"):
        assert leak not in answer.lower(), leak


@pytest.mark.parametrize("name", ODD)
def test_odd_links_open_the_page(server, name):
    """As the browser passes them on, over the websocket: the stage stands, at most one sentence, no markup back."""

    async def arrive():
        async with connect(server[0]) as connection:
            visitor = Visitor(connection)
            await visitor.arrive("mse", ODD[name].decode("utf-8", "replace"))
            return visitor

    visitor = asyncio.run(arrive())
    assert not visitor.tally.errors
    view = visitor.rows("view")[0]
    assert (view["sw"], view["sb"]) == (0.4, 0.2)
    assert sum("Of this link" in text for text in visitor.words) <= 1
    assert not [text for text in visitor.words if "alert(1)" in text or "xxxxxxxx" in text]


async def message(address: str, text: bytes | str) -> None:
    async with connect(address) as connection:
        await connection.send(text)
        with contextlib.suppress(TimeoutError, websockets.ConnectionClosed):
            await asyncio.wait_for(connection.recv(), 1)


def test_the_containers_health_check_tells_a_server_from_none(server):
    """The command in the Dockerfile, with the port of a server, and with one at which nobody listens."""
    steps = re.sub(r"\\\n\s*", " ", (ROOT / ".docker/Dockerfile").read_text(encoding="utf-8")).splitlines()
    (check,) = [line.split(" CMD ")[1] for line in steps if line.startswith("HEALTHCHECK")]
    program, *arguments = json.loads(check)
    assert program == "python"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    for port, healthy in ((urlsplit(server[0]).port, True), (nobody, False)):
        environment = {**os.environ, "STREAMLIT_SERVER_PORT": str(port)}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, timeout=60)
        assert (done.returncode == 0) == healthy, done.stderr[-300:]


def test_messages_that_are_none_do_no_harm(server):
    async def play():
        for text in (b"", b"\xff" * 1000, b"\x00", "text instead of bytes", b"\x0a" * 200_000):
            await message(server[0], text)
        return await with_settings(server[0], 3, 1)

    assert asyncio.run(play()) == 2


def test_another_sites_page_gets_no_connection(server):
    async def knock():
        async with connect(server[0], origin="http://elsewhere.example") as connection:
            await connection.recv()

    began = time.monotonic()
    with pytest.raises(websockets.InvalidStatus, match="403"):
        asyncio.run(knock())
    assert time.monotonic() - began < 1.0, "it asked somebody else who it is"


@pytest.mark.parametrize("path", ["/", "/mse", "/_stcore/health", "/static/js/none.js"])
def test_every_answer_carries_the_guards(server, path):
    """The page, the state of health, and what is not there: each says what a browser may do with it."""
    answer = raw(server[0], f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    said = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert {name: said.get(name.lower()) for name in guards.HEADERS} == guards.HEADERS
    assert len(said) == len(lines), "a header twice"
    assert "http" not in guards.CONTENT
    assert "*" not in guards.CONTENT


def test_the_page_brings_name_and_style(server):
    """At each address of the app, so that neither tab nor page first shows another look; not at unknown addresses."""
    head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    pages = [raw(server[0], f"GET /{path}{head}".encode()).decode() for path in ("", *PAGES, "mse?mse_lr=0.1")]
    for page in pages:
        assert "<title>lossgeo</title>" in page
        assert guards.ABOUT in page
        assert "<body>" + stylesheet.FIRST in page
        assert "cache-control: no-cache" in page.lower()
    assert "<title>Streamlit</title>" in raw(server[0], f"GET /nowhere{head}".encode()).decode()
    tag = re.search(r"etag: (\S+)", pages[0], re.IGNORECASE)[1]
    again = raw(
        server[0], f"GET /mse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIf-None-Match: {tag}\r\n\r\n".encode()
    )
    assert again.startswith(b"HTTP/1.1 304"), "a browser that has the page is sent it again"
    assert again.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("base", "paths"), [("", ["/", "/mse"]), ("/a/b/", ["/a/b/", "/a/b/mse"])])
def test_the_page_is_where_a_proxy_expects_it(monkeypatch, base, paths):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.__getitem__)
    assert [route.path for route in guards.routes()][:2] == paths


def test_streamlit_starts_the_guarded_server():
    """What `streamlit run` looks for in the entry file."""
    found = discover_asgi_app(ROOT / "streamlit_app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "streamlit_app:app")


def test_what_the_server_says_of_itself(server):
    """No other folder, no listing; the file of settings is nobody's business."""
    head = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    for path in (b"/.streamlit/config.toml", b"/../requirements.txt", b"/%2e%2e/requirements.txt", b"/app/static/x",
                 b"/lossgeo/__init__.py", b"/static/../../../etc/passwd", b"/media/../../etc/passwd"):  # fmt: skip
        answer = raw(server[0], b"GET " + path + head)
        assert not re.search(rb"enableXsrfProtection|streamlit==|root:x|map of the pipeline", answer), path


# --- Streamlit's own files, compressed ------------------------------------------------------------------------------

FILES = sorted(
    file.relative_to(compressed.FOLDER).as_posix()
    for file in compressed.FOLDER.rglob("static/**/*")
    if file.is_file() and file.stat().st_size >= compressed.SMALLEST
)
CHANGED = {"content-encoding", "content-length", "etag", "accept-ranges"}  # what is said of the body


def fetch(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by their names in small letters, and body. No body is unpacked."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    ask = f"{method} /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n"
    head, _, body = raw(address, ask.encode()).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    said = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return int(first.split()[1]), said, body


@pytest.fixture(scope="module")
def packed(server):
    """The address of a server that has compressed all of its files. The last one in the order of `pack` tells."""
    last = [file for file in FILES if file.endswith(compressed.KINDS)][-1]
    end = time.monotonic() + 60
    while "content-encoding" not in fetch(server[0], last, Accept_Encoding="gzip")[1]:
        assert time.monotonic() < end, f"{last} is still sent as it is"
        time.sleep(0.1)
    return server[0]


def test_every_file_comes_compressed_and_is_the_same_file(packed):
    for path in FILES:
        content = (compressed.FOLDER / path).read_bytes()
        status, said, body = fetch(packed, path, Accept_Encoding="deflate, gzip;q=1.0, br")
        assert status == 200, path
        assert int(said["content-length"]) == len(body), path
        if path.endswith(compressed.KINDS):
            assert (said["content-encoding"], said["vary"]) == ("gzip", "Accept-Encoding"), path
            assert len(body) < len(content), path
            body = gzip.decompress(body)
        else:
            assert "content-encoding" not in said, f"{path} is compressed twice"
        assert body == content, f"{path} is not the file on the disk"


PLOTLY = next(path for path in FILES if "PlotlyChart." in path and path.endswith(".js"))


def test_a_compressed_answer_says_what_the_plain_one_says(packed):
    _, plain, _ = fetch(packed, PLOTLY)
    _, small, _ = fetch(packed, PLOTLY, Accept_Encoding="gzip")
    apart = CHANGED | {"date"}
    assert {k: v for k, v in small.items() if k not in apart} == {k: v for k, v in plain.items() if k not in apart}
    assert "immutable" in small["cache-control"]
    assert small["etag"] == "W/" + plain["etag"]
    assert "accept-ranges" not in small
    status, head, body = fetch(packed, PLOTLY, "HEAD", Accept_Encoding="gzip")
    assert (status, head | {"date": ""}, body) == (200, plain | {"date": ""}, b"")


@pytest.mark.parametrize("headers", [{}, {"Accept_Encoding": "br, zstd"}, {"Accept_Encoding": "gzip; q=0.0, identity"}])
def test_a_browser_that_takes_no_gzip_gets_the_file_as_it_is(packed, headers):
    status, said, body = fetch(packed, PLOTLY, **headers)
    assert (status, said.get("content-encoding"), said["vary"]) == (200, None, "Accept-Encoding")
    assert body == (compressed.FOLDER / PLOTLY).read_bytes()


def test_a_part_of_a_file_is_a_part_of_the_file_as_it_is(packed):
    status, said, body = fetch(packed, PLOTLY, Accept_Encoding="gzip", Range="bytes=10-19")
    assert (status, said.get("content-encoding")) == (206, None)
    assert body == (compressed.FOLDER / PLOTLY).read_bytes()[10:20]


def test_a_browser_that_has_the_file_is_not_sent_it_again(packed):
    plain, small = (fetch(packed, PLOTLY, Accept_Encoding=coding)[1]["etag"] for coding in ("identity", "gzip"))
    for tag in (plain, small):
        status, said, body = fetch(packed, PLOTLY, Accept_Encoding="gzip", If_None_Match=tag)
        assert (status, body, said["etag"], said["vary"]) == (304, b"", small, "Accept-Encoding")
        assert "content-encoding" not in said


def test_what_is_no_file_is_answered_as_without_compression(packed):
    """An unknown name, a file's name below a page, another method: nobody gets a script under a wrong address."""
    unknown = [("GET", "static/js/none.js"), ("GET", f"mse/{PLOTLY}"), ("GET", f"static/../{PLOTLY}"), ("POST", PLOTLY)]
    for method, path in unknown:
        plain, asked = (fetch(packed, path, method, Accept_Encoding=coding) for coding in ("identity", "gzip"))
        small = gzip.decompress(asked[2]) if asked[1].get("content-encoding") else asked[2]
        assert (asked[0], small) == (plain[0], plain[2]), (method, path)


@pytest.mark.parametrize(("base", "root"), [("", "/"), ("/a/b/", "/a/b/")])
def test_a_file_that_is_not_packed_yet_is_sent_as_it_is(monkeypatch, base, root):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.__getitem__)
    monkeypatch.setattr(compressed, "_packed", {"static/a.js": b"small"})
    asked, sent = [], []

    async def app(scope, receive, send):
        asked.append(scope["method"])
        status = 304 if (b"if-none-match", b"x") in scope["headers"] else 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else b"the whole"})

    async def send(message):
        sent.append(message)

    for path in ("static/a.js", "static/b.js", "elsewhere/static/a.js"):
        scope = {"type": "http", "method": "GET", "path": root + path, "headers": [(b"accept-encoding", b"gzip")]}
        asyncio.run(compressed.Compressed(app)(scope, None, send))
    scope |= {"path": root + "static/a.js", "headers": [*scope["headers"], (b"if-none-match", b"x")]}
    asyncio.run(compressed.Compressed(app)(scope, None, send))
    assert asked == ["HEAD", "GET", "GET", "HEAD"]
    assert [message["body"] for message in sent[1::2]] == [b"small", b"the whole", b"the whole", b""]
    heads = [dict(message["headers"]) for message in sent[:6:2]]
    assert [(head[b"content-length"], head.get(b"vary")) for head in heads] == [
        (b"5", b"Accept-Encoding"), (b"9", b"Accept-Encoding"), (b"9", None)
    ]  # fmt: skip
