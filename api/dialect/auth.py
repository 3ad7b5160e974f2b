"""API keys: Bearer or Basic, secret or publishable; whose account they open, and what a publishable one may do."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import Any

from api.dialect.errors import StripeError, invalid_request, unauthorized
from domain.identifiers import ID_MAX
from records import ephemeral_keys
from records.accounts import ApiKey, KeyExpired, find_key
from records.database import Database

CACHE_SECONDS = 5
"""How long a revoked key may still work, in exchange for a database read less per request."""

CACHED_KEYS_MAX = 10_000
KEY_MAX = 255

BROWSER_EXTRAS = frozenset(
    "key _stripe_version _stripe_account client_attribution_metadata payment_user_agent referrer time_on_page guid "
    "muid sid pasted_fields expected_payment_method_type".split()
)
"""Fields that Stripe.js adds to every form; they say nothing about the payment."""


class KeyRing:
    """Looks keys up, and remembers them for a moment. Unknown keys are never remembered."""

    def __init__(self, database: Database) -> None:
        """Look up in `database`."""
        self._database = database
        self._cache: dict[str, tuple[ApiKey, int]] = {}

    async def find(self, key: str, now: int) -> ApiKey | None:
        """The key's account and kind; None if it opens nothing."""
        cached = self._cache.get(key)
        if cached is not None and cached[1] > now:
            return cached[0]
        looked_up = ephemeral_keys.find if key.startswith(ephemeral_keys.PREFIX) else find_key
        found = await looked_up(self._database, key, now)
        if found is not None:
            if len(self._cache) >= CACHED_KEYS_MAX:
                self._cache.clear()
            self._cache[key] = (found, now + CACHE_SECONDS)
        return found


def presented_key(headers: Mapping[str, str], parameters: dict[str, Any]) -> str:
    """The key of a request. In a parameter, only a publishable one is taken: secrets do not belong in URLs.

    Raises:
        StripeError: there is none.
    """
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    key = ""
    if scheme.lower() == "bearer":
        key = credentials.strip()
    elif scheme.lower() == "basic":
        key = _basic_user(credentials.strip())
    elif isinstance(parameters.get("key"), str) and parameters["key"].startswith("pk_"):
        key = parameters["key"]
    if not key:
        raise unauthorized(
            "You did not provide an API key. Provide it in the Authorization header, using Bearer auth (for example "
            "'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    return key


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def authenticate(ring: KeyRing, key: str, now: int) -> ApiKey:
    """Whose key this is.

    Raises:
        StripeError: nobody's, or not any more. The message shows only what the caller needs to recognise it.
    """
    try:
        found = await ring.find(key, now) if len(key) <= KEY_MAX else None
    except KeyExpired:
        raise unauthorized(f"Expired API Key provided: {masked_key(key)}", "api_key_expired") from None
    if found is None:
        raise unauthorized(f"Invalid API Key provided: {masked_key(key)}")
    return found


def masked_key(key: str) -> str:
    """A key as its owner recognises it, and nobody else can use it."""
    prefix = re.match(r"(?:sk|pk|rk|ek)_(?:test|live)_", key)
    start = prefix[0] if prefix else ""
    tail = key[-4:] if len(key) - len(start) > 8 else ""
    return f"{start}{'*' * 8}{tail}"


def check_account(key: str, found: ApiKey, headers: Mapping[str, str], parameters: dict[str, Any]) -> None:
    """Whoever acts for another account (Connect) is told that it is not here, before money goes to the wrong one.

    Raises:
        StripeError: a request names an account that is not the key's.
    """
    named = headers.get("stripe-account") or headers.get("stripe-context") or parameters.get("_stripe_account")
    if named and named != found.account:
        raise StripeError(
            f"The provided key '{masked_key(key)}' does not have access to account '{str(named)[:ID_MAX]}' (or that "
            "account does not exist). Application access may have been revoked.",
            code="account_invalid",
            status=403,
        )


def permission_denied(key: str, found: ApiKey, resource: str, level: str) -> StripeError:
    """A restricted key may not do this."""
    return StripeError(
        f"The provided key '{masked_key(key)}' does not have the required permissions for this endpoint on account "
        f"'{found.account}'. Having the '{resource}:{level}' permission would allow this request to continue.",
        status=403,
    )


def rate_limited() -> StripeError:
    """Too many requests of one account in this second."""
    return StripeError(
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        status=429,
        headers={"Stripe-Rate-Limited-Reason": "global-rate", "Stripe-Should-Retry": "true"},
    )


def too_many_at_once() -> StripeError:
    """More are under way than are any use; nothing was done, and nothing is remembered."""
    return StripeError(
        "Too many requests are being carried out at this moment. Nothing was done: send the request again, with the "
        "same Idempotency-Key. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        status=429,
        headers={"Stripe-Rate-Limited-Reason": "global-concurrency", "Stripe-Should-Retry": "true"},
    )


class RateLimiter:
    """So many reads and so many writes a second, for each account and mode, in this process. 0 is no limit."""

    def __init__(self, per_second: int) -> None:
        """Allow `per_second` of each."""
        self._limit = per_second
        self._second = 0
        self._counts: dict[tuple[str, bool, str], int] = {}

    def take(self, key: ApiKey, level: str, now: int) -> bool:
        """Whether one more request is within the limit."""
        if not self._limit:
            return True
        if now != self._second:
            self._second, self._counts = now, {}
        whose = (key.account, key.livemode, level)
        self._counts[whose] = self._counts.get(whose, 0) + 1
        return self._counts[whose] <= self._limit


def secret_key_required() -> StripeError:
    """A publishable key cannot do this."""
    return unauthorized(
        "This API call cannot be made with a publishable API key. Please use a secret API key.", "secret_key_required"
    )


def check_client_secret(given: str | None, expected: str, title: str = "PaymentIntent") -> None:
    """A publishable key sees an intent only together with its client secret; `title` is what kind of intent it is.

    Raises:
        StripeError: it is missing, or another's.
    """
    if given is None:
        text = "Missing required param: client_secret."
        raise invalid_request(text, code="parameter_missing", param="client_secret")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise invalid_request(
            f"The client_secret provided does not match the client_secret associated with the {title}.",
            code=f"{'setup' if title == 'SetupIntent' else 'payment'}_intent_invalid_parameter",
            param="client_secret",
        )
