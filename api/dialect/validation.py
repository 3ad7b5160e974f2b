"""What is wrong with the parameters of a request, as an answer. How they are checked is parameters/validation.py."""

from typing import TypeVar

from api.dialect.errors import invalid_request
from domain.model.hashes import JsonObject
from parameters.hashes import Parameters
from parameters.validation import Unacceptable, check

P = TypeVar("P", bound=Parameters)


def validate(model: type[P], decoded: JsonObject) -> P:
    """The parameters, typed.

    Raises:
        StripeError: something is wrong with them; nothing was done.
    """
    try:
        return check(model, decoded)
    except Unacceptable as error:
        wrong = error.refusal
        raise invalid_request(wrong.message, code=wrong.code, param=wrong.param) from None
