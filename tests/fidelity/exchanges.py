"""Reads the corpus of exchanges (exchanges.txt), and says what its names stand for."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).with_suffix(".txt")

ABSENT = "(absent)"

SETUP_VERSION = "2026-08-26.dahlia"
"""In which what is there before is made: the last in which a PaymentIntent's types can be named."""

_CARD = "amount=1099&currency=usd&payment_method=pm_card_visa&payment_method_types[]=card"

_DEBIT = (
    "amount=1099&currency=eur&payment_method_types[]=sepa_debit&payment_method_data[type]=sepa_debit"
    "&payment_method_data[sepa_debit][iban]=AT611904300234573201&payment_method_data[billing_details][name]=Jenny"
    "&payment_method_data[billing_details][email]=jenny@example.com&mandate_data[customer_acceptance][type]=offline"
)

TEXTS = {
    "{CARD}": _CARD,
    "{DECLINED}": f"{_CARD}&confirm=true",
    "{PAID}": f"{_CARD}&confirm=true",
    "{NUMBER}": "card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2039&card[cvc]=123",
    "{ACCOUNT}": "bank_account[country]=US&bank_account[currency]=usd&bank_account[account_number]=000123456789"
    "&bank_account[routing_number]=110000000",
    "{LONGEST}": "a" * 350,
    "{LONG}": "a" * 351,
}
"""Texts that are used more than once, or are too long for a line."""

INTENTS, METHODS = "POST /v1/payment_intents", "POST /v1/payment_methods"

BEFORE: dict[str, str] = {
    "": "",
    "declining": "",
    "paid": f"{INTENTS}?{_CARD}&confirm=true",
    "refunded": f"{INTENTS}?{_CARD}&confirm=true",
    "debited": f"{INTENTS}?{_DEBIT}&confirm=true",
    "held": f"{INTENTS}?{_CARD}&confirm=true&capture_method=manual",
    "open": f"{INTENTS}?amount=1099&currency=usd&payment_method_types[]=card",
    "declined": f"{INTENTS}?{_CARD}&confirm=true",
    "approving": f"{INTENTS}?{_CARD}&confirm=true",
    "asked": f"{INTENTS}?{_CARD}&confirm=true&return_url=https://a.example",
    "kept": f"{METHODS}?type=card&card[token]=tok_visa",
    "customer": "POST /v1/customers?email=jenny@example.com&balance=-500",
}
"""What is done first. `declining` and `declined` are a bank that says no, `approving` is one
that has looked at the security code, `asked` is one that asks the buyer; what was `refunded` was so once paid."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One of them. `right` is by dotted path."""

    version: str
    request: str
    status: int
    right: dict[str, Any]
    after: str = ""

    @property
    def id(self) -> str:
        """What the test is called."""
        return f"{self.version} {self.request.split('?')[0]} {','.join(self.right)} {self.after}".strip()[:120]


def exchanges() -> list[Exchange]:
    """Every line of the corpus."""
    lines = [line for line in CORPUS.read_text().splitlines() if line and not line.startswith("#")]
    return [_read(line) for line in lines]


def _read(line: str) -> Exchange:
    for name, text in TEXTS.items():
        line = line.replace(name, text)
    version, request, status, right, after = (*(part.strip() for part in line.split(" | ")), "")[:5]
    assert after in BEFORE, f"{line}: nobody knows what is there before"
    return Exchange(version, request, int(status), json.loads(right), after)
