"""Names of what is asked: idempotency keys and references. Both come out the same however often they are made.

An idempotency key must not be guessed: keys are shared by all of a company's merchants, and whoever has one can read
what it answered. So it is an HMAC of ours. docs.adyen.com/development-resources/api-idempotency.
"""

import base64
import hashlib
import hmac

from domain.identifiers import digest62

KEY_CHARACTERS_MAX = 64
REFERENCE_CHARACTERS_MAX = 80
"""Of `reference` and `paymentReference`. No hyphen in it: Adyen splits there."""

DIGEST_CHARACTERS = 32


def idempotency_key(secret: str, merchant: str, path: str, key: str) -> str:
    """The key under which `key`'s request goes to `path`: 43 characters of base64url.

    The path is part of it: what one key does at two endpoints is not documented, so none is ever used at two.
    """
    said = "\x1f".join(("adyen-1", merchant, path, key))
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authentication_id(secret: str, key: str) -> str:
    """What a buyer comes back with from their bank: it says which attempt it is of, and nobody else can make it."""
    said = "\x1f".join(("adyen-authentication-1", key))
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return key.replace("/", ".") + "." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authenticated_key(secret: str, authentication: str) -> str | None:
    """The key of the attempt that an authentication is of; None if we have not made it."""
    key = authentication.rpartition(".")[0].replace(".", "/")
    made = authentication_id(secret, key)
    return key if key and hmac.compare_digest(made.encode(), authentication.encode("utf-8", "replace")) else None


def reference(key: str) -> str:
    """Our reference for what is asked under `key`: the key itself, so that a notification says what it is about."""
    plain = key.replace("-", ".")
    if len(plain) <= REFERENCE_CHARACTERS_MAX:
        return plain
    kept = REFERENCE_CHARACTERS_MAX - DIGEST_CHARACTERS - 1
    return plain[:kept] + "/" + digest62("adyen", key, length=DIGEST_CHARACTERS)


def intent_in(reference: str) -> str:
    """Whose reference it is: ids of intents have no slash in them."""
    return reference.partition("/")[0]
