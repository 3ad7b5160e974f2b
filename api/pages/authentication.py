"""Where a buyer comes back from their bank: wait for what became of the payment, and go on to the merchant's page."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.pages.layout import HEADERS, page
from api.services import Services
from domain.identifiers import ID_MAX, SETUP_PREFIX
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status

PATH = "/3d_secure/return"
WAIT_SECONDS_MAX = 10
POLL_SECONDS = 0.1

REDIRECT_STATUS = {
    Status.SUCCEEDED: "succeeded",
    Status.REQUIRES_CAPTURE: "succeeded",
    Status.REQUIRES_CONFIRMATION: "succeeded",
    Status.PROCESSING: "pending",
}
"""What the merchant's page is told; anything else has failed. It should look the intent up all the same."""


async def come_back(services: Services, request: Request) -> Response:
    """The authentication's own id, which nobody can guess, is what lets the buyer see how it ended."""
    authentication = request.query_params.get("authentication", "")[:ID_MAX]
    id_ = request.query_params.get("payment_intent", "")[:ID_MAX].replace("\x00", "")
    intent = await _latest(services, id_)
    if intent is None or not authentication or intent.authentication != authentication:
        return page("Nothing to come back to", "<p>This link is not, or no longer, known.</p>", 404)
    if "closed" not in request.query_params:
        intent = await _settled(services, intent)
    if request.headers.get("sec-fetch-dest") == "iframe":
        # In the browser library's dialog: its page goes on from here (browser/src/modal.ts).
        return page("Done", "<p>You can go back to the shop now.</p>", script="/elements/returned.js")
    if intent.return_url is None:
        return page("Done", "<p>You can close this page and go back to the shop.</p>")
    return RedirectResponse(_merchants_page(intent, intent.return_url), status_code=303, headers=HEADERS)


async def _latest(services: Services, id_: str) -> PaymentIntent | SetupIntent | None:
    if id_.startswith(SETUP_PREFIX):
        return await services.setup_records.latest(id_)
    return await services.projection.latest(id_)


async def _settled(services: Services, intent: PaymentIntent | SetupIntent) -> PaymentIntent | SetupIntent:
    """The intent once it no longer waits for the buyer; the gateway's notification is on its way."""
    for _ in range(int(WAIT_SECONDS_MAX / POLL_SECONDS)):
        if intent.status != Status.REQUIRES_ACTION:
            return intent
        if not await services.pause(POLL_SECONDS):
            break
        intent = await _latest(services, intent.id) or intent
    return intent


def _merchants_page(intent: PaymentIntent | SetupIntent, url: str) -> str:
    parts = urlsplit(url)
    kind = "setup_intent" if isinstance(intent, SetupIntent) else "payment_intent"
    added = {
        kind: intent.id,
        f"{kind}_client_secret": intent.client_secret,
        "redirect_status": REDIRECT_STATUS.get(intent.status, "failed"),
    }
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added.items()])
    return urlunsplit(parts._replace(query=query))
