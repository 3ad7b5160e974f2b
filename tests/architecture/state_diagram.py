"""docs/state-machine.md, generated from the domain's table: `make diagram`."""

from domain.machine.table import LATER, TABLE
from domain.model.statuses import TERMINAL, Status

INTRODUCTION = """# The PaymentIntent state machine

Generated from `TABLE` in `domain/machine/table.py` by `make diagram`; a stale page fails the tests. Do not edit.

An arrow is labelled with the commands that may lead there, and with the operations (`late …`) whose outcome was unknown
and has become known. A cell of the first table below with `–` is refused with `payment_intent_unexpected_state`, and
changes nothing. Every transition is checked against its own cell, and a test reaches every target of every cell.
"""


def diagram() -> str:
    """Mermaid, as GitHub and most editors draw it."""
    lines = [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> requires_payment_method",
        "    [*] --> requires_confirmation",
    ]
    for status in Status:
        arrows: dict[Status, list[str]] = {}
        for command, targets in TABLE[status].items():
            for target in targets:
                if target != status:
                    arrows.setdefault(target, []).append(command)
        for operation, targets in LATER.get(status, {}).items():
            for target in targets:
                if target != status:
                    arrows.setdefault(target, []).append(f"late {operation}")
        lines += [f"    {status} --> {target}: {', '.join(commands)}" for target, commands in arrows.items()]
    lines += [f"    {status} --> [*]" for status in sorted(TERMINAL)]
    return "\n".join([*lines, "```"])


def table(cells: dict[Status, dict[str, tuple[Status, ...]]]) -> str:
    """Every cell, legal or refused."""
    columns = list(dict.fromkeys(column for row in cells.values() for column in row))
    rows = ["| from | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for status, row in cells.items():
        shown = [", ".join(row.get(column, ())) or "–" for column in columns]
        rows.append(f"| **{status}** | " + " | ".join(shown) + " |")
    return "\n".join(rows)


def page() -> str:
    """The whole page."""
    late = "Where an intent goes once the outcome of an operation, which was unknown, is known."
    parts = (INTRODUCTION, f"{diagram()}\n", "## Every cell\n", f"{table(TABLE)}\n", "## Late answers\n", f"{late}\n")
    return "\n".join((*parts, f"{table(LATER)}\n"))


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
