"""Moving on to the next gateway: only after a definite no that permits it, never after an unknown outcome."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.machine.decisions import Decision, decide
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model.commands import AuthenticationResult, Cancel, Confirm, Update
from domain.model.gateways import Hop
from domain.model.outcomes import AuthenticationRequired, Authorize, Declined, Outcome
from domain.model.payment_intent import PaymentIntent, ledger_entry
from domain.model.routes import Routing
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import APPROVED, NOW, confirmable, decided, make_method

A, B, C = (Hop(gateway=name) for name in ("alpha", "beta", "gamma"))
TOKENS = {"alpha": "tok_a", "beta": "tok_b", "gamma": "tok_c"}
SOFT, HARD = Declined(decline_code="do_not_honor"), Declined(decline_code="stolen_card")
CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
COMMAND = Confirm(command_id="c", route=(A, B), routing=Routing(gateways=("alpha", "beta"), rule="r", version=3))


def payable(**fields: Any) -> PaymentIntent:
    return replace(confirmable(**fields), payment_method=make_method(tokens=TOKENS))


def step(state: PaymentIntent, outcome: Outcome, command: Confirm = COMMAND) -> tuple[Transition, Authorize]:
    decision = decided(state, command)
    assert isinstance(decision.effect, Authorize)
    return carry_out(state, command, decision, outcome, NOW), decision.effect


def test_a_no_that_permits_it_goes_on_at_the_next_gateway_under_another_key_and_charge() -> None:
    first, asked = step(payable(), SOFT)
    state = first.after
    assert first.goes_on
    assert (asked.gateway, asked.token) == ("alpha", "tok_a")
    assert (state.status, state.attempts, state.route, state.moving) == (Status.REQUIRES_CONFIRMATION, 1, (B,), "c")
    assert first.error is None
    assert ledger_entry(state, "c") is None, "the confirmation is not over"
    assert [one.type for one in first.announcements] == ["charge.failed"]
    assert state.charge is not None
    assert (state.charge.status, state.charge.gateway) == ("failed", "alpha")
    assert state.payment_method is not None
    assert not state.payment_method.consumed
    second, again = step(state, APPROVED)
    assert (again.gateway, again.token, again.amount) == ("beta", "tok_b", asked.amount)
    assert again.key != asked.key
    assert again.charge != asked.charge
    paid = second.after
    assert not second.goes_on
    assert (paid.status, paid.attempts, paid.moving) == (Status.SUCCEEDED, 2, None)
    assert paid.charge is not None
    assert (paid.charge.id, paid.charge.gateway) == (again.charge, "beta")
    assert ledger_entry(paid, "c") is not None
    assert paid.routing == COMMAND.routing


def test_the_last_gateway_s_no_is_the_answer() -> None:
    state = step(payable(), SOFT)[0].after
    last, _ = step(state, SOFT)
    assert last.error is not None
    assert (last.error.decline_code, last.after.status) == ("do_not_honor", Status.REQUIRES_PAYMENT_METHOD)
    assert [one.type for one in last.announcements] == ["charge.failed", "payment_intent.payment_failed"]
    assert last.after.moving is None


@pytest.mark.parametrize("outcome", [HARD, Declined(decline_code="insufficient_funds"), replace(SOFT, blocked=True)])
def test_a_no_that_permits_nothing_is_the_answer(outcome: Declined) -> None:
    made, _ = step(payable(), outcome)
    assert not made.goes_on
    assert made.after.status == Status.REQUIRES_PAYMENT_METHOD


def test_after_an_unknown_outcome_a_no_moves_nothing_whatever_the_route_is_by_then() -> None:
    state = payable()
    decision = decided(state, COMMAND)
    assert decision.effect is not None
    unknown = leave_unknown(state, COMMAND, decision, decision.effect, NOW).after
    assert unknown.pending is not None
    assert isinstance(decide(unknown, Confirm(command_id="d", route=(B,)), NOW), Refusal)
    known = make_known(unknown, unknown.pending, SOFT, NOW)
    assert not known.goes_on
    assert (known.after.status, known.after.moving) == (Status.REQUIRES_PAYMENT_METHOD, None)


def test_a_buyer_who_was_authenticated_is_not_asked_to_be_so_elsewhere() -> None:
    waiting = step(payable(), CHALLENGE, replace(COMMAND, return_url="https://shop.example"))[0].after
    result = AuthenticationResult(command_id="a", authentication="authn_1", authenticated=True)
    decision = decided(waiting, result)
    assert isinstance(decision.effect, Authorize)
    assert decision.effect.gateway == "alpha"
    declined = carry_out(waiting, result, decision, SOFT, NOW)
    assert not declined.goes_on
    assert declined.after.status == Status.REQUIRES_PAYMENT_METHOD


def test_a_method_that_the_next_gateway_does_not_know_stays_where_it_is() -> None:
    state = replace(confirmable(), payment_method=make_method(tokens={"alpha": "tok_a"}))
    made, _ = step(state, SOFT)
    assert not made.goes_on
    assert made.error is not None


def test_one_that_has_moved_changes_nothing_twice_and_keeps_its_own_route() -> None:
    command = replace(COMMAND, changes={"metadata": {"order": "1"}}, payment_method=make_method(tokens=TOKENS))
    state = step(payable(), SOFT, command)[0].after
    changed = carry_out(state, Update(changes={"metadata": {"order": "2"}}),
                          decided(state, Update(changes={"metadata": {"order": "2"}})), None, NOW).after  # fmt: skip
    paid, asked = step(changed, APPROVED, replace(command, route=(A, C)))
    assert asked.gateway == "beta"
    assert paid.after.metadata == {"order": "2"}


def test_another_confirmation_begins_anew_by_its_own_route() -> None:
    state = step(payable(), SOFT)[0].after
    made, asked = step(state, SOFT, Confirm(command_id="d", route=(C, A)))
    assert asked.gateway == "gamma"
    assert made.after.route == (A,)
    assert made.after.moving == "d"


def test_one_that_is_not_repeated_can_be_canceled() -> None:
    state = step(payable(), SOFT)[0].after
    assert carry_out(state, Cancel(), decided(state, Cancel()), None, NOW).after.status == Status.CANCELED


def test_without_a_route_nothing_moves_and_nothing_more_is_stored() -> None:
    made, asked = step(confirmable(), SOFT, Confirm(command_id="c"))
    assert asked.gateway == ""
    assert not made.goes_on
    assert (made.after.route, made.after.routing, made.after.moving) == ((), None, None)


ANSWERS = st.lists(st.sampled_from([SOFT, HARD, APPROVED, CHALLENGE, None]), min_size=1, max_size=8)
ROUTES = st.lists(st.permutations([A, B, C]).map(tuple), min_size=1, max_size=8)


@given(ANSWERS, ROUTES, st.lists(st.sampled_from([SOFT, HARD, APPROVED]), min_size=8, max_size=8))
def test_no_confirmation_asks_another_gateway_after_its_first_unknown(
    answers: Sequence[Outcome | None], routes: Sequence[tuple[Hop, ...]], late: Sequence[Outcome]
) -> None:
    """Answers in turn, None for none; the rules change with every confirmation, and with every repetition of one."""
    state, asked, number = payable(), list[tuple[str, str]](), 0
    open_at: str | None = None
    for turn, outcome in enumerate(answers):
        if state.pending is not None:
            assert isinstance(decide(state, Confirm(command_id=f"x{turn}", route=(C, B, A)), NOW), Refusal)
            known = make_known(state, state.pending, late[turn], NOW)
            assert not known.goes_on
            state, open_at, number = known.after, None, number + 1
        route = routes[turn % len(routes)]
        command = Confirm(command_id=f"c{number}", route=route, return_url="https://shop.example")
        if state.payment_method is None:
            command = replace(command, payment_method=make_method(tokens=TOKENS))
        decision = decide(state, command, NOW)
        if not isinstance(decision, Decision) or not isinstance(decision.effect, Authorize):
            break
        assert open_at is None, "nobody is asked while it is not known what became of the last"
        assert decision.effect.key not in {key for key, _ in asked}, "each try has a key of its own"
        asked.append((decision.effect.key, decision.effect.gateway))
        if outcome is None:
            state = leave_unknown(state, command, decision, decision.effect, NOW).after
            open_at = decision.effect.gateway
            continue
        made = carry_out(state, command, decision, outcome, NOW)
        state = made.after
        number += not made.goes_on
        assert made.goes_on <= (outcome == SOFT)
