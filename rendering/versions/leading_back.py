"""An answer of today, led back to an older version: through the changes, newest first, each object on its own.

Objects are found by their `object` key, wherever they are in the answer, and the innermost is led back first. An event
is left as it is: it was shown in the version of its own (rendering/event.py). At the newest version
nothing is looked at.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contracts.api_versions import LATEST
from rendering.versions.base import Failure, Shown, Step
from rendering.versions.table import changes_after

MERCHANTS_OWN = frozenset({"metadata", "previous_attributes"})
"""Keys below which nothing is an object of Stripe's, whatever it calls itself."""


def led_back(body: Shown, version: str) -> Shown:
    """The answer, or object, as the version shows it. May change what it is handed."""
    steps = steps_of(version)
    if not steps:
        return body
    shown: Shown = _led_back(body, steps)
    return shown


def _led_back(value: Any, steps: Mapping[str, tuple[Step, ...]]) -> Any:
    if isinstance(value, list):
        return [_led_back(inner, steps) for inner in value]
    if not isinstance(value, dict) or value.get("object") == "event":
        return value
    shown = {
        name: inner if name in MERCHANTS_OWN or not isinstance(inner, dict | list) else _led_back(inner, steps)
        for name, inner in value.items()
    }
    if shown.get("deleted") is True:
        return shown
    for step in steps.get(str(shown.get("object")), ()):
        shown = step(shown)
    return shown


@cache
def steps_of(version: str) -> dict[str, tuple[Step, ...]]:
    """By kind of object, the steps back to a version, newest first."""
    steps: dict[str, tuple[Step, ...]] = {}
    for change in changes_after(version):
        for kind, step in change.shows.items():
            steps[kind] = (*steps.get(kind, ()), step)
    return steps


@cache
def included_lists(version: str) -> dict[str, dict[str, str]]:
    """By kind of object, the lists that a version always has in it, and of what each is."""
    lists: dict[str, dict[str, str]] = {}
    for change in changes_after(version):
        for kind, names in change.includes.items():
            lists[kind] = {**lists.get(kind, {}), **names}
    return lists


def objects_in(value: Any) -> Iterator[Shown]:
    """Every object of Stripe's in an answer, outermost first."""
    if isinstance(value, list):
        for inner in value:
            yield from objects_in(inner)
    elif isinstance(value, dict) and value.get("object") != "event":
        if isinstance(value.get("object"), str) and value.get("deleted") is not True:
            yield value
        for name, inner in value.items():
            if name not in MERCHANTS_OWN and isinstance(inner, dict | list):
                yield from objects_in(inner)


def failed(failure: Failure, version: str) -> Failure:
    """An error, as the version answers it."""
    for change in changes_after(version):
        if change.params and failure.error.get("param"):
            name, bracket, rest = str(failure.error["param"]).partition("[")
            failure = _called(failure, name, change.params.get(name, name), bracket + rest)
        if change.fails is not None:
            failure = change.fails(failure)
    return Failure(failure.status, led_back(failure.error, version))


def _called(failure: Failure, newer: str, older: str, rest: str) -> Failure:
    if newer == older:
        return failure
    message = str(failure.error["message"]).replace(newer, older)
    return Failure(failure.status, failure.error | {"param": older + rest, "message": message})


@cache
def _event_names(version: str) -> dict[str, str]:
    return {newer: older for change in changes_after(version) for newer, older in change.event_types.items()}


def event_led_back(event: Shown, version: str) -> Shown:
    """An event's own shape, apart from the object that it tells of."""
    if version == LATEST:
        return event
    event["type"] = _event_names(version).get(event["type"], event["type"])
    for change in changes_after(version):
        if change.event is not None:
            event = change.event(event)
    return event


@cache
def newest_name() -> dict[str, str]:
    """Events' older names, and what they are called today."""
    return {older: newer for newer, older in _event_names("").items()}
