"""`expand`: ids in an answer replaced by the objects they name, up to four levels deep.

Paths are checked before anything is executed, against the described objects (rendering/schemas.py); the objects named
are loaded afterwards.
"""

import asyncio
from collections.abc import Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

from api.dialect import known_as
from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.lists import list_body, page_of
from contracts.api_versions import LATEST
from domain.model.hashes import JsonObject
from parameters.fields import EXPAND_MAX
from records import (
    balance,
    cash_balances,
    connected_accounts,
    customers,
    disputes,
    files,
    mandates,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from records.scope import Created, Cursor, Total
from rendering import (
    account,
    amount_details,
    balance_transaction,
    cash_balance,
    customer,
    dispute,
    file,
    mandate,
    payment_intent,
    payment_method,
    refund,
    setup_attempt,
    setup_intent,
)
from rendering.schema_words import EXPANDS, INCLUDES, Schema, included
from rendering.schemas import OBJECTS
from rendering.versions.changes import counted_lists
from rendering.versions.changes.counted_lists import TOTAL_COUNT
from rendering.versions.table import changes_after

LEVELS_MAX = 4

KINDS_BY_PREFIX = {"re": "refund", "pyr": "refund", "dp": "dispute", "du": "dispute", "fee": "application_fee",
                   "fr": "fee_refund", "tr": "transfer", "trr": "transfer_reversal"}  # fmt: skip
"""How ids begin where an id may be of several kinds; all others are of the first."""


_OF_ANOTHER = {"fee_refund": "application_fees", "transfer_reversal": "transfers"}


def resource_of(kind: str) -> str:
    """Which permission a restricted key needs to be shown an object of this kind."""
    return _OF_ANOTHER.get(kind, f"{kind}s")


Kinds = list[set[str]]
"""Of which kinds an object may be that a path opens: one set for each that it goes through, the outermost first."""


def check(paths: list[str], returns: str, *, is_list: bool, version: str = LATEST) -> dict[str, Kinds]:
    """Refuse what a version cannot expand; by path, the kinds of objects that will be shown.

    Raises:
        StripeError: which property, and why.
    """
    kinds: dict[str, Kinds] = {}
    if len(paths) > EXPAND_MAX:
        raise invalid_request(f"You can expand at most {EXPAND_MAX} properties.", param="expand")
    for path in paths:
        segments = path.split(".")
        if len(segments) > LEVELS_MAX:
            raise invalid_request(f"You cannot expand more than {LEVELS_MAX} levels of a property ({path[:200]}).")
        if is_list:
            if path == TOTAL_COUNT and counted_lists.CHANGE.concerns(version):
                continue
            if segments[0] != "data":
                raise _cannot(path, f" You may want to try expanding 'data.{path[:200]}' instead.")
            segments = segments[1:]
        kinds[path] = _check_segments(path, segments, returns, described(version))
    return kinds


@cache
def described(version: str) -> Mapping[str, Schema]:
    """The objects as a version has them, as far as `expand` is concerned."""
    objects: dict[str, Schema] = dict(OBJECTS)
    for change in changes_after(version):
        for kind, step in change.describes.items():
            objects[kind] = step(objects[kind])
        for kind, names in change.includes.items():
            more = {name: included(inner) for name, inner in names.items()}
            objects[kind] = objects[kind] | {"properties": objects[kind]["properties"] | more}
    return objects


def _check_segments(path: str, segments: list[str], kind: str, objects: Mapping[str, Schema]) -> Kinds:
    holder: Schema = objects[kind]
    for index, name in enumerate(segments):
        found = _property(holder, name)
        if found is None:
            raise _cannot(path)
        if EXPANDS in found:
            return [set(found[EXPANDS]), *_check_inside(path, segments[index + 1 :], found[EXPANDS], objects)]
        if INCLUDES in found and (index == len(segments) - 1 or segments[index + 1] == "data"):
            rest = segments[index + 2 :]
            more = _check_segments(path, rest, found[INCLUDES], objects) if rest and found[INCLUDES] else []
            return [{found[INCLUDES]} & {"charge", "refund"}, *more]
        holder = found
    if segments and not _is_hash(holder):
        raise _cannot(path)
    # It is there already, whole.
    return []


def _check_inside(path: str, segments: list[str], kinds: list[str], objects: Mapping[str, Schema]) -> Kinds:
    """What is expanded inside of an object that is of one of these kinds: one of them, at least, has it."""
    if not segments or not kinds:
        return []
    shown: list[Kinds] = []
    refusals: list[StripeError] = []
    for kind in kinds:
        try:
            shown.append(_check_segments(path, segments, kind, objects))
        except StripeError as refusal:
            refusals.append(refusal)
    if len(refusals) == len(kinds):
        raise refusals[0]
    return [set().union(*deep) for deep in zip_longest(*shown, fillvalue=set[str]())]


def _is_hash(described: Schema) -> bool:
    """Whether it is a hash, or one that can be null."""
    return any(option.get("type") == "object" for option in (described, *described.get("anyOf", ())))


def _property(holder: Schema, name: str) -> Schema | None:
    """What a hash says under this name; the hash may be one that can be null."""
    for option in (holder, *holder.get("anyOf", ())):
        if name in option.get("properties", {}):
            found: Schema = option["properties"][name]
            return found
        if isinstance(option.get("additionalProperties"), dict):
            return dict(option["additionalProperties"])
    return None


def _cannot(path: str, hint: str = "") -> StripeError:
    return invalid_request(f"This property cannot be expanded ({path[:200]}).{hint}")


async def expand(call: Call, body: JsonObject, paths: list[str]) -> None:
    """Replace ids by objects, in place. `paths` have been checked."""
    for path in paths:
        segments = path.split(".")
        if body.get("object") in ("list", "search_result"):
            # At the same moment, which is what makes one statement of those that look for one kind of object.
            await asyncio.gather(*(_expand(call, item, segments[1:]) for item in body["data"]))
        else:
            await _expand(call, body, segments)


async def _expand(call: Call, item: JsonObject, segments: list[str]) -> None:
    """Follow one path into an object, as far as there is something."""
    holder: Any = item
    found: Schema | None = described(call.version).get(str(item.get("object")))
    for index, name in enumerate(segments):
        found = _property(found, name) if found else None
        if found is None or not isinstance(holder, dict):
            return
        if INCLUDES in found:
            if name not in holder:
                holder[name] = await _included(call, found[INCLUDES], item, segments[: index + 1])
            for inner in (holder[name] or {}).get("data", ()) if segments[index + 2 :] else ():
                await _expand(call, inner, segments[index + 2 :])
            return
        if EXPANDS in found and isinstance(holder.get(name), str) and found[EXPANDS]:
            kind = _kind(found[EXPANDS], holder[name])
            # Of several kinds, those that its key may not see stay ids.
            if call.key.allows(resource_of(kind), "read"):
                holder[name] = await _render(call, kind, holder[name]) or holder[name]
        if EXPANDS in found and isinstance(holder.get(name), dict):
            await _expand(call, holder[name], segments[index + 1 :])
            return
        holder = holder.get(name)


def _kind(kinds: list[str], id_: str) -> str:
    """Which of the kinds it may be an object is, by its id."""
    found = KINDS_BY_PREFIX.get(id_.partition("_")[0], kinds[0])
    return found if found in kinds else kinds[0]


async def _included(call: Call, kind: str, item: JsonObject, path: list[str]) -> JsonObject:
    if kind == "cash_balance":
        buyer = await customers.load(call.services.database, call.scope, item["id"]) or {}
        available = await cash_balances.available(call.services.database, item["id"])
        return cash_balance.render(item["id"], call.scope.livemode, available, buyer)
    url = f"/v1/{item['object']}s/{item['id']}/{'_'.join(path)}"
    if kind == "refund":
        return await _refunds(call, item["id"], url)
    if kind != "payment_intent_amount_details_line_item":
        return list_body(url, [], has_more=False) | {TOTAL_COUNT: 0}
    intent = await payment_intents.load(call.services.database, call.scope, item["id"])
    items = amount_details.line_items(intent) if intent else []
    return page_of(items, Cursor(), url)


async def _refunds(call: Call, of: str, url: str) -> JsonObject:
    database, scope = call.services.database, call.scope
    if call.key.platform is not None:
        page = Cursor(total=Total())
        shown, has_more = await known_as.newest_refunds(database, scope, page, Created(), of)
        return list_body(url, shown, has_more) | {TOTAL_COUNT: page.total.rows if page.total else 0}
    found, has_more = await refunds.newest(database, scope, Cursor(), Created(), of)
    total = await refunds.count(database, scope, of) if has_more else len(found)
    return list_body(url, [refund.render(one) for one in found], has_more) | {TOTAL_COUNT: total}


async def _render(call: Call, kind: str, id_: str) -> JsonObject | None:
    database, scope = call.services.database, call.scope
    match kind:
        case "customer":
            buyer = await customers.load(database, scope, id_)
            return customer.render(buyer) if buyer else None
        case "charge":
            return await known_as.charge_known_as(database, scope, id_)
        case "balance_transaction":
            moved = await balance.load(database, scope, id_)
            return balance_transaction.render(moved, call.now) if moved else None
        case "refund":
            return await known_as.refund_known_as(database, scope, id_)
        case "application_fee" | "transfer" | "fee_refund" | "transfer_reversal":
            return await known_as.share_known_as(database, scope, kind, id_)
        case "account":
            connected = await connected_accounts.load(database, scope, id_)
            return account.render(connected) if connected else None
        case "dispute":
            disputed = await disputes.load(database, scope, id_)
            return dispute.render(disputed, call.now) if disputed else None
        case "file":
            uploaded = await files.load(database, scope, id_)
            return file.render(uploaded, call.address) if uploaded else None
        case "mandate":
            consent = await mandates.load(database, scope, id_)
            return mandate.render(consent) if consent else None
        case "payment_method":
            method = await payment_methods.load(database, scope, id_)
            return payment_method.render(method) if method else None
        case "setup_intent":
            setup = await setup_intents.load(database, scope, id_)
            return setup_intent.render(setup) if setup else None
        case "setup_attempt":
            tried = call.attempts.get(id_) or await setup_intents.attempt(database, scope, id_)
            return setup_attempt.render(tried) if tried else None
        case _:
            intent = await payment_intents.load(database, scope, id_)
            return payment_intent.render(intent) if intent else None
