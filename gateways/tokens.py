"""Collecting a payment method at several gateways at once: each gives it a token of its own, and no number is kept.

What is shown of the method is what the default gateway says, or another while that is away, or does not take the type;
whoever does not answer is left out, and is then no way for this method. So is a gateway that is held back (its breaker
is open, or an operator has paused it), which is not asked: no payment waits for it, and it is not asked more often for
all that come. What a gateway that stands in for the default does not take is not refused for that: the default may.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from domain.methods.card_numbers import CardInput
from domain.model.gateways import FIRST, GatewayProfile
from domain.model.hashes import JsonObject
from domain.model.outcomes import Declined, Outcome
from domain.routing.candidates import Health
from gateways.base import (
    Gateway,
    GatewayError,
    GatewayHeldBack,
    GatewayRejected,
    GatewayUnavailable,
    TokenizationPort,
    TokenizedAccount,
    TokenizedCard,
)
from gateways.breakers import HELD_BACK
from gateways.hearing import Say, say_nothing

CARD = "card"

OTHERS_SECONDS = 5.0
"""So long the others are waited for, once the default gateway has answered."""


class Tokenizing(TokenizationPort, Protocol):
    """A gateway that collects."""

    @property
    def profile(self) -> GatewayProfile:
        """What it declares."""
        ...


_Token = TypeVar("_Token", TokenizedCard, TokenizedAccount)
_Answer = TypeVar("_Answer")


class Tokenizer:
    """The tokenization port of several gateways; the first of them is the default."""

    def __init__(
        self,
        gateways: Mapping[str, Tokenizing],
        say: Say = say_nothing,
        healths: Callable[[], Mapping[str, Health]] = dict,
    ) -> None:
        """By name, at least one; `say` when one is left out; `healths` are as of now, and who is not named is well."""
        self._gateways = dict(gateways)
        self._default = next(iter(self._gateways))
        self._say, self._healths = say, healths

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        """Exchange a card number for tokens."""
        by, own, others = await self._everywhere(CARD, lambda gateway: gateway.tokenize(card))
        return self._together(by, own, {name: each.token for name, each in others.items()})

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        """Tokens for a test card's name; None if the default gateway knows no such card."""
        by, own, others = await self._everywhere(CARD, lambda gateway: gateway.tokenize_reference(reference))
        if own is None:
            return None
        return self._together(by, own, {name: each.token for name, each in others.items() if each is not None})

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        """Tokens for a test account's name, and its type; None if the default gateway knows none."""
        by, own, others = await self._everywhere("", lambda gateway: gateway.tokenize_account_reference(reference))
        if own is None:
            return None
        tokens = {name: each[1].token for name, each in others.items() if each is not None and each[0] == own[0]}
        return own[0], self._together(by, own[1], tokens)

    async def tokenize_account(self, type_: str, details: JsonObject) -> TokenizedAccount | Declined:
        """Exchange an account for tokens; declined if the default gateway says so."""
        by, own, others = await self._everywhere(type_, lambda gateway: gateway.tokenize_account(type_, details))
        if isinstance(own, Declined):
            return own
        tokens = {name: each.token for name, each in others.items() if isinstance(each, TokenizedAccount)}
        return self._together(by, own, tokens)

    async def verify(self, token: str) -> Outcome:
        """Ask the default gateway, whose token it is, whether the card may be kept on file."""
        return await self._gateways[self._default].verify(token)

    async def ready(self) -> bool:
        """Whether the default gateway answers: without it nothing is collected."""
        return await self._gateways[self._default].ready()

    async def _everywhere(
        self, type_: str, ask: Callable[[Tokenizing], Awaitable[_Answer]]
    ) -> tuple[str, _Answer, dict[str, _Answer]]:
        """Whose answer counts, that answer, and those of the others that take this type and answer in time.

        The default gateway's counts; while it is away or held back, or of a type that it does not take, that of the
        first of the others that takes the method: payments go by those. Only the default's no is the end of it.

        Raises:
            GatewayUnavailable: none of the others takes it, and the default might: it is away, or was not asked.
        """
        asked = {name: asyncio.ensure_future(ask(self._gateways[name])) for name in self._asked_of(type_)}
        try:
            for name, task in asked.items():
                await asyncio.wait([task])  # noqa: TID251
                if name == self._default or _has_taken(task):
                    break
            if len(asked) > 1:
                await asyncio.wait(asked.values(), timeout=OTHERS_SECONDS)  # noqa: TID251
            others = {
                name: task.result()
                for name, task in asked.items()
                if name != self._default and self._answered(name, task)
            }
            default = asked.get(self._default) or _not_asked(self._default)
            failed = default.exception()
            by = _who_has_taken(others) if _leaves_it_to_others(type_, failed) else None
            if by is None:
                return self._default, default.result(), others
            self._say("gateway has not collected", gateway=self._default, why=str(failed))
            return by, others.pop(by), others
        finally:
            for task in asked.values():
                task.cancel()

    def _asked_of(self, type_: str) -> list[str]:
        """Who is asked, in the order in which they count: nobody that is held back, unless there is nobody else.

        Without any that is well, the default is asked all the same: else nothing would be collected.
        """
        healths = self._healths()
        taking = [
            name
            for name, gateway in self._gateways.items()
            if healths.get(name) not in HELD_BACK and (name == self._default or _takes(gateway.profile, type_))
        ]
        return taking or [self._default]

    def _answered(self, name: str, task: asyncio.Future[_Answer]) -> bool:
        error = task.exception() if task.done() else TimeoutError("no answer")
        if error is None:
            return True
        if not isinstance(error, GatewayError | TimeoutError):
            raise error
        self._say("gateway has not collected", gateway=name, why=str(error))
        return False

    def _together(self, by: str, own: _Token, others: dict[str, str]) -> _Token:
        """As the gateway shows it whose answer counts, with everybody's token."""
        by_name = {by: own.token, **others}
        first = by_name.pop(FIRST, "")
        return replace(own, token=first, tokens=by_name or None)


def _not_asked(name: str) -> asyncio.Future[Any]:
    """What a gateway that is held back has answered."""
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    answer.set_exception(GatewayHeldBack(f"{name} is not asked to collect now"))
    return answer


def _has_taken(task: asyncio.Future[Any]) -> bool:
    return task.exception() is None and not (task.result() is None or isinstance(task.result(), Declined))


def _who_has_taken(answers: Mapping[str, object]) -> str | None:
    """The first of those that stand in to take the method; failing that, the first whose bank declines the account.

    What one of them does not know, the default may.
    """
    known = [name for name, answer in answers.items() if answer is not None]
    return next((name for name in known if not isinstance(answers[name], Declined)), next(iter(known), None))


def _leaves_it_to_others(type_: str, failed: BaseException | None) -> bool:
    """A card that the default gateway rejects is rejected: it may be that no number is to be sent from here."""
    return isinstance(failed, GatewayUnavailable) or (isinstance(failed, GatewayRejected) and type_ != CARD)


def _takes(profile: GatewayProfile, type_: str) -> bool:
    methods = profile.capabilities.methods
    return not type_ or methods is None or type_ in methods


def collected_at(
    gateways: Mapping[str, Gateway], say: Say = say_nothing, healths: Callable[[], Mapping[str, Health]] = dict
) -> TokenizationPort:
    """The tokenization port of these gateways, where one alone stands for itself."""
    collecting: JsonObject = dict(gateways)
    alone: TokenizationPort | None = collecting.get(FIRST) if len(collecting) == 1 else None
    return alone or Tokenizer(collecting, say, healths)
