"""Metadata of whatever is not a payment: merged key by key, as with every object. docs.stripe.com/metadata."""

from typing import Any

from api.dialect.errors import refused
from domain.machine.changes import METADATA_KEYS_MAX
from domain.model.wording import too_much_metadata


def merged(before: dict[str, str], given: Any) -> dict[str, str]:
    """The metadata once `given`, the parameters, were applied: an empty value clears its key, an empty hash all.

    Raises:
        StripeError: that would be too many keys, however many requests they came in.
    """
    if "metadata" not in given.model_fields_set:
        return before
    both = {} if given.metadata is None else {**before, **given.metadata}
    after = {key: value for key, value in both.items() if value is not None}
    if len(after) > METADATA_KEYS_MAX:
        raise refused(too_much_metadata(METADATA_KEYS_MAX))
    return after
