"""Validation: decoded parameters through an operation's model, and the first thing wrong with them as Stripe says it.

Unknown parameters are reported first (all of them at once), then missing ones, then bad values.
"""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.model.hashes import JsonObject
from domain.refusals import Refusal
from parameters.fields import EMPTY
from parameters.hashes import Parameters, nearest_name

P = TypeVar("P", bound=Parameters)

UNKNOWN_SHOWN_MAX = 10


class Unacceptable(Exception):
    """Parameters that cannot be taken, and the first thing that is wrong with them."""

    def __init__(self, refusal: Refusal) -> None:
        """Carry what is wrong, as Stripe says it."""
        super().__init__(refusal.message)
        self.refusal = refusal


def check(model: type[P], decoded: JsonObject) -> P:
    """The parameters, typed.

    Raises:
        Unacceptable: something is wrong with them.
    """
    try:
        return model.model_validate(decoded)
    except ValidationError as error:
        raise Unacceptable(_translate(model, error.errors(include_url=False, include_input=False))) from None


def _translate(model: type[Parameters], errors: list[ErrorDetails]) -> Refusal:
    unknown = sorted((error["loc"] for error in errors if error["type"] == "extra_forbidden"), key=len)
    if unknown:
        return _unknown(model, unknown)
    missing = next((error for error in errors if error["type"] == "missing"), None)
    if missing is not None:
        name = bracketed(missing["loc"])
        return Refusal(message=f"Missing required param: {name}.", code="parameter_missing", param=name)
    return _value_error(errors[0])


def _unknown(model: type[Parameters], locations: list[tuple[int | str, ...]]) -> Refusal:
    names = [bracketed(location)[:100] for location in locations]
    near = nearest_name(model, locations[0]) if len(names) == 1 else None
    hint = f". Did you mean {bracketed((*locations[0][:-1], near))}?" if near else ""
    text = f"Received unknown parameter{'s' if len(names) > 1 else ''}: {', '.join(names[:UNKNOWN_SHOWN_MAX])}{hint}"
    return Refusal(message=text, code="parameter_unknown", param=names[0])


def _value_error(error: ErrorDetails) -> Refusal:
    name, kind = bracketed(error["loc"]), error["type"]
    if kind == EMPTY:
        text = (
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty "
            "value."
        )
        return Refusal(message=text, code=EMPTY, param=name)
    if kind == "enum":
        return Refusal(message=f"Invalid {name}: must be one of {error['msg']}", param=name)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Refusal(message="Invalid object", param=name)
    code = None if kind == "invalid" else kind
    return Refusal(message=error["msg"], code=code, param=name)


def bracketed(location: tuple[int | str, ...]) -> str:
    """`("a", "b", 0)` as the form spells it: `a[b][0]`."""
    first, *rest = (str(part) for part in location) if location else ("",)
    return first + "".join(f"[{part}]" for part in rest)
