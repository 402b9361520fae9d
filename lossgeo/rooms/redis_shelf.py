"""Rooms in Redis or Valkey, shared by all processes of a school's server.

A room is four keys with one name: a hash of its state, a set of tokens, a hash of each vote. Every change is a script,
which Redis runs as a whole. Redis itself forgets what has not been used.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from lossgeo.rooms.records import StoreGone
from lossgeo.rooms.shelf import Found, Shelf

PATIENCE = 1.0  # seconds to wait for Redis; on a school's network it answers within a thousandth

# KEYS: state, tokens, first votes, second votes. ARGV[1]: the life of a room, in milliseconds.
KEEP = "for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end return 1"
ADD = f"""
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
{KEEP}"""
CHANGE = f"""
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
if ARGV[3] == '1' then redis.call('DEL', KEYS[3], KEYS[4]) end
{KEEP}"""
ENTER = f"""
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[3]) then return -1 end
redis.call('SADD', KEYS[2], ARGV[2])
{KEEP}"""
VOTE = f"""
if redis.call('HGET', KEYS[1], 'ballot') ~= ARGV[2] then return 0 end
if redis.call('SISMEMBER', KEYS[2], ARGV[4]) == 0 then return 0 end
redis.call('HSET', KEYS[tonumber(ARGV[3])], ARGV[4], ARGV[5])
{KEEP}"""


def _keys(code: str) -> list[str]:
    """The four keys. The braces keep them on one node, should Redis be several."""
    return [f"lossgeo:{{{code}}}:{part}" for part in ("state", "tokens", "first", "second")]


def _flat(fields: Mapping[str, str]) -> list[str]:
    return [text for pair in fields.items() for text in pair]


class RedisShelf(Shelf):
    """The rooms of all processes that use the same Redis. Every call may raise StoreGone."""

    def __init__(self, url: str, life: float) -> None:
        if not re.match(r"(redis|rediss|valkey|valkeys|unix)://", url):
            raise ValueError(f"rooms are kept in a Redis, named by an address redis://host:6379, got {url!r}")
        import redis

        self._redis = redis
        self._client: Any = redis.Redis.from_url(
            re.sub(r"^valkey", "redis", url),
            decode_responses=True,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
        )
        self._life = str(round(1000 * life))
        self._scripts = {text: self._client.register_script(text) for text in (ADD, CHANGE, ENTER, VOTE)}
        self._opened: list[str] = []  # by this process; some may be gone
        self._lock = threading.Lock()

    def _run(self, script: str, code: str, *arguments: str) -> int:
        try:
            return int(self._scripts[script](keys=_keys(code), args=[self._life, *arguments]))
        except self._redis.RedisError as error:
            raise StoreGone from error

    def _ask(self, *commands: tuple[str | int, ...]) -> list[Any]:
        """The answers to several commands, all of one moment."""
        try:
            with self._client.pipeline(transaction=True) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                return list(pipe.execute())
        except self._redis.RedisError as error:
            raise StoreGone from error

    def add(self, code: str, fields: Mapping[str, str], most: int) -> bool | None:
        with self._lock:
            if self._opened:
                there = self._ask(*(("EXISTS", _keys(other)[0]) for other in self._opened))
                self._opened = [other for other, exists in zip(self._opened, there, strict=True) if exists]
            if len(self._opened) >= most:
                return None
            added = self._run(ADD, code, *_flat(fields)) == 1
            self._opened += [code] * added
            return added

    def find(self, code: str, token: str = "", votes: bool = False) -> Found | None:
        state, tokens, first, second = _keys(code)
        answers = self._ask(
            ("HGETALL", state), ("SISMEMBER", tokens, token), ("HGET", first, token), ("HGET", second, token),
            ("SCARD", tokens), ("HLEN", first), ("HLEN", second),
            *((("HVALS", first), ("HVALS", second)) if votes else ()),
        )  # fmt: skip
        fields, inside, one, two, come, voted, again, *values = answers
        if not fields:
            return None
        every = (list(values[0]), list(values[1])) if votes else ([], [])
        return Found(fields, bool(inside), (one, two), int(come), (int(voted), int(again)), every)

    def change(self, code: str, revision: str, fields: Mapping[str, str], clear: bool) -> bool:
        return self._run(CHANGE, code, revision, str(int(clear)), *_flat(fields)) == 1

    def enter(self, code: str, token: str, most: int) -> bool | None:
        done = self._run(ENTER, code, token, str(most))
        return None if done < 0 else done == 1

    def vote(self, code: str, ballot: str, second: bool, token: str, vote: str) -> bool:
        return self._run(VOTE, code, ballot, str(3 + second), token, vote) == 1

    def remove(self, code: str) -> None:
        self._ask(("DEL", *_keys(code)))
