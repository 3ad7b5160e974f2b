"""Tokens: what somebody has typed, to make one payment method of. A browser may, with the publishable key."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.operation import Resource
from api.usecases import payment_methods
from domain.model.card_tokens import CardToken
from domain.model.hashes import JsonObject
from domain.model.payment_methods import Address, BillingDetails
from gateways.base import TokenizedAccount
from parameters.method_data import CardHash
from parameters.others import NoParameters
from parameters.tokens import TokenAccountHash, TokenCardHash, TokenCreateParameters
from records import card_tokens as records
from rendering.card_token import render
from rendering.versions.changes import tokens_of_browsers

Body = JsonObject


async def create(call: Call, given: TokenCreateParameters) -> Body:
    """Exchange a card, or a bank account, for a token."""
    if (given.card is None) == (given.bank_account is None):
        text = "You must supply either a card, customer, pii data, bank account, or account to create a token."
        raise invalid_request(text)
    new = CardToken(
        id=call.mint.id("tok_1", length=23),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        token="",
        client_ip=call.ip_address,
    )
    made = await (_of_card(call, new, given.card) if given.card else _of_account(call, new, given.bank_account))
    await records.add(call.services.database, made)
    shown = render(made)
    if call.publishable and not tokens_of_browsers.CHANGE.concerns(call.version):
        shown.get("card", {}).pop("fingerprint", None)
    return shown


async def _of_card(call: Call, new: CardToken, card: TokenCardHash) -> CardToken:
    typed = CardHash.model_validate(card.model_dump(include={"number", "exp_month", "exp_year", "cvc"}))
    found = await payment_methods.tokenize(call, typed, "card")
    address = Address(
        city=card.address_city,
        country=card.address_country,
        line1=card.address_line1,
        line2=card.address_line2,
        postal_code=card.address_zip,
        state=card.address_state,
    )
    owner = BillingDetails(address=address, name=card.name)
    return replace(
        new,
        token=found.token,
        tokens=found.tokens,
        card=payment_methods.unchecked(found.card, BillingDetails(), owner),
        owner=owner,
        currency=card.currency,
    )


async def _of_account(call: Call, new: CardToken, account: TokenAccountHash | None) -> CardToken:
    if account is None:
        raise invalid_request("Missing required param: bank_account.", code="parameter_missing", param="bank_account")
    said = account.model_dump(exclude={"country", "currency"}, exclude_none=True)
    found = await call.services.tokenization.tokenize_account("us_bank_account", said)
    if not isinstance(found, TokenizedAccount):
        text = "The bank account number is invalid."
        raise invalid_request(text, code="account_number_invalid", param="bank_account[account_number]")
    kept = ("account_holder_name", "account_holder_type", "account_type")
    shown = {name: found.details.get(name) for name in ("bank_name", "fingerprint", "last4", "routing_number")}
    return replace(
        new,
        token=found.token,
        tokens=found.tokens,
        bank_account={**shown, **{name: said.get(name) for name in kept}},
        currency=account.currency,
    )


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One token, used or not."""
    del given
    id_ = call.path_id("token", "token")
    token = await records.load(call.services.database, call.scope, id_)
    if token is None:
        raise missing("token", id_, "token", in_path=True)
    return render(token)


RESOURCE = Resource(path="/v1/tokens", name="tokens", returns="token")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a token", TokenCreateParameters, create, publishable=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a token", NoParameters, retrieve),
)
