"""What a list is asked to be of: whether it is there at all.

Only asked when there is nothing in the list, as what is there belongs to something that is.
"""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import missing
from api.usecases.changes import existing_customer
from records.kinds import exists


def check_not_here(given: Any, *kinds: str) -> None:
    """A filter by the id of what nobody has here (`test_clock`, …) is by one that is not there.

    Raises:
        StripeError: there is such a filter.
    """
    for kind in kinds:
        if getattr(given, kind) is not None:
            raise missing(kind, getattr(given, kind), kind, in_path=False)


async def check_parents(call: Call, given: Any, *kinds: str) -> None:
    """A filter by the id of an object, under the object's kind, is by one that is there.

    A customer who was deleted is not, as at live Stripe; what they have paid is listed all the same.

    Raises:
        StripeError: one is not.
    """
    for kind in kinds:
        id_ = getattr(given, kind)
        if id_ is not None and kind == "customer":
            await existing_customer(call, id_)
        elif id_ is not None and not await exists(call.services.database, call.scope, kind, id_):
            raise missing(kind, id_, kind, in_path=False)
