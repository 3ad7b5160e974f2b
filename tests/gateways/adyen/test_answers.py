"""What Adyen's answers come to: every one that it publishes, counted, and those that it has no example of."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from domain.model.outcomes import (
    Accepted,
    Approved,
    AuthenticationRequired,
    CaptureHold,
    Declined,
    Outcome,
)
from gateways.adyen import answers, errors
from gateways.adyen.refusals import REFUSALS
from gateways.base import GatewayMismatch, GatewayUnavailable, TokenizedCard
from tests.gateways.adyen.effects import ACCOUNT, CAPTURE, INCREMENT, PSP, REFUND, SETUP, VOID, authorization
from tests.gateways.adyen.published import check_answer, examples

MODIFICATIONS: dict[str, answers.Modification] = {
    "/payments/{paymentPspReference}/captures": CAPTURE,
    "/payments/{paymentPspReference}/cancels": VOID,
    "/payments/{paymentPspReference}/refunds": REFUND,
    "/payments/{paymentPspReference}/amountUpdates": INCREMENT,
}
PAYMENTS = ("/payments", "/payments/details")
OURS = {*MODIFICATIONS, *PAYMENTS, "/cancels", "/storedPaymentMethods", "/payments/{paymentPspReference}/reversals"}
RESULTS = {"Authorised": Approved, "RedirectShopper": AuthenticationRequired, "IdentifyShopper": Declined}


def decoded(path: str, value: Any) -> Outcome | TokenizedCard:
    if path in PAYMENTS:
        return answers.outcome_of(authorization(), value, "auth")
    if path == "/storedPaymentMethods":
        return answers.stored_card(value, "YOUR_SHOPPER_REFERENCE", "f")
    effect: answers.Modification = replace(
        MODIFICATIONS.get(path, VOID), key="YOUR_UNIQUE_REFERENCE", authorization=value.get("paymentPspReference", PSP)
    )
    if path == "/cancels":
        effect = replace(effect, key="YOUR_UNIQUE_REFERENCE_FOR_THE_CANCELLATION")
    if isinstance(effect, CaptureHold):
        effect = replace(effect, currency=value["amount"]["currency"].lower())
    return answers.modification(effect, value, ACCOUNT.merchant)


def test_every_example_of_an_answer_is_decoded() -> None:
    """All 146; those of operations that are never asked for are counted, and looked at no further."""
    seen: Counter[str] = Counter()
    for path, status, name, value in examples():
        if int(status) >= 400:
            known, _ = errors.raised(path, int(status), errors.read(value, {}))
            expected = {
                "400": errors.Verdict.REFUSED, "401": errors.Verdict.NOTHING_DONE, "403": errors.Verdict.NOTHING_DONE,
                "422": errors.Verdict.REFUSED, "500": errors.Verdict.REFUSED,
            }  # fmt: skip
            assert known is expected[status], (path, status)
            seen["errors"] += 1
        elif path in OURS:
            outcome = decoded(path, value)
            if path in PAYMENTS:
                assert isinstance(outcome, RESULTS[value["resultCode"]]), name
                seen["payments"] += 1
            else:
                seen["cards" if isinstance(outcome, TokenizedCard) else "modifications"] += 1
                assert isinstance(outcome, Accepted | TokenizedCard)
        else:
            seen["never asked for"] += 1
    assert seen == {"errors": 96, "payments": 11, "modifications": 8, "cards": 2, "never asked for": 29}
    assert sum(seen.values()) == 146


def payment(**more: Any) -> dict[str, Any]:
    """An answer of /payments, held to the specification."""
    body = {"pspReference": PSP, "resultCode": "Authorised", "merchantReference": "pi_1/1/authorize", **more}
    check_answer("/payments", 200, body)
    return body


RICH = {
    "authCode": "044925", "cvcResult": "1 Matches", "avsResult": "7 Both postal code and address match",
    "networkTxReference": "MCC123456789012", "fraudRiskLevel": "high", "threeDOffered": "true",
    "threeDAuthenticated": "true", "threeDAuthenticatedResponse": "Y", "threeDSVersion": "2.2.0", "eci": "05",
}  # fmt: skip


def test_what_an_approval_tells_beside_it() -> None:
    body = payment(additionalData=RICH, fraudResult={"accountScore": 170}, amount={"currency": "EUR", "value": 1_000})
    outcome = answers.payment(authorization(line1_given=True), body, "auth")
    assert outcome == Approved(
        authorization=PSP, authorization_code="044925", network_transaction_id="MCC123456789012", risk_level="elevated",
        risk_score=100,
        checks={"cvc_check": "pass", "address_line1_check": "pass", "address_postal_code_check": None},
        three_d_secure={"result": "authenticated", "version": "2.2.0", "electronic_commerce_indicator": "05"},
    )  # fmt: skip


def test_of_an_approval_nothing_else_need_be_told() -> None:
    outcome = answers.payment(authorization(), payment(), "auth")
    assert isinstance(outcome, Approved)
    assert outcome.three_d_secure is None, "nobody is said to be authenticated who is not"
    assert set(outcome.checks.values()) == {None}


@pytest.mark.parametrize("response", ["N", "U", "", "?"])
def test_nobody_is_authenticated_of_whom_it_is_not_said(response: str) -> None:
    data = {"threeDOffered": "true", "threeDAuthenticated": "false", "threeDAuthenticatedResponse": response}
    outcome = answers.payment(authorization(), payment(additionalData=data), "auth")
    assert isinstance(outcome, Approved)
    assert outcome.three_d_secure is not None
    assert outcome.three_d_secure["result"] != "authenticated"


@pytest.mark.parametrize("code", list(REFUSALS))
def test_every_refusal_is_a_decline_and_keeps_the_networks_codes(code: str) -> None:
    body = payment(
        resultCode="Refused", refusalReasonCode=code, refusalReason=REFUSALS[code].text,
        additionalData={"refusalReasonRaw": "51 : Insufficient funds", "merchantAdviceCode": "03 : Do not try again"},
    )  # fmt: skip
    outcome = answers.payment(authorization(), body, "auth")
    assert isinstance(outcome, Declined)
    assert outcome.decline_code == REFUSALS[code].decline_code
    assert (outcome.network_decline_code, outcome.network_advice_code) == ("51", "03")
    assert outcome.blocked == (code in {"20", "22", "46"})


@pytest.mark.parametrize(
    ("result", "code", "raw", "decline"),
    [
        ("Refused", "5", "41 : Lost card", "lost_card"),
        ("Refused", "5", "43", "stolen_card"),
        ("Refused", "2", "05 : Do not honor", "do_not_honor"),
        ("Refused", "26", "R1 : Revocation", "revocation_of_all_authorizations"),
        ("Refused", "2", "CARD_EXPIRED", "generic_decline"),
        ("Refused", "999", "", "generic_decline"),
        ("Cancelled", "16", "", "authentication_required"),
        ("Error", "999", "", "processing_error"),
        ("Error", "4", "", "processing_error"),
    ],
)
def test_where_the_banks_own_word_says_more(result: str, code: str, raw: str, decline: str) -> None:
    body = payment(resultCode=result, refusalReasonCode=code, additionalData={"refusalReasonRaw": raw})
    outcome = answers.payment(authorization(), body, "auth")
    assert isinstance(outcome, Declined)
    assert outcome.decline_code == decline


@pytest.mark.parametrize("result", ["Pending", "Received", "PresentToShopper", "Success", "SomethingNew"])
def test_what_is_not_final_is_waited_for(result: str) -> None:
    body = {"pspReference": PSP, "resultCode": result}
    assert answers.payment(authorization(), body, "auth") == Accepted(reference=PSP)


def test_a_buyer_who_is_sent_on_comes_back_with_what_we_made() -> None:
    action = {"type": "redirect", "url": "https://checkoutshopper-test.adyen.com/x", "method": "GET"}
    body = payment(resultCode="RedirectShopper", action=action)
    outcome = answers.payment(authorization(), body, "adyenauth_1")
    assert outcome == AuthenticationRequired(authentication="adyenauth_1", url=action["url"])


@pytest.mark.parametrize(
    "change",
    [
        {"merchantReference": "pi_2/1/authorize"},
        {"amount": {"currency": "EUR", "value": 1_001}},
        {"amount": {"currency": "USD", "value": 1_000}},
        {"amount": {"currency": "BIF", "value": 1_000}},
        {"resultCode": "PartiallyAuthorised"},
        {"resultCode": "AuthenticationFinished"},
    ],
)
def test_an_answer_about_something_else_is_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(GatewayMismatch):
        answers.payment(authorization(), payment(**change), "auth")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"resultCode": None}, {"resultCode": "Authorised"}, {"resultCode": "Authorised", "pspReference": "../../x"},
        {"resultCode": "RedirectShopper"}, {"resultCode": "RedirectShopper", "action": {"type": "qrCode"}},
        {"resultCode": "RedirectShopper", "action": {"type": "redirect", "url": "javascript:alert(1)"}},
    ],
)  # fmt: skip
def test_of_an_answer_that_makes_no_sense_nothing_is_concluded(body: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        answers.payment(authorization(), body, "auth")


def test_after_an_authentication_the_reference_is_that_of_the_attempt_before() -> None:
    effect = authorization(key="pi_1/2/authorize", authentication="a")
    assert isinstance(answers.payment(effect, payment(), "auth"), Approved)
    with pytest.raises(GatewayMismatch):
        answers.payment(effect, payment(merchantReference="pi_2/1/authorize"), "auth")


def test_a_verification_answers_about_its_attempt() -> None:
    body = payment(merchantReference="seti_1/1/set_up", amount={"currency": "EUR", "value": 0})
    outcome = answers.payment(SETUP, body, "auth")
    assert isinstance(outcome, Approved)
    assert outcome.authorization == "setatt_1"
    with pytest.raises(GatewayUnavailable):
        answers.payment(SETUP, body | {"resultCode": "Pending"}, "auth")


def modified(**more: Any) -> dict[str, Any]:
    body = {
        "merchantAccount": ACCOUNT.merchant, "paymentPspReference": PSP, "reference": "pi_1/1/capture/1",
        "pspReference": "993617894906488A", "status": "received", "amount": {"currency": "EUR", "value": 2_000},
    }  # fmt: skip
    return body | more


def test_a_modification_is_taken_on_and_no_more() -> None:
    check_answer(f"/payments/{PSP}/captures", 201, modified())
    assert answers.modification(CAPTURE, modified(), ACCOUNT.merchant) == Accepted(reference="993617894906488A")


@pytest.mark.parametrize(
    "change",
    [
        {"paymentPspReference": "993617894903480B"},
        {"reference": "pi_1/1/capture/2"},
        {"merchantAccount": "SOMEBODY"},
        {"amount": {"currency": "EUR", "value": 1}},
        {"amount": {}},
    ],
)
def test_nor_is_one_of_something_else_believed(change: dict[str, Any]) -> None:
    with pytest.raises(GatewayMismatch):
        answers.modification(CAPTURE, modified(**change), ACCOUNT.merchant)


def test_a_raise_may_be_answered_at_once() -> None:
    about = {"reference": "pi_1/1/increment/1", "amount": {"currency": "EUR", "value": 2_500}}
    for status, expected in (("authorised", Approved), ("refused", Declined), ("received", Accepted)):
        body = modified(**about, status=status)
        check_answer(f"/payments/{PSP}/amountUpdates", 201, body)
        assert isinstance(answers.modification(INCREMENT, body, ACCOUNT.merchant), expected)


@pytest.mark.parametrize("change", [{"pspReference": ""}, {"pspReference": None}, {"status": None}])
def test_a_modification_without_a_reference_is_unknown(change: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        answers.modification(CAPTURE, modified(**change), ACCOUNT.merchant)


def test_a_stored_card_is_the_shoppers_own() -> None:
    body = {"id": "KHQC5N7G84BLNK43", "lastFour": "1111", "expiryMonth": "03", "expiryYear": "2030", "brand": "visa"}
    token = answers.stored_card(body, "pm_1", "f")
    assert (token.token, token.card.brand, token.card.last4) == ("adyen:pm_1:KHQC5N7G84BLNK43", "visa", "1111")
    with pytest.raises(GatewayMismatch):
        answers.stored_card(body | {"shopperReference": "pm_2"}, "pm_1", "f")
    for missing in ("id", "lastFour", "expiryMonth"):
        with pytest.raises(GatewayUnavailable):
            answers.stored_card({name: value for name, value in body.items() if name != missing}, "pm_1", "f")
