"""Walks: all interleavings of a small scenario, and random ones of a long one. Both stop at the first thing wrong.

A walk through all goes breadth first, so that what it finds is as short as can be. A world that was reached before by
another way is not gone on from twice: all that can come is a function of the world.
"""

import gc
import random  # noqa: TID251
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.explore import faults, housekeeping, invariants, requests, tasks
from tests.explore.world import Rules, Step, World

STEPS_MAX = 600
"""Longest random walk; one that is not over by then goes in circles."""

WANTED_TO_UNWANTED = 4
"""How much likelier an orderly step is in a random walk than a fault, so that faults come late as well as early."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and every step that led there, by number and in words."""

    wrong: tuple[str, ...]
    choices: tuple[int, ...]
    trace: tuple[str, ...]

    def __str__(self) -> str:
        """For people."""
        lines = [f"{number:4}  {words}" for number, words in enumerate(self.trace, 1)]
        return "\n".join([*lines, *(f"   ✗  {one}" for one in self.wrong)])


@dataclass(frozen=True, slots=True)
class Report:
    """How far a walk went: `worlds` seen, `steps` between them, and `ways` from the start to an end.

    `whole` says that there are no others. `ways` counts those that never come back to a world nearer to the start.
    """

    worlds: int
    steps: int
    ways: int
    seconds: float
    whole: bool
    finding: Finding | None = None


def possible(rules: Rules, world: World) -> list[Step]:
    """Every step from here. Faults only while there is something else to do; housekeeping only when there is not."""
    wanted = [*requests.steps(rules, world), *tasks.steps(rules, world)]
    for happening in rules.happenings:
        wanted += happening(world)
    recoveries = list(faults.recoveries(world))
    if all(step.fault for step in wanted) and not world.silent:
        return [*housekeeping.steps(rules, world), *recoveries]
    unwanted = faults.steps(rules, world) if world.faults else ()
    return [_paid(step) for step in (*wanted, *recoveries, *unwanted) if world.faults or not step.fault]


def _paid(step: Step) -> Step:
    return replace(step, world=step.world.change(faults=step.world.faults - 1)) if step.fault else step


def is_end(steps: list[Step]) -> bool:
    """Whether nothing moves by itself any more; what is late may still come, or never."""
    return all(step.late for step in steps)


def wrong_after(rules: Rules, before: World, step: Step) -> tuple[str, ...]:
    """What is wrong with a step."""
    return tuple(dict.fromkeys(invariants.after_a_step(rules, before, step.world)))


def wrong_in_the_end(rules: Rules, world: World, steps: list[Step]) -> tuple[str, ...]:
    """What is wrong with a world that can go on so: nothing, while it moves by itself."""
    return tuple(invariants.in_the_end(rules, world)) if is_end(steps) else ()


@contextmanager
def _without_collector() -> Iterator[None]:
    """There is little garbage in a walk, and much to look through for it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass
class _Search:
    """A walk through all, as far as it has come: how each world was reached first, and in how many ways."""

    rules: Rules
    start: World
    came_from: dict[World, tuple[World, int] | None] = field(default_factory=dict)
    steps: int = 0
    ways: int = 0

    def level(self, worlds: dict[World, int], until: float) -> dict[World, int] | Finding | None:
        """From all worlds that are so many steps away, to those one step further; None when time is up."""
        reached: dict[World, int] = {}
        for world, ways in worlds.items():
            if time.monotonic() > until:
                return None
            found = self._expand(world, ways, reached)
            if found is not None:
                return found
        return reached

    def _expand(self, world: World, ways: int, reached: dict[World, int]) -> Finding | None:
        steps = possible(self.rules, world)
        bad = wrong_in_the_end(self.rules, world, steps)
        if bad:
            return self._finding(world, bad)
        self.steps += len(steps)
        self.ways += ways if is_end(steps) else 0
        for number, step in enumerate(steps):
            bad = wrong_after(self.rules, world, step)
            if bad:
                return self._finding(world, bad, number)
            if step.world not in self.came_from:
                self.came_from[step.world] = world, number
                reached[step.world] = ways
            elif step.world in reached:
                reached[step.world] += ways
        return None

    def _finding(self, world: World, bad: tuple[str, ...], *last: int) -> Finding:
        choices = list(last)
        while (origin := self.came_from[world]) is not None:
            world, number = origin
            choices.insert(0, number)
        trace = tuple(step.words for step, _ in again(self.rules, self.start, tuple(choices)))
        return Finding(bad, tuple(choices), trace)


def through_all(rules: Rules, start: World, seconds: float = 3_600.0) -> Report:
    """Walk every interleaving, for at most so long."""
    began = time.monotonic()
    search = _Search(rules, start, {start: None})
    level: dict[World, int] | Finding | None = {start: 1}
    with _without_collector():
        while level and not isinstance(level, Finding):
            level = search.level(level, began + seconds)
    finding = level if isinstance(level, Finding) else None
    whole = level is not None and finding is None
    return Report(len(search.came_from), search.steps, search.ways, time.monotonic() - began, whole, finding)


def at_random(rules: Rules, start: World, seed: int) -> Report:
    """Walk one way, as the seed has it."""
    began, dice = time.monotonic(), random.Random(seed)
    choices: list[int] = []
    trace: list[str] = []
    world = start
    bad: tuple[str, ...] = ()
    for _ in range(STEPS_MAX):
        steps = possible(rules, world)
        bad = bad or wrong_in_the_end(rules, world, steps)
        if bad or not steps:
            break
        number = dice.choices(range(len(steps)), [1 if s.fault else WANTED_TO_UNWANTED for s in steps])[0]
        choices.append(number)
        trace.append(steps[number].words)
        bad = wrong_after(rules, world, steps[number])
        world = steps[number].world
    else:
        bad = ("it goes in circles",)
    finding = Finding(bad, tuple(choices), tuple(trace)) if bad else None
    return Report(len(choices), len(choices), 1, time.monotonic() - began, whole=True, finding=finding)


def again(rules: Rules, start: World, choices: tuple[int, ...]) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Go a known way once more: each step, and what is wrong after it."""
    world = start
    for choice in choices:
        step = possible(rules, world)[choice]
        after = possible(rules, step.world)
        yield step, wrong_after(rules, world, step) + wrong_in_the_end(rules, step.world, after)
        world = step.world
