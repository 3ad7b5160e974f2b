"""Disputes over HTTP: what they show, and where they are found."""

import pytest

from domain.model.commands import ReportDispute
from tests.api.conftest import Api

PAID = "confirm=true&payment_method=pm_card_visa"
DAY = 86_400


@pytest.mark.parametrize(
    ("status", "nets", "code", "refundable"),
    [("needs_response", [-2_599], "10.4", False), ("warning_needs_response", [], "10", True)],
)
async def test_a_dispute_shows_what_it_has_taken(
    api: Api, status: str, nets: list[int], code: str, refundable: bool
) -> None:
    intent = await api.create(PAID)
    charge = intent["latest_charge"]
    await api.engine.notify(intent["id"], ReportDispute(charge=charge, reason="fraudulent", status=status))
    (dispute,) = (await api.get("/v1/disputes", f"charge={charge}")).json()["data"]
    assert (await api.get(f"/v1/charges/{charge}/dispute")).json() == dispute
    moved = dispute["balance_transactions"]
    assert [one["net"] for one in moved] == nets
    for one in moved:
        assert (await api.get(f"/v1/balance_transactions/{one['id']}")).json() == one
    details = dispute["payment_method_details"]["card"]
    assert (details["network_reason_code"], dispute["is_charge_refundable"]) == (code, refundable)
    due = dispute["evidence_details"]["due_by"]
    assert (due % DAY, due // DAY - dispute["created"] // DAY) == (DAY - 1, 8)
    told = (await api.get("/v1/events", "type=charge.dispute.created")).json()["data"][0]["data"]["object"]
    assert told == dispute
