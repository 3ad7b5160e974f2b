"""Refusals: the caller asked for what a rule forbids. Values, never exceptions.

A `Refusal` knows nothing of HTTP or of Temporal. The workflow translates it once (workflows/refusals.py), the API
gives it a status once (api/dialect/errors.py). A decline by the bank is not a refusal (see model/outcomes.py), and a
broken promise of our own is an `InvariantViolation`, which nobody catches.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rule says no: which one (`code`, as Stripe names it, or None), why, and which parameter is to blame."""

    message: str
    code: str | None = None
    param: str | None = None


class InvariantViolation(AssertionError):
    """We are wrong about money. Stops the workflow task until a human looks; never caught, never translated."""


def check(condition: bool, promise: str) -> None:
    """Raise `InvariantViolation` naming the broken promise; unlike `assert`, also under `python -O`."""
    if not condition:
        raise InvariantViolation(promise)
