"""Whose bank account it is that a token stands for."""

from rendering.versions.base import Change, Given, Shown, renamed

NEW, OLD = "account_holder_name", "name"


def _older(account: Shown) -> Shown:
    return renamed(account, NEW, OLD)


def _newer(given: Given) -> Given:
    said = given.get("bank_account")
    if not isinstance(said, dict):
        return given
    return {**given, "bank_account": {NEW if name == OLD else name: value for name, value in said.items()}}


CHANGE = Change(
    since="2016-02-19",
    title=f"A bank account has an `{NEW}`; before, a `{OLD}`, in requests as well",
    source="https://docs.stripe.com/upgrades#2016-02-19",
    known_from="changelog",
    shows={"bank_account": _older},
    takes={"tokens.create": _newer},
)
