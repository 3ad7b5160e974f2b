"""An account that a test has asked for. Not Stripe's: there, an account is made by its owner."""

from domain.model.hashes import JsonObject
from rendering.schema_words import INTEGER, STRING, object_of

TEST_ACCOUNT = object_of(
    "test_account", created=INTEGER, livemode={"const": False}, name=STRING, publishable_key=STRING, secret_key=STRING
)


def render(id_: str, name: str, created: int, secret_key: str, publishable_key: str) -> JsonObject:
    """The account with its keys, which are shown this once."""
    return {
        "id": id_,
        "object": "test_account",
        "created": created,
        "livemode": False,
        "name": name,
        "publishable_key": publishable_key,
        "secret_key": secret_key,
    }
