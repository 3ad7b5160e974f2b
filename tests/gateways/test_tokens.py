"""A method is collected at each gateway that takes it; who does not answer is left out, but for the default."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.methods.card_numbers import CardInput
from domain.model.gateways import FIRST, Capabilities, GatewayProfile
from domain.model.outcomes import Approved, Declined, Outcome
from domain.model.payment_methods import Card
from domain.routing.candidates import Health
from gateways import tokens
from gateways.base import GatewayRejected, GatewayUnavailable, TokenizedAccount, TokenizedCard
from gateways.tokens import Tokenizer, collected_at
from tests.support.fakes import FakeGateway

CARD = CardInput(number="4242424242424242", exp_month=1, exp_year=2034, cvc="123")


@dataclass
class Collecting:
    """Gives tokens with its own name in them."""

    name: str
    profile: GatewayProfile = field(default_factory=GatewayProfile)
    failure: Exception | None = None
    silent: bool = False
    knows: bool = True
    asked: list[str] = field(default_factory=list)

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        await self._answer("card")
        shown = Card(
            brand="visa", last4=card.number[-4:], exp_month=1, exp_year=2034, funding="credit", country="US",
            fingerprint=f"of_{self.name}",
        )  # fmt: skip
        return TokenizedCard(token=f"tok_{self.name}", card=shown)

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        return await self.tokenize(CARD) if self.knows else None

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        await self._answer(reference)
        return ("us_bank_account", TokenizedAccount(token=f"tok_{self.name}", details={})) if self.knows else None

    async def tokenize_account(self, type_: str, details: dict[str, Any]) -> TokenizedAccount | Declined:
        await self._answer(type_)
        if not self.knows:
            return Declined(decline_code="account_number_invalid")
        return TokenizedAccount(token=f"tok_{self.name}", details=details)

    async def verify(self, token: str) -> Outcome:
        return Approved(authorization=token)

    async def ready(self) -> bool:
        return self.failure is None

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.silent:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure


def three(**others: Any) -> tuple[Tokenizer, Mapping[str, Collecting]]:
    gateways = {FIRST: Collecting("first"), "b": Collecting("b"), "c": Collecting("c", **others)}
    return Tokenizer(gateways), gateways


async def test_a_card_has_a_token_at_each_and_is_shown_as_the_default_says() -> None:
    tokenizer, _ = three()
    found = await tokenizer.tokenize(CARD)
    assert (found.token, found.tokens) == ("tok_first", {"b": "tok_b", "c": "tok_c"})
    assert found.card.fingerprint == "of_first"


async def test_where_the_first_there_ever_was_is_not_there_all_tokens_have_names() -> None:
    found = await Tokenizer({"b": Collecting("b"), "c": Collecting("c")}).tokenize(CARD)
    assert (found.token, found.tokens) == ("", {"b": "tok_b", "c": "tok_c"})


async def test_one_that_fails_is_left_out_and_told_of() -> None:
    said: list[dict[str, Any]] = []
    gateways = {FIRST: Collecting("first"), "b": Collecting("b", failure=GatewayUnavailable("away"))}
    found = await Tokenizer(gateways, lambda event, **about: said.append({"event": event, **about})).tokenize(CARD)
    assert (found.token, found.tokens) == ("tok_first", None)
    assert said == [{"event": "gateway has not collected", "gateway": "b", "why": "away"}]


async def test_one_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "OTHERS_SECONDS", 0.01)
    tokenizer, _ = three(silent=True)
    assert (await tokenizer.tokenize(CARD)).tokens == {"b": "tok_b"}


async def test_while_the_default_is_away_the_others_collect_and_without_anybody_nothing_is() -> None:
    away = Collecting("first", failure=GatewayUnavailable("away"))
    collected = await Tokenizer({FIRST: away, "b": Collecting("b")}).tokenize(CARD)
    assert (collected.token, collected.tokens, collected.card.fingerprint) == ("", {"b": "tok_b"}, "of_b")
    assert not await Tokenizer({FIRST: away, "b": Collecting("b")}).ready()
    for others in ({}, {"b": Collecting("b", failure=GatewayUnavailable("away"))}):
        with pytest.raises(GatewayUnavailable):
            await Tokenizer({FIRST: away, **others}).tokenize(CARD)


async def test_a_type_that_the_default_does_not_take_is_the_others_and_a_card_that_it_rejects_is_rejected() -> None:
    cards_only = Collecting("first", failure=GatewayRejected("only cards, and no numbers"))
    tokenizer = Tokenizer({FIRST: cards_only, "b": Collecting("b")})
    found = await tokenizer.tokenize_account("sepa_debit", {})
    assert isinstance(found, TokenizedAccount)
    assert (found.token, found.tokens) == ("", {"b": "tok_b"})
    with pytest.raises(GatewayRejected):
        await tokenizer.tokenize(CARD)
    with pytest.raises(GatewayRejected):
        await Tokenizer({FIRST: cards_only}).tokenize_account("sepa_debit", {})


@pytest.mark.parametrize("health", [Health.OPEN, Health.HALF_OPEN, Health.PAUSED])
async def test_who_is_held_back_is_not_asked_to_collect_and_nobody_waits_for_it(health: Health) -> None:
    healths: dict[str, Health] = {}
    gateways = {FIRST: Collecting("first"), "b": Collecting("b"), "c": Collecting("c")}
    tokenizer = Tokenizer(gateways, healths=lambda: healths)
    healths["c"] = health
    assert (await tokenizer.tokenize(CARD)).tokens == {"b": "tok_b"}
    healths[FIRST] = health
    gateways[FIRST].silent = True
    found = await tokenizer.tokenize(CARD)
    assert (found.token, found.tokens, found.card.fingerprint) == ("", {"b": "tok_b"}, "of_b")
    assert (len(gateways[FIRST].asked), len(gateways["b"].asked), len(gateways["c"].asked)) == (1, 2, 0)
    healths.clear()
    gateways[FIRST].silent = False
    found = await tokenizer.tokenize(CARD)
    assert (found.token, found.tokens) == ("tok_first", {"b": "tok_b", "c": "tok_c"})


REFUSING: list[dict[str, Any]] = [
    {"failure": GatewayRejected("no numbers are sent to it from here")},
    {"failure": GatewayUnavailable("away")},
    {"knows": False},
]
HELD_BACK = [Health.OPEN, Health.HALF_OPEN, Health.PAUSED]


def without_the_default(health: Health | None, *others: dict[str, Any]) -> tuple[Tokenizer, Collecting]:
    """The default held back, or of itself away; b and c as they are said to be."""
    default = Collecting("first", failure=None if health else GatewayUnavailable("away"))
    gateways = {FIRST: default} | {n: Collecting(n, **told) for n, told in zip("bc", others, strict=True)}
    return Tokenizer(gateways, healths=lambda: {FIRST: health} if health else {}), default


@pytest.mark.parametrize("health", [*HELD_BACK, None])
@pytest.mark.parametrize("refusing", REFUSING)
async def test_who_stands_in_for_the_default_and_does_not_take_a_method_is_left_out(
    health: Health | None, refusing: dict[str, Any]
) -> None:
    tokenizer, _ = without_the_default(health, refusing, {})
    named = await tokenizer.tokenize_reference("pm_card_visa")
    account = await tokenizer.tokenize_account("us_bank_account", {})
    by_name = await tokenizer.tokenize_account_reference("pm_usBankAccount_success")
    assert named is not None
    assert by_name is not None
    assert isinstance(account, TokenizedAccount)
    for found in (named, account, by_name[1]):
        assert (found.token, found.tokens) == ("", {"c": "tok_c"})
    if "failure" in refusing:
        typed = await tokenizer.tokenize(CARD)
        assert (typed.token, typed.tokens, typed.card.fingerprint) == ("", {"c": "tok_c"}, "of_c")


@pytest.mark.parametrize("health", [*HELD_BACK, None])
async def test_what_nobody_takes_while_the_default_cannot_be_asked_may_be_asked_again(health: Health | None) -> None:
    rejecting, ignorant = REFUSING[0], REFUSING[2]
    tokenizer, default = without_the_default(health, rejecting, ignorant)
    for asking in (
        tokenizer.tokenize_reference("pm_card_visa"),
        tokenizer.tokenize_account_reference("pm_usBankAccount_success"),
        without_the_default(health, rejecting, rejecting)[0].tokenize(CARD),
        without_the_default(health, rejecting, rejecting)[0].tokenize_account("us_bank_account", {}),
    ):
        with pytest.raises(GatewayUnavailable):
            await asking
    assert (default.asked == []) is (health is not None)


async def test_an_account_that_a_bank_declines_is_declined_where_nobody_takes_it() -> None:
    tokenizer, default = without_the_default(Health.OPEN, REFUSING[0], REFUSING[2])
    declined = await tokenizer.tokenize_account("us_bank_account", {})
    assert declined == Declined(decline_code="account_number_invalid")
    assert default.asked == []


async def test_with_nobody_who_is_well_the_default_is_asked_all_the_same_and_a_drained_one_collects() -> None:
    healths = {FIRST: Health.OPEN, "b": Health.PAUSED}
    gateways = {FIRST: Collecting("first"), "b": Collecting("b")}
    tokenizer = Tokenizer(gateways, healths=lambda: healths)
    assert ((found := await tokenizer.tokenize(CARD)).token, found.tokens) == ("tok_first", None)
    healths["b"] = Health.DRAINING
    assert ((found := await tokenizer.tokenize(CARD)).token, found.tokens) == ("", {"b": "tok_b"})
    assert gateways[FIRST].asked == ["card"]


async def test_a_fault_of_ours_is_not_hidden() -> None:
    tokenizer, _ = three(failure=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await tokenizer.tokenize(CARD)


async def test_who_does_not_take_the_type_is_not_told_of_it() -> None:
    profile = GatewayProfile(capabilities=Capabilities(methods=frozenset({"ideal"})))
    tokenizer, gateways = three(profile=profile)
    found = await tokenizer.tokenize_account("us_bank_account", {"last4": "6789"})
    assert isinstance(found, TokenizedAccount)
    assert found.tokens == {"b": "tok_b"}
    assert gateways["c"].asked == []


async def test_what_is_no_card_or_account_to_one_is_left_out_there_and_refused_by_the_default_alone() -> None:
    tokenizer, gateways = three(knows=False)
    by_name = await tokenizer.tokenize_reference("pm_card_visa")
    account = await tokenizer.tokenize_account("us_bank_account", {})
    named = await tokenizer.tokenize_account_reference("pm_usBankAccount_success")
    assert by_name is not None
    assert named is not None
    assert isinstance(account, TokenizedAccount)
    assert by_name.tokens == account.tokens == named[1].tokens == {"b": "tok_b"}
    gateways[FIRST].knows = False
    assert await tokenizer.tokenize_reference("pm_card_none") is None
    assert await tokenizer.tokenize_account_reference("pm_usBankAccount_none") is None
    assert isinstance(await tokenizer.tokenize_account("us_bank_account", {}), Declined)


async def test_a_card_is_verified_by_the_default_and_one_gateway_alone_is_itself() -> None:
    tokenizer, _ = three()
    assert await tokenizer.verify("tok_first") == Approved(authorization="tok_first")
    alone: Any = FakeGateway()
    assert id(collected_at({FIRST: alone})) == id(alone)
    assert isinstance(collected_at({"b": alone}), Tokenizer)
