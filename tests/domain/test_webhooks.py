"""Signatures as Stripe's own library verifies them, secrets that overlap, and pauses that grow and differ."""

import json

import pytest
import stripe

from domain.webhooks import (
    GIVE_UP_AFTER_SECONDS,
    JITTER_PERCENT,
    PAUSE_SECONDS_MAX,
    SigningSecret,
    retry_pause_seconds,
    rotated,
    signature_header,
    valid_secrets,
)
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
    assert rotated([SigningSecret(secret=OLD)], NEW, NOW, 0) == (SigningSecret(secret=NEW),)
    twice = rotated(rotated([SigningSecret(secret="whsec_0")], OLD, NOW, 3_600), NEW, NOW + 1, 3_600)
    assert [secret.secret for secret in valid_secrets(twice, NOW + 2)] == [NEW, OLD]


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
