"""Rules of routing, set and ended over HTTP: versions, as `perdure routes` has them (records/routing_rules.py)."""

import json

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.operation import Operation, Resource
from domain.model.hashes import JsonObject
from domain.routing.reading import Mistakes, read
from parameters.console import RulesParameters, VersionsParameters
from parameters.others import NoParameters
from records import accounts
from records import routing_rules as records
from records.scope import Scope

Body = JsonObject
PATH = "/dashboard/v1/routing_rules"


async def list_all(call: Call, given: VersionsParameters) -> Body:
    """What was set, newest first, each as it was written."""
    found = await records.versions(call.services.database, call.key.account)
    shown = [_shown(one.number, one.created, one.data, holds=one.holds) for one in found[: given.limit]]
    return {"object": "list", "data": shown, "has_more": len(found) > given.limit, "url": PATH}


async def create(call: Call, given: RulesParameters) -> Body:
    """Let these rules hold, as a new version. Every process goes by them within five seconds."""
    await _check_mode(call)
    data = _read(call, given.rules)
    number = await records.set_rules(call.services.database, call.key.account, data, call.now)
    assert number is not None, "the account of a key that was just used"
    return _shown(number, call.now, data, holds=True)


async def end(call: Call, given: NoParameters) -> Body:
    """Let none hold: the first gateway that can is asked. Versions stay."""
    del given
    await _check_mode(call)
    found = await records.versions(call.services.database, call.key.account)
    held = next((one for one in found if one.holds), None)
    if held is None:
        raise invalid_request("No rules hold.")
    await records.end_rules(call.services.database, call.key.account)
    return _shown(held.number, held.created, held.data, holds=False)


def _read(call: Call, text: str) -> Body:
    try:
        data = json.loads(text)
        read(data, [profile.name for profile in call.services.profiles])
    except Mistakes as error:
        raise invalid_request("; ".join(error.found), param="rules") from None
    except (ValueError, RecursionError) as error:
        raise invalid_request(f"This is no JSON: {error}", param="rules") from None
    return {"rules": [], **data}


async def _check_mode(call: Call) -> None:
    """Rules are an account's, in both modes: whoever has a test key alone does not say where live payments go."""
    if call.key.livemode:
        return
    keys = await accounts.list_keys(call.services.database, Scope(call.key.account, livemode=True))
    if any(key.kind != "publishable" and (key.expires is None or key.expires > call.now) for key in keys):
        raise StripeError(
            "This account has live keys, and its rules hold for live payments: use a live key.", status=403
        )


def _shown(number: int, created: int, data: Body, *, holds: bool) -> Body:
    return {
        "object": "routing_rules",
        "id": f"rules_{number}",
        "created": created,
        "data": data,
        "holds": holds,
        "version": number,
    }


RESOURCE = Resource(path=PATH, name="routing_rules", returns="routing_rules")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET", "", "list", "List versions of the rules of routing", VersionsParameters, list_all, is_list=True
    ),
    RESOURCE.operation("POST", "", "create", "Let rules of routing hold", RulesParameters, create),
    RESOURCE.operation("POST", "/end", "end", "Let no rules of routing hold", NoParameters, end),
)
