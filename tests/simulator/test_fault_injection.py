"""Faults towards one payment alone, beside those that go for everybody."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.faults import PAYMENTS_MAX, PLANS_MAX, FaultPlans, Faults


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path / "book.db", "http://simulator")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://simulator") as client:
        yield client


async def authorize(http: httpx.AsyncClient, payment: str) -> int:
    token = (await http.post("/tokens", json={"reference": "pm_card_visa"})).json()["token"]
    body: dict[str, Any] = {
        "key": f"{payment}/1/authorize", "charge": f"ch_{payment}", "token": token, "amount": 5, "currency": "usd",
        "capture": True, "reference": payment,
    }  # fmt: skip
    return (await http.post("/authorizations", json=body)).status_code


async def test_one_payment_is_spoiled_and_no_other(http: httpx.AsyncClient) -> None:
    await http.post("/_faults", json={"outage": True, "operations": ["authorize"], "payments": ["pi_a"], "count": 2})
    assert [await authorize(http, payment) for payment in ("pi_a", "pi_ab", "pi_a", "pi_a")] == [503, 200, 503, 200]
    entries = (await http.get("/_ledger")).json()["entries"]
    held = [entry["charge"] for entry in entries if entry["operation"] == "authorize"]
    assert held == ["ch_pi_ab", "ch_pi_a"], "nothing was done for what was spoiled"


async def test_each_by_a_plan_of_its_own_and_healed_apart(http: httpx.AsyncClient) -> None:
    await http.post("/_faults", json={"outage": True, "payments": ["pi_a", "pi_b"]})
    await http.delete("/_faults", params={"payment": "pi_a"})
    assert [await authorize(http, payment) for payment in ("pi_a", "pi_b")] == [200, 503]
    await http.post("/_faults", json={"error_rate": 1, "operations": ["authorize"]})
    assert [await authorize(http, payment) for payment in ("pi_b", "pi_c")] == [503, 500], (
        "the payment's own comes first"
    )
    await http.delete("/_faults")
    assert [await authorize(http, payment) for payment in ("pi_b", "pi_c")] == [200, 200]


async def test_what_is_asked_by_query_is_spoiled_as_well(http: httpx.AsyncClient) -> None:
    assert await authorize(http, "pi_a") == 200
    await http.post("/_faults", json={"outage": True, "operations": ["retrieve"], "payments": ["pi_a"]})
    found = [
        (await http.get("/operations", params={"key": f"{payment}/1/authorize"})).status_code
        for payment in ("pi_a", "pi_b")
    ]
    assert found == [503, 404]


async def test_too_many_at_once_are_refused(http: httpx.AsyncClient) -> None:
    names = [f"pi_{number}" for number in range(PAYMENTS_MAX + 1)]
    assert (await http.post("/_faults", json={"outage": True, "payments": names[:-1]})).status_code == 200
    assert (await http.post("/_faults", json={"outage": True, "payments": names})).status_code == 422


def test_no_more_plans_are_kept_than_there_is_room_for() -> None:
    plans = FaultPlans()
    for number in range(PLANS_MAX + 5):
        plans.set(Faults(outage=True, payments=[f"pi_{number}"]))
    assert len(plans.by_payment) <= PLANS_MAX
    assert plans.of(f"pi_{PLANS_MAX + 4}").faults.outage
