"""A card that is not to be tried: declined without asking; what a buyer can still pay with is left alone."""

from domain.machine.explaining.explain import explain
from domain.machine.transitions import carry_out
from domain.model.commands import Confirm
from domain.model.outcomes import PaymentAwaited
from domain.model.reattempts import PREVIOUSLY_DECLINED, Limit
from domain.model.statuses import Status
from tests.support.builders import NOW, after, confirmable, decided, make_method, refused
from tests.support.walk import METHODS

LATER = Limit(why="it was declined as often as its network allows", advice="try_again_later", until=NOW + 3_600)


def test_it_is_a_failed_charge_that_no_network_has_seen_and_another_method_may_follow() -> None:
    intent, command = confirmable(), Confirm(command_id="c", limit=LATER)
    decision = decided(intent, command)
    assert decision.effect is None
    made = carry_out(intent, command, decision, None, NOW)
    charge, state = made.after.charge, made.after
    assert charge is not None
    assert made.error is not None
    assert (charge.status, charge.result.type, charge.result.reason) == ("failed", "blocked", PREVIOUSLY_DECLINED)
    assert charge.result.seller_message == (
        "This payment was blocked: it was declined as often as its network allows, not before 2026-09-21 15:13:20 UTC."
    )
    assert (made.error.advice_code, made.error.charge) == ("try_again_later", charge.id)
    assert (state.status, state.attempts, state.last_payment_error) == (Status.REQUIRES_PAYMENT_METHOD, 1, made.error)
    assert [one.type for one in made.announcements] == ["charge.failed", "payment_intent.payment_failed"]
    assert after(state, Confirm(payment_method=make_method())).status == Status.SUCCEEDED
    assert explain(state, [charge], NOW).attempts[0].why.startswith("blocked (previously_declined_do_not_retry)")


def test_what_a_buyer_was_shown_and_can_still_pay_with_stays() -> None:
    shown = PaymentAwaited(reference="v", url="https://v.example", expires_at=NOW + 86_400)
    waiting = after(
        confirmable(
            payment_method_types=("card", "oxxo"), currency="mxn", amount=5_000,
        ),
        Confirm(payment_method=METHODS["oxxo"]), shown,
    ) if "oxxo" in METHODS else None  # fmt: skip
    if waiting is None:
        waiting = after(
            confirmable(payment_method_types=("card", "cashapp")), Confirm(payment_method=METHODS["cashapp"]), shown
        )
    refusal = refused(waiting, Confirm(payment_method=make_method(), limit=LATER))
    assert refusal.code == "card_declined"
