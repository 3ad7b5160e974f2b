"""API keys: Bearer or Basic, secret or publishable; whose account they open, and what a publishable one may do."""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping

from api.dialect.errors import StripeError, invalid_request, unauthorized
from domain.identifiers import ID_MAX
from domain.machine.limits import unstorable
from domain.model.hashes import JsonObject
from records import connected_accounts, ephemeral_keys
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
        self._cache: dict[tuple[str, ...], tuple[ApiKey, int]] = {}

    async def find(self, key: str, now: int) -> ApiKey | None:
        """The key's account and kind; None if it opens nothing."""
        looked_up = ephemeral_keys.find if key.startswith(ephemeral_keys.PREFIX) else find_key
        return await self._remembered((key,), now, lambda: looked_up(self._database, key, now))

    async def connected(self, key: str, found: ApiKey, account: object, now: int) -> ApiKey | None:
        """The key, found as `found`, as it opens a connected account; None if it opens no such account."""
        if not isinstance(account, str) or len(account) > ID_MAX or unstorable(account):
            return None
        acting_for = connected_accounts.acting_for
        return await self._remembered((key, account), now, lambda: acting_for(self._database, found, account))

    async def _remembered(
        self, name: tuple[str, ...], now: int, look_up: Callable[[], Awaitable[ApiKey | None]]
    ) -> ApiKey | None:
        cached = self._cache.get(name)
        if cached is not None and cached[1] > now:
            return cached[0]
        found = await look_up()
        if found is not None:
            if len(self._cache) >= CACHED_KEYS_MAX:
                self._cache.clear()
            self._cache[name] = (found, now + CACHE_SECONDS)
        return found


def presented_key(headers: Mapping[str, str], parameters: JsonObject) -> str:
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


async def acting_account(
    ring: KeyRing, key: str, found: ApiKey, headers: Mapping[str, str], parameters: JsonObject, now: int
) -> ApiKey:
    """For whom a request acts: the key's account, or the connected account of it that is named (Connect).

    This is the one place where that is decided; whatever a request reaches, it reaches by the key that comes of it.

    Raises:
        StripeError: it names an account that is neither, or two.
    """
    said = (headers.get("stripe-account"), headers.get("stripe-context"), parameters.get("_stripe_account"))
    named = [name for name in said if name]
    if all(name == found.account for name in named):
        return found
    if any(name != named[0] for name in named):
        raise invalid_request("A request acts for one account: Stripe-Account and Stripe-Context name different ones.")
    # A device's key opens one customer of one account.
    connected = await ring.connected(key, found, named[0], now) if found.kind != "ephemeral" else None
    if connected is None:
        raise account_invalid(masked_key(key), str(named[0]))
    return connected


def account_invalid(shown_key: str, account: str) -> StripeError:
    """An account that is nobody's, or another platform's: which of these is not told."""
    return StripeError(
        f"The provided key '{shown_key}' does not have access to account '{account[:ID_MAX]}' (or that account does "
        "not exist). Application access may have been revoked.",
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
    """So many reads and so many writes a second, for each account and mode, in this process. 0 is no limit.

    A platform and the accounts that it has made are one: it could have as many of them as it likes.
    """

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
        whose = (*key.crowd, level)
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
