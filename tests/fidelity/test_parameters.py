"""Every request parameter that Stripe's own library knows is taken, at every depth, with every word it may have."""

from typing import Any

import pytest

from api.build import OPERATIONS
from api.dialect.errors import StripeError
from api.dialect.validation import validate
from tests.fidelity.parameter_types import Path, find, leaves, parameters_of, request_with, sample

PARAMS_OF = {
    "create": "PaymentIntentCreateParams",
    "update": "PaymentIntentUpdateParams",
    "retrieve": "PaymentIntentRetrieveParams",
    "list": "PaymentIntentListParams",
    "list_amount_details_line_items": "PaymentIntentListAmountDetailsLineItemsParams",
    "cancel": "PaymentIntentCancelParams",
    "capture": "PaymentIntentCaptureParams",
    "confirm": "PaymentIntentConfirmParams",
    "increment_authorization": "PaymentIntentIncrementAuthorizationParams",
    "apply_customer_balance": "PaymentIntentApplyCustomerBalanceParams",
    "search": "PaymentIntentSearchParams",
    "verify_microdeposits": "PaymentIntentVerifyMicrodepositsParams",
}
MODELS = {
    operation.name.removeprefix("payment_intents."): operation.parameters
    for operation in OPERATIONS
    if operation.name.startswith("payment_intents.")
}


def refusal(model: Any, request: Any) -> str | None:
    try:
        validate(model, request)
    except StripeError as error:
        return str(error)
    return None


def test_there_are_twelve_operations() -> None:
    assert set(MODELS) == set(PARAMS_OF)


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_every_parameter_is_taken_and_comes_through(operation: str) -> None:
    spec, failed = parameters_of(PARAMS_OF[operation]), []
    for path, parameter in leaves(spec):
        for value in parameter.values or (sample(parameter, *path),):
            request = request_with(spec, path, value)
            try:
                kept = validate(MODELS[operation], request).model_dump(mode="json", exclude_unset=True)
            except StripeError as error:
                failed.append((path, value, str(error)))
                continue
            if find(kept, path) is None and value != {}:
                failed.append((path, value, "dropped"))
    assert failed == []


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_what_an_empty_string_clears_is_cleared(operation: str) -> None:
    spec, failed = parameters_of(PARAMS_OF[operation]), []
    for path in _clearable(spec, ()):
        request = request_with(spec, path, "")
        text = refusal(MODELS[operation], request)
        if text is not None:
            failed.append((path, text))
    assert failed == []


def _clearable(parameter: Any, path: Path) -> list[Path]:
    found = [path] if parameter.clearable else []
    for name, inner in parameter.fields.items():
        found += _clearable(inner, (*path, name))
    if parameter.element is not None:
        found += _clearable(parameter.element, (*path, "0"))
    return found


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_what_is_required_is_required(operation: str) -> None:
    spec = parameters_of(PARAMS_OF[operation])
    request = sample(spec, "")
    assert refusal(MODELS[operation], request) is None
    for name in request:
        without = {key: value for key, value in request.items() if key != name}
        assert refusal(MODELS[operation], without) == f"Missing required param: {name}."


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_a_name_that_nobody_knows_is_refused_at_every_depth(operation: str) -> None:
    spec, taken = parameters_of(PARAMS_OF[operation]), []
    for path, _ in leaves(spec):
        if "metadata" in path:
            continue
        request = request_with(spec, path, sample_at(spec, path))
        holder = find(request, path[:-1])
        while isinstance(holder, list):
            holder, path = find(request, path[:-2]), path[:-1]
        holder["nobody_knows"] = "1"
        text = refusal(MODELS[operation], request)
        if text is None or not text.startswith("Received unknown parameter: "):
            taken.append((path, text))
    assert taken == []


def sample_at(spec: Any, path: Path) -> Any:
    node = spec
    for name in path:
        node = node.element if name == "0" else node.fields[name]
    return sample(node, *path)
