"""Which keys of Stripe's objects may be absent, and which may be null: the Python types tell neither apart.

Stripe's Node library does (`key?:`, `| null`). Its answer for the objects we have is in optional_keys.json; to read it
again from a newer release: `npm install stripe`, then `python -m tests.fidelity.optional_keys node_modules/stripe`.
"""

import json
import re
import sys
from pathlib import Path

KEYS = Path(__file__).with_suffix(".json")

OBJECTS = {
    "Card": "Cards", "BankAccount": "BankAccounts", "Balance": "Balance", "File": "Files", "Token": "Tokens",
    "ApplicationFee": "ApplicationFees", "FeeRefund": "FeeRefunds", "Transfer": "Transfers",
    "TransferReversal": "TransferReversals", "Account": "Accounts", "EphemeralKey": "EphemeralKeys",
    "CustomerSession": "CustomerSessions", "PaymentMethodDomain": "PaymentMethodDomains",
    "BalanceTransaction": "BalanceTransactions", "Charge": "Charges", "Refund": "Refunds",
    "ConfirmationToken": "ConfirmationTokens", "Customer": "Customers", "Event": "Events",
    "Mandate": "Mandates", "PaymentIntent": "PaymentIntents", "PaymentMethod": "PaymentMethods",
    "PaymentIntentAmountDetailsLineItem": "PaymentIntentAmountDetailsLineItems",
    "WebhookEndpoint": "WebhookEndpoints", "EventBase": "Events", "CashBalance": "CashBalances",
    "Dispute": "Disputes", "SetupIntent": "SetupIntents", "SetupAttempt": "SetupAttempts",
    "PaymentMethodConfiguration": "PaymentMethodConfigurations",
    "CustomerCashBalanceTransaction": "CustomerCashBalanceTransactions", "FundingInstructions": "FundingInstructions",
}  # fmt: skip

_OPENING = re.compile(r"(?:export )?(?:declare )?(namespace|interface) (\w+).*\{$")
_KEY = re.compile(r"(\w+)(\??): (.*[;{])$")

Keys = dict[str, dict[str, list[str]]]


def read(source: str, root: str) -> Keys:
    """By interface (`PaymentIntent.AmountDetails`): the keys that may be absent, and those that may be null."""
    found: Keys = {}
    around: list[tuple[str, str]] = []
    for line in re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL).splitlines():
        text = line.strip()
        opening, key = _OPENING.match(text), _KEY.match(text)
        if key and around and around[-1][0] == "interface" and around[0][1] == root:
            flags = found.setdefault(".".join(name for _, name in around), {"absent": [], "null": []})
            if key[2]:
                flags["absent"].append(key[1])
            if key[3].endswith("| null;"):
                flags["null"].append(key[1])
        if opening:
            around.append((opening[1], opening[2]))
        elif text.endswith("{"):
            around.append(("", key[1] if key else ""))
        elif text.startswith("}") and around:
            kind, name = around.pop()
            if kind == "" and name and text.endswith("| null;"):
                found[".".join(outer for _, outer in around)]["null"].append(name)
    return found


def main(package: Path) -> None:
    """Read all objects from an installed Node library."""
    keys: Keys = {}
    for name, file in OBJECTS.items():
        keys |= read((package / "esm" / "resources" / f"{file}.d.ts").read_text(), name)
    lines = (f"{json.dumps(name)}: {json.dumps(flags)}" for name, flags in sorted(keys.items()))
    KEYS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
