"""The table of test cards: every number is possible, every name unique, and each card does what its row says."""

import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.methods.card_numbers import luhn_valid
from simulator.cards import BY_NAME, BY_NUMBER, CARDS, TestCard, brand_of, by_reference
from tests.simulator.test_app import authorize, http, path

__all__ = ["http", "path"]

ASKING = {"required", "on_session", "until_set_up"}
"""Whose owners are asked while they are there, whatever the merchant wants."""


def test_numbers_are_possible_and_rows_unique() -> None:
    assert [card.name for card in CARDS if not luhn_valid(card.number)] == []
    assert [name for name, count in Counter(card.name for card in CARDS).items() if count > 1] == []
    assert [number for number, count in Counter(card.number for card in CARDS).items() if count > 1] == []


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("pm_card_visa", "4242424242424242"),
        ("pm_card_us", "4242424242424242"),
        ("tok_visa", "4242424242424242"),
        ("pm_card_mastercard", "5555555555554444"),
        ("pm_card_amex", "378282246310005"),
        ("pm_card_gb", "4000008260000000"),
        ("pm_card_visa_chargeDeclined", "4000000000000002"),
        ("pm_card_chargeDeclinedExpiredCard", "4000000000000069"),
        ("pm_card_chargeDeclined", "4000000000000002"),
        ("tok_chargeDeclined", "4000000000000002"),
        ("tok_chargeDeclinedInsufficientFunds", "4000000000009995"),
        ("tok_visa_chargeDeclinedFraudulent", "4100000000000019"),
        ("pm_card_createMastercardComplianceDispute", "5105008400000002"),
        ("pm_card_radarBlock", "4100000000000019"),
        ("pm_card_authenticationRequired", "4000002760003184"),
    ],
)
def test_references(reference: str, number: str) -> None:
    assert by_reference(reference) is BY_NUMBER[number]


@pytest.mark.parametrize(
    ("reference", "decline", "funding"),
    [
        ("tok_visa_debit_chargeDeclinedInsufficientFunds", "insufficient_funds", "debit"),
        ("tok_visa_chargeCustomerFailLostCard", "lost_card", "credit"),
        ("tok_visa_chargeCustomerFailStolenCard", "stolen_card", "credit"),
    ],
)
def test_cards_that_have_a_name_only(reference: str, decline: str, funding: str) -> None:
    card = by_reference(reference)
    assert card is not None
    assert (card.decline, card.funding) == (decline, funding)
    assert BY_NUMBER[card.number].name != card.name


def test_other_references_are_nobody() -> None:
    assert by_reference("pm_card_") is None
    assert by_reference("pm_1visa") is None


@pytest.mark.parametrize(("number", "brand"), [("4111111111111111", "visa"), ("9", "unknown"), ("3530", "jcb")])
def test_brands_of_unknown_cards(number: str, brand: str) -> None:
    assert brand_of(number) == brand


async def made(http: httpx.AsyncClient, card: TestCard) -> str:
    """A token of its number."""
    body = {"number": card.number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    answer = (await http.post("/tokens", json=body)).json()
    assert (answer["card"]["brand"], answer["card"]["country"]) == (card.brand, card.country)
    assert (answer["card"]["funding"], answer["card"]["last4"]) == (card.funding, card.number[-4:])
    return str(answer["token"])


async def paid(http: httpx.AsyncClient, card: str, key: str = "k", **more: Any) -> tuple[bool, dict[str, Any]]:
    """Whether the owner was asked, and what the bank said once they have said yes."""
    asked = {"token": card, "capture": True, "line1_given": True, "postal_code_given": True, **more}
    first = (await authorize(http, f"{key}1", **asked)).json()
    if first["type"] != "authentication_required":
        return False, dict(first)
    await http.post(f"/authentications/{first['authentication']}", json={"authenticated": True})
    return True, dict((await authorize(http, f"{key}2", **asked, authentication=first["authentication"])).json())


async def test_a_bank_that_finds_the_security_code_wrong_says_so_of_its_check(http: httpx.AsyncClient) -> None:
    _, said = await paid(http, await made(http, BY_NAME["chargeDeclinedIncorrectCvc"]))
    assert (said["type"], said["decline_code"], said["checks"]["cvc_check"]) == ("declined", "incorrect_cvc", "fail")


@pytest.mark.parametrize(
    ("card", "blocked", "code"),
    [
        ("cvcCheckFail", ["cvc"], "incorrect_cvc"),
        ("cvcCheckFail", ["cvc", "postal_code"], "incorrect_cvc"),
        ("cvcCheckFail", ["postal_code"], None),
        ("cvcCheckFail", [], None),
        ("avsZipFail", ["postal_code"], "incorrect_zip"),
        ("avsZipFail", ["cvc"], None),
        ("avsLine1Fail", ["cvc", "postal_code"], None),
        ("visa", ["cvc", "postal_code"], None),
        ("chargeDeclined", ["cvc", "postal_code"], "generic_decline"),
    ],
)
async def test_a_check_that_fails_is_a_no_for_who_says_so(
    http: httpx.AsyncClient, card: str, blocked: list[str], code: str | None
) -> None:
    token = await made(http, BY_NAME[card])
    _, said = await paid(http, token, blocked=blocked)
    assert (said["type"], said.get("decline_code")) == ("declined" if code else "approved", code)
    booked = (await http.get("/_ledger")).json()["entries"]
    assert bool(booked) is (code is None), "nothing is taken of what is blocked"
    _, again = await paid(http, token, "again", blocked=blocked, postal_code_given=False)
    assert again.get("decline_code") == (None if code == "incorrect_zip" else code), "what is not checked does not fail"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
async def test_a_card_does_what_its_row_says(http: httpx.AsyncClient, path: Path, card: TestCard) -> None:
    asked, said = await paid(http, await made(http, card))
    assert asked == (card.three_d_secure in ASKING)
    assert said["checks"] == {
        "cvc_check": card.cvc_check, "address_line1_check": card.line1_check,
        "address_postal_code_check": card.postal_code_check,
    }  # fmt: skip
    assert (said["risk_level"], said["risk_score"]) == (card.risk_level, card.risk_score)
    booked = [entry["operation"] for entry in (await http.get("/_ledger")).json()["entries"]]
    if card.decline:
        assert (said["type"], said["decline_code"], said["blocked"]) == ("declined", card.decline, card.blocked)
        assert booked == []
    else:
        assert said["type"] == "approved"
        assert booked == ["authorize", "capture"]
    with sqlite3.connect(path) as book:
        told = [json.loads(body) for (body,) in book.execute("SELECT body FROM notifications")]
    disputes = [(news["reason"], news["status"]) for news in told if news["type"] == "dispute"]
    assert disputes == ([card.dispute] if card.dispute else [])
    kept = (await http.post("/verifications", json={"token": await made(http, card)})).json()
    assert (kept["type"] == "approved") == card.attach


async def test_cards_whose_owners_are_away(http: httpx.AsyncClient) -> None:
    for card in CARDS:
        token = await made(http, card)
        said = (await authorize(http, card.name, token=token, capture=True, off_session=True)).json()
        if card.three_d_secure in ("required", "until_set_up"):
            assert said["type"] == "authentication_required", card.name
        elif card.away or card.decline:
            assert (said["type"], said["decline_code"]) == ("declined", card.away or card.decline), card.name
        else:
            assert said["type"] == "approved", card.name


async def test_cards_whose_owners_are_to_be_asked(http: httpx.AsyncClient) -> None:
    for card in CARDS:
        asked, _ = await paid(http, await made(http, card), card.name, three_d_secure="any")
        assert asked == (card.three_d_secure in {*ASKING, "enrolled", "enrolled_failing"}), card.name


async def test_what_has_a_name_is_good_for_a_year_from_now(http: httpx.AsyncClient) -> None:
    for name, card in BY_NAME.items():
        for prefix in ("pm_card_", "tok_"):
            shown = (await http.post("/tokens", json={"reference": f"{prefix}{name}"})).json()["card"]
            now = datetime.now(UTC)  # noqa: TID251
            assert (shown["exp_month"], shown["exp_year"]) == (now.month, now.year + 1), name
            assert shown["last4"] == card.number[-4:], name


PAGE = """
visa visa_debit mastercard mastercard_debit mastercard_prepaid amex discover diners jcb unionpay visa_cartesBancaires
mastercard_cartesBancaires visa_debit_eftposAuCoBranded mastercard_debit_eftposAuCoBranded us ar br ca cl co cr ec mx
pa py pe uy ae ae_mastercard at be bg by hr cy cz dk ee fi fr de gi gr hu ie it lv li lt lu mt nl no pl pt ro si sk es
se ch gb gb_debit gb_mastercard au cn hk in jp my nz sg tw th_credit th_debit debit_visaFsaProductCode
debit_visaHsaProductCode mastercard_debit_mastercardFsaProductCode visa_chargeDeclined
visa_chargeDeclinedInsufficientFunds visa_chargeDeclinedLostCard visa_chargeDeclinedStolenCard
chargeDeclinedExpiredCard chargeDeclinedIncorrectCvc chargeDeclinedProcessingError
visa_chargeDeclinedVelocityLimitExceeded chargeCustomerFail visa_debit_chargeDeclinedInsufficientFunds
visa_chargeDeclinedExpiredCard visa_chargeDeclinedFraudulent visa_chargeDeclinedIncorrectCvc
visa_chargeDeclinedProcessingError visa_chargeCustomerFail visa_chargeCustomerFailLostCard
visa_chargeCustomerFailStolenCard radarBlock riskLevelHighest riskLevelElevated highFraudDisputeScore highEfwScore
radarDynamicRiskThreshold adaptive3dsChallenge cvcCheckFail avsZipFail cvcCheckFailElevatedRisk avsZipFailElevatedRisk
avsLine1Fail avsFail avsUnchecked createDispute createDisputeProductNotReceived createDisputeInquiry
createIssuerFraudRecord createMultipleDisputes createCe3EligibleDispute createComplianceDispute
createMastercardComplianceDispute createAutoRepresentmentEligibleDispute createRapidDisputeResolutionDispute
createCe3BlockDispute createEthocaAlert pendingRefund refundFail bypassPending bypassPendingInternational
authenticationRequiredOnSetup authenticationRequired authenticationRequiredSetupForOffSession
authenticationRequiredChargeDeclinedInsufficientFunds threeDSecure2Required threeDSecureRequiredChargeDeclined
threeDSecureRequiredProcessingError threeDSecureOptional threeDSecureOptionalProcessingError
amex_threeDSecureNotSupported
""".split()
"""Every name on docs.stripe.com/testing, in its order, with a person at the desk excepted."""


def test_every_name_of_the_page_is_known() -> None:
    assert [name for name in PAGE if name not in BY_NAME] == []
