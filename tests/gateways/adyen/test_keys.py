"""Names of what is asked: the same every time, not to be guessed, and as long as Adyen takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import gateway_key
from gateways.adyen.account import AdyenAccount, address
from gateways.adyen.keys import authenticated_key, authentication_id, idempotency_key, intent_in, reference
from gateways.base import AccountError

SECRET = "s" * 32
KEYS = st.text(min_size=1, max_size=300)


@given(key=KEYS)
def test_a_key_is_the_same_every_time_and_short_enough(key: str) -> None:
    made = idempotency_key(SECRET, "M", "/payments", key)
    assert made == idempotency_key(SECRET, "M", "/payments", key)
    assert len(made) == 43
    assert made.isascii()


@given(one=KEYS, other=KEYS)
def test_no_two_have_the_same(one: str, other: str) -> None:
    assert (idempotency_key(SECRET, "M", "/payments", one) == idempotency_key(SECRET, "M", "/payments", other)) == (
        one == other
    )


def test_nor_two_endpoints_merchants_or_secrets() -> None:
    made = {
        idempotency_key(secret, merchant, path, "pi_1/1/authorize")
        for secret in (SECRET, "t" * 32)
        for merchant in ("M", "N")
        for path in ("/payments", "/payments/details")
    }
    assert len(made) == 8


def test_a_key_tells_nothing_of_the_payment() -> None:
    made = idempotency_key(SECRET, "M", "/payments", "pi_1/1/authorize")
    assert "pi_1" not in made
    assert SECRET not in made


def test_what_a_buyer_comes_back_with_is_ours_or_nothing() -> None:
    made = authentication_id(SECRET, "pi_1/1/authorize")
    assert authenticated_key(SECRET, made) == "pi_1/1/authorize"
    others = (made[:-1], made.replace("pi_1", "pi_2"), "", ".", "pi_1.1.authorize.", "pi_1.1.authorize.\udcff", "ä.b")
    for other in others:
        assert authenticated_key(SECRET, other) is None
    assert authenticated_key("t" * 32, made) is None


def test_a_reference_says_whose_it_is() -> None:
    key = gateway_key("pi_3" + "x" * 23, 12, "capture", 34)
    assert reference(key) == key
    assert intent_in(reference(key)) == "pi_3" + "x" * 23


@given(one=KEYS, other=KEYS)
def test_references_fit_are_distinct_and_are_not_split(one: str, other: str) -> None:
    assert len(reference(one)) <= 80
    assert "-" not in reference(one)
    if one.replace("-", ".") != other.replace("-", "."):
        assert reference(one) != reference(other)


def test_addresses_of_the_data_centres() -> None:
    assert address("", "eu") == "https://checkout-test.adyen.com/v72"
    live = "https://1797a841fbb37ca7-AdyenDemo-checkout-live{}.adyenpayments.com/checkout/v72"
    assert address("1797a841fbb37ca7-AdyenDemo", "eu") == live.format("")
    assert address("1797a841fbb37ca7-AdyenDemo", "us") == live.format("-us")
    for prefix, region in (("", "mars"), ("https://x", "eu"), ("1797a841fbb37ca7-Ady.en", "eu")):
        with pytest.raises(AccountError):
            address(prefix, region)


GOOD = {"api_key": "k", "key_secret": SECRET, "hmac_keys": "44" * 32 + "," + "55" * 32, "basic": "a:b"}


def test_an_account_is_read_from_its_entry_and_its_secrets() -> None:
    account = AdyenAccount.read("adyen", "", {"merchant": "M", "returns": "https://e/", "raw_cards": "yes"}, GOOD)
    assert account.url == "https://checkout-test.adyen.com/v72"
    assert account.raw_cards
    assert not account.multicapture
    assert account.hmac_keys == ("44" * 32, "55" * 32)


@pytest.mark.parametrize(
    ("options", "secrets"),
    [
        ({"returns": "https://e"}, {}),
        ({"merchant": "M"}, {}),
        ({"merchant": "M", "returns": "https://e"}, {"key_secret": "short"}),
        ({"merchant": "M", "returns": "https://e"}, {"hmac_keys": "zz"}),
        ({"merchant": "M", "returns": "https://e"}, {"api_key": ""}),
        ({"merchant": "M", "returns": "https://e", "region": "nowhere"}, {}),
    ],
)
def test_what_could_not_work_is_refused_before_a_buyer_is_there(
    options: dict[str, str], secrets: dict[str, str]
) -> None:
    with pytest.raises(AccountError):
        AdyenAccount.read("adyen", "", options, GOOD | secrets)
