"""A compose file as Docker Compose reads it: values filled in from its environment, services in the order they wait."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, as it is to be started."""

    name: str
    image: str
    command: list[str]
    environment: dict[str, str]
    waits_for: dict[str, str]
    """Others by name, with the condition."""
    healthcheck: list[str]
    volumes: dict[str, str]
    """Named volumes by where they are mounted."""
    written: Mapping[str, Any]
    """As it is in the file, for who wants to know more."""


def filled_in(text: str, environment: Mapping[str, str]) -> str:
    """`${NAME:?what}` must be set, `${NAME:-default}` need not be."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        found = environment.get(name, "")
        if found or kind is None:
            return found
        if kind == "?":
            raise KeyError(f"required variable {name} is missing a value: {rest}")
        return str(rest)

    return _VARIABLE.sub(value, text)


def _everywhere(value: Any, environment: Mapping[str, str]) -> Any:
    """Values are filled in after the file was read: none of them can become something else than text."""
    if isinstance(value, dict):
        return {key: _everywhere(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [_everywhere(each, environment) for each in value]
    return filled_in(value, environment) if isinstance(value, str) else value


def services(path: Path, environment: Mapping[str, str]) -> list[Service]:
    """Every service of the file, each after those that it waits for."""
    written = _everywhere(yaml.safe_load(path.read_text())["services"], environment)
    read = {name: _service(name, given) for name, given in written.items()}
    order = TopologicalSorter({name: set(service.waits_for) for name, service in read.items()})
    return [read[name] for name in order.static_order()]


def _service(name: str, given: Mapping[str, Any]) -> Service:
    test = given.get("healthcheck", {}).get("test", [])
    return Service(
        name=name,
        image=given["image"],
        command=shlex.split(given["command"]) if "command" in given else [],
        environment={key: str(value) for key, value in given.get("environment", {}).items()},
        waits_for={other: how["condition"] for other, how in given.get("depends_on", {}).items()},
        healthcheck=[str(word) for word in test[1:]],
        volumes={where: volume for volume, _, where in (each.partition(":") for each in given.get("volumes", []))},
        written=given,
    )
