"""docs/VERSIONS.md, generated from the changes in rendering/versions: `make versions`."""

from collections.abc import Iterable, Iterator

from contracts.api_versions import KNOWN, LATEST
from rendering.versions.base import Change
from rendering.versions.table import CHANGES, LEFT

INTRODUCTION = f"""# Versions of Stripe's API

Generated from `rendering/versions/` by `make versions`; a stale page fails the tests. Do not edit.

A request is taken and answered in the version that it names (`Stripe-Version`), else in that of its account
(`perdure accounts version`), else in the newest, `{LATEST}`. A webhook, or what a listener hears, is shown in the
version of its endpoint, else in that of the account when it happened, and so is an event in `/v1/events`, whatever
version asks. An answer that an Idempotency-Key has been given once stays as it was. {len(KNOWN)} versions are known;
any other is refused, as at Stripe.

Everything inside speaks the newest version. An older one is led back through the changes below, newest first: a module
each. Only what Stripe broke is tied to a version: fields, parameters and events that were added are there at all of
them. How a change is known: from Stripe's changelog, from the types of its libraries or its OpenAPI document, from a
recording of the real API that was published; or it is a guess of ours, where these are silent.
"""


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(columns), " | ".join("---" for _ in columns), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _touches(change: Change) -> str:
    """What of a request or an answer it is about."""
    kinds = {*change.shows, *change.includes, *change.describes}
    asked = {f"`{operation}`" for operation in (*change.takes, *change.refuses)}
    more = {"errors" for told in (change.fails, change.params) if told}
    more |= {"events" for told in (change.event, change.event_types) if told}
    return ", ".join(sorted({f"`{kind}`" for kind in kinds} | asked | more)) or "by name"


def _source(change: Change) -> str:
    address, _, words = change.source.partition(" ")
    return f"[{change.known_from}]({address}){f' {words}' if words else ''}"


def _quiet() -> Iterator[str]:
    told = {change.since for change in CHANGES} | {left.since for left in LEFT}
    return (f"`{version}`" for version in sorted(KNOWN - told, reverse=True))


def page() -> str:
    """The page."""
    changes = ((f"`{c.since}`", c.title, _touches(c), _source(c)) for c in CHANGES)
    left = ((f"`{one.since}`", one.title, one.why) for one in LEFT)
    return "\n".join(
        (
            INTRODUCTION,
            "## Changes\n",
            _table(("since", "what", "touches", "known from"), changes),
            "## Changes without a module\n",
            _table(("since", "what", "why not"), left),
            "## Versions that change nothing of what is here\n",
            ", ".join(_quiet()) + "\n",
        )
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
