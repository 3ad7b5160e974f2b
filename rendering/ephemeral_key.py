"""EphemeralKey: Stripe's `ephemeral_key` object. Its `secret` is shown when it is made, and never again."""

from domain.model.ephemeral_keys import EphemeralKey
from domain.model.hashes import JsonObject
from rendering.schema_words import BOOLEAN, INTEGER, STRING, hash_with, object_of

EPHEMERAL_KEY = object_of(
    "ephemeral_key",
    "secret",
    associated_objects={"type": "array", "items": hash_with(id=STRING, type=STRING)},
    created=INTEGER,
    expires=INTEGER,
    livemode=BOOLEAN,
    secret=STRING,
)


def render(key: EphemeralKey, secret: str | None = None) -> JsonObject:
    """The object."""
    shown = {
        "id": key.id,
        "object": "ephemeral_key",
        "associated_objects": [{"id": key.customer, "type": "customer"}],
        "created": key.created,
        "expires": key.expires,
        "livemode": key.livemode,
    }
    return shown if secret is None else {**shown, "secret": secret}
