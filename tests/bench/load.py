"""Many sessions over real websockets: `python -m tests.bench --load [address]`, `--soak N`.

Each session opens a lesson page and then moves one control after the other, about once every `think`
seconds: learning rate, start, methods, data; after ten moves it goes on to the next page. A rerun is
timed from the message to "script finished", as the visitor's browser would see it. The sessions share
the machine with the server, so times are upper bounds; memory and CPU are the server's own (Linux, and
not for an address). Point it only at a server that is yours.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.browser import driver

LESSONS = ("mse", "logistic", "nonconvex")
CONTROLS = ("lr", "lr", "start", "start", "methods", "data")  # how often each is moved
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0)
METHODS = ("gradient descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "newton", "backtracking")
PATIENCE = 60  # seconds for one rerun
AGE = 2  # runs for which a browser keeps a message that it does not need: global.maxCachedMessageAge

# Leaves the number of its process in a file, then starts Streamlit.
LAUNCHER = "import os; open({file!r}, 'w').write(str(os.getpid())); from streamlit.web.cli import main; main()"


@dataclass
class Tally:
    """What all sessions of a run saw."""

    first: list[float] = field(default_factory=list)  # ms
    rerun: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)  # bytes of a rerun
    errors: list[str] = field(default_factory=list)


class Session:
    """One visitor: a websocket, and the widgets that the server has sent."""

    def __init__(self, socket: websockets.ClientConnection, tally: Tally, seed: int) -> None:
        self.socket, self.tally, self.rng = socket, tally, random.Random(seed)
        self.page, self.link = "", ""
        self.widgets: dict[str, Any] = {}  # key -> the element as sent
        self.moved: dict[str, WidgetState] = {}
        # Messages that a browser would keep, by their hash, each with the run that last needed it.
        self.known: dict[str, tuple[ForwardMsg, int]] = {}
        self.runs = 0
        self.timers: list[str] = []  # the fragments that the browser is to run by itself from time to time

    async def open(self, page: str) -> None:
        self.page, self.link = page, ""
        self.widgets, self.moved = {}, {}
        self.tally.first.append((await self.run())[0])
        if f"{page}_stage" not in self.widgets:
            self.tally.errors.append(f"{page} came without its stage")

    async def move(self, control: str) -> None:
        change = getattr(self, f"_{control}")
        change()
        ms, size = await self.run()
        self.tally.rerun.append(ms)
        self.tally.size.append(size)

    def _lr(self) -> None:
        self._state("lr").double_value = self.rng.choice(RATES)

    def _start(self) -> None:
        """Anywhere within one of the window's natural sizes: hardly ever the same twice."""
        for name in ("x0", "y0") if self.page == "nonconvex" else ("w0", "b0"):
            self._state(name).double_value = round(self.rng.uniform(-1.5, 1.5), 4)

    def _methods(self) -> None:
        chosen = self.rng.sample(METHODS, self.rng.randint(1, 4))
        self._state("methods").string_array_value.data[:] = chosen

    def _data(self) -> None:
        name = "landscape" if self.page == "nonconvex" else "dataset"
        options = list(self.widgets[f"{self.page}_{name}"].options)
        self._state(name).string_value = self.rng.choice(options)
        for other in ("w0", "b0", "x0", "y0"):  # the page sets a start of its own
            self.moved.pop(f"{self.page}_{other}", None)

    def _state(self, name: str) -> WidgetState:
        """The state of a widget to be filled in; the others stay as they were."""
        key = f"{self.page}_{name}"
        state = self.moved[key] = WidgetState(id=self.widgets[key].id)
        return state

    async def run(self, fragment: str = "") -> tuple[float, int]:
        """Send the session's state and read to the end of the script: milliseconds and bytes.

        fragment: one that runs by itself; otherwise the whole page runs.
        """
        self.runs += 1
        self.known = {key: (held, last) for key, (held, last) in self.known.items() if self.runs - last <= AGE}
        message, size, began = BackMsg(), 0, time.perf_counter()
        message.rerun_script.page_name, message.rerun_script.query_string = self.page, self.link
        message.rerun_script.widget_states.widgets.extend(self.moved.values())
        message.rerun_script.cached_message_hashes.extend(self.known)
        message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, bool(fragment)
        await self.socket.send(message.SerializeToString())
        while True:
            raw = await asyncio.wait_for(self.socket.recv(), PATIENCE)
            size += len(raw)
            got = ForwardMsg()
            got.ParseFromString(raw)
            if got.metadata.cacheable and got.hash:
                self.known[got.hash] = got, self.runs
            if got.WhichOneof("type") == "ref_hash":
                name, got = got.ref_hash, self.known[got.ref_hash][0]
                self.known[name] = got, self.runs
            kind = got.WhichOneof("type")
            if kind == "page_info_changed":
                self.link = got.page_info_changed.query_string
            elif kind == "auto_rerun":
                self.timers.append(got.auto_rerun.fragment_id)
            elif kind == "delta" and got.delta.WhichOneof("type") == "new_element":
                self._see(got.delta.new_element)
            elif kind == "script_finished" and got.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return 1e3 * (time.perf_counter() - began), size

    def _see(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        shown = getattr(element, kind)
        if kind == "exception":
            self.tally.errors.append(f"{self.page}: {shown.type} {shown.message}"[:200])
        if name := getattr(shown, "id", ""):
            self.widgets[name.rsplit("-", 1)[-1]] = shown


async def visit(address: str, number: int, tally: Tally, seconds: float, think: float) -> None:
    """A session of so many seconds; a failure is noted and does not stop the others."""
    parts = urlsplit(address)
    stream = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
    try:
        async with websockets.connect(
            stream, max_size=None, subprotocols=["streamlit"], open_timeout=30,
            origin=f"{parts.scheme}://{parts.netloc}",
        ) as socket:  # fmt: skip
            session, turn = Session(socket, tally, number), 0
            await asyncio.sleep(think * session.rng.random())
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if turn % 10 == 0:
                    await session.open(LESSONS[(number + turn // 10) % len(LESSONS)])
                await asyncio.sleep(think * session.rng.uniform(0.5, 1.5))
                await session.move(session.rng.choice(CONTROLS))
                turn += 1
    except Exception as error:  # one bad session must not hide the others
        tally.errors.append(f"session {number}: {error!r}"[:200])


@contextmanager
def server(address: str) -> Iterator[tuple[str, int | None]]:
    """The address and, for a server of our own, its process."""
    if address:
        yield address.rstrip("/"), None
        return
    with tempfile.TemporaryDirectory() as folder:
        file, said = str(Path(folder) / "pid"), list[str]()
        with driver.served(launcher=("-c", LAUNCHER.format(file=file)), said=said) as own:
            yield own, int(Path(file).read_text())
    failed = [i for i, text in enumerate(said) if "Traceback (most recent" in text]
    if failed:  # a page shows no details of an error
        print(f"{len(failed)} errors; the first:", *said[failed[0] : failed[0] + 60], sep="\n")


def memory(pid: int | None) -> float:
    """Resident megabytes of a process; nan where it cannot be known."""
    try:
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))


def cpu(pid: int | None) -> float:
    """Milliseconds of CPU that a process has used."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return 1e3 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Crowd:
    sessions: int
    think: float
    p95: float  # ms
    memory: float  # MB


CROWDS = (Crowd(30, 1.0, 400, 450), Crowd(100, 3.0, 1000, 550))
CPU_BAR = 30.0  # ms a rerun


async def warm(address: str, pid: int | None, moves: int) -> dict[str, float]:
    """Open every page once, then the server's CPU of a rerun on each, moving learning rate and start."""
    used, tally = {}, Tally()
    parts = urlsplit(address)
    async with websockets.connect(
        f"ws{'s' * (parts.scheme == 'https')}://{parts.netloc}{parts.path}/_stcore/stream",
        max_size=None, subprotocols=["streamlit"], origin=address,
    ) as socket:  # fmt: skip
        session = Session(socket, tally, 0)
        for page in LESSONS:
            await session.open(page)
            for _ in range(3):
                await session.move("start")
            before = cpu(pid)
            for turn in range(moves):
                await session.move("lr" if turn % 2 else "start")
            used[page] = (cpu(pid) - before) / moves
    if tally.errors:
        raise RuntimeError(tally.errors[0])
    return used


async def gathered(address: str, crowd: Crowd, seconds: float) -> Tally:
    tally = Tally()
    await asyncio.gather(*(visit(address, i, tally, seconds, crowd.think) for i in range(crowd.sessions)))
    return tally


def line(name: str, value: float, bar: float, note: str = "") -> bool:
    held = not value > bar  # what cannot be known is not missed
    print(f"{name:56}{value:10.4g}{'<= ' + format(bar, 'g'):>12}{'' if held else '   MISSED'}{note}", flush=True)
    return held


def report(address: str, seconds: float, crowds: tuple[Crowd, ...] = CROWDS) -> bool:
    """Print one line a number, with its target; True if every target was met."""
    ok = True
    print(f"{'':56}{'measured':>10}{'target':>12}")
    for crowd in crowds:
        with server(address) as (url, pid):
            used = asyncio.run(warm(url, pid, 30))
            if crowd is crowds[0] and pid:
                for page, ms in used.items():
                    ok &= line(f"server CPU of a warm rerun, {page}, ms", ms, CPU_BAR)
            start, before, began = memory(pid), cpu(pid), time.monotonic()
            tally = asyncio.run(gathered(url, crowd, seconds))
            wall, end = time.monotonic() - began, memory(pid)
            busy = cpu(pid) - before
        who = f"{crowd.sessions} sessions, think {crowd.think:g} s"
        reruns = max(len(tally.rerun), 1)
        ok &= line(f"{who}: rerun p50, ms", float(np.percentile(tally.rerun or [np.nan], 50)), crowd.p95)
        ok &= line(f"{who}: rerun p95, ms", float(np.percentile(tally.rerun or [np.nan], 95)), crowd.p95)
        ok &= line(f"{who}: errors", len(tally.errors), 0)
        if pid:
            ok &= line(f"{who}: memory at the end, MB", end, crowd.memory, f"   from {start:.0f} MB")
        print(
            f"    {len(tally.rerun)} reruns in {wall:.0f} s, "
            f"first view p95 {np.percentile(tally.first or [0], 95):.0f} ms, "
            f"{np.median(tally.size or [0]) / 1e3:.0f} kB a rerun"
            + (f", server CPU {busy / (reruns + len(tally.first)):.1f} ms a run, all moves" if pid else "")
        )
        for error in tally.errors[:3]:
            print(f"    {error}")
        ok &= bool(tally.rerun)
    return ok


SETTLED = 500  # settings after which memory must stay flat
GROWTH = 0.10


async def soaked(address: str, pid: int | None, settings: int) -> tuple[list[tuple[int, float]], Tally]:
    """(settings so far, MB) every fifty of them, through three sessions without a pause."""
    tally, samples, done = Tally(), [], 0
    parts = urlsplit(address)
    stream = f"ws{'s' * (parts.scheme == 'https')}://{parts.netloc}{parts.path}/_stcore/stream"

    async def one(number: int) -> None:
        nonlocal done
        async with websockets.connect(stream, max_size=None, subprotocols=["streamlit"], origin=address) as socket:
            session = Session(socket, tally, number)
            while done < settings:
                if done % 20 == number or not session.page:
                    await session.open(LESSONS[(done // 20 + number) % len(LESSONS)])
                await session.move(("start", "start", "data")[done % 3])
                done += 1
                if done % 50 == 0:
                    samples.append((done, memory(pid)))

    await asyncio.gather(*(one(number) for number in range(3)))
    return samples, tally


def soak(address: str, settings: int) -> bool:
    """Distinct settings, one after the other: every cache fills up, and then memory must not grow."""
    with server(address) as (url, pid):
        samples, tally = asyncio.run(soaked(url, pid, settings))
    for done, megabytes in samples[:: max(1, len(samples) // 12)]:
        print(f"{done:8} settings {megabytes:8.1f} MB")
    settled = [megabytes for done, megabytes in samples if done >= SETTLED]
    ok = line("errors", len(tally.errors), 0)
    for error in tally.errors[:3]:
        print(f"    {error}")
    if len(settled) < 2 or pid is None:
        print(f"memory is judged after {SETTLED} settings on a server of our own")
        return ok
    return line(f"growth after {SETTLED} settings", max(settled) / settled[0] - 1, GROWTH) and ok
