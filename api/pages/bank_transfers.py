"""The hosted page that tells a buyer where to send how much; in test mode with a button that sends it.

The reference, which nobody can guess, is what lets somebody see it (as in microdeposits.py).
"""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dialect.minting import new_seed
from api.pages.layout import PRINT, TOOLS, copyable, page
from api.pages.summary import money, summary
from api.services import Services
from api.usecases import funding
from domain.identifiers import ID_MAX
from domain.methods.bank_transfers import awaited
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from gateways.base import GatewayError
from records.base import RecordsUnavailable
from temporal.engine import EngineUnavailable

PATH = "/bank_transfers"
BODY_BYTES_MAX = 1_000
WAIT_SECONDS_MAX = 5
POLL_SECONDS = 0.1
AMOUNT_DIGITS_MAX = 12

SHOWN = {
    "account_holder_name": "Account holder", "bank_name": "Bank", "account_number": "Account number",
    "routing_number": "Routing number", "swift_code": "SWIFT code", "iban": "IBAN", "bic": "BIC",
    "sort_code": "Sort code", "clabe": "CLABE", "bank_code": "Bank code", "branch_code": "Branch code",
    "branch_name": "Branch",
}  # fmt: skip
"""What a buyer types into their bank's form, by the names it has in a financial address."""

TYPED = frozenset(SHOWN) - {"account_holder_name", "bank_name", "branch_name"}
"""Of these, numbers: copied rather than typed."""


async def show(services: Services, request: Request) -> Response:
    """The accounts, and what is still to be paid."""
    intent = await _asked(services, request)
    if intent is None:
        return page("Nothing to pay", "<p>This link is not, or no longer, known.</p>", 404)
    if not awaited(intent):
        return page("Nothing to pay", f"<p>This payment is {escape(str(intent.status).replace('_', ' '))}.</p>")
    return await _instructions(services, intent, None)


async def pay(services: Services, request: Request) -> Response:
    """Simulate a transfer, in test mode."""
    intent = await _asked(services, request)
    if intent is None or intent.livemode or not awaited(intent):
        return await show(services, request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return await _instructions(services, intent, "That is more than anybody has to say here.", 413)
    said = parse_qs((await request.body()).decode(errors="replace")).get("amount", [""])[0].strip()
    if not said.isdecimal() or not 0 < len(said) <= AMOUNT_DIGITS_MAX or int(said) == 0:
        return await _instructions(services, intent, "Enter an amount in the smallest unit of the currency.", 400)
    key = f"{intent.customer}/{new_seed()}"
    try:
        transfer = await services.funding.simulate_transfer(
            key, intent.customer or "", int(said), intent.currency, intent.authentication
        )
        await funding.take(services, transfer)
        await _told(services, intent)
    except (GatewayError, RecordsUnavailable, EngineUnavailable):
        return await _instructions(services, intent, "This did not go through. Please try again in a moment.", 503)
    return RedirectResponse(f"{PATH}?{request.url.query}", status_code=303)


async def _told(services: Services, before: PaymentIntent) -> None:
    """Wait until the payment knows, so that the page shows it; if it takes too long, the next look will."""
    for _ in range(int(WAIT_SECONDS_MAX / POLL_SECONDS)):
        now = await services.projection.latest(before.id)
        if now is None or now.version > before.version:
            return
        if not await services.pause(POLL_SECONDS):
            return


async def _asked(services: Services, request: Request) -> PaymentIntent | None:
    reference = request.query_params.get("reference", "")[:ID_MAX]
    id_ = request.query_params.get("payment_intent", "")[:ID_MAX].replace("\x00", "")
    intent = await services.projection.latest(id_)
    if intent is None or not reference or intent.authentication != reference:
        return None
    return intent


async def _instructions(services: Services, intent: PaymentIntent, problem: str | None, status: int = 200) -> Response:
    remaining = intent.amount - intent.funded
    action = intent.next_action
    found = (action.details.get("addresses") or []) if action else []
    lines = [
        await summary(services, intent),
        f"<p>Transfer <strong>{escape(money(remaining, intent.currency))}</strong> to the account below, and write the "
        f"reference {copyable(intent.authentication or '')}.</p>",
        *(_account(address) for address in found),
    ]
    if problem:
        lines.append(f'<p role="alert">{escape(problem)}</p>')
    if not intent.livemode:
        lines.append(
            '<form method="post"><label for="amount">Test transfer, in the smallest unit</label>'
            f'<input id="amount" name="amount" inputmode="numeric" required value="{remaining}">'
            "<button>Simulate a bank transfer</button></form>"
        )
    return page("Pay by bank transfer", "".join(lines) + PRINT, status, TOOLS)


def _account(address: JsonObject) -> str:
    details = address.get(address["type"]) or {}
    rows = "".join(
        f"<dt>{title}</dt><dd>{copyable(str(details[name])) if name in TYPED else escape(str(details[name]))}</dd>"
        for name, title in SHOWN.items()
        if details.get(name)
    )
    networks = ", ".join(address.get("supported_networks") or ()).replace("_", " ")
    return f"<h2>{escape(networks)}</h2><dl>{rows}</dl>"
