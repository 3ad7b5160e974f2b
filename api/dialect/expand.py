"""`expand`: ids in an answer replaced by the objects they name, up to four levels deep.

Paths are checked before anything is executed, against `EXPANDABLE`; the objects are loaded afterwards.
"""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.fields import EXPAND_MAX
from api.resources import charge, customer, payment_intent, payment_method
from records import charges, customers, payment_intents, payment_methods

LEVELS_MAX = 4

TOTAL_COUNT = "total_count"
"""Not a property to expand, but how a search is asked to count."""

NOTHING = ""
"""Expandable at Stripe, and always null here: there is no such object in this engine."""

EXPANDABLE: dict[str, dict[str, str]] = {
    "payment_intent": {
        "application": NOTHING, "customer": "customer", "latest_charge": "charge", "on_behalf_of": NOTHING,
        "payment_method": "payment_method", "payment_record": NOTHING, "review": NOTHING, "source": NOTHING,
        "transfer_data.destination": NOTHING,
    },
    "charge": {
        "application": NOTHING, "application_fee": NOTHING, "balance_transaction": NOTHING, "customer": "customer",
        "failure_balance_transaction": NOTHING, "on_behalf_of": NOTHING, "payment_intent": "payment_intent",
        "review": NOTHING, "source_transfer": NOTHING, "transfer": NOTHING, "transfer_data.destination": NOTHING,
        "payment_method_details.card.mandate": NOTHING,
    },
    "payment_method": {"customer": "customer"},
    "customer": {
        "default_source": NOTHING, "invoice_settings.default_payment_method": "payment_method", "test_clock": NOTHING,
    },
}  # fmt: skip
"""By object: the dotted path of each expandable property, and what kind of object it names."""


def check(paths: list[str], returns: str, *, is_list: bool) -> None:
    """Refuse what cannot be expanded.

    Raises:
        StripeError: which property, and why.
    """
    if len(paths) > EXPAND_MAX:
        raise invalid_request(f"You can expand at most {EXPAND_MAX} properties.", param="expand")
    for path in paths:
        segments = path.split(".")
        if len(segments) > LEVELS_MAX:
            raise invalid_request(f"You cannot expand more than {LEVELS_MAX} levels of a property ({path[:200]}).")
        if is_list:
            if segments[0] != "data":
                hint = f" You may want to try expanding 'data.{path[:200]}'."
                raise _cannot(path, "because it doesn't exist", hint)
            segments = segments[1:]
        _check_segments(path, segments, returns)


def _check_segments(path: str, segments: list[str], kind: str) -> None:
    while segments:
        step = _longest(segments, kind)
        if step is None:
            raise _cannot(path, "")
        kind = EXPANDABLE[kind][".".join(segments[:step])]
        segments = segments[step:]
        if kind == NOTHING:
            return


def _longest(segments: list[str], kind: str) -> int | None:
    """How many leading segments name one expandable property of `kind`."""
    lengths = range(len(segments), 0, -1)
    return next((n for n in lengths if ".".join(segments[:n]) in EXPANDABLE[kind]), None)


def _cannot(path: str, reason: str, hint: str = "") -> StripeError:
    because = f" {reason}" if reason else ""
    return invalid_request(f"This property cannot be expanded{because} ({path[:200]}).{hint}")


async def expand(call: Call, body: dict[str, Any], paths: list[str]) -> None:
    """Replace ids by objects, in place. `paths` have been checked."""
    loaded: dict[str, dict[str, Any] | None] = {}
    for path in paths:
        segments = path.split(".")
        if body.get("object") in ("list", "search_result"):
            for item in body["data"]:
                await _expand(call, item, segments[1:], loaded)
        else:
            await _expand(call, body, segments, loaded)


async def _expand(
    call: Call, item: dict[str, Any], segments: list[str], loaded: dict[str, dict[str, Any] | None]
) -> None:
    step = _longest(segments, item["object"]) if segments and item.get("object") in EXPANDABLE else None
    if step is None:
        return
    kind = EXPANDABLE[item["object"]][".".join(segments[:step])]
    *hashes, name = segments[:step]
    holder: Any = item
    for key in hashes:
        holder = holder.get(key) if isinstance(holder, dict) else None
    if kind == NOTHING or not isinstance(holder, dict) or holder.get(name) is None:
        return
    if isinstance(holder[name], str):
        holder[name] = await _load(call, kind, holder[name], loaded) or holder[name]
    if isinstance(holder[name], dict):
        await _expand(call, holder[name], segments[step:], loaded)


async def _load(call: Call, kind: str, id_: str, loaded: dict[str, dict[str, Any] | None]) -> dict[str, Any] | None:
    if id_ not in loaded:
        loaded[id_] = await _render(call, kind, id_)
    found = loaded[id_]
    return dict(found) if found is not None else None


async def _render(call: Call, kind: str, id_: str) -> dict[str, Any] | None:
    database, scope = call.services.database, call.scope
    match kind:
        case "customer":
            buyer = await customers.load(database, scope, id_)
            return customer.render(buyer) if buyer else None
        case "charge":
            attempt = await charges.load(database, scope, id_)
            return charge.render(attempt) if attempt else None
        case "payment_method":
            method = await payment_methods.load(database, scope, id_)
            return payment_method.render(method) if method else None
        case _:
            intent = await payment_intents.load(database, scope, id_)
            return payment_intent.render(intent) if intent else None
