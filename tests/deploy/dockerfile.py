"""A Dockerfile as stages of instructions, with its arguments filled in: as much of the language as ours has."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line: `RUN`, and what is to be run."""

    name: str
    rest: str

    def words(self) -> list[str]:
        """The rest as words: a JSON list, or as a shell splits them."""
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return shlex.split(self.rest)


@dataclass(slots=True)
class Stage:
    """What is made of one base."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        """Those of one kind, in their order."""
        return [each for each in self.instructions if each.name == name]


def parse(text: str, arguments: Mapping[str, str] | None = None) -> list[Stage]:
    """The stages, the last of which is the image. `arguments` are those of --build-arg."""
    given, values, stages = dict(arguments or {}), dict[str, str](), list[Stage]()
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, rest = line.strip().partition(" ")
        rest = _VARIABLE.sub(lambda match: values[match[1]], rest.strip())
        if name == "ARG":
            argument, _, default = rest.partition("=")
            values[argument] = given.get(argument, default)
        elif name == "FROM":
            base, *named = rest.split()
            stages.append(Stage(base, named[1] if named else str(len(stages))))
        else:
            stages[-1].instructions.append(Instruction(name, rest))
    return stages
