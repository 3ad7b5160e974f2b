"""How objects are printed: their keys in Stripe's order, whichever pieces they are made of."""

import pytest

from domain.model.statuses import Status
from rendering import charge, payment_intent
from rendering.printing import in_order
from tests.support.builders import in_status


def test_the_pieces_are_one_object_in_stripes_order() -> None:
    pieces = {"object": "thing", "id": "th_1", "status": "open"}, {"amount": 1, "status": "done"}
    assert list(in_order(*pieces).items()) == [("id", "th_1"), ("object", "thing"), ("amount", 1), ("status", "done")]


@pytest.mark.parametrize("status", Status)
def test_id_and_object_come_first_and_then_the_names_in_their_order(status: Status) -> None:
    intent = in_status(status, payment_details={"order_reference": "7"})
    shown = [payment_intent.render(intent), *([charge.render(intent.charge)] if intent.charge else [])]
    for one in shown:
        first, second, *others = one
        assert (first, second, others) == ("id", "object", sorted(others))
