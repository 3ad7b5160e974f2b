"""Lists that an older version always shows in an object: looked up, and put in, in today's shape.

It comes before `expand`, which can open what is in them, and again after it, for the objects that it has opened.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rendering.versions.base import Shown, in_order, is_whole
from rendering.versions.changes import charge_disputes, sources_of_refunds
from rendering.versions.leading_back import included_lists, objects_in

INCLUDED_MAX = 10
"""So many of a list are shown inside an object, as a page of it has where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Found:
    """The newest of a list, rendered, and how many there are."""

    data: list[Shown]
    total: int


NOTHING = Found([], 0)


class Related(Protocol):
    """Where what belongs to an object is found. Answers are by the object's id; who is not in one has nothing."""

    async def charges(self, intents: list[str]) -> dict[str, Found]:
        """The charges of PaymentIntents."""

    async def refunds(self, charges: list[str]) -> dict[str, Found]:
        """The refunds of charges."""

    async def disputes(self, charges: list[str]) -> dict[str, Shown]:
        """The disputes of charges, rendered."""

    async def charges_of(self, sources: list[str]) -> dict[str, str]:
        """The charges of refunds and of disputes: ids."""


URLS: dict[str, Callable[[str], str]] = {
    "charges": lambda id_: f"/v1/charges?payment_intent={id_}",
    "refunds": lambda id_: f"/v1/charges/{id_}/refunds",
}


async def include(body: Shown, version: str, related: Related, hidden: frozenset[str] = frozenset()) -> None:
    """Put the lists of a version, and its disputes, into an answer's objects, in place; not those of `hidden` kinds."""
    lists = included_lists(version)
    if "charge" not in hidden:
        await _include(body, "payment_intent", lists, related.charges)
    if "refund" not in hidden:
        await _include(body, "charge", lists, related.refunds)
    if charge_disputes.WHOLE.concerns(version) and "dispute" not in hidden:
        await _open_disputes(body, related)
    if sources_of_refunds.CHANGE.concerns(version):
        await _name_charges(body, related)
    for shown in objects_in(body) if "customer" in lists else ():
        if shown["object"] == "customer":
            for name in lists["customer"]:
                _put(shown, name, f"/v1/customers/{shown['id']}/{name}", NOTHING)


async def _include(body: Shown, kind: str, lists: dict[str, dict[str, str]], find: Any) -> None:
    for name in lists.get(kind, {}):
        lacking = [one for one in objects_in(body) if one["object"] == kind and name not in one]
        if kind == "payment_intent":
            lacking = [one for one in lacking if is_whole(one)]
        found = await find(sorted({str(one["id"]) for one in lacking})) if lacking else {}
        for one in lacking:
            # Each has its own: what is led back may be changed.
            here = found.get(one["id"], NOTHING)
            _put(one, name, URLS[name](one["id"]), Found([dict(item) for item in here.data], here.total))


async def _open_disputes(body: Shown, related: Related) -> None:
    disputed = [one for one in objects_in(body) if one["object"] == "charge" and isinstance(one.get("dispute"), str)]
    found = await related.disputes(sorted({str(one["id"]) for one in disputed})) if disputed else {}
    for one in disputed:
        if one["id"] in found:
            one["dispute"] = dict(found[one["id"]])


async def _name_charges(body: Shown, related: Related) -> None:
    moved = [one for one in objects_in(body) if one["object"] == "balance_transaction"]
    moved = [one for one in moved if isinstance(one["source"], str) and not one["source"].startswith(("ch_", "py_"))]
    found = await related.charges_of(sorted({one["source"] for one in moved})) if moved else {}
    for one in moved:
        one["source"] = found.get(one["source"], one["source"])


def _put(holder: Shown, name: str, url: str, found: Found) -> None:
    if name in holder:
        return
    more = found.total > len(found.data)
    listed = {"object": "list", "data": found.data, "has_more": more, "total_count": found.total, "url": url}
    ordered = in_order({**holder, name: listed})
    holder.clear()
    holder.update(ordered)
