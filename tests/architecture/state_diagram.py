"""docs/state-machine.md, generated from the domain's table: `make diagram`."""

from domain.payment_intent import LATER, TABLE
from domain.statuses import TERMINAL, Status

INTRODUCTION = """# The PaymentIntent state machine

Generated from `TABLE` in `domain/payment_intent.py` by `make diagram`; a stale page fails the tests. Do not edit.

An arrow is labelled with the commands that may lead there. A cell of the table below with `–` is refused with
`payment_intent_unexpected_state`, and changes nothing.
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
        for target in LATER.get(status, ()):
            arrows.setdefault(target, []).append("gateway answers")
        lines += [f"    {status} --> {target}: {', '.join(commands)}" for target, commands in arrows.items()]
    lines += [f"    {status} --> [*]" for status in sorted(TERMINAL)]
    return "\n".join([*lines, "```"])


def table() -> str:
    """Every cell, legal or refused."""
    commands = list(TABLE[Status.REQUIRES_PAYMENT_METHOD])
    rows = ["| from | " + " | ".join(commands) + " |", "|---" * (len(commands) + 1) + "|"]
    for status in Status:
        cells = [", ".join(TABLE[status][command]) or "–" for command in commands]
        rows.append(f"| **{status}** | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def page() -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n{diagram()}\n\n## Every cell\n\n{table()}\n"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
