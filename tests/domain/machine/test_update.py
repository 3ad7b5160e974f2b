"""Updating: what may change when, how metadata merges, and what a new method does."""

from typing import Any

import pytest

from domain.machine.decisions import decide
from domain.methods import refusing
from domain.model.attributes import ALWAYS_UPDATABLE, ATTRIBUTES, OPEN_TO_CHANGE
from domain.model.commands import Confirm, Update
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import NOW, after, confirmable, in_status, make_intent, make_method, refused

VALUES: dict[type, Any] = {int: 2_000, str: "eur", dict: {"a": None}, list: ["card"]}
WORDS = {"capture_method": "automatic_async", "setup_future_usage": "on_session"}


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
@pytest.mark.parametrize("status", Status)
def test_money_is_settled_once_it_moves_and_the_rest_never_is(status: Status, name: str) -> None:
    # A fee needs somebody who takes it, and is a part of the amount.
    intent = in_status(status, transfer_data={"destination": "acct_2"}, amount=2_500)
    command = Update(changes={name: WORDS.get(name, VALUES[ATTRIBUTES[name].kind])})
    if name == "excluded_payment_method_types" and intent.payment_method and status in OPEN_TO_CHANGE:
        assert refused(intent, command).code == "payment_intent_incompatible_payment_method"
    elif status in OPEN_TO_CHANGE or name in ALWAYS_UPDATABLE:
        ended = status == Status.REQUIRES_ACTION and name in ("amount", "currency")
        assert after(intent, command).status == (Status.REQUIRES_CONFIRMATION if ended else status)
    else:
        refusal = refused(intent, command)
        assert (refusal.code, refusal.param) == ("payment_intent_unexpected_state", name)
        assert f"status of {status}" in refusal.message


def test_metadata_merges_and_clears() -> None:
    intent = make_intent(metadata={"a": "1", "b": "2"})
    assert after(intent, Update(changes={"metadata": {"b": "3", "c": "4"}})).metadata == {"a": "1", "b": "3", "c": "4"}
    assert after(intent, Update(changes={"metadata": {"a": None}})).metadata == {"b": "2"}
    assert after(intent, Update(changes={"metadata": None})).metadata == {}


def test_a_method_asks_for_confirmation_and_forgets_the_last_error() -> None:
    changed = after(make_intent(), Update(payment_method=make_method()))
    assert (changed.status, changed.last_payment_error) == (Status.REQUIRES_CONFIRMATION, None)


@pytest.mark.parametrize(("changes", "param"), [({"amount": 10}, "amount"), ({"currency": "zzz"}, "currency")])
def test_bad_values_are_refused(changes: dict[str, Any], param: str) -> None:
    assert refused(make_intent(), Update(changes=changes)).param == param


def test_unknown_attributes_are_refused_also_from_operators() -> None:
    assert refused(make_intent(), Update(changes={"status": "succeeded"})).code == "parameter_unknown"


def test_each_command_is_a_version() -> None:
    intent = make_intent()
    assert after(intent, Update(changes={"description": "x"})).version == intent.version + 1


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
@pytest.mark.parametrize("value", ["x", 1.5, True, ["x"], {"a": 1}, [1], {"address": "x"}, {"card": "x"}])
def test_a_signal_typed_by_hand_cannot_stop_the_workflow(name: str, value: Any) -> None:
    decision = decide(make_intent(), Update(changes={name: value}), NOW)
    if isinstance(decision, Refusal):
        assert decision.param == name or decision == refusing.no_type_fits()
    else:
        for intent in (make_intent(), confirmable()):
            if not isinstance(decide(intent, Update(changes={name: value}), NOW), Refusal):
                decide(after(intent, Update(changes={name: value})), Confirm(), NOW)


def test_what_has_to_be_there_cannot_be_cleared() -> None:
    needed = [name for name, attribute in ATTRIBUTES.items() if not attribute.clearable]
    assert needed == ["amount", "capture_method", "currency", "payment_method_types"]
    for name in needed:
        assert refused(make_intent(), Update(changes={name: None})).code == "parameter_invalid_empty"


@pytest.mark.parametrize("name", ["customer", "customer_account"])
@pytest.mark.parametrize("command", [Update, Confirm])
def test_whose_payment_it_is_is_settled_once_it_was_said(name: str, command: type[Update | Confirm]) -> None:
    intent = confirmable(**{name: "a_1"})
    for other in ("a_2", None):
        refusal = refused(intent, command(changes={name: other}))
        assert (refusal.code, refusal.param) == ("payment_intent_unexpected_state", name)
    assert getattr(after(intent, command(changes={name: "a_1"})), name) == "a_1"
    assert getattr(after(make_intent(), Update(changes={name: "a_1"})), name) == "a_1"


LINE = {"id": "uli_1", "product_name": "Tea", "unit_cost": 1_099, "quantity": 1}
CANNOT_BE_SHOWN: list[tuple[str, Any]] = [
    ("hooks", {"inputs": 5}),
    ("hooks", {"inputs": {"tax": ["x"]}}),
    ("hooks", {"inputs": {"tax": {"calculation": 5}}}),
    ("radar_options", {"session": [1]}),
    ("shipping", {"name": ["x"]}),
    ("shipping", {"address": {"line1": ["x"]}}),
    ("transfer_data", {"destination": 5}),
    ("transfer_data", {"amount": True}),
    ("payment_details", {"customer_reference": [1]}),
    ("mandate_data", {"customer_acceptance": {"online": 5}}),
    ("amount_details", {"line_items": [{"unit_cost": 1_099, "quantity": 1}]}),
    ("amount_details", {"line_items": [LINE | {"tax": {"x": 1}}]}),
    ("amount_details", {"line_items": [LINE | {"payment_method_options": {"card": 5}}]}),
    ("amount_details", {"line_items": [LINE | {"payment_method_options": 5}]}),
    ("amount_details", {"tax": {"x": 1}}),
    ("payment_method_options", {"card": {"installments": {"plan": {"count": 3}}}}),
    ("payment_method_options", {"card": {"installments": 5}}),
    ("payment_method_options", {"card": {"three_d_secure": 5}}),
    ("payment_method_options", {"card": {"capture_method": 5}}),
    ("payment_method_options", {"boleto": {"expires_after_days": "x"}}),
    ("payment_method_options", {"billie": {"company_details": {"registered_address": [1]}}}),
    ("payment_method_options", {"customer_balance": {"bank_transfer": {"type": ["x"]}}}),
    ("capture_method", "zzz"),
    ("setup_future_usage", "zzz"),
]


@pytest.mark.parametrize(("name", "value"), CANNOT_BE_SHOWN, ids=str)
def test_what_could_not_be_shown_is_refused(name: str, value: Any) -> None:
    for command in (Update(changes={name: value}), Confirm(changes={name: value})):
        assert refused(confirmable(), command).param == name
    older = decide(confirmable(rules=0), Update(changes={name: value}), NOW)
    assert not isinstance(older, Refusal), "a run of an older release has perhaps taken it"


def test_what_can_be_shown_is_taken() -> None:
    address = {"line1": "1 High Street", "line2": None}
    plan = {"count": 3, "interval": "month", "type": "fixed_count"}
    for name, value in {
        "hooks": {"inputs": {"tax": {"calculation": "taxcalc_1"}}},
        "shipping": {"name": "Jenny", "address": address, "of_a_newer_release": {"x": 1}},
        "amount_details": {"line_items": [LINE | {"payment_method_options": {"card": {"commodity_code": "1"}}}]},
        "payment_method_options": {
            "card": {"installments": {"enabled": True, "plan": plan}},
            "konbini": {"expires_at": None},
            "boleto": None,
        },
    }.items():
        assert getattr(after(make_intent(), Update(changes={name: value})), name)
