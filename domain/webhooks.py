"""Webhooks: how a delivery is signed, when it is tried again, and when it is given up. Pure; sending is webhooks/.

`Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 of `t.body` under each secret that is valid at `t`, the
whole `whsec_…` text being the key. docs.stripe.com/webhooks/signature.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.identifiers import digest62

GIVE_UP_AFTER_SECONDS = 3 * 86_400
"""Retries go on for three days, as Stripe's do in live mode."""

FIRST_PAUSE_SECONDS = 10
PAUSE_SECONDS_MAX = 4 * 3_600
"""The pause doubles from ten seconds (a receiver is deployed anew) to four hours (it is down for days): about thirty
attempts in three days. Stripe documents exponential backoff, and no figures."""

JITTER_PERCENT = 20
"""Pauses vary by so much either way, so that a receiver that comes back is not met by everything at once."""

ROTATION_SECONDS_MAX = 86_400
"""An old secret goes on signing beside its successor for a day at most, as at Stripe."""

RETIRED, RETIRED_SECONDS, RETIRED_MAX = "retired:", 2 * 86_400, 64
"""A secret that has ended is remembered by its digest, under this prefix: for twice as long as a request can be
repeated, which must not bring it back; and so many of them."""

EXCERPT_CHARACTERS_MAX = 1_000
"""How much of a receiver's answer is kept."""


TOLERANCE_SECONDS = 300
"""How old a signature may be, as in Stripe's own libraries: longer, and an old request could be sent again."""

SECRETS_MAX = 8
"""So many of an endpoint sign at once: each is a signature in the header of every delivery."""

_SIGNATURE = re.compile(rf"t=([0-9]{{1,12}})((?:,v1=[0-9a-f]{{64}}){{1,{SECRETS_MAX}}})")


class TooManySecrets(Exception):
    """An endpoint has SECRETS_MAX secrets that sign, each for as long as was promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSecret:
    """One `whsec_…`; `expires` (Unix seconds) is set once it has a successor. Or what is left of one that has ended."""

    secret: str
    expires: int | None = None


def valid_secrets(secrets: Iterable[SigningSecret], now: int) -> tuple[SigningSecret, ...]:
    """Those that sign at `now`."""
    return tuple(secret for secret in secrets if secret.expires is None or secret.expires > now)


def rotated(
    secrets: Iterable[SigningSecret], successor: str, now: int, overlap_seconds: int
) -> tuple[SigningSecret, ...]:
    """The secrets after a rotation: the successor first, and the one before for `overlap_seconds` more.

    Older ones keep the time that they were promised; without an overlap none does, as one of them may have leaked. A
    repeated rotation, whose successor is among the secrets or was among them, changes nothing: what came after it is
    not undone. Behind the secrets is what is left of those that have ended.

    Raises:
        TooManySecrets: so many sign that the successor would be one too many.
    """
    known = tuple(secrets)
    if any(secret.secret in (successor, _digest(successor)) for secret in known):
        return known
    valid = valid_secrets(known, now) if overlap_seconds else ()
    if len(valid) >= SECRETS_MAX:
        raise TooManySecrets
    kept = (replace(old, expires=now + overlap_seconds) if old.expires is None else old for old in valid)
    ended = [_retired(old, now) for old in known if old not in valid]
    remembered = [old for old in ended if old.expires is not None and old.expires > now - RETIRED_SECONDS]
    return (SigningSecret(secret=successor), *kept, *remembered[:RETIRED_MAX])


def _digest(secret: str) -> str:
    return RETIRED + hashlib.sha256(secret.encode()).hexdigest()


def _retired(old: SigningSecret, now: int) -> SigningSecret:
    if old.secret.startswith(RETIRED):
        return old
    return SigningSecret(secret=_digest(old.secret), expires=now)


def signature_header(secrets: Iterable[SigningSecret], body: bytes, now: int) -> str:
    """The `Stripe-Signature` of `body` at `now`, by every secret that is valid then."""
    signed = f"{now}.".encode() + body
    digests = [
        hmac.new(secret.secret.encode(), signed, hashlib.sha256).hexdigest() for secret in valid_secrets(secrets, now)
    ]
    return ",".join([f"t={now}", *(f"v1={digest}" for digest in digests)])


def genuine(secret: str, header: str, body: bytes, now: int) -> bool:
    """Whether `header` holds a signature of `body` under `secret`, made a moment ago. Without a secret, nothing is."""
    match = _SIGNATURE.fullmatch(header)
    if not secret or match is None or abs(now - int(match[1])) > TOLERANCE_SECONDS:
        return False
    expected = hmac.new(secret.encode(), f"{match[1]}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected, given) for given in match[2].split(",v1=")[1:])


def retry_pause_seconds(delivery: str, attempt: int) -> int:
    """How long to wait after the given attempt (1, 2, …) failed. The same every time it is asked: it is replayed."""
    pause = min(FIRST_PAUSE_SECONDS * (1 << min(attempt - 1, 20)), PAUSE_SECONDS_MAX)
    spread = 2 * JITTER_PERCENT + 1
    percent = 100 - JITTER_PERCENT + sum(digest62(delivery, attempt, length=8).encode()) % spread
    return pause * percent // 100


def delivery_id(event: str, endpoint: str) -> str:
    """Id of the delivery of an event to an endpoint, and of the workflow that sees to it: found by the event's id."""
    return f"{event}/{endpoint}"
