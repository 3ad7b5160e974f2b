"""Signatures as Stripe's own library verifies them, secrets that overlap, and pauses that grow and differ."""

import json

import pytest
import stripe

from domain.webhooks import (
    GIVE_UP_AFTER_SECONDS,
    JITTER_PERCENT,
    PAUSE_SECONDS_MAX,
    RETIRED_MAX,
    RETIRED_SECONDS,
    SECRETS_MAX,
    SigningSecret,
    TooManySecrets,
    genuine,
    retry_pause_seconds,
    rotated,
    signature_header,
    valid_secrets,
)
from records.idempotency import RETENTION_SECONDS
from tests.support.builders import NOW

BODY = json.dumps({"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {"object": {}}}).encode()
OLD, NEW = "whsec_old", "whsec_new"


def verified(header: str, secret: str, body: bytes = BODY) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=None)
    except stripe.SignatureVerificationError:
        return False
    return True


def test_the_official_library_verifies_it_and_nothing_else() -> None:
    header = signature_header([SigningSecret(secret=OLD)], BODY, NOW)
    assert header.startswith(f"t={NOW},v1=")
    assert verified(header, OLD)
    assert not verified(header, NEW)
    assert not verified(header, OLD, BODY + b" ")
    assert not verified(header.replace(str(NOW), str(NOW + 1)), OLD)


def test_both_secrets_sign_while_they_overlap_and_then_one() -> None:
    secrets = rotated([SigningSecret(secret=OLD)], NEW, NOW, overlap_seconds=60)
    during = signature_header(secrets, BODY, NOW + 59)
    assert during.count("v1=") == 2
    assert verified(during, OLD)
    assert verified(during, NEW)
    after = signature_header(secrets, BODY, NOW + 60)
    assert not verified(after, OLD)
    assert verified(after, NEW)


def test_rotating_at_once_and_again_leaves_no_old_secret_behind() -> None:
    at_once = rotated([SigningSecret(secret=OLD)], NEW, NOW, 0)
    assert valid_secrets(at_once, NOW) == (SigningSecret(secret=NEW),)
    assert OLD not in repr(at_once), "nor anywhere else"
    overlapping = rotated([SigningSecret(secret="whsec_0")], OLD, NOW, 3_600)
    again = valid_secrets(rotated(overlapping, NEW, NOW + 1, 0), NOW + 1)
    assert again == (SigningSecret(secret=NEW),), "any of them may have leaked"


def test_a_second_rotation_leaves_every_secret_the_time_that_it_was_promised() -> None:
    once = rotated([SigningSecret(secret="whsec_0")], OLD, NOW, 3_600)
    twice = rotated(once, NEW, NOW + 1_800, 60)
    assert [secret.secret for secret in valid_secrets(twice, NOW + 1_859)] == [NEW, OLD, "whsec_0"]
    header = signature_header(twice, BODY, NOW + 1_859)
    assert all(verified(header, secret) for secret in (NEW, OLD, "whsec_0"))
    assert [secret.secret for secret in valid_secrets(twice, NOW + 1_860)] == [NEW, "whsec_0"]
    assert [secret.secret for secret in valid_secrets(twice, NOW + 3_600)] == [NEW]
    thrice = rotated(twice, "whsec_3", NOW + 3_600, 60)
    assert [secret.secret for secret in valid_secrets(thrice, NOW + 3_600)] == ["whsec_3", NEW]
    assert not {OLD, "whsec_0"} & {secret.secret for secret in thrice}, "and one that has ended is not kept"


def test_a_repeated_rotation_changes_nothing() -> None:
    once = rotated([SigningSecret(secret=OLD)], NEW, NOW, 60)
    assert rotated(once, NEW, NOW + 30, 60) == once
    later = rotated(once, "whsec_2", NOW + 31, 60)
    assert rotated(later, NEW, NOW + 32, 60) == later, "nor when another has come between"


@pytest.mark.parametrize(("overlap_seconds", "later"), [(0, 1), (60, 120)])
def test_a_repeated_rotation_does_not_bring_back_what_has_ended(overlap_seconds: int, later: int) -> None:
    leaked = rotated([SigningSecret(secret="whsec_0")], OLD, NOW, 0)
    mended = rotated(leaked, NEW, NOW + 1, overlap_seconds)
    if overlap_seconds:
        mended = rotated(mended, "whsec_3", NOW + later, 0)
    assert rotated(mended, OLD, NOW + later + 1, 0) == mended
    assert OLD not in [secret.secret for secret in mended]


def test_what_has_ended_is_remembered_for_as_long_as_a_request_can_be_repeated() -> None:
    assert RETIRED_SECONDS > RETENTION_SECONDS
    secrets: tuple[SigningSecret, ...] = (SigningSecret(secret="whsec_0"),)
    for number in range(1, 3 * RETIRED_MAX):
        secrets = rotated(secrets, f"whsec_{number}", NOW, 0)
    assert len(secrets) == 1 + RETIRED_MAX
    assert rotated(secrets, f"whsec_{3 * RETIRED_MAX - 2}", NOW, 0) == secrets, "the last to end are"
    assert len(rotated(secrets, NEW, NOW + RETIRED_SECONDS, 0)) == 2


def test_so_many_secrets_sign_at_once_and_no_more() -> None:
    secrets: tuple[SigningSecret, ...] = (SigningSecret(secret="whsec_0"),)
    for number in range(1, SECRETS_MAX):
        secrets = rotated(secrets, f"whsec_{number}", NOW, 60)
    with pytest.raises(TooManySecrets):
        rotated(secrets, NEW, NOW, 60)
    assert genuine("whsec_0", signature_header(secrets, BODY, NOW), BODY, NOW), "all of them, as many as are read"
    assert valid_secrets(rotated(secrets, NEW, NOW, 0), NOW) == (SigningSecret(secret=NEW),)
    later = valid_secrets(rotated(secrets, NEW, NOW + 60, 60), NOW + 60)
    assert [secret.secret for secret in later] == [NEW, f"whsec_{SECRETS_MAX - 1}"]


def test_pauses_double_up_to_a_limit_and_vary_within_bounds() -> None:
    for attempt in range(1, 40):
        pauses = {retry_pause_seconds(f"evt_{number}/we_1", attempt) for number in range(200)}
        middle = min(10 * 2 ** (attempt - 1), PAUSE_SECONDS_MAX)
        assert min(pauses) >= middle * (100 - JITTER_PERCENT) // 100
        assert max(pauses) <= middle * (100 + JITTER_PERCENT) // 100
        assert len(pauses) > 3, "receivers are not met by everything at once"
    assert retry_pause_seconds("evt_1/we_1", 3) == retry_pause_seconds("evt_1/we_1", 3)


@pytest.mark.parametrize("event", ["evt_1", "evt_2", "evt_3"])
def test_three_days_are_about_thirty_tries(event: str) -> None:
    waited, tries = 0, 0
    while waited <= GIVE_UP_AFTER_SECONDS:
        tries += 1
        waited += retry_pause_seconds(f"{event}/we_1", tries)
    assert 24 <= tries <= 36
