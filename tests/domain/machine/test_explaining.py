"""Why a payment is as it is: said of every state that there is, and true of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.machine.decisions import decide
from domain.machine.explaining.explain import OF_ITSELF, explain
from domain.machine.explaining.explanation import Explanation
from domain.machine.fence import UnderWay
from domain.machine.housekeeping import CLAIM_SECONDS, LATE_SECONDS
from domain.machine.table import TABLE
from domain.machine.transitions import carry_out
from domain.model.charges import Charge
from domain.model.commands import Cancel, Capture, Confirm, ModificationResult, RefundCharge, Update
from domain.model.disputes import Dispute
from domain.model.outcomes import Accepted, Declined
from domain.model.payment_intent import PaymentIntent, deadline
from domain.model.resolutions import Resolve
from domain.model.routes import Reason, Routing, Verdict
from domain.model.statuses import TERMINAL, Status
from domain.refusals import Refusal
from tests.support.builders import COMMANDS, NOW, after, confirmable, decided, in_status, make_intent
from tests.support.walk import Step
from workflows.display import details


def said(intent: PaymentIntent, *charges: Charge, now: int = NOW, under_way: UnderWay | None = None) -> Explanation:
    return explain(intent, charges, now, under_way)


def test_whoever_asks_what_a_merchant_may_hears_of_no_command_that_gateways_and_clocks_send() -> None:
    """Each of these has a route; a new command is on one side or the other."""
    routed = {
        "update", "confirm", "capture", "cancel", "increment_authorization", "refund", "verify_microdeposits",
        "apply_customer_balance", "update_dispute", "close_dispute", "return_share",
    }  # fmt: skip
    assert {name for row in TABLE.values() for name in row} - OF_ITSELF == routed


def test_every_state_that_is_reached_is_explained_and_what_comes_is_what_the_clock_does(steps: Sequence[Step]) -> None:
    seen = set[str]()
    for step in steps:
        state = step.transition.after
        found = said(state)
        seen.add(found.status)
        assert found.why, state
        assert all(not one[0].islower() and one.endswith(".") for one in found.why), found.why
        assert (found.waits_for == "nobody") <= (state.status in TERMINAL)
        assert deadline(state) is None or any(one.at == deadline(state) for one in found.by_itself)
        assert (state.pending is not None) == any("It is asked again" in one.what for one in found.by_itself)
        assert state.pending is None or any(state.pending.key in one for one in found.why)
        assert not set(found.commands) & OF_ITSELF
    assert seen == {str(one) for one in Status}


@pytest.mark.parametrize("status", list(Status))
def test_what_its_merchant_may_do_is_what_is_legal(status: Status) -> None:
    intent = in_status(status)
    found = said(intent)
    for name, command in COMMANDS.items():
        if name not in OF_ITSELF and name not in found.commands:
            assert isinstance(decide(intent, command, NOW), Refusal), name
    assert status not in TERMINAL or "cancel" not in found.commands


def test_a_decline_is_told_with_its_advice_and_every_attempt_with_its_reason() -> None:
    intent = confirmable()
    no = Declined(decline_code="do_not_honor", network_decline_code="05", network_advice_code="01")
    declined = carry_out(intent, Confirm(), decided(intent, Confirm()), no, NOW)
    assert declined.after.charge is not None
    found = said(declined.after, declined.after.charge)
    assert found.why[0] == "The last attempt failed (do_not_honor): Your card was declined."
    assert "The same method may work later." in found.why
    (tried,) = found.attempts
    assert tried.why.startswith("issuer_declined (do_not_honor): ")
    assert tried.why.endswith("[network 05, advice 01]")
    assert (found.waits_for, found.by_itself) == ("merchant", ())
    assert "confirm" in found.commands


def test_a_hold_says_until_when_and_what_then() -> None:
    intent = in_status(Status.REQUIRES_CAPTURE)
    assert intent.charge is not None
    found = said(intent, intent.charge)
    assert found.why == ("$10.99 usd is held on visa …4242, and waits to be captured.",)
    (coming,) = found.by_itself
    assert (coming.at, coming.what[:24]) == (intent.charge.capture_before, "The hold's time is up: i")
    late = said(intent, now=(coming.at or 0) + LATE_SECONDS + 1)
    assert "Time should have acted on it by now, and has not." in late.why
    assert found.attempts[0].why == "approved and held"


def test_an_unknown_outcome_waits_for_the_gateway_and_only_what_moves_no_money_is_left() -> None:
    found = said(in_status(Status.PROCESSING))
    assert (found.waits_for, found.commands) == ("gateway", ("update",))
    assert "it may have been done, or not" in found.why[0]


def test_what_is_under_way_on_the_record_is_told_and_who_looks_after_it() -> None:
    found = said(confirmable(), now=NOW + 10, under_way=UnderWay(command=Confirm(command_id="c"), now=NOW))
    assert "A confirm was begun 10 s ago, and what came of it is not recorded." in found.why
    assert found.by_itself[0].at == NOW + CLAIM_SECONDS


def test_money_that_was_taken_given_back_and_disputed() -> None:
    paid = after(in_status(Status.REQUIRES_CAPTURE), Capture())
    assert said(paid).why == ("$10.99 usd was taken from visa …4242.",)
    back = after(paid, RefundCharge(amount=99, refund="re_1"))
    assert "$0.99 usd of it was given back." in said(back).why
    assert back.charge is not None
    disputed = replace(back, charge=replace(back.charge, dispute="dp_1", charged_back=True))
    assert "The buyer's bank disputes it (dp_1) and has taken it back." in said(disputed).why


@pytest.mark.parametrize(
    ("status", "charged_back", "why", "comes", "may_refund"),
    [
        ("needs_response", True, "disputes it (du_1) and has taken it back.", "is lost, unless it is answered", False),
        ("under_review", True, "has taken it back. The evidence is with the bank.", "bank decides the dispute", False),
        ("won", False, "disputed it (du_1); that was won, and the money is back.", None, True),
        ("lost", True, "disputed it (du_1); that was lost, and the bank keeps the money.", None, False),
        ("warning_needs_response", False, "asks about it (du_1), and has taken nothing.", None, True),
        ("warning_under_review", False, "has taken nothing, and reads the answer.", "bank decides the dispute", True),
        ("warning_closed", False, "asked about it (du_1), and took nothing.", None, True),
    ],
)
def test_a_dispute_is_told_as_it_stands(
    status: str, charged_back: bool, why: str, comes: str | None, may_refund: bool
) -> None:
    paid = after(in_status(Status.REQUIRES_CAPTURE), Capture())
    assert paid.charge is not None
    charge = replace(paid.charge, dispute="du_1", charged_back=charged_back)
    dispute = Dispute(
        id="du_1", charge=charge.id, payment_intent=paid.id, created=NOW, amount=1099, currency="usd",
        reason="fraudulent", status=status, due_by=NOW + 60, reference="case_1",
    )  # fmt: skip
    found = said(replace(paid, charge=charge, dispute=dispute))
    assert found.why[-1].endswith(why)
    assert [comes in one.what for one in found.by_itself if comes] == [True] * bool(comes)
    assert bool(found.by_itself) == bool(comes)
    assert ("refund" in found.commands) == may_refund
    assert isinstance(decide(replace(paid, charge=charge), RefundCharge(refund="re_9"), NOW), Refusal) != may_refund


def test_why_it_was_canceled() -> None:
    assert said(after(make_intent(), Cancel(cancellation_reason="duplicate"))).why == (
        "It was canceled as a duplicate.",
    )
    assert said(after(make_intent(), Cancel())).why == ("It was canceled, and nobody said why.",)


def test_a_payment_that_may_be_a_duplicate_says_of_which() -> None:
    assert "It may be a duplicate of pi_first." in said(replace(make_intent(), duplicate_of="pi_first")).why


def test_as_json_it_has_the_shape_that_the_console_reads() -> None:
    shown = said(in_status(Status.REQUIRES_ACTION)).shown()
    assert list(shown) == [
        "object", "payment_intent", "status", "waits_for", "why", "by_itself", "attempts", "commands",
        "route", "gateways",
    ]  # fmt: skip
    assert (shown["object"], shown["waits_for"]) == ("explanation", "buyer")
    assert said(after(make_intent(), Update(changes={"description": "d"}))).shown()["by_itself"] == []


def test_why_this_gateway_and_why_not_the_others() -> None:
    verdicts = tuple(
        Verdict(gateway=f"g{index}", reason=reason, detail="currency eur" if reason is Reason.CANNOT else "")
        for index, reason in enumerate(Reason)
    )
    retry = next(one.gateway for one in verdicts if one.reason == Reason.RETRY)
    routing = Routing(gateways=("g0", retry), rule="cards", version=3, verdicts=verdicts)
    found = said(replace(make_intent(), routing=routing))
    assert found.route == f"g0, then {retry}, by rule 'cards' of version 3"
    assert [name for name, _ in found.gateways[:2]] == ["g0", retry], "in the order in which they are asked"
    words = dict(found.gateways)
    assert len(set(words.values())) == len(words) == len(Reason), "each reason has words of its own"
    assert words[next(one.gateway for one in verdicts if one.detail)] == "Not asked: it lacks currency eur."
    shown = found.shown()
    assert shown["gateways"][0] == {"gateway": "g0", "why": "Asked first, by the rule 'cards'."}
    assert "by rule 'cards' of version 3" in details(replace(make_intent(), routing=routing), None)
    assert said(make_intent()).shown()["route"] is None


def test_what_a_gateway_has_taken_on_waits_for_its_news_and_moves_no_money_meanwhile() -> None:
    held = in_status(Status.REQUIRES_CAPTURE)
    promised = after(held, Capture(), Accepted(reference="mod_1", ask_after_seconds=60))
    found = said(promised)
    assert found.waits_for == "gateway"
    assert "has taken on a capture" in found.why[0]
    assert found.commands == ("update",)
    assert [(one.at, one.what) for one in found.by_itself] == [
        (NOW + 60, "The gateway is asked how that ended, by the same key, unless it tells before.")
    ]
    card = details(promised, None)
    assert "which it has taken on" in card
    assert "The gateway will be asked about that at" in card
    assert "The hold lapses" not in card
    silent = said(after(held, Capture(), Accepted(reference="mod_1")))
    assert [(one.at, one.what) for one in silent.by_itself] == [
        (None, "The gateway tells how that ended; it cannot be asked.")
    ]


def test_a_capture_that_failed_after_all_is_told_and_nothing_is_left_to_give_back() -> None:
    paid = in_status(Status.SUCCEEDED)
    assert paid.charge is not None
    gone = after(paid, ModificationResult(charge=paid.charge.id, operation="capture", reference="mod_1"))
    assert gone.charge is not None
    found = said(gone, gone.charge)
    assert any("$10.99 usd of it did not come after all" in one for one in found.why)
    assert "did not come after all" in found.attempts[0].why
    assert "refund" not in found.commands
    assert "refund" in said(paid).commands


def test_an_operators_word_is_told_and_a_key_that_is_kept_no_more_is_not_asked_by() -> None:
    waiting = in_status(Status.PROCESSING)
    assert waiting.pending is not None
    kept, over = (explain(waiting, (), NOW + 60, keeps_seconds=each).by_itself for each in (None, 60))
    assert "It is asked again" in kept[0].what
    assert "`perdure resolve`" in over[0].what
    word = Resolve(key=waiting.pending.key, done=True, reference="auth_9", by="kim", evidence="file 7")
    told = said(after(waiting, word))
    wanted = f"By the word of kim, authorize (`{word.key}`) was done (auth_9), on this evidence: file 7."
    assert wanted in told.why
