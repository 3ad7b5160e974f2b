"""Copies are those that `dataclasses.replace` makes, and are as strict."""

import dataclasses
import inspect
from types import ModuleType
from typing import Any

import pytest

from domain.copies import replace
from domain.model import (
    charges,
    commands,
    events,
    next_actions,
    outcomes,
    payment_intent,
    payment_methods,
    setup_intent,
)
from domain.model.statuses import Status
from domain.refusals import InvariantViolation
from tests.support.builders import in_status, make_intent, make_method

MODULES = (charges, commands, events, next_actions, outcomes, payment_intent, payment_methods, setup_intent)


def dataclasses_of(module: ModuleType) -> list[type[Any]]:
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if dataclasses.is_dataclass(one)]
    return [one for one in found if one.__module__ == module.__name__]


EVERY = sorted({one for module in MODULES for one in dataclasses_of(module)}, key=lambda one: one.__qualname__)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: str(kind.__qualname__))
def test_nothing_is_left_out_for_a_constructor_to_make(kind: type[Any]) -> None:
    assert all(field.init for field in dataclasses.fields(kind))
    assert not [one for one in kind.__dataclass_fields__ if one not in {f.name for f in dataclasses.fields(kind)}]


@pytest.mark.parametrize("changes", [{}, {"amount": 5}, {"charge": None, "metadata": {"a": "b"}, "version": 9}])
def test_a_copy_is_what_dataclasses_make(changes: dict[str, Any]) -> None:
    intent = make_intent(payment_method=make_method(), metadata={"order": "1"})
    before = dataclasses.asdict(intent)
    copy = replace(intent, **changes)
    assert copy == dataclasses.replace(intent, **changes)
    assert type(copy) is type(intent)
    assert copy is not intent
    assert dataclasses.asdict(intent) == before


def test_a_copy_is_as_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(make_intent(), amount=5).amount = 6  # type: ignore[misc]


def test_a_field_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="no field 'amuont'"):
        replace(make_intent(), amuont=5)  # type: ignore[call-arg]


def test_one_field_is_enough() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class One:
        """Of one field."""

        name: str

    assert replace(One("a"), name="b") == One("b")
    assert replace(One("a")) == One("a")


def test_what_may_not_be_is_found_in_a_copy() -> None:
    charge = in_status(Status.SUCCEEDED).charge
    assert charge is not None
    with pytest.raises(InvariantViolation):
        replace(charge, amount_captured=charge.amount + 1)
