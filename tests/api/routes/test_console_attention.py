"""What somebody has to look at: what is not known of which payment, what can be said of it, and the word itself."""

from typing import Any

import pytest

from domain.machine.fence import UnderWay
from domain.machine.housekeeping import CLAIM_SECONDS
from domain.machine.transitions import leave_unknown
from domain.model.commands import Capture
from records.accounts import ApiKey, add_key
from records.codec import dump_under_way
from records.tables import payment_intents as intents
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW, decided

ATTENTION = "/dashboard/v1/attention"
WORD = {"key": "k", "done": "true", "by": "kim", "evidence": "file 7"}


async def begun(api: Api, at: int) -> dict[str, Any]:
    """A payment whose capture was begun, and nobody knows how it ended."""
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    claim = dump_under_way(UnderWay(command=Capture(command_id="c"), now=at))
    await api.database.execute(intents.update().where(intents.c.id == held["id"]).values(under_way=claim))
    return held


async def said(api: Api, id_: str, form: dict[str, str], asked_by: str | None = None) -> Any:
    written = "&".join(f"{name}={value}" for name, value in form.items())
    return await api.post(f"/dashboard/v1/payment_intents/{id_}/resolve", written, key=asked_by)


async def listed(api: Api) -> list[dict[str, Any]]:
    answer = (await api.get(ATTENTION)).json()
    assert (answer["looked_through"], answer["has_more"]) == (True, False)
    found: list[dict[str, Any]] = answer["data"]
    return found


async def test_what_was_begun_and_not_ended_is_listed_after_a_minute_with_what_can_be_said(api: Api) -> None:
    held = await begun(api, NOW)
    api.clock.now = NOW + CLAIM_SECONDS - 1
    assert await listed(api) == []
    assert (await api.get(f"/dashboard/v1/payment_intents/{held['id']}/timeline")).json()["owed"] is None
    api.clock.now += 10
    (line,) = await listed(api)
    owed = line["owed"]
    assert line["payment"]["id"] == held["id"]
    assert (owed["operation"], owed["gateway"], owed["since"], owed["taken_on"]) == ("capture", "simulator", NOW, False)
    assert (owed["done"], owed["not_done"], owed["needs_reference"]) == (None, None, True)
    assert "still keeps its key" in owed["reason_for_silence"]
    timeline = (await api.get(f"/dashboard/v1/payment_intents/{held['id']}/timeline")).json()
    assert timeline["owed"] == owed


async def test_nothing_is_owed_of_a_payment_that_is_known_and_nothing_can_be_said_of_it(api: Api) -> None:
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    assert await listed(api) == []
    answer = await said(api, held["id"], WORD)
    assert (answer.status_code, error_of(answer)["code"]) == (400, "payment_intent_unexpected_state")
    assert (await api.get(f"/v1/payment_intents/{held['id']}")).json()["status"] == "requires_capture"


async def test_an_operators_word_ends_it_and_is_kept_with_who_said_so(api: Api) -> None:
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    state, capture = api.engine.states[held["id"]], Capture(command_id="c")
    decision = decided(state, capture)
    assert decision.effect is not None
    unknown = leave_unknown(state, capture, decision, decision.effect, NOW)
    await api.services.projection.project(unknown)
    api.engine.states[held["id"]] = unknown.after
    (line,) = await listed(api)
    assert (line["payment"]["id"], line["payment"]["status"]) == (held["id"], "processing")
    wrong = await said(api, held["id"], WORD | {"reference": "cap_1"})
    assert (wrong.status_code, error_of(wrong)["param"]) == (400, "key")
    answer = await said(api, held["id"], WORD | {"key": line["owed"]["key"], "reference": "cap_1"})
    assert (answer.status_code, answer.json()["status"], answer.json()["amount_received"]) == (200, "succeeded", 1099)
    kept = await api.services.projection.recorded(held["id"])
    assert kept is not None
    assert [(one.by, one.done, one.reference) for one in kept.intent.resolutions] == [("kim", True, "cap_1")]
    api.clock.now += 10
    assert await listed(api) == []


@pytest.mark.parametrize("missing", ["key", "done", "by", "evidence"])
async def test_a_word_is_whole(api: Api, missing: str) -> None:
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    answer = await said(api, held["id"], {name: value for name, value in WORD.items() if name != missing})
    assert (answer.status_code, error_of(answer)["param"]) == (400, missing)


async def test_a_restricted_key_needs_to_be_allowed(api: Api) -> None:
    held = await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual")
    allowed = (
        (("payment_intents:write",), 403),
        (("resolutions:write",), 403),
        (("resolutions:write", "payment_intents:read"), 400),
    )
    for nth, (permissions, status) in enumerate(allowed):
        key = f"rk_test_{api.scope.account}{nth}"
        await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=permissions)
        answer = await said(api, held["id"], WORD, key)
        assert answer.status_code == status
        # Its answers and refusals show the payment: to nobody who may not read it.
        assert (held["client_secret"] in answer.text) is (status != 403)


@pytest.mark.parametrize(
    ("kind", "permissions", "may"),
    [
        ("secret", (), False),
        ("restricted", ("*:write",), False),
        ("restricted", ("payment_intents:write",), False),
        ("restricted", ("resolutions:read",), False),
        ("restricted", ("resolutions:write",), True),
    ],
)
def test_live_money_is_spoken_for_by_who_was_allowed_that_by_name(
    kind: Any, permissions: tuple[str, ...], may: bool
) -> None:
    assert ApiKey("acct_1", True, kind, permissions).allows("resolutions", "write") is may
    assert ApiKey("acct_1", True, "secret").allows("payment_intents", "write")
    assert ApiKey("acct_1", False, "secret").allows("resolutions", "write")


async def test_who_has_a_live_key_does_not_allow_themselves_that(api: Api) -> None:
    live = f"sk_live_{api.scope.account}"
    await add_key(api.database, api.scope.account, live, "secret", True, NOW)
    form = "kind=restricted&permissions[0]=resolutions:write"
    refused = await api.post("/dashboard/v1/api_keys", form, key=live)
    assert (refused.status_code, "perdure keys create" in error_of(refused)["message"]) == (403, True)
    kept = (await api.get("/dashboard/v1/api_keys", key=live)).json()["data"]
    assert [one["kind"] for one in kept] == ["secret"]
    assert (await api.post("/dashboard/v1/api_keys", form)).status_code == 200, "in test mode nobody loses anything"


async def test_nor_by_rolling_a_key_that_may(api: Api) -> None:
    """Who rolls a key is shown the new one. The old one goes on as it was."""
    account, keys = api.scope.account, "/dashboard/v1/api_keys"
    live, by_name, other = f"sk_live_{account}", f"rk_live_{account}", f"rk_live_other{account}"
    await add_key(api.database, account, live, "secret", True, NOW)
    may = await add_key(api.database, account, by_name, "restricted", True, NOW, permissions=("resolutions:write",))
    may_not = await add_key(api.database, account, other, "restricted", True, NOW, permissions=("*:write",))
    before = (await api.get(keys, key=live)).json()["data"]
    refused = await api.post(f"{keys}/{may.id}/roll", key=live)
    assert (refused.status_code, "perdure keys create" in error_of(refused)["message"]) == (403, True)
    assert (await api.get(keys, key=live)).json()["data"] == before, "none was made, and none ends"
    assert (await api.post(f"{keys}/{may_not.id}/roll", key=live)).status_code == 200
    ended = await api.post(f"{keys}/{may.id}/revoke", key=live)
    assert (ended.status_code, ended.json()["expires"]) == (200, NOW), "to take it away is anybody's with a secret key"


async def test_in_test_mode_such_a_key_is_rolled_as_any_other(api: Api) -> None:
    key = f"rk_test_{api.scope.account}"
    allowed = ("resolutions:write",)
    old = await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=allowed)
    rolled = await api.post(f"/dashboard/v1/api_keys/{old.id}/roll")
    assert (rolled.status_code, rolled.json()["permissions"]) == (200, list(allowed))
