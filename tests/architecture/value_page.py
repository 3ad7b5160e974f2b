"""docs/TEST_VALUES.md, generated from the simulator's tables: `make values`."""

from collections.abc import Iterable

from simulator.account_table import ACCOUNTS, BLOCKED, BOUNCED, DISPUTE, NEVER, TestAccount
from simulator.accounts import NO_ACCOUNT, NOT_DEBITED
from simulator.cards import BY_NAME, CARDS, TestCard
from simulator.rails import SAID
from simulator.vouchers import BY_EMAIL, BY_NUMBER, EXPIRED, LATER_SECONDS

INTRODUCTION = """# Test values

Generated from the tables of `simulator/` by `make values`; a stale page fails the tests. Do not edit.

Cards are good with any expiry ahead and any security code, by number, as `pm_card_…` and as `tok_…`. An account is good
by its number, and as a payment method where it has a name. Every row is tried by the tests named below its table.
"""

ASKED = {
    "required": "asked always", "on_session": "asked while its owner is there", "until_set_up": "asked until set up",
    "enrolled": "asked if the merchant wants it", "enrolled_failing": "asked if the merchant wants it",
    "frictionless": "authenticated without a question", "unsupported": "never asked", "optional": "",
}  # fmt: skip


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(columns), " | ".join("---" for _ in columns), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _card(card: TestCard) -> tuple[str, ...]:
    names = sorted(name for name, one in BY_NAME.items() if one is card)
    did = [ASKED[card.three_d_secure]]
    did += [f"declined: `{card.decline}`" if card.decline else "", "blocked" if card.blocked else ""]
    did += [f"declined while its owner is away: `{card.away}`" if card.away else ""]
    did += [f"disputed: `{card.dispute[0]}`, `{card.dispute[1]}`" if card.dispute else ""]
    did += [f"{card.risk_level} risk" if card.risk_level != "normal" else ""]
    checks = {"CVC": card.cvc_check, "line 1": card.line1_check, "postal code": card.postal_code_check}
    did += [f"{name}: {found}" for name, found in checks.items() if found != "pass"]
    kind = f"{card.brand} {card.funding} {card.country}"
    return card.number, ", ".join(f"`{name}`" for name in names), kind, "; ".join(filter(None, did)) or "pays"


def _does(account: TestAccount) -> str:
    pace, _, reason = account.conduct.partition(":")
    if pace == NEVER:
        return "never answers"
    ends = {"": "pays", DISPUTE: "pays, and takes it back", BLOCKED: "is too risky", BOUNCED: "gets no deposits"}
    when = ", after three minutes" if pace == "delayed" else ""
    return ends.get(reason, f"sends it back: `{reason}`") + when


def _account(account: TestAccount) -> tuple[str, ...]:
    more = ", ".join(f"{value}" for name, value in account.given.items() if name not in ("account_number", "iban"))
    name = f"`{account.name}`" if account.name else "–"
    return account.type, f"{account.number}{f' ({more})' if more else ''}", name, _does(account), account.page


def _buyer(seconds: float | None, reason: str) -> str:
    if seconds is None:
        return "never pays"
    when = "in three minutes" if seconds == LATER_SECONDS else "at once"
    return {"": "pays", EXPIRED: "lets it expire"}.get(reason, "fails") + f", {when}"


def page() -> str:
    """The whole page."""
    buyers = [(f"`…{start}…`", _buyer(*conduct)) for start, conduct in BY_EMAIL.items()]
    numbers = [(f"`{number}`", _buyer(*conduct)) for number, conduct in BY_NUMBER.items()]
    refused = [("sepa_debit", f"…{ending}", f"`{code}`") for ending, code in NOT_DEBITED]
    refused.append(("bacs_debit", NO_ACCOUNT, "`account_number_invalid`"))
    parts = [
        INTRODUCTION,
        "## Cards\n",
        _table(("number", "`pm_card_…`, `tok_…`", "what it is", "what it does"), map(_card, CARDS)),
        "docs.stripe.com/testing and …/india-recurring-payments; `tests/simulator/test_cards.py`.\n",
        "## Bank accounts\n",
        _table(("type", "number", "name", "its bank", "page"), map(_account, ACCOUNTS)),
        "`tests/simulator/test_accounts.py`, `tests/e2e/test_families.py`.\n",
        "Refused when the method is made:\n",
        _table(("type", "number", "code"), refused),
        "Deposits, as the buyer says them (docs.stripe.com/payments/ach-direct-debit):\n",
        _table(("said", "comes to"), [(f"`{said}`", f"`{found}`") for said, found in SAID.items()]),
        "## Buyers of vouchers and codes\n",
        _table(("e-mail address", "its owner"), [*buyers, ("any other", "pays a voucher or pix in three minutes")]),
        _table(("konbini confirmation number", "its owner"), numbers),
        "docs.stripe.com/payments/oxxo, …/boleto, …/multibanco, …/konbini, …/pix;",
        "`tests/simulator/test_vouchers.py`.\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
