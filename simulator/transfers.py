"""Bank transfers: an account of their own for each customer, and the money that comes in on it.

Account numbers follow from who the customer is, so that they are the same each time, and nobody else's.
"""

import json
import secrets  # noqa: TID251
from collections.abc import Callable

from simulator.ledger import Entry, Ledger
from simulator.objects import JsonObject

Shown = JsonObject

COUNTRIES = {"us_bank_transfer": "US", "eu_bank_transfer": "DE", "gb_bank_transfer": "GB", "jp_bank_transfer": "JP",
             "mx_bank_transfer": "MX"}  # fmt: skip
"""Kinds of transfers, and the country of the accounts where nobody has said."""

TYPES = {"usd": "us_bank_transfer", "eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer",
         "mxn": "mx_bank_transfer"}  # fmt: skip

IBAN_DIGITS = {"BE": 12, "DE": 18, "ES": 20, "FR": 23, "IE": 14, "NL": 10}
BANK, HOLDER, SENDER = "STRIPE TEST BANK", "Perdure Test Merchant", "Jenny Rosen"
ADDRESS = {"city": "Test City", "country": "US", "line1": "1 Test Street", "line2": None, "postal_code": "00000",
           "state": None}  # fmt: skip


def instructions(owner: str, type_: str, country: str | None, fingerprint: Callable[[str], str], url: str) -> Shown:
    """The accounts of one customer for one kind of transfer."""
    country = country or COUNTRIES[type_]

    def digits(what: str, count: int) -> str:
        return str(int(fingerprint(f"{owner}/{type_}/{country}/{what}"), 16)).zfill(count)[-count:]

    address = {**ADDRESS, "country": country}
    common = {"account_holder_address": address, "account_holder_name": HOLDER, "bank_address": address}
    return {
        "addresses": _addresses(type_, country, digits, common),
        "country": country,
        "page": f"{url}/bank_transfers",
    }


def _addresses(type_: str, country: str, digits: Callable[[str, int], str], common: Shown) -> list[Shown]:
    number = digits("account", 10)
    match type_:
        case "us_bank_transfer":
            account = {**common, "account_number": number, "account_type": "checking", "bank_name": BANK}
            return [
                _address("aba", ["ach", "domestic_wire_us"], {**account, "routing_number": "110000000"}),
                _address("swift", ["swift"], {**account, "swift_code": "TESTUS99"}),
            ]
        case "eu_bank_transfer":
            bban = (number * 3)[: IBAN_DIGITS.get(country, 18)]
            iban = {**common, "bic": f"TEST{country}99", "country": country, "iban": with_check(country, bban)}
            return [_address("iban", ["sepa"], iban)]
        case "gb_bank_transfer":
            account = {**common, "account_number": digits("account", 8), "sort_code": "108800"}
            return [_address("sort_code", ["bacs", "fps", "chaps"], account)]
        case "mx_bank_transfer":
            account = {**common, "bank_code": "999", "bank_name": BANK, "clabe": f"999180{digits('account', 12)}"}
            return [_address("spei", ["spei"], account)]
        case _:
            account = {
                **common, "account_number": digits("account", 7), "account_type": "futsu", "bank_code": "9999",
                "bank_name": BANK, "branch_code": "001", "branch_name": "TEST BRANCH",
            }  # fmt: skip
            return [_address("zengin", ["zengin"], account)]


def _address(type_: str, networks: list[str], account: Shown) -> Shown:
    return {"supported_networks": networks, "type": type_, type_: account}


def with_check(country: str, bban: str) -> str:
    """The IBAN of an account: its check digits make the whole number 1 modulo 97 (ISO 13616)."""
    as_digits = "".join(str(int(c, 36)) for c in f"{bban}{country}00")
    return f"{country}{98 - int(as_digits) % 97:02d}{bban}"


def receive(ledger: Ledger, request: JsonObject) -> Shown:
    """Money comes in: it is booked, and the engine is told."""
    id_ = f"trf_{secrets.token_hex(12)}"
    told = {
        "id": id_,
        "owner": request["owner"],
        "amount": request["amount"],
        "currency": request["currency"],
        "reference": request["reference"],
        "details": _sender(TYPES.get(request["currency"], "us_bank_transfer"), request["reference"]),
    }
    ledger.book(Entry("fund", id_, "", request["amount"], request["currency"], request["key"]))
    ledger.notify(json.dumps({"type": "funding", "transfer": told}))
    return told


def _sender(type_: str, reference: str | None) -> Shown:
    """From whom it came, as the receiving bank says it."""
    senders: dict[str, Shown] = {
        "us_bank_transfer": {"network": "ach", "sender_name": SENDER},
        "eu_bank_transfer": {"bic": "TESTDE99", "iban_last4": "3000", "sender_name": SENDER},
        "gb_bank_transfer": {"account_number_last4": "2345", "sender_name": SENDER, "sort_code": "108800"},
        "jp_bank_transfer": {"sender_bank": BANK, "sender_branch": "TEST BRANCH", "sender_name": SENDER},
    }
    shown: Shown = {"reference": reference, "type": type_}
    return shown | ({type_: senders[type_]} if type_ in senders else {})
