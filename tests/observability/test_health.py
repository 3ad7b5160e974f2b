"""Parts are looked at in time whatever hangs, once for everybody who asks, and said once."""

import asyncio
from typing import Any

import pytest

from observability.health import OneAtATime, Parts, Readiness


class Part:
    """Well, or not, or hanging."""

    def __init__(self, why: str | None = None) -> None:
        self.why, self.asked, self.hang = why, 0, False

    async def check(self) -> None:
        self.asked += 1
        if self.hang:
            await asyncio.Event().wait()
        if self.why is not None:
            raise ConnectionError(self.why)


class Log(list[tuple[str, dict[str, Any]]]):
    """What was said."""

    def __call__(self, event: str, **about: Any) -> None:
        self.append((event, about))


async def test_each_part_says_why_it_is_not_well() -> None:
    parts = Parts({"records": Part("no schema").check, "engine": Part().check, "gateway": Part("").check}, Log())
    assert await parts.look() == {"records": "no schema", "engine": None, "gateway": "ConnectionError"}


async def test_one_that_hangs_holds_nobody_up_and_is_not_asked_again_meanwhile() -> None:
    frozen, other = Part(), Part()
    frozen.hang = True
    parts = Parts({"records": frozen.check, "engine": other.check}, Log(), look_seconds=0.01)
    for _ in range(5):
        assert await parts.look() == {"records": "no answer within 0.01 s", "engine": None}
    assert (frozen.asked, other.asked) == (1, 5)


async def test_what_changes_is_said_once() -> None:
    part, log = Part("away"), Log()
    parts = Parts({"engine": part.check}, log)
    for why in ("away", "still away", None, None, "away"):
        part.why = why
        await parts.look()
    assert [(event, about.get("why")) for event, about in log] == [
        ("part not well", "away"), ("part well again", None), ("part not well", "away"),
    ]  # fmt: skip


async def test_a_start_waits_and_says_what_for_once_for_each_reason() -> None:
    part, log = Part("no schema"), Log()
    readiness = Readiness(Parts({"records": part.check, "gateway": Part("away").check}, log), "records")
    waiting = asyncio.create_task(readiness._parts.wait("records", again_seconds=0))
    while part.asked < 5:
        await asyncio.sleep(0)
    assert await readiness.why_not() == "records: no schema"
    part.why = "an older schema"
    while ("waiting for a part", {"part": "records", "why": "an older schema"}) not in log:
        await asyncio.sleep(0)
    assert not waiting.done()
    part.why = None
    await waiting
    said = [about["why"] for event, about in log if event == "waiting for a part"]
    assert said == ["no schema", "an older schema"]


async def test_a_process_that_could_answer_is_ready_whatever_becomes_of_the_parts_until_it_ends() -> None:
    part = Part()
    readiness = Readiness(Parts({"records": part.check}, Log()), "records")
    assert await readiness.why_not() == "this process is starting"
    await readiness.wait()
    readiness.begin()
    part.why, asked = "away", part.asked
    assert await readiness.why_not() is None
    assert part.asked == asked, "a probe of this process asks nobody else"
    readiness.end()
    assert await readiness.why_not() == "this process is to end"


async def test_who_asks_at_the_same_moment_gets_the_same_answer() -> None:
    go, asked = asyncio.Event(), list[int]()

    async def ask() -> int:
        asked.append(len(asked))
        await go.wait()
        return asked[-1]

    one = OneAtATime(ask)
    both = [asyncio.create_task(one.answer()) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    assert [await each for each in both] == [0, 0]
    assert await one.answer() == 1
    with pytest.raises(TimeoutError):
        await OneAtATime(asyncio.Event().wait).answer(0.01)
