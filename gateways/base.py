"""The gateway port: what the engine may ask of an acquirer, in the field's verbs, and how a gateway can fail to answer.

Outcomes (domain/model/outcomes.py) are definite. Everything else is one of these, told apart by what it leaves us
knowing:

* GatewayError
  x GatewayUnavailable   no answer, or one that makes no sense: the gateway may or may not have acted
    x GatewayUndecided   it has answered, and how it ends is told later: it is not silent
    x GatewayNotAsked    it never heard the question, which is certain: nothing was done, and another may be asked
      x GatewayHeldBack  nobody may ask it now: its breaker is open, or an operator has paused it
  x GatewayRateLimited   it did not act, and wants us to wait
  x GatewayRejected      it did not act, and never will: we asked for nonsense
  x GatewayMismatch      it acted, or answered, about something else than it was asked: nobody may conclude anything
"""

from dataclasses import dataclass
from typing import Protocol

from domain.methods.card_numbers import CardInput
from domain.model.gateways import GatewayProfile
from domain.model.hashes import JsonObject
from domain.model.outcomes import Declined, GatewayEffect, Outcome
from domain.model.payment_methods import Card


class AccountError(ValueError):
    """What was said of our account at a gateway makes no sense; the message says what would."""


class GatewayError(Exception):
    """The gateway did not give an outcome. Use one of the seven below."""


class GatewayUnavailable(GatewayError):
    """Unknown whether it acted. Ask again with the same key; never call it a decline."""


class GatewayUndecided(GatewayUnavailable):
    """It has heard the question, and how that ends is still to be told. Ask again; it is not away."""


class GatewayNotAsked(GatewayUnavailable):
    """Nothing was done, because nothing was sent: no connection, or it is known to be away. Ask again, or another."""


class GatewayHeldBack(GatewayNotAsked):
    """Its breaker is open, or an operator has paused it: who wants to ask waits until that is over, and is told."""


class GatewayRateLimited(GatewayError):
    """Nothing was done. `retry_after_seconds` is how long to wait."""

    def __init__(self, message: str, retry_after_seconds: float = 1.0) -> None:
        """Carry the wait."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class GatewayRejected(GatewayError):
    """Nothing was done, and repeating it would not help."""


class GatewayMismatch(GatewayError):
    """Something was done, and it is not what was asked. Never repeated, never believed: people must look.

    The answer or the key is about something else, or the gateway's book has what ours has not.
    """


@dataclass(frozen=True, slots=True)
class TokenizedCard:
    """A card as the engine may know it: a token in place of the number, and what it shows.

    `token` and `tokens` are as a payment method has them (domain/model/payment_methods.py).
    """

    token: str
    card: Card
    tokens: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TokenizedAccount:
    """Any other payment method as the engine may know it: a token, and what it shows."""

    token: str
    details: JsonObject
    tokens: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingInstructions:
    """Where a customer sends money: an account of their own for each way. `page` shows it to them, given a payment.

    `addresses` are as `financial_addresses` of Stripe's; `country` is the accounts'.
    """

    addresses: list[JsonObject]
    country: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTransfer:
    """Money that came in for a customer (`owner`). `details` say from whom, as Stripe shows it."""

    id: str
    owner: str
    amount: int
    currency: str
    reference: str | None
    details: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the gateway has in its book about an authorization, or a payment that is still to be made; minor units.

    `authorized` in all, of which `held` still is, `captured` was taken (`refunded` of it went back), and `released` is
    neither. `awaited` is what a bank or a buyer may still pay.
    """

    authorization: str
    charge: str
    currency: str
    authorized: int = 0
    held: int = 0
    captured: int = 0
    refunded: int = 0
    released: int = 0
    awaited: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing is held, nothing was taken, and nothing can be paid any more."""
        return not (self.held or self.captured or self.awaited)


class FundingPort(Protocol):
    """The part of a gateway that takes bank transfers."""

    async def instructions(self, owner: str, transfer: JsonObject) -> FundingInstructions:
        """The accounts of a customer; always the same ones. `transfer` is Stripe's `bank_transfer` hash.

        Raises:
            GatewayError: no answer.
        """
        ...

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        """Let a transfer come in, in test mode. The same key is the same transfer."""
        ...

    async def end_refund(self, refund: str, status: str) -> bool:
        """Ask the receiver of a refund no longer where it is to go: it is `canceled`, or (in test mode) `failed`.

        False if they have answered, or nobody was asked. Twice is once.

        Raises:
            GatewayError: no answer.
        """
        ...


class TokenizationPort(Protocol):
    """The only part of a gateway that ever sees a card number. The API has it; the worker has not."""

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        """Exchange a card number for a token."""
        ...

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        """A token for a test card's name (`pm_card_visa`), perhaps one given before; None if there is no such card."""
        ...

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        """A fresh token for a test account's name (`pm_usBankAccount_success`), and its type; None if there is none."""
        ...

    async def tokenize_account(self, type_: str, details: JsonObject) -> TokenizedAccount | Declined:
        """Exchange what a method of this type is made of (account numbers included) for a token.

        Declined if its bank is known to take no debits of that kind.
        """
        ...

    async def verify(self, token: str) -> Outcome:
        """Ask the bank whether the card may be kept on file. Moves no money."""
        ...

    async def ready(self) -> bool:
        """Whether the gateway answers at all."""
        ...


class Gateway(FundingPort, Protocol):
    """Moves money. Idempotent by the effect's `key`: the same key always has the same outcome, and one effect.

    Of what it declares to answer later (`profile.later`), it answers `Accepted` until that is known.
    """

    @property
    def profile(self) -> GatewayProfile:
        """What it can, how soon it answers, and for how long it may be asked again."""
        ...

    async def ready(self) -> bool:
        """Whether it answers at all."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Authorize, capture, void, increment, refund or answer a dispute, as the effect says.

        An outcome is only given if it is about this very effect (gateways/questions.py).

        Raises:
            GatewayError: there is no outcome; see the module for which kind leaves us knowing what.
        """
        ...

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        """What became of this effect, by its key; None if the gateway never did it. Changes nothing.

        Always None of one that cannot be asked by key (`profile.answers_by_key`).

        Raises:
            GatewayError: as above; `GatewayMismatch` if what was done under the key is something else.
        """
        ...

    async def standing(self, authorization: str) -> Standing | None:
        """What the gateway has in its book under this reference of its own; None if it knows nothing of it.

        Always None of one that does not tell (`profile.tells_standing`).

        Raises:
            GatewayError: no answer, or one about something else.
        """
        ...
