"""Routing where requests come in: by the account's rules and by who can and may; with its reasons, and never twice."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain.machine.duplicates import Choice, Guard
from domain.model.gateways import Capabilities, GatewayProfile
from domain.model.outcomes import Authorize, CaptureHold, Declined
from domain.routing.candidates import Health
from gateways.base import TokenizedCard
from records import charges, payment_intents, routing_rules
from records.accounts import ensure_account, set_duplicates
from records.scope import Created, Cursor
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

INTENTS = "/v1/payment_intents"
PAY = "amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true"
CARD = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"
SOFT = Declined(decline_code="do_not_honor")
CARDS = {"rules": [{"name": "cards", "when": {"type": "card"}, "gateways": ["beta", "alpha"]}]}


class Shop:
    """An API with two gateways, at both of which every card is known; the default is alpha."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.health: dict[str, Health] = {}

    def healths(self) -> Mapping[str, Health]:
        return self.health

    async def rules(self, data: dict[str, Any]) -> None:
        assert await routing_rules.set_rules(self.api.database, self.api.scope.account, data, NOW)
        self.api.clock.now += 6

    def asked(self) -> list[str]:
        return [effect.gateway for effect in self.api.engine.gateway.performed if isinstance(effect, Authorize)]

    async def attempts(self, id_: str) -> list[tuple[str, str]]:
        database, scope = self.api.database, self.api.scope
        found, _ = await charges.newest(database, scope, Cursor(limit=10), Created(), payment_intent=id_)
        return [(charge.gateway, charge.status) for charge in reversed(found)]


def with_profiles(api: Api, *profiles: GatewayProfile) -> Shop:
    shop = Shop(api)
    api.engine.names = tuple(profile.name for profile in profiles)
    object.__setattr__(api.services, "profiles", profiles)
    object.__setattr__(api.services, "healths", shop.healths)
    plain = api.tokenization._tokenized

    def known_everywhere(*given: Any) -> TokenizedCard:
        card = plain(*given)
        return replace(card, tokens={profile.name: f"{card.token}_{profile.name}" for profile in profiles})

    api.tokenization._tokenized = known_everywhere  # type: ignore[method-assign,assignment]
    return shop


def known_at_beta_alone(shop: Shop) -> None:
    """What is collected from now on, as alpha did not answer when it was."""
    everywhere = shop.api.tokenization._tokenized

    def at_beta_alone(*given: Any) -> TokenizedCard:
        card = everywhere(*given)
        return replace(card, tokens={"beta": f"{card.token}_beta"})

    shop.api.tokenization._tokenized = at_beta_alone  # type: ignore[method-assign,assignment]


@pytest.fixture
async def shop(api: Api) -> Shop:
    await ensure_account(api.database, api.scope.account, "a", NOW)
    return with_profiles(api, GatewayProfile(name="alpha"), GatewayProfile(name="beta"))


async def test_without_rules_the_first_is_asked_and_its_no_is_the_answer(shop: Shop) -> None:
    shop.api.engine.gateway.answers = [SOFT]
    assert (await shop.api.post(INTENTS, PAY)).status_code == 402
    assert shop.asked() == ["alpha"]


async def test_a_rule_decides_and_a_no_that_permits_it_goes_on_at_the_next(shop: Shop) -> None:
    await shop.rules(CARDS)
    shop.api.engine.gateway.answers = [SOFT]
    intent = (await shop.api.post(INTENTS, f"{PAY}&capture_method=manual")).json()
    assert intent["status"] == "requires_capture"
    assert shop.asked() == ["beta", "alpha"]
    assert await shop.attempts(intent["id"]) == [("beta", "failed"), ("alpha", "succeeded")]
    events = (await shop.api.get("/v1/events")).json()["data"]
    assert [one["type"] for one in reversed(events)] == [
        "payment_intent.created", "charge.failed", "charge.succeeded", "payment_intent.amount_capturable_updated",
    ]  # fmt: skip
    await shop.api.post(f"{INTENTS}/{intent['id']}/capture")
    captures = [one.gateway for one in shop.api.engine.gateway.performed if isinstance(one, CaptureHold)]
    assert captures == ["alpha"], "it is taken where it is held"
    recorded = await payment_intents.load(shop.api.database, shop.api.scope, intent["id"])
    assert recorded is not None
    assert recorded.routing is not None
    assert (recorded.routing.rule, recorded.routing.version) == ("cards", 1)
    assert [(one.gateway, one.reason) for one in recorded.routing.verdicts] == [("alpha", "retry"), ("beta", "rule")]


async def test_a_repetition_is_answered_as_before_whatever_the_rules_say_by_then(shop: Shop) -> None:
    await shop.rules(CARDS)
    first = await shop.api.post(INTENTS, PAY, Idempotency_Key="k")
    await shop.rules({"rules": [], "otherwise": {"gateways": ["alpha"]}})
    again = await shop.api.post(INTENTS, PAY, Idempotency_Key="k")
    assert again.content == first.content
    assert shop.asked() == ["beta"]


async def test_whose_breaker_is_open_is_passed_over_and_who_is_paused_is_not_asked(shop: Shop) -> None:
    await shop.rules(CARDS)
    shop.health["beta"] = Health.OPEN
    assert (await shop.api.post(INTENTS, PAY)).is_success
    shop.health = {"alpha": Health.PAUSED}
    assert (await shop.api.post(INTENTS, PAY)).is_success
    assert shop.asked() == ["alpha", "beta"]
    shop.health = {"alpha": Health.PAUSED, "beta": Health.DRAINING}
    refused = await shop.api.post(INTENTS, PAY)
    assert refused.status_code == 400
    assert error_of(refused)["message"] == (
        "No gateway can take this payment now (alpha: paused; beta: draining)."
    )  # fmt: skip
    assert shop.asked() == ["alpha", "beta"], "nobody was asked"


async def test_who_did_not_answer_when_the_card_was_collected_is_passed_over(shop: Shop) -> None:
    """Also the default, whose breaker need not be open for that."""
    known_at_beta_alone(shop)
    paid = await shop.api.post(INTENTS, PAY)
    assert paid.is_success, paid.text
    assert shop.asked() == ["beta"]


@pytest.mark.parametrize("choice", list(Choice))
@pytest.mark.parametrize("at", ["create", "confirm"])
async def test_the_duplicate_guard_sees_what_the_default_does_not_know(shop: Shop, choice: Choice, at: str) -> None:
    assert await set_duplicates(shop.api.database, shop.api.scope.account, Guard(300, choice))
    known_at_beta_alone(shop)
    first = (await shop.api.post(INTENTS, PAY)).json()
    assert first["status"] == "succeeded"
    path, form = INTENTS, PAY
    if at == "confirm":
        path, form = f"{INTENTS}/{(await shop.api.create())['id']}/confirm", "payment_method=pm_card_visa"
    answer = await shop.api.post(path, f"{form}&return_url=https://shop.example")
    if choice is Choice.FLAG:
        recorded = await shop.api.services.projection.latest(answer.json()["id"])
        assert recorded is not None
        assert recorded.duplicate_of == first["id"]
        return
    assert (answer.status_code, error_of(answer)["decline_code"]) == (402, "duplicate_transaction"), answer.text
    assert first["id"] in error_of(answer)["message"]
    assert shop.asked() == ["beta"]


async def test_a_card_of_nobody_that_the_default_does_not_know_pays_once(shop: Shop) -> None:
    known_at_beta_alone(shop)
    card = (await shop.api.post("/v1/payment_methods", CARD)).json()["id"]
    form = f"payment_method={card}&return_url=https://shop.example"
    intents = [(await shop.api.create(f"payment_method={card}"))["id"] for _ in range(2)]
    first = await shop.api.post(f"{INTENTS}/{intents[0]}/confirm", form)
    assert first.json()["status"] == "succeeded"
    second = await shop.api.post(f"{INTENTS}/{intents[1]}/confirm", form)
    assert (second.status_code, shop.asked()) == (400, ["beta"]), second.text
    assert "may not be used again" in error_of(second)["message"]


async def test_a_card_that_was_detached_pays_no_older_intent_wherever_it_is_known(shop: Shop) -> None:
    known_at_beta_alone(shop)
    customer = (await shop.api.post("/v1/customers")).json()["id"]
    card = (await shop.api.post("/v1/payment_methods", CARD)).json()["id"]
    assert (await shop.api.post(f"/v1/payment_methods/{card}/attach", f"customer={customer}")).is_success
    intent = (await shop.api.create(f"customer={customer}&payment_method={card}"))["id"]
    assert (await shop.api.post(f"/v1/payment_methods/{card}/detach")).is_success
    refused = await shop.api.post(f"{INTENTS}/{intent}/confirm", "return_url=https://shop.example")
    assert (refused.status_code, shop.asked()) == (400, []), refused.text
    assert "may not be used again" in error_of(refused)["message"]


async def test_who_cannot_is_left_out(api: Api) -> None:
    await ensure_account(api.database, api.scope.account, "a", NOW)
    euros = Capabilities(currencies=frozenset({"eur"}))
    shop = with_profiles(api, GatewayProfile(name="alpha", capabilities=euros), GatewayProfile(name="beta"))
    assert (await api.post(INTENTS, PAY)).is_success
    assert (await api.post(INTENTS, PAY.replace("usd", "eur"))).is_success
    assert shop.asked() == ["beta", "alpha"]
