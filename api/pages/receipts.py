"""The receipt of a payment: what was paid, to whom, how and for what, and what was given back. Opens without a key.

Its address, which nobody can guess, is what lets somebody see it: the charge tells it (`receipt_url`), and nobody else.
"""

import hmac
from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from api.pages.layout import page
from api.pages.method_names import described
from api.pages.summary import money
from api.services import Services
from domain.identifiers import ID_MAX, RECEIPTS
from domain.machine.limits import unstorable
from domain.model.charges import Charge
from records import charges
from records.accounts import account_name

PATH = f"{RECEIPTS}/{{charge}}/{{token}}"


async def show(services: Services, request: Request) -> Response:
    """The receipt, as it stands now."""
    id_, token = request.path_params["charge"], request.path_params["token"]
    known = len(id_) <= ID_MAX and not unstorable(id_)
    charge = await charges.anybodys(services.database, id_) if known else None
    right = (charge.receipt_url or "").rpartition("/")[2] if charge else ""
    if charge is None or not right or not hmac.compare_digest(right.encode(), token.encode(errors="replace")):
        return page("No such receipt", "<p>This link is not, or no longer, known.</p>", 404)
    merchant = await account_name(services.database, charge.account) or charge.account
    return page(f"Receipt from {merchant}", _lines(charge))


def _lines(charge: Charge) -> str:
    """What was paid, line by line. HTML."""
    taken = charge.amount_captured
    lines = {
        "Amount paid" if taken else "Amount held": money(taken or charge.amount, charge.currency),
        "Date": datetime.fromtimestamp(charge.created, UTC).strftime("%d %B %Y, %H:%M UTC"),
        "Payment method": described(charge.payment_method),
        "Order": charge.description or charge.payment_intent,
        "Receipt": charge.id,
    }
    if charge.amount_refunded:
        lines["Refunded"] = money(charge.amount_refunded, charge.currency)
        lines["Paid after refunds"] = money(taken - charge.amount_refunded, charge.currency)
    if charge.voided and not taken:
        lines["Released"] = money(charge.amount, charge.currency)
    rows = "".join(f"<dt>{title}</dt><dd>{escape(text)}</dd>" for title, text in lines.items())
    return f"<dl>{rows}</dl>"
