"""Stripe as a gateway, with an API of Stripe's behind it that is held to the types of Stripe's own libraries: our own.

What Stripe itself does was never seen. The parameters are held to the types of Stripe's Python library, and so is every
answer that the counterpart gives (fidelity/response_types.py).
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from api.build import build, mount
from contracts.gateways import parse_gateways
from domain.methods.card_numbers import CardInput
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Refund,
    SetUp,
    Void,
)
from domain.webhooks import SigningSecret, signature_header
from gateways.base import (
    AccountError,
    GatewayMismatch,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    Standing,
)
from gateways.stripe import answers, requests
from gateways.stripe.account import StripeAccount
from gateways.stripe.gateway import StripeGateway
from gateways.stripe.listener import StripeListener
from gateways.stripe.requests import Call, Kept, pairs
from tests.api.conftest import Api
from tests.fidelity.parameter_types import Parameter, parameters_of
from tests.support.memory import ProcessMemory
from tests.support.serving import serving

CARD = CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123")
TOKEN = Kept("cus_1", "pm_1").token
ACCOUNT = StripeAccount(
    name="stripe",
    url="http://stripe",
    api_key="sk_test_1",
    webhook_secrets=("whsec_1",),
    returns="https://engine.example",
)
(SETTING,) = parse_gateways("stripe=stripe?returns=https://engine.example")


def authorization(**more: Any) -> Authorize:
    effect = Authorize(
        key="pi_1/1/authorize", charge="ch_1", amount=1_000, currency="usd", token=TOKEN, capture=False, intent="pi_1"
    )
    return replace(effect, **more)


ABOUT: dict[str, Any] = {"authorization": "pi_theirs", "charge": "ch_1", "currency": "usd", "intent": "pi_1"}
SETUP = SetUp(key="seti_1/1/set_up", attempt="setatt_1", token=TOKEN, intent="seti_1")
CALLS: list[tuple[str, Call]] = [
    ("PaymentMethodCreateParams", requests.collect(CARD)),
    ("CustomerCreateParams", requests.keep("pm_1")),
    ("PaymentIntentCreateParams", requests.authorize(ACCOUNT, authorization())),
    ("PaymentIntentCreateParams", requests.authorize(ACCOUNT, authorization(capture=True, saving=True))),
    ("PaymentIntentCreateParams", requests.authorize(ACCOUNT, authorization(off_session=True, moto=True))),
    ("PaymentIntentCreateParams", requests.authorize(ACCOUNT, authorization(three_d_secure="any"))),
    ("PaymentIntentRetrieveParams", requests.look("pi_theirs")),
    ("PaymentIntentCaptureParams", requests.capture(CaptureHold(key="c", amount=1, final=False, **ABOUT))),
    ("PaymentIntentCancelParams", requests.void(Void(key="v", **ABOUT))),
    ("PaymentIntentIncrementAuthorizationParams", requests.increment(Increment(key="i", amount=2, **ABOUT))),
    ("RefundCreateParams", requests.refund(Refund(key="r", amount=1, refund="re_1", reason="duplicate", **ABOUT))),
    ("SetupIntentCreateParams", requests.set_up(ACCOUNT, SETUP)),
]


def unknown(known: Parameter, given: Any, name: str = "") -> list[str]:
    """What Stripe's library has no parameter for, or no such value."""
    if known.kind == "map":
        return []
    if isinstance(given, dict):
        missing = [f"{name}[{each}]" for each in given if each not in known.fields]
        found = [unknown(known.fields[each], value, each) for each, value in given.items() if each in known.fields]
        return missing + [fault for faults in found for fault in faults]
    if isinstance(given, list):
        return [] if known.element is not None else [f"{name} is no list"]
    return [f"{name}={given}"] if known.values and given not in known.values else []


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_every_parameter_is_one_of_stripes_library(name: str, call: Call) -> None:
    assert unknown(parameters_of(name), dict(call.parameters)) == []
    assert unknown(parameters_of(name), {**call.parameters, "made_up": 1}) == ["[made_up]"]


def test_a_form_is_as_stripe_writes_it() -> None:
    given = {"a": {"b": True, "c": {"d": 1}}, "e": ["x", "y"]}
    assert list(pairs(given)) == [("a[b]", "true"), ("a[c][d]", "1"), ("e[]", "x"), ("e[]", "y")]


def test_a_card_number_is_in_no_repr() -> None:
    assert CARD.number not in repr(requests.collect(CARD))
    assert "sk_test_1" not in repr(ACCOUNT)
    assert "whsec_1" not in repr(ACCOUNT)


def test_nothing_is_sent_that_would_be_something_else() -> None:
    effects = [
        authorization(method_type="ideal"), authorization(authenticated_elsewhere=True),
        authorization(token="tok_visa"), authorization(token="stripe:cus_1:"),
    ]  # fmt: skip
    for effect in effects:
        with pytest.raises(GatewayRejected):
            requests.authorize(ACCOUNT, effect)
    calls: list[Callable[[], Call]] = [
        lambda: requests.set_up(ACCOUNT, replace(SETUP, method_type="sepa_debit")),
        lambda: requests.capture(CaptureHold(key="c", amount=1, over=True, **ABOUT)),
        lambda: requests.refund(Refund(key="r", amount=1, by_email=True, **ABOUT)),
    ]
    for call in calls:
        with pytest.raises(GatewayRejected):
            call()


@pytest.mark.parametrize(
    ("options", "secrets"),
    [({}, {"api_key": "k"}), ({"returns": "https://e"}, {}), ({"returns": "https://e"}, {"api_key": ""})],
)
def test_an_account_without_what_it_needs_is_refused(options: dict[str, str], secrets: dict[str, str]) -> None:
    with pytest.raises(AccountError):
        StripeAccount.read("stripe", "", options, secrets)


@asynccontextmanager
async def speaking_to(app: ASGIApp, **more: Any) -> AsyncIterator[StripeGateway]:
    async with serving(app) as url:
        gateway = StripeGateway(replace(ACCOUNT, url=url, **more), SETTING.profile, 10.0)
        try:
            yield gateway
        finally:
            await gateway.close()


@pytest.fixture
async def stripe(api: Api) -> AsyncIterator[StripeGateway]:
    """The API of the tests, as if it were Stripe's."""
    app = build()
    mount(app, api.services)
    async with speaking_to(app, api_key=api.secret) as gateway:
        yield gateway


@pytest.fixture
async def token(stripe: StripeGateway) -> str:
    return (await stripe.tokenize(CARD)).token


async def held(stripe: StripeGateway, token: str, **more: Any) -> str:
    outcome = await stripe.perform(authorization(token=token, **more))
    assert isinstance(outcome, Approved)
    return outcome.authorization


def about(reference: str) -> dict[str, Any]:
    return {**ABOUT, "authorization": reference}


async def test_a_card_is_kept_with_a_customer_of_its_own(stripe: StripeGateway) -> None:
    known = await stripe.tokenize(CARD)
    assert known.token.startswith("stripe:cus_")
    assert (known.card.brand, known.card.last4, known.card.funding) == ("visa", "4242", "credit")
    named = await stripe.tokenize_reference("pm_card_visa")
    assert named is None or named.token != known.token
    assert await stripe.tokenize_reference("pm_card_nope") is None


async def test_the_same_key_has_the_same_outcome_and_one_effect(stripe: StripeGateway, token: str) -> None:
    first = await stripe.perform(authorization(token=token))
    assert isinstance(first, Approved)
    assert await stripe.perform(authorization(token=token)) == first
    for other in ({"amount": 1_001}, {"currency": "eur"}, {"capture": True}, {"charge": "ch_2"}):
        with pytest.raises(GatewayMismatch):
            await stripe.perform(replace(authorization(token=token), **other))


async def test_what_stands_is_told_at_every_step(stripe: StripeGateway, token: str) -> None:
    reference = await held(stripe, token)
    stands = Standing(authorization=reference, charge="ch_1", currency="usd", authorized=1_000, held=1_000)
    assert await stripe.standing(reference) == stands
    assert isinstance(
        await stripe.perform(CaptureHold(key="c1", amount=400, final=False, **about(reference))), Approved
    )
    assert await stripe.standing(reference) == replace(stands, held=600, captured=400)
    assert isinstance(await stripe.perform(CaptureHold(key="c2", amount=601, **about(reference))), Declined)
    assert isinstance(await stripe.perform(CaptureHold(key="c3", amount=500, **about(reference))), Approved)
    assert await stripe.standing(reference) == replace(stands, held=0, captured=900, released=100)
    refund = Refund(key="r1", amount=300, refund="re_1", reason="duplicate", **about(reference))
    assert isinstance(await stripe.perform(refund), Approved)
    assert await stripe.perform(refund) == Approved(authorization=reference)
    with pytest.raises(GatewayRejected):
        await stripe.perform(replace(refund, key="r2", amount=601))
    assert await stripe.standing(reference) == replace(stands, held=0, captured=900, released=100, refunded=300)


async def test_a_hold_is_raised_and_released(stripe: StripeGateway, token: str) -> None:
    reference = await held(stripe, token)
    assert isinstance(await stripe.perform(Increment(key="i1", amount=1_500, **about(reference))), Approved)
    stands = await stripe.standing(reference)
    assert stands is not None
    assert stands.held == 1_500
    assert isinstance(await stripe.perform(Void(key="v1", captured=0, **about(reference))), Approved)
    assert isinstance(await stripe.perform(Void(key="v2", captured=0, **about(reference))), Declined)
    assert isinstance(await stripe.perform(CaptureHold(key="c", amount=1, **about(reference))), Declined)
    assert await stripe.standing("pi_unknown") is None


async def test_a_decline_keeps_the_networks_codes(api: Api, stripe: StripeGateway, token: str) -> None:
    api.engine.gateway.answers = [
        Declined(decline_code="lost_card", network_decline_code="41", network_advice_code="01")
    ]
    outcome = await stripe.perform(authorization(token=token))
    assert outcome == Declined(decline_code="lost_card", network_decline_code="41", network_advice_code="01")


async def test_authentication_by_redirect(api: Api, stripe: StripeGateway, token: str) -> None:
    api.engine.gateway.answers = [AuthenticationRequired(authentication="a1", url="https://bank.example")]
    page = await stripe.perform(authorization(token=token))
    assert isinstance(page, AuthenticationRequired)
    assert page.authentication.startswith("pi_")
    again = authorization(token=token, key="pi_1/2/authorize", authentication=page.authentication)
    undecided = await stripe.perform(again)
    assert undecided == Declined(decline_code="authentication_required")
    elsewhere = replace(again, intent="pi_2", amount=999)
    with pytest.raises(GatewayMismatch):
        await stripe.perform(elsewhere)


async def test_a_card_is_set_up_and_verified(stripe: StripeGateway, token: str) -> None:
    outcome = await stripe.perform(replace(SETUP, token=token))
    assert outcome == Approved(authorization="setatt_1")
    assert isinstance(await stripe.verify(token), Approved)


async def test_a_dispute_is_answered_at_stripe_itself(stripe: StripeGateway) -> None:
    with pytest.raises(GatewayRejected):
        await stripe.perform(AnswerDispute(key="d", dispute="du_1", charge="ch_1"))


IDEMPOTENCY = {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}
REJECTED = {"error": {"type": "invalid_request_error", "code": "parameter_unknown"}}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse(IDEMPOTENCY, 400), GatewayMismatch),
        (JSONResponse(IDEMPOTENCY, 409), GatewayUnavailable),
        (JSONResponse({"error": {"type": "api_error"}}, 500), GatewayUnavailable),
        (JSONResponse({"error": {"type": "api_error"}}, 424), GatewayUnavailable),
        (JSONResponse(REJECTED, 401), GatewayNotAsked),
        (JSONResponse(REJECTED, 403), GatewayNotAsked),
        (JSONResponse(REJECTED, 429), GatewayRateLimited),
        (JSONResponse(REJECTED, 400), GatewayRejected),
        (JSONResponse(REJECTED, 404), GatewayRejected),
        (Response("<html>", 400), GatewayUnavailable),
        (Response("<html>", 404), GatewayUnavailable),
        (Response("<html>", 502), GatewayUnavailable),
        (Response("<html>", 200), GatewayUnavailable),
        (JSONResponse([]), GatewayUnavailable),
        (Response(status_code=302), GatewayUnavailable),
    ],
)
async def test_whatever_is_no_outcome_is_told_apart(answer: ASGIApp, error: type[Exception]) -> None:
    effects: list[GatewayEffect] = [authorization(), CaptureHold(key="c", amount=1, **ABOUT)]
    async with speaking_to(answer) as gateway:
        for effect in effects:
            with pytest.raises(error) as raised:
                await gateway.perform(effect)
            assert type(raised.value) is error


PAYMENT = {
    "id": "pi_theirs", "object": "payment_intent", "status": "succeeded", "amount": 1_000, "currency": "usd",
    "amount_received": 1_000, "metadata": {"perdure_intent": "pi_1", "perdure_key": "pi_1/1/authorize"},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"amount": 999}, {"currency": "eur"}, {"metadata": {}}, {"metadata": {"perdure_intent": "pi_2"}},
     {"metadata": {"perdure_intent": "pi_1", "perdure_key": "pi_1/2/authorize"}}],
)  # fmt: skip
def test_an_answer_about_something_else_is_not_believed(change: dict[str, Any]) -> None:
    assert isinstance(answers.payment(authorization(), PAYMENT), Approved)
    with pytest.raises(GatewayMismatch):
        answers.payment(authorization(), {**PAYMENT, **change})


@pytest.mark.parametrize("status", ["requires_confirmation", "something_new", None])
def test_what_is_not_known_is_not_concluded(status: str | None) -> None:
    with pytest.raises(GatewayUnavailable):
        answers.payment(authorization(), {**PAYMENT, "status": status})


def test_what_takes_its_time() -> None:
    assert answers.payment(authorization(), {**PAYMENT, "status": "processing"}) == Accepted(reference="pi_theirs")
    ask = AskSettlement(key="s", at=0, **ABOUT)
    assert answers.settled(ask, {**PAYMENT, "status": "processing"}) == Accepted(reference="pi_theirs")
    assert answers.settled(ask, PAYMENT) == Approved(authorization="pi_theirs")
    failed = {**PAYMENT, "status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}
    assert answers.settled(ask, failed) == Declined(decline_code="card_declined")
    refund = Refund(key="r", amount=300, refund="re_1", **ABOUT)
    told = {"id": "re_theirs", "payment_intent": "pi_theirs", "amount": 300, "status": "pending"}
    assert answers.moved(refund, told) == Accepted(reference="re_theirs")
    assert isinstance(answers.moved(refund, {**told, "status": "failed"}), Declined)
    with pytest.raises(GatewayMismatch):
        answers.moved(refund, {**told, "amount": 301})
    with pytest.raises(GatewayUnavailable):
        answers.moved(refund, {**told, "status": "?"})


async def test_nobody_there() -> None:
    gateway = StripeGateway(replace(ACCOUNT, url="http://127.0.0.1:1"), SETTING.profile)
    assert not await gateway.ready()
    with pytest.raises(GatewayNotAsked):
        await gateway.perform(authorization())
    await gateway.close()


NOW = 1_700_000_000


def event(type_: str, **object_: Any) -> bytes:
    return json.dumps({"id": f"evt_{type_}_{object_.get('id')}", "type": type_, "data": {"object": object_}}).encode()


def signed(body: bytes, secret: str = "whsec_1") -> dict[str, str]:
    return {"stripe-signature": signature_header([SigningSecret(secret=secret)], body, NOW) + ",v0=6ffb"}


@asynccontextmanager
async def listening(objects: dict[str, Any]) -> AsyncIterator[tuple[StripeListener, ProcessMemory]]:
    async def look(scope: Any, receive: Any, send: Any) -> None:
        found = objects.get(scope["path"].rsplit("/", 1)[-1])
        answer = JSONResponse(found or REJECTED, 200 if found else 404)
        await answer(scope, receive, send)

    async with speaking_to(look) as gateway:
        memory = ProcessMemory()
        yield StripeListener(ACCOUNT, gateway, memory, lambda: float(NOW)), memory


async def test_only_what_stripe_has_signed_is_kept() -> None:
    body = event("payment_intent.succeeded", object="payment_intent", id="pi_theirs")
    async with listening({}) as (listener, memory):
        for headers in ({}, signed(body, "whsec_2"), signed(body + b" ")):
            assert await listener.hear(headers, body) == 401
        assert memory.told == {}
        assert await listener.hear(signed(b"{}"), b"{}") == 400
        for _ in range(2):
            assert await listener.hear(signed(body), body) == 202
        assert len(await listener.waiting(10)) == 1
        useless = event("product.created", object="product", id="prod_1")
        assert await listener.hear(signed(useless), useless) == 202
        assert len(await listener.waiting(10)) == 1


REFUND = {"id": "re_theirs", "object": "refund", "metadata": {"perdure_intent": "pi_1", "perdure_refund": "re_1"}}
DISPUTE = {"payment_intent": "pi_theirs", "reason": "fraudulent", "amount": 50, "currency": "usd"}
OBJECTS: dict[str, Any] = {
    "pi_theirs": {**PAYMENT, "metadata": {"perdure_intent": "pi_1", "perdure_charge": "ch_1"}, "client_secret": "s"},
    "re_theirs": {**REFUND, "status": "failed", "failure_reason": "lost_or_stolen_card"},
    "re_done": {**REFUND, "status": "succeeded"},
    "re_pending": {**REFUND, "status": "pending"},
    "du_1": {**DISPUTE, "id": "du_1", "status": "needs_response"},
    "du_won": {**DISPUTE, "id": "du_won", "status": "won"},
    "du_none": {**DISPUTE, "id": "du_none", "status": "prevented"},
    "pi_other": {**PAYMENT, "id": "pi_other", "metadata": {}},
}
AUTHENTICATED = {"type": "authentication", "payment_intent": "pi_1", "authentication": "pi_theirs"}
REFUNDED = {"type": "refund", "payment_intent": "pi_1", "refund": "re_1"}


def ended(how: str, authenticated: bool) -> dict[str, Any]:
    """What an event of a payment says: its buyer was there, or its bank has answered."""
    event_id = f"evt_payment_intent.{how}_pi_theirs"
    return {**AUTHENTICATED, "authenticated": authenticated, "or_settled": event_id}


@pytest.mark.parametrize(
    ("type_", "kind", "id_", "expected"),
    [
        ("payment_intent.succeeded", "payment_intent", "pi_theirs", ended("succeeded", True)),
        ("payment_intent.payment_failed", "payment_intent", "pi_theirs", ended("payment_failed", False)),
        ("payment_intent.created", "payment_intent", "pi_theirs", None),
        ("payment_intent.succeeded", "payment_intent", "pi_other", None),
        ("payment_intent.succeeded", "payment_intent", "pi_gone", None),
        ("refund.failed", "refund", "re_theirs",
         {**REFUNDED, "succeeded": False, "failure_reason": "lost_or_stolen_card"}),
        ("refund.updated", "refund", "re_done", {**REFUNDED, "succeeded": True}),
        ("refund.updated", "refund", "re_pending", None),
        ("charge.dispute.created", "dispute", "du_1",
         {"type": "dispute", "payment_intent": "pi_1", "charge": "ch_1", "reason": "fraudulent",
          "status": "needs_response", "id": "du_1", "amount": 50, "currency": "usd"}),
        ("charge.dispute.closed", "dispute", "du_won",
         {"type": "dispute", "payment_intent": "pi_1", "charge": "ch_1", "reason": "fraudulent",
          "status": "won", "id": "du_won", "amount": 50, "currency": "usd"}),
        ("charge.dispute.created", "dispute", "du_none", None),
    ],
)  # fmt: skip
async def test_what_an_event_means_is_looked_up(type_: str, kind: str, id_: str, expected: Any) -> None:
    body = event(type_, object=kind, id=id_, status="a lie")
    async with listening(OBJECTS) as (listener, _):
        assert await listener.hear(signed(body), body) == 202
        (told,) = await listener.waiting(1)
        assert await listener.fact(told) == expected
        await listener.handled(told)
        assert await listener.waiting(1) == []


async def test_a_buyer_is_believed_who_knows_the_payments_secret() -> None:
    async with listening(OBJECTS) as (listener, _):
        back = await listener.come_back({"payment_intent": "pi_theirs", "payment_intent_client_secret": "s"})
        assert back is not None
        assert (back.intent, back.authentication) == ("pi_1", "pi_theirs")
        for query in (
            {}, {"payment_intent": "pi_theirs"}, {"payment_intent": "pi_theirs", "payment_intent_client_secret": "t"},
            {"payment_intent": "pi_other", "payment_intent_client_secret": "s"},
            {"payment_intent": "../x", "payment_intent_client_secret": "s"},
            {"payment_intent": "pi_gone", "payment_intent_client_secret": "s"},
        ):  # fmt: skip
            assert await listener.come_back(query) is None


def test_forms_are_what_was_meant() -> None:
    form = dict(pairs(requests.authorize(ACCOUNT, authorization()).parameters))
    assert form["return_url"] == "https://engine.example/gateways/stripe/return"
    assert form["payment_method_options[card][request_multicapture]"] == "if_available"
