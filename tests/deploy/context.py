"""What `docker build` sends of a directory, by its .dockerignore: the last line that matches a path decides."""

import re
from collections.abc import Iterator
from pathlib import Path


def _expression(pattern: str) -> re.Pattern[str]:
    """As Go's filepath.Match has it, and `**` for any number of directories; what is below a match matches as well."""
    parts = []
    for part in pattern.strip("/").split("/"):
        if part == "**":
            parts.append("(?:[^/]+/)*")
            continue
        parts.append("".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in part) + "/")
    return re.compile("".join(parts).removesuffix("/") + "(?:/.*)?")


def rules_of(text: str) -> list[tuple[bool, re.Pattern[str]]]:
    """Each line as whether it lets in, and what."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    return [(line.startswith("!"), _expression(line.removeprefix("!"))) for line in said]


def sent(root: Path) -> Iterator[Path]:
    """Each file of the context, relative to `root`."""
    rules = rules_of((root / ".dockerignore").read_text())
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if (path.is_file() or path.is_symlink()) and is_sent(relative.as_posix(), rules):
            yield relative


def is_sent(path: str, rules: list[tuple[bool, re.Pattern[str]]]) -> bool:
    """Whether the file at `path` is sent."""
    decided = True
    for lets_in, expression in rules:
        if expression.fullmatch(path):
            decided = lets_in
    return decided
