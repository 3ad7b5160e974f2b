"""What a customer owes for invoices has another name."""

from rendering.versions.base import Change, Given, Shown, renamed

NEW, OLD = "balance", "account_balance"


def _older(customer: Shown) -> Shown:
    return renamed(customer, NEW, OLD)


def _newer(given: Given) -> Given:
    return {NEW if name == OLD else name: value for name, value in given.items()}


CHANGE = Change(
    since="2019-10-17",
    title=f"A customer has a `{NEW}`; before, it is called `{OLD}`, in requests as well",
    source="https://docs.stripe.com/changelog/2019-10-17/renames-account-balance-customer-object",
    known_from="changelog, types",
    shows={"customer": _older},
    takes={"customers.create": _newer, "customers.update": _newer},
    params={NEW: OLD},
)
