"""Cards at Adyen: stored there, known here by a token. The only part that ever sees a number, where it may.

Adyen's own words for who may: raw card data takes a full assessment (SAQ D); what Adyen's fields in the browser have
encrypted can be read by nobody on its way (SAQ A). docs.adyen.com, PCI DSS compliance guide.
"""

import base64
import hashlib
import hmac
import json
import secrets  # noqa: TID251

import orjson

from domain.methods.card_numbers import CardInput
from domain.model.hashes import JsonObject
from domain.model.outcomes import Declined, Outcome, SetUp
from domain.model.payment_methods import Card
from gateways.adyen import additional, answers, requests
from gateways.adyen.account import AdyenAccount
from gateways.adyen.client import AdyenClient
from gateways.adyen.keys import authentication_id
from gateways.adyen.requests import Call
from gateways.adyen.tokens import stored
from gateways.base import (
    BankTransfer,
    FundingInstructions,
    GatewayError,
    GatewayRejected,
    TokenizedAccount,
    TokenizedCard,
)

ENCRYPTED = ("encryptedCardNumber", "encryptedExpiryMonth", "encryptedExpiryYear", "encryptedSecurityCode")
"""What Adyen's fields in the buyer's browser make of a card. The code may be missing."""

ENCRYPTED_PREFIX = "adyen_"
"""How a card that Adyen's fields have encrypted comes as `card[token]`: this, and the fields as JSON in base64url."""

TEST_CARDS = {
    "pm_card_visa": "4111111111111111",
    "pm_card_mastercard": "5555444433331111",
    "pm_card_amex": "370000000000002",
    "pm_card_threeDSecure2Required": "4212345678910006",
    "pm_card_authenticationRequired": "4212345678910006",
}
"""Names of Stripe's test cards that Adyen's test system has one like. docs.adyen.com, test card numbers."""

TEST_EXPIRY = {"encryptedExpiryMonth": "test_03", "encryptedExpiryYear": "test_2030"}
_TEST_HOSTS = ("https://checkout-test.adyen.com", "http://127.0.0.1", "http://localhost")


class AdyenVault:
    """Stores cards for one account."""

    def __init__(self, account: AdyenAccount, client: AdyenClient) -> None:
        """Speak by `client`."""
        self._account, self._client = account, client

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def tokenize(self, card: CardInput) -> TokenizedCard:
        """Exchange a card number for a token.

        Raises:
            GatewayRejected: card numbers are not to go to Adyen from here.
        """
        shopper = _shopper()
        call = requests.store(self._account, shopper, card)
        shown = await self._shown({"cardNumber": card.number})
        known = Card(
            last4=card.number[-4:],
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint=self._fingerprint(card.number),
            **shown,
        )
        return answers.stored_card(await self._store(call), shopper, known.fingerprint, known)

    async def tokenize_encrypted(self, fields: dict[str, str]) -> TokenizedCard:
        """Exchange what Adyen's fields have encrypted for a token. Two of the same card do not have one fingerprint.

        Raises:
            GatewayRejected: it is not what those fields make.
        """
        if not set(fields) <= set(ENCRYPTED) or not set(ENCRYPTED[:3]) <= set(fields):
            raise GatewayRejected("a card that Adyen has encrypted has " + ", ".join(ENCRYPTED))
        shopper = _shopper()
        shown = await self._shown({"encryptedCardNumber": fields["encryptedCardNumber"]})
        body = await self._store(requests.store_encrypted(self._account, shopper, fields))
        told = answers.stored_card(body, shopper, self._fingerprint(str(body.get("id"))))
        card = Card(
            last4=told.card.last4,
            exp_month=told.card.exp_month,
            exp_year=told.card.exp_year,
            fingerprint=told.card.fingerprint,
            **shown,
        )
        return TokenizedCard(token=told.token, card=card)

    async def tokenize_reference(self, reference: str) -> TokenizedCard | None:
        """A token of an encrypted card (`adyen_…`), or of a test card by its name; those only at a test system.

        Raises:
            GatewayRejected: it is neither.
        """
        if reference.startswith(ENCRYPTED_PREFIX):
            return await self.tokenize_encrypted(_fields(reference))
        number = TEST_CARDS.get(reference)
        if number is None or not self._account.url.startswith(_TEST_HOSTS):
            return None
        code = "7373" if reference == "pm_card_amex" else "737"
        encrypted = {"encryptedCardNumber": f"test_{number}", "encryptedSecurityCode": f"test_{code}"}
        return await self.tokenize_encrypted(encrypted | TEST_EXPIRY)

    async def tokenize_account_reference(self, reference: str) -> tuple[str, TokenizedAccount] | None:
        """None: only cards are paid with here."""
        return None

    async def tokenize_account(self, type_: str, details: JsonObject) -> TokenizedAccount | Declined:
        """Refuse: only cards are paid with here."""
        raise GatewayRejected(f"only cards are paid with at Adyen from here, and not {type_}")

    async def verify(self, token: str) -> Outcome:
        """Ask the bank whether the card may be kept on file, by a payment of nothing."""
        key = f"verify_{_shopper()}/1/verify"
        effect = SetUp(key=key, attempt=key, token=token, off_session=False)
        call = requests.set_up(self._account, effect, authentication_id(self._account.key_secret, key))
        body = (await self._client.post(call.path, orjson.dumps(call.body), None)).body
        return answers.payment(effect, body, authentication_id(self._account.key_secret, key))

    async def forget(self, token: str) -> None:
        """Delete a card at Adyen: nobody can charge it any more.

        Raises:
            GatewayError: it may still be there.
        """
        card = stored(token)
        await self._client.forget(card.id, card.shopper)

    async def ready(self) -> bool:
        """Whether Adyen answers, and knows us."""
        body = {"merchantAccount": self._account.merchant, "cardNumber": "411111"}
        try:
            await self._client.post("/cardDetails", orjson.dumps(body), None)
        except GatewayRejected:
            return True
        except GatewayError:
            return False
        return True

    async def instructions(self, owner: str, transfer: JsonObject) -> FundingInstructions:
        """Refuse: bank transfers are not taken here."""
        raise GatewayRejected("bank transfers are not taken at Adyen from here")

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        """Refuse: bank transfers are not taken here."""
        raise GatewayRejected("bank transfers are not taken at Adyen from here")

    async def end_refund(self, refund: str, status: str) -> bool:
        """False: nobody is asked for an account here."""
        return False

    async def _store(self, call: Call) -> JsonObject:
        # Without a key: a card that is stored twice is two tokens of one card, and charges nobody.
        return dict((await self._client.post(call.path, orjson.dumps(call.body), None)).body)

    async def _shown(self, card: dict[str, str]) -> JsonObject:
        """Brand, funding and country; a card is stored all the same if Adyen does not tell."""
        body = orjson.dumps({"merchantAccount": self._account.merchant, **card})
        try:
            said = (await self._client.post("/cardDetails", body, None)).body
        except GatewayError:
            said = {}
        told = [each for each in said.get("brands") or () if isinstance(each, dict)]
        brands = [additional.brand(str(each.get("type"))) for each in told]
        return {
            "brand": brands[0] if brands else "unknown",
            "networks": tuple(dict.fromkeys(brands)),
            "funding": additional.FUNDING.get(str(said.get("fundingSource") or "").upper(), "unknown"),
            "country": str(said.get("issuingCountryCode") or ""),
        }

    def _fingerprint(self, said: str) -> str:
        secret = self._account.key_secret.encode()
        return hmac.new(secret, b"fingerprint\x1f" + said.encode(), hashlib.sha256).hexdigest()[:16]


def _fields(reference: str) -> dict[str, str]:
    encoded = reference.removeprefix(ENCRYPTED_PREFIX)
    try:
        fields = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise GatewayRejected("a card that Adyen has encrypted is its fields as JSON, in base64url")
    return fields


def _shopper() -> str:
    """A name for whom a card is stored: each card has its own, which tells nothing of anybody, and decides nothing."""
    return "pm" + secrets.token_hex(14)
