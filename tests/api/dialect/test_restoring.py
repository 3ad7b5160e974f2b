"""While a restore is not over, what can be read is read, and nothing is changed; no key is used up."""

from dataclasses import replace

import httpx

from api.build import build, mount
from api.dialect.restoring import Restoring
from tests.api.conftest import Api, error_of


async def test_nothing_is_changed_until_it_is_over(api: Api) -> None:
    made = await api.create()
    state: dict[str, str | None] = {"why": "the records know of sweep 7, and Temporal of 40"}

    async def look() -> str | None:
        return state["why"]

    restoring = Restoring(look)
    await restoring.look()
    app = build()
    mount(app, replace(api.services, restoring=restoring))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        there = replace(api, http=http)
        path = f"/v1/payment_intents/{made['id']}"
        form = "payment_method=pm_card_visa&return_url=https://shop.example"
        refused = await there.post(f"{path}/confirm", form, Idempotency_Key="once")
        assert (refused.status_code, error_of(refused)["type"]) == (503, "api_error")
        assert "restored from a copy" in error_of(refused)["message"]
        assert refused.headers["stripe-should-retry"] == "true"
        assert (await there.request("DELETE", "/v1/customers/cus_1")).status_code == 503
        assert (await http.post("/gateways/simulator/notifications", content=b"{}")).status_code == 401
        assert (await there.get(path)).json()["status"] == made["status"]
        assert api.engine.gateway.performed == []
        state["why"] = None
        await restoring.look()
        done = await there.post(f"{path}/confirm", form, Idempotency_Key="once")
        assert done.json()["status"] == "succeeded"


async def test_where_nobody_looks_there_is_none() -> None:
    restoring = Restoring()
    await restoring.look()
    restoring.check("write")
