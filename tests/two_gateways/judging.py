"""Whether a payment was moved to another gateway although the first may have done something. Nothing of the engine's.

What is compared: under which keys each gateway was asked, as it passed by on the way there, and what that gateway's own
file has answered. A key that has no answer there is an unknown outcome, for whoever asked.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.e2e.storm.faults import Fault

AUTHORIZE = "authorize"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one gateway was asked: (when, key), in order; and what it has answered to each key."""

    keys: Iterable[tuple[float, str]]
    answers: Mapping[str, str]


def moved(gateways: Mapping[str, Asked]) -> Iterator[Fault]:
    """Payments that were asked of one gateway after another had not said no for good."""
    first: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for name, asked in gateways.items():
        for when, key in asked.keys:
            intent, _, rest = key.partition("/")
            if rest.endswith(f"/{AUTHORIZE}"):
                first[intent].setdefault((name, key), when)
    for intent, tries in first.items():
        ordered = sorted(tries, key=lambda one: tries[one])
        for (name, key), later in itertools.pairwise(ordered):
            answer = gateways[name].answers.get(key, "nothing")
            if later[0] != name and answer != "declined":
                yield Fault(intent, "wrong", f"{later[0]} was asked under {later[1]}; of {key}, {name} says {answer}")


def tries_by_gateway(gateways: Mapping[str, Asked]) -> dict[str, int]:
    """How many authorizations each was asked for, by key."""
    return {
        name: len({key for _, key in asked.keys if key.endswith(f"/{AUTHORIZE}")}) for name, asked in gateways.items()
    }


def moved_rightly(gateways: Mapping[str, Asked]) -> int:
    """Payments that were asked of more than one: without any, nothing was tried."""
    by = defaultdict[str, set[str]](set)
    for name, asked in gateways.items():
        for _, key in asked.keys:
            intent, _, rest = key.partition("/")
            if rest.endswith(f"/{AUTHORIZE}"):
                by[intent].add(name)
    return sum(len(names) > 1 for names in by.values())
