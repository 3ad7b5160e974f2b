"""The page on which a buyer links a bank account, in test mode: made-up accounts, each with an end of its own.

Shown by the browser library in a dialog (`collectBankAccountForPayment`), which it tells the choice. A live account is
linked at a bank, through whoever the gateway works with.
"""

from starlette.responses import HTMLResponse

from api.pages.layout import page

PATH = "/bank_accounts/link"
SCRIPT = "/elements/linked.js"

ACCOUNTS = (
    ("000123456789", "Checking …6789", "the debit succeeds"),
    ("000111111113", "Checking …1113", "the account is closed"),
    ("000222222227", "Checking …2227", "there is not enough money on it"),
)
"""docs.stripe.com/payments/ach-direct-debit/accept-a-payment, test account numbers."""


def show() -> HTMLResponse:
    """The choice."""
    choices = "".join(
        f'<label><input type="radio" name="account" value="{number}" required{" checked" if not place else ""}> '
        f"{name}: {ending}</label>"
        for place, (number, name, ending) in enumerate(ACCOUNTS)
    )
    fields = f"<fieldset><legend>Accounts at Stripe Test Bank</legend>{choices}</fieldset>"
    form = f"<form>{fields}<button>Link account</button></form>"
    return page("Link a bank account", f"<p>Test mode: no bank is asked.</p>{form}", script=SCRIPT)
