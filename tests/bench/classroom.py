"""A class in a room over real websockets: `python -m tests.bench --class N`.

N students join within 30 s by the teacher's code and vote within 10 s; each looks for news every three seconds as a
browser does, the teacher every second. Then the teacher reveals the answer. Printed are the times of a vote, how far
the teacher's count is behind, how far the students are behind the teacher, memory and CPU. All of it shares the
machine with the server: times are upper bounds.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import websockets
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.bench.load import Session, Tally, cpu, line, memory, server

JOINING, VOTING = 30.0, 10.0  # seconds
TEACHERS, STUDENTS = 1.0, 3.0  # seconds between two looks


class Seat(Session):
    """A session that also knows what the page says."""

    def __init__(self, socket: websockets.ClientConnection, tally: Tally, seed: int) -> None:
        super().__init__(socket, tally, seed)
        self.said = ""

    def _see(self, element: Any) -> None:
        super()._see(element)
        shown = getattr(element, element.WhichOneof("type"))
        self.said += f"{getattr(shown, 'body', '')}\n"

    def find(self, part: str) -> Any:
        """The widget whose key contains this."""
        return next(shown for key, shown in self.widgets.items() if part in key or part in getattr(shown, "id", ""))

    async def press(self, part: str) -> float:
        """Press a button: milliseconds."""
        key = self.find(part).id
        self.moved[key] = WidgetState(id=key, trigger_value=True)
        ms, _ = await self.run()
        del self.moved[key]
        return ms


@dataclass
class Hour:
    """What was seen in one class."""

    joins: list[float] = field(default_factory=list)  # ms
    votes: list[float] = field(default_factory=list)  # ms
    looks: list[float] = field(default_factory=list)  # ms
    voted: list[float] = field(default_factory=list)  # when each vote was in
    shown: list[tuple[float, int]] = field(default_factory=list)  # when the teacher saw how many
    behind: list[float] = field(default_factory=list)  # s from Reveal to the answer on a phone
    revealed: float = 0.0
    began: float = 0.0
    code: str = ""
    over: bool = False


def _socket(address: str) -> Any:
    return websockets.connect(
        f"ws{address.removeprefix('http')}/_stcore/stream", max_size=None, subprotocols=["streamlit"], origin=address,
        open_timeout=60, ping_interval=None,
    )  # fmt: skip


async def teach(address: str, hour: Hour, tally: Tally, ready: asyncio.Event) -> None:
    """The teacher: opens a room, watches the count, reveals the answer."""
    async with _socket(address) as socket:
        seat = Seat(socket, tally, 0)
        seat.page, seat.link = "mse", "teacher=true&mse_tab=Check&mse_question=same-surface"
        while "_room_open_mse" not in seat.widgets:  # a fresh server sends a deep link through the entry file first
            await seat.run()
        await seat.press("_room_open_mse")
        hour.code = re.search(r'class="code">([A-Z]{5})<', seat.said)[1]
        hour.began = time.monotonic()
        ready.set()
        while not hour.over:
            await asyncio.sleep(TEACHERS)
            seat.said = ""
            if seat.timers:
                await seat.run(seat.timers[-1])
            if found := re.search(r"(\d+) of \d+ have voted", seat.said):
                hour.shown.append((time.monotonic(), int(found[1])))
            if not hour.revealed and time.monotonic() > hour.began + JOINING + VOTING + 5:
                hour.revealed = time.monotonic()
                await seat.press("_reveal_mse")


async def study(address: str, hour: Hour, tally: Tally, number: int) -> None:
    """A student: joins, looks for news, votes, and sees the answer."""
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, JOINING))
    try:
        async with _socket(address) as socket:
            seat = Seat(socket, tally, number)
            seat.link = f"room={hour.code}"
            hour.joins.append((await seat.run())[0])
            vote_at = hour.began + JOINING + rng.uniform(0, VOTING)
            voted = False
            while not hour.over:
                await asyncio.sleep(STUDENTS if voted else min(STUDENTS, max(0.05, vote_at - time.monotonic())))
                if not voted and time.monotonic() >= vote_at:
                    voted = True
                    radio = seat.find("_room_answer_")
                    seat.moved[radio.id] = WidgetState(id=radio.id, string_value=rng.choice(list(radio.options)))
                    hour.votes.append(await seat.press("_room_vote_"))
                    hour.voted.append(time.monotonic())
                    if "Your vote counts" not in seat.said:
                        tally.errors.append(f"student {number}: the vote does not count")
                    continue
                seat.said = ""
                hour.looks.append((await seat.run(seat.timers[-1]))[0])
                if hour.revealed and ("Right." in seat.said or "Not this one." in seat.said):
                    hour.behind.append(time.monotonic() - hour.revealed)
                    return
    except Exception as error:  # one bad session must not hide the others
        tally.errors.append(f"student {number}: {error!r}"[:200])


async def _hour(address: str, students: int) -> tuple[Hour, Tally]:
    hour, tally, ready = Hour(), Tally(), asyncio.Event()
    teacher = asyncio.create_task(teach(address, hour, tally, ready))
    await asyncio.wait_for(ready.wait(), 60)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(study(address, hour, tally, i) for i in range(students))), 120)
    hour.over = True
    await teacher
    return hour, tally


def report(address: str, students: int) -> bool:
    """Print one line a number, with its target; True if every target was met."""
    with server(address) as (url, pid):
        before, began = cpu(pid), time.monotonic()
        hour, tally = asyncio.run(_hour(urlsplit(url)._replace(path="").geturl(), students))
        busy, wall, end = cpu(pid) - before, time.monotonic() - began, memory(pid)
    voted = sorted(hour.voted)
    late = []
    for number, when in enumerate(voted, start=1):
        seen = next((at for at, count in hour.shown if count >= number and at >= when - TEACHERS), None)
        late.append(np.inf if seen is None else max(0.0, seen - when))
    print(f"{'':56}{'measured':>10}{'target':>12}")
    who = f"{students} students"
    ok = line(f"{who}: joined, ms p95", float(np.percentile(hour.joins or [np.inf], 95)), 2000)
    ok &= line(f"{who}: a vote, ms p50", float(np.percentile(hour.votes or [np.inf], 50)), 500)
    ok &= line(f"{who}: a vote, ms p95", float(np.percentile(hour.votes or [np.inf], 95)), 500)
    ok &= line("a look for news, ms p95", float(np.percentile(hour.looks or [np.inf], 95)), 1000)
    ok &= line("the teacher's count is behind, s, p95", float(np.percentile(late or [np.inf], 95)), 1.5)
    ok &= line("a student sees the answer after, s, p95", float(np.percentile(hour.behind or [np.inf], 95)), 4.0)
    ok &= line("votes missing", students - len(voted), 0)
    ok &= line("answers missing", students - len(hour.behind), 0)
    ok &= line("errors", len(tally.errors), 0)
    ok &= line("memory at the end, MB", end, 500)
    runs = len(hour.joins) + len(hour.votes) + len(hour.looks) + len(hour.shown)
    print(f"    {runs} runs in {wall:.0f} s, server CPU {busy / 1e3:.1f} s, {busy / max(runs, 1):.1f} ms a run")
    for error in tally.errors[:3]:
        print(f"    {error}")
    return ok
