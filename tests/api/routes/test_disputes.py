"""Disputes over HTTP: what they show, and where they are found."""

import asyncio

import pytest

from domain.model.commands import ReportDispute
from domain.model.outcomes import Declined
from records.accounts import add_key
from tests.api.conftest import Api, error_of
from tests.api.files import uploaded

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
    assert dispute["balance_transaction"] == (moved[0]["id"] if moved else None)
    opened = (await api.get(f"/v1/disputes/{dispute['id']}", "expand[]=balance_transaction")).json()
    assert opened["balance_transaction"] == (moved[0] if moved else None)
    assert list(dispute["evidence"]) == sorted(dispute["evidence"])
    for one in moved:
        assert (await api.get(f"/v1/balance_transactions/{one['id']}")).json() == one
    details = dispute["payment_method_details"]["card"]
    assert (details["network_reason_code"], dispute["is_charge_refundable"]) == (code, refundable)
    due = dispute["evidence_details"]["due_by"]
    assert (due % DAY, due // DAY - dispute["created"] // DAY) == (DAY - 1, 8)
    told = (await api.get("/v1/events", "type=charge.dispute.created")).json()["data"][0]["data"]["object"]
    assert told == dispute


@pytest.mark.parametrize("named", ["payment_intent", "charge"])
async def test_who_asks_at_once_is_answered_once_the_bank_has_spoken(
    api: Api, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """As Stripe's CLI does: `trigger charge.dispute.closed` lists a payment's disputes as soon as it is paid."""
    monkeypatch.setattr("api.routes.disputes.SOON_SECONDS", 3_600)
    intent = await api.create(PAID)
    charge = intent["latest_charge"]
    asked = asyncio.create_task(api.get("/v1/disputes", f"{named}={charge if named == 'charge' else intent['id']}"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asked), 0.5)
    api.clock.now += 2
    await api.engine.notify(intent["id"], ReportDispute(charge=charge, reason="fraudulent"))
    (dispute,) = (await asked).json()["data"]
    assert dispute["charge"] == charge
    assert [one["status"] for one in dispute["balance_transactions"]] == ["available"], "as of the answer"


async def test_nobody_waits_where_no_dispute_can_come(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.disputes.SOON_SECONDS", 3_600)
    api.engine.gateway.answers.append(Declined(decline_code="generic_decline"))
    await api.post("/v1/payment_intents", f"amount=1099&currency=usd&{PAID}")
    declined = (await api.get("/v1/payment_intents")).json()["data"][0]
    held, empty, paid = [await api.create(form) for form in (f"{PAID}&capture_method=manual", "", PAID)]
    async with asyncio.timeout(120):
        for intent in (declined, held, empty):
            assert (await api.get("/v1/disputes", f"payment_intent={intent['id']}")).json()["data"] == []
        assert (await api.get("/v1/disputes")).json()["data"] == []
        api.clock.now += 3_600
        assert (await api.get("/v1/disputes", f"payment_intent={paid['id']}")).json()["data"] == []


@pytest.mark.parametrize("narrowed", ["created[lt]=1", "starting_after={id}", "ending_before={id}"])
async def test_nobody_waits_for_a_page_that_only_where_they_look_leaves_empty(
    api: Api, monkeypatch: pytest.MonkeyPatch, narrowed: str
) -> None:
    path = await disputed(api)
    dispute = (await api.get(path)).json()
    monkeypatch.setattr("api.routes.disputes.SOON_SECONDS", 3_600)
    for named in ("charge", "payment_intent"):
        query = f"{named}={dispute[named]}&{narrowed.format(id=dispute['id'])}"
        async with asyncio.timeout(60):
            answer = await api.get("/v1/disputes", query)
        assert (answer.status_code, answer.json()["data"]) == (200, [])


async def disputed(api: Api, status: str = "needs_response") -> str:
    """A dispute that can be answered; its path."""
    charge = (await api.create(PAID))["latest_charge"]
    await told(api, charge, status)
    (dispute,) = (await api.get("/v1/disputes", f"charge={charge}")).json()["data"]
    assert dispute["id"].startswith("du_1")
    return f"/v1/disputes/{dispute['id']}"


async def told(api: Api, charge: str, status: str) -> None:
    """The gateway says how it stands."""
    intent = (await api.get(f"/v1/charges/{charge}")).json()["payment_intent"]
    report = ReportDispute(charge=charge, reason="fraudulent", status=status, reference=f"dsp_{charge}")
    await api.engine.notify(intent, report)


async def test_what_the_buyer_has_said_is_evidence_that_nobody_has_given(api: Api) -> None:
    """As recorded of live Stripe: prefilled, and `has_evidence` says no."""
    of = "billing_details"
    method = await api.post(
        "/v1/payment_methods",
        f"type=card&card[token]=tok_visa&{of}[name]=Jenny&{of}[email]=j@example.com&{of}[address][country]=DE",
    )
    charge = (await api.create(f"confirm=true&payment_method={method.json()['id']}"))["latest_charge"]
    await told(api, charge, "needs_response")
    (dispute,) = (await api.get("/v1/disputes", f"charge={charge}")).json()["data"]
    filled = {"billing_address": "DE", "customer_email_address": "j@example.com", "customer_name": "Jenny"}
    assert {name: text for name, text in dispute["evidence"].items() if text} == filled
    assert dispute["evidence_details"]["has_evidence"] is False
    path = f"/v1/disputes/{dispute['id']}"
    shown = (await api.post(path, "submit=false&evidence[customer_name]=")).json()
    assert (shown["evidence"]["customer_name"], shown["evidence_details"]["has_evidence"]) == (None, False)
    shown = (await api.post(path, "evidence[billing_address]=1 High Street")).json()
    assert (shown["evidence"]["billing_address"], shown["evidence"]["customer_name"]) == ("1 High Street", None)
    assert shown["evidence"]["customer_email_address"] == "j@example.com"
    assert shown["evidence_details"]["has_evidence"] is True
    update = (await api.get("/v1/events", "type=charge.dispute.updated")).json()["data"][0]["data"]
    assert update["previous_attributes"]["evidence"] == {"billing_address": "DE"}


async def events(api: Api) -> list[str]:
    listed = (await api.get("/v1/events", "limit=100")).json()["data"]
    return [one["type"] for one in reversed(listed) if one["type"].startswith(("charge.dispute", "charge.updated"))]


@pytest.mark.parametrize("name", ["[receipt]", "[appeal][card][supporting_files][0]"])
async def test_a_bank_is_shown_files_that_are_there_and_ones_own(api: Api, name: str) -> None:
    path = await disputed(api)
    before = (await api.get(path)).json()
    response = await api.post(path, f"evidence{name}=other_1")
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (400, "resource_missing", f"evidence{name}")
    assert error["message"] == "No such file upload: 'other_1'"
    assert (await api.get(path)).json() == before
    mine = (await uploaded(api)).json()["id"]
    assert (await api.post(path, f"submit=false&evidence{name}={mine}")).status_code == 200


SUBMITTED = "evidence[uncategorized_text]=They got it.&evidence[customer_name]=Jenny&metadata[k]=v"


async def test_evidence_is_submitted_and_the_bank_decides_for_us(api: Api) -> None:
    path = await disputed(api)
    answered = (await api.post(path, SUBMITTED)).json()
    assert answered == (await api.get(path)).json()
    details = answered["evidence_details"]
    assert (answered["status"], answered["metadata"]) == ("under_review", {"k": "v"})
    assert (details["has_evidence"], details["submission_count"], details["submission_method"]) == (True, 1, "manual")
    assert answered["evidence"]["uncategorized_text"] == "They got it."
    update = (await api.get("/v1/events", "type=charge.dispute.updated")).json()["data"][0]["data"]
    assert update["object"] == answered
    assert update["previous_attributes"]["status"] == "needs_response"
    assert update["previous_attributes"]["evidence"]["customer_name"] is None
    await told(api, answered["charge"], "won")
    won = (await api.get(path)).json()
    assert (won["status"], won["is_charge_refundable"]) == ("won", True)
    assert [one["net"] for one in won["balance_transactions"]] == [-2_599, 1_099]
    for one in won["balance_transactions"]:
        assert (await api.get(f"/v1/balance_transactions/{one['id']}")).json() == one
    assert won["balance_transactions"][1]["description"] == f"Chargeback reversal for {won['charge']}"
    charge = (await api.get(f"/v1/charges/{won['charge']}")).json()
    assert (charge["disputed"], charge["refunded"]) == (True, False)
    assert (await api.post("/v1/refunds", f"charge={won['charge']}")).status_code == 200
    assert await events(api) == [
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.updated",
        "charge.dispute.funds_reinstated", "charge.dispute.closed",
    ]  # fmt: skip


async def test_what_is_staged_goes_out_when_it_is_submitted(api: Api) -> None:
    path = await disputed(api)
    staged = (await api.post(path, f"{SUBMITTED}&submit=false")).json()
    assert (staged["status"], staged["evidence_details"]["submission_count"]) == ("needs_response", 0)
    assert staged["evidence_details"]["has_evidence"] is True
    sent = (await api.post(path, "submit=true")).json()
    assert (sent["status"], sent["evidence"]) == ("under_review", staged["evidence"])


async def test_the_charges_own_paths_answer_its_dispute(api: Api) -> None:
    path = await disputed(api)
    charge = (await api.get(path)).json()["charge"]
    noted = (await api.post(f"/v1/charges/{charge}/dispute", "metadata[k]=v")).json()
    assert noted == (await api.get(path)).json()
    closed = (await api.post(f"/v1/charges/{charge}/dispute/close")).json()
    assert (closed["status"], closed["metadata"]) == ("lost", {"k": "v"})


@pytest.mark.parametrize(
    ("opened", "closed"), [("needs_response", "lost"), ("warning_needs_response", "warning_closed")]
)
async def test_what_is_closed_stays_closed(api: Api, opened: str, closed: str) -> None:
    path = await disputed(api, opened)
    assert (await api.post(f"{path}/close")).json()["status"] == closed
    before = (await api.get(path)).json()
    for again, form in ((f"{path}/close", ""), (path, "metadata[a]=b"), (path, SUBMITTED)):
        response = await api.post(again, form)
        error = error_of(response)
        assert (response.status_code, error["message"]) == (400, "This dispute is already closed")
        assert set(error) == {"message", "type"}, "Stripe shows no code, no param and no PaymentIntent"
    assert (await api.get(path)).json() == before


async def test_a_repeated_request_is_answered_once(api: Api) -> None:
    path = await disputed(api)
    first = await api.post(path, SUBMITTED, Idempotency_Key="answer")
    assert (await api.post(path, SUBMITTED, Idempotency_Key="answer")).json() == first.json()
    assert (await api.get(path)).json()["evidence_details"]["submission_count"] == 1


async def test_evidence_may_be_files_of_ours(api: Api) -> None:
    path, file = await disputed(api), (await uploaded(api)).json()["id"]
    answered = (await api.post(path, f"evidence[receipt]={file}&submit=false&expand[]=evidence.receipt")).json()
    assert answered["evidence"]["receipt"]["id"] == file
    response = await api.post(path, "evidence[receipt]=file_nope")
    assert (response.status_code, error_of(response)["param"]) == (400, "evidence[receipt]")
    assert error_of(response)["message"] == "No such file upload: 'file_nope'"
    assert (await api.get(path)).json()["evidence"]["receipt"] == file
    assert (await api.post(path, "evidence[receipt]=&submit=false")).json()["evidence"]["receipt"] is None


async def test_enhanced_evidence_is_shown_with_every_key(api: Api) -> None:
    path = await disputed(api)
    of = "evidence[enhanced_evidence][visa_compelling_evidence_3]"
    form = (
        f"{of}[disputed_transaction][shipping_address][city]=Lisbon&{of}[prior_undisputed_transactions][0][charge]=ch_1"
        "&evidence[enhanced_evidence][visa_compliance][fee_acknowledged]=true&evidence[appeal][card][reason_for_filing]=r"
    )
    shown = (await api.post(path, form)).json()["evidence"]
    compelling = shown["enhanced_evidence"]["visa_compelling_evidence_3"]
    assert compelling["disputed_transaction"]["shipping_address"]["line1"] is None
    assert compelling["prior_undisputed_transactions"][0]["charge"] == "ch_1"
    assert shown["enhanced_evidence"]["visa_compliance"] == {"fee_acknowledged": True}
    assert shown["appeal"] == {"card": {"reason_for_filing": "r"}}


async def test_an_unanswered_bank_is_said_so_and_its_evidence_is_kept(api: Api) -> None:
    path = await disputed(api)
    api.engine.gateway.answers.append(Declined(decline_code="dispute_closed"))
    response = await api.post(path, SUBMITTED)
    assert (response.status_code, error_of(response)["type"]) == (400, "invalid_request_error")
    shown = (await api.get(path)).json()
    assert (shown["status"], shown["evidence_details"]["submission_count"]) == ("needs_response", 0)
    assert shown["evidence"]["customer_name"] == "Jenny"


@pytest.mark.parametrize(
    ("form", "param"),
    [
        (f"evidence[uncategorized_text]={'a' * 20_001}", "evidence[uncategorized_text]"),
        ("evidence[colour]=red", "evidence[colour]"),
        ("intended_submission_method=pigeon", "intended_submission_method"),
        ("&".join(f"metadata[k{number}]=v" for number in range(51)), "metadata"),
    ],
)
async def test_what_makes_no_sense_is_refused(api: Api, form: str, param: str) -> None:
    path = await disputed(api)
    before = (await api.get(path)).json()
    response = await api.post(path, form)
    assert (response.status_code, error_of(response)["param"]) == (400, param)
    assert (await api.get(path)).json() == before


async def test_a_restricted_key_answers_only_if_it_may(api: Api) -> None:
    path, key = await disputed(api), f"rk_test_{api.scope.account}"
    await add_key(
        api.database, api.scope.account, key, "restricted", livemode=False, now=1, permissions=("disputes:read",)
    )
    assert (await api.get(path, key=key)).status_code == 200
    for refused in (await api.post(path, SUBMITTED, key=key), await api.post(f"{path}/close", key=key)):
        assert refused.status_code == 403
    assert (await uploaded(api, key=key)).status_code == 403
    assert (await api.get(path)).json()["status"] == "needs_response"
