"""What a hosted page is about: how much, to whom, and for what."""

from html import escape

from api.services import Services
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.money.currencies import CURRENCIES
from records.accounts import account_name


def money(amount: int, currency: str) -> str:
    """An amount in minor units, as a buyer reads it."""
    return f"{CURRENCIES[currency].format(amount)} {currency.upper()}"


async def summary(services: Services, intent: PaymentIntent | SetupIntent) -> str:
    """Merchant and order, and the amount where there is one. HTML."""
    lines = {"Merchant": await account_name(services.database, intent.account) or intent.account}
    lines["Order"] = intent.description or intent.id
    rows = "".join(f"<dt>{title}</dt><dd>{escape(text)}</dd>" for title, text in lines.items())
    if isinstance(intent, PaymentIntent):
        rows = f'<dt>Amount</dt><dd class="amount">{escape(money(intent.amount, intent.currency))}</dd>{rows}'
    return f"<dl>{rows}</dl>"
