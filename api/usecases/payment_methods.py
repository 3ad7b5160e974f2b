"""Making and finding payment methods for a request: the only code that ever holds a card number.

The number goes from the form to the tokenization port and nowhere else; what comes back is a token and what it shows.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from api.dialect.call import Call
from api.dialect.errors import card_refused, invalid_request, missing
from api.dialect.publishable import check_method
from api.usecases import card_tokens
from api.usecases.needed_data import check_complete
from domain.methods.card_numbers import CardInput, card_refusal, full_year
from domain.model.payment_methods import Address, BillingDetails, Card, PaymentMethod
from gateways.base import GatewayRejected, TokenizedAccount, TokenizedCard
from parameters.common import BillingDetailsHash
from parameters.method_data import CardHash, MethodData
from records import payment_methods

TEST_CARD_PREFIX = "pm_card_"
TEST_ACCOUNT_PREFIXES = (
    "pm_acssDebit_", "pm_auBecsDebit_", "pm_bacsDebit_", "pm_nzBankAccount_", "pm_sepaDebit_", "pm_usBankAccount_",
)  # fmt: skip
TEST_ACCOUNT_HOLDER = BillingDetails(name="Jenny Rosen", email="jenny.rosen@example.com")
TEST_TOKEN_PREFIX = "tok_"  # noqa: S105
TOKEN_PREFIX = "tok_1"  # noqa: S105
"""Tokens that were made here; no test card is called so."""
ENCRYPTED_PREFIXES = ("adyen_",)
"""What a token starts with that is a card, encrypted for a gateway in the buyer's browser (docs/GATEWAYS.md)."""

TYPED = ("number", "exp_month", "exp_year", "cvc")
"""What a token stands for."""

SHOWN_CHARACTERS_MAX = 60
NUMBERS_NOT_TAKEN = (
    "Card numbers are not taken here: the gateway is not to see them. Send the card as the gateway's own fields have "
    "encrypted it."
)
TYPE_NOT_TAKEN = (
    "A payment method of type `{type}` cannot be taken here: the payment gateway of this account does not accept it. "
    "Use a payment method of another type."
)

NOT_DEBITED = {
    "account_number_invalid": "The bank account number is invalid.",
    "sepa_debit_bank_not_supported": "The bank of this account does not take part in SEPA Direct Debit.",
    "sepa_debit_debits_not_supported": "This account cannot be debited by SEPA Direct Debit.",
}
"""Why no debit of an account would ever be taken, by the code of the refusal. docs.stripe.com/testing."""


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """The method a request names or describes; `new` if it is yet to be written down."""

    method: PaymentMethod
    new: bool


async def find(call: Call, id_: str, param: str = "payment_method") -> PaymentMethod:
    """The method with this id, written down.

    Raises:
        StripeError: there is no such method here.
    """
    return await keep(call, await choose(call, id_, param))


async def choose(call: Call, id_: str, param: str = "payment_method") -> MethodChoice:
    """The method with this id. A test card's name (`pm_card_visa`) makes a fresh one, as at Stripe.

    Raises:
        StripeError: there is no such method here.
    """
    if id_.startswith(TEST_CARD_PREFIX) and not call.key.livemode:
        tokenized = await call.services.tokenization.tokenize_reference(id_)
        if tokenized is not None:
            return MethodChoice(_new(call, _with_cvc(tokenized), None, purpose=param), new=True)
    if id_.startswith(TEST_ACCOUNT_PREFIXES) and not call.key.livemode:
        named = await call.services.tokenization.tokenize_account_reference(id_)
        if named is not None:
            drafted = _new(call, None, named[1], purpose=param, type_=named[0])
            return MethodChoice(replace(drafted, billing_details=TEST_ACCOUNT_HOLDER), new=True)
    method = await payment_methods.load(call.services.database, call.scope, id_)
    if method is None:
        raise missing("PaymentMethod", id_, param, in_path=False)
    return MethodChoice(method, new=False)


async def make(call: Call, data: MethodData, param: str = "", *, linked: bool = False) -> PaymentMethod:
    """A new method from its data; `param` is the hash the data came in, for error messages.

    `linked`: it is an account that its owner has just linked, of which a browser may tell.

    Raises:
        StripeError: no bank would know the card, data is missing, or a browser says what it cannot know.
    """
    return await keep(call, MethodChoice(await draft(call, data, param, linked=linked), new=True))


async def draft(call: Call, data: MethodData, param: str = "", *, linked: bool = False) -> PaymentMethod:
    """The method as `make` would make it, tokenized, and not yet written down."""
    if call.publishable and not linked:
        check_method(data, param)
    check_complete(call, data, param)
    name = f"{param}[{data.type}]" if param else data.type
    card, account, owner = None, None, BillingDetails()
    if data.card is not None and data.type == "card":
        card, owner = await _card_of(call, data.card, name, method_id(call, param))
    else:
        account = await _tokenize_account(call, data, name, f"{param}[type]" if param else "type")
    method = _new(call, card, account, purpose=param, type_=data.type)
    who = billing_details(owner, data.billing_details)
    return replace(
        method,
        card=unchecked(method.card, owner, who),
        billing_details=who,
        allow_redisplay=data.allow_redisplay or "unspecified",
        metadata={key: value for key, value in (data.metadata or {}).items() if value is not None},
        radar_session=(data.radar_options or {}).get("session"),
    )


async def _card_of(call: Call, card: CardHash, param: str, method: str) -> tuple[TokenizedCard, BillingDetails]:
    """The card that was typed, here or before, and what was said then of who has it."""
    typed = next((name for name in TYPED if getattr(card, name) is not None), None)
    if card.token is not None and typed is not None:
        text = f"You may only specify one of these parameters: token, {typed}."
        raise invalid_request(text, code="parameters_exclusive", param=f"{param}[token]")
    if card.token is not None and card.token.startswith(TOKEN_PREFIX):
        taken = await card_tokens.take(call, card.token, method)
        if taken.card is not None:
            return TokenizedCard(token=taken.token, card=taken.card, tokens=taken.tokens), taken.owner
    return await tokenize(call, card, param), BillingDetails()


async def tokenize(call: Call, card: CardHash, param: str) -> TokenizedCard:
    """The card at the gateway: a number that is exchanged, or a test card by its name.

    Raises:
        StripeError: no bank would know the card, data is missing, or no test card is called that.
    """
    if card.token is not None:
        known = card.token.startswith(TEST_TOKEN_PREFIX) and not call.key.livemode
        known = known or card.token.startswith(ENCRYPTED_PREFIXES)
        try:
            found = await call.services.tokenization.tokenize_reference(card.token) if known else None
        except GatewayRejected:
            found = None
        if found is None:
            raise invalid_request(f"Invalid token id: {card.token[:SHOWN_CHARACTERS_MAX]}", param="token")
        return _with_cvc(found)
    for field in ("number", "exp_month", "exp_year"):
        if getattr(card, field) is None:
            name = f"{param}[{field}]"
            raise invalid_request(f"Missing required param: {name}.", code="parameter_missing", param=name)
    typed = CardInput(
        number=card.number or "",
        exp_month=card.exp_month or 0,
        exp_year=full_year(card.exp_year or 0),
        cvc=card.cvc,
    )
    today = datetime.fromtimestamp(call.now, UTC)
    refusal = card_refusal(typed, today.year, today.month)
    if refusal is not None:
        raise card_refused(refusal)
    try:
        tokenized = await call.services.tokenization.tokenize(typed)
    except GatewayRejected:
        raise invalid_request(NUMBERS_NOT_TAKEN, param=f"{param}[number]") from None
    preferred = (card.networks or {}).get("preferred")
    shown = replace(tokenized.card, cvc_check="unchecked" if typed.cvc else None, preferred_network=preferred)
    return replace(tokenized, card=shown)


def _with_cvc(named: TokenizedCard) -> TokenizedCard:
    """A test card comes with its security code."""
    return replace(named, card=replace(named.card, cvc_check="unchecked"))


async def _tokenize_account(call: Call, data: MethodData, param: str, type_param: str) -> TokenizedAccount:
    try:
        account = await call.services.tokenization.tokenize_account(data.type, data.details() or {})
    except GatewayRejected:
        raise invalid_request(TYPE_NOT_TAKEN.format(type=data.type), param=type_param) from None
    if isinstance(account, TokenizedAccount):
        return account
    message = NOT_DEBITED.get(account.decline_code, "This account cannot be used for payments.")
    raise invalid_request(
        message,
        code=account.decline_code,
        param=f"{param}[{'iban' if data.type == 'sepa_debit' else 'account_number'}]",
    )


def method_id(call: Call, purpose: str) -> str:
    """What this request's own method for this purpose is called."""
    return call.mint.id("pm_1", purpose, length=23)


def _new(
    call: Call, card: TokenizedCard | None, account: TokenizedAccount | None, purpose: str, type_: str = "card"
) -> PaymentMethod:
    known = card or account
    return PaymentMethod(
        id=method_id(call, purpose),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        token=known.token if known else "",
        tokens=known.tokens if known else None,
        card=card.card if card else None,
        details=account.details if account else {},
        type=type_,
    )


def unchecked(card: Card | None, before: BillingDetails, after: BillingDetails) -> Card | None:
    """The card once its owner's address is another: no bank has checked the lines that are new."""
    if card is None:
        return None
    was, now = before.address, after.address
    if now.line1 != was.line1:
        card = replace(card, address_line1_check="unchecked" if now.line1 else None)
    if now.postal_code != was.postal_code:
        card = replace(card, address_postal_code_check="unchecked" if now.postal_code else None)
    return card


def checked(card: Card | None, checks: dict[str, str | None]) -> Card | None:
    """The card with what its bank has made of what there was to check."""
    if card is None:
        return None

    def after(name: str, before: str | None) -> str | None:
        return checks.get(name, before) if before == "unchecked" else before

    return replace(
        card,
        cvc_check=after("cvc_check", card.cvc_check),
        address_line1_check=after("address_line1_check", card.address_line1_check),
        address_postal_code_check=after("address_postal_code_check", card.address_postal_code_check),
    )


async def keep(call: Call, chosen: MethodChoice) -> PaymentMethod:
    """Written down, if it is not yet."""
    method = chosen.method
    if not chosen.new or await payment_methods.add(call.services.database, method):
        return method
    # A repetition of a request that died: go on with its method, whose token the gateway may have seen already.
    return await payment_methods.load(call.services.database, call.scope, method.id) or method


def as_new(call: Call, drafted: PaymentMethod, purpose: str) -> MethodChoice:
    """A drafted method as this request's own."""
    return MethodChoice(replace(drafted, id=method_id(call, purpose), created=call.now), new=True)


def billing_details(before: BillingDetails, given: BillingDetailsHash | None) -> BillingDetails:
    """`before` with what was given; a cleared field is None, an absent one stays."""
    if given is None:
        return before
    sent = given.model_dump(include=given.model_fields_set - {"address"})
    after = replace(before, **sent)
    if "address" not in given.model_fields_set:
        return after
    if given.address is None:
        return replace(after, address=Address())
    lines = given.address.model_dump(include=given.address.model_fields_set)
    return replace(after, address=replace(before.address, **lines))
