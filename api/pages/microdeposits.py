"""The hosted page on which a buyer says what was deposited in their bank account. No script, nothing from elsewhere.

The verification's own id, which nobody can guess, is what lets somebody answer (as in authentication.py).
"""

from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.dialect.minting import new_seed
from api.pages.layout import page
from api.pages.summary import summary
from api.services import Services
from domain.identifiers import ID_MAX, SETUP_PREFIX
from domain.methods.microdeposits import waiting
from domain.model.commands import VerifyMicrodeposits
from domain.model.events import PaymentError
from domain.model.next_actions import NextAction
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from temporal.engine import EngineUnavailable
from temporal.refusals import CommandRefused

PATH = "/microdeposits"
BODY_BYTES_MAX = 2_000

Known = PaymentIntent | SetupIntent


async def show(services: Services, request: Request) -> Response:
    """The form, while it is asked for."""
    intent, action = await _asked(services, request)
    if intent is None:
        return page("Nothing to verify", "<p>This link is not, or no longer, known.</p>", 404)
    if action is None:
        return page("Nothing to do", "<p>This bank account does not wait for verification.</p>")
    return await _form(services, intent, action, None)


async def take(services: Services, request: Request) -> Response:
    """What the buyer says; a mistake can be mended as long as there are tries left."""
    intent, action = await _asked(services, request)
    if intent is None or action is None:
        return await show(services, request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return await _form(services, intent, action, "That is more than anybody has to say here.", 413)
    given = parse_qs((await request.body()).decode(errors="replace"))
    said = {name: (given.get(name) or [""])[0].strip() for name in ("first", "second", "code")}
    amounts = tuple(int(said[name]) for name in ("first", "second") if said[name].isdecimal() and len(said[name]) < 4)
    command = VerifyMicrodeposits(
        command_id=f"page_{new_seed()}",
        amounts=amounts,
        descriptor_code=said["code"] or None,
        seen_version=intent.version,
    )
    try:
        after, failed = await _told(services, intent, command)
    except CommandRefused as error:
        return await _form(services, intent, action, error.refusal.message, 400)
    except EngineUnavailable:
        return await _form(services, intent, action, "This did not go through. Please try again in a moment.", 503)
    if failed is None:
        then = ", and the payment is on its way" if isinstance(after, PaymentIntent) else ""
        return page("Thank you", f"<p>Your bank account is verified{then}.</p>")
    again = waiting(after)
    if again is None:
        return page("Not verified", f'<p role="alert">{escape(failed.message)}</p>', 400)
    return await _form(services, intent, again, failed.message, 400)


async def _told(services: Services, intent: Known, command: VerifyMicrodeposits) -> tuple[Known, PaymentError | None]:
    """What the intent's workflow says to it, of whichever kind the intent is."""
    if isinstance(intent, SetupIntent):
        setup = intent

        async def set_up() -> SetupIntent:
            return await services.setup_records.latest(setup.id) or setup

        answer = await services.setups.send(setup, command, set_up)
        return answer.intent, answer.error
    payment = intent

    async def paid() -> PaymentIntent:
        return await services.projection.latest(payment.id) or payment

    result = await services.engine.send(payment, command, paid)
    return result.intent, result.error


async def _asked(services: Services, request: Request) -> tuple[Known | None, NextAction | None]:
    verification = request.query_params.get("verification", "")[:ID_MAX]
    id_ = request.query_params.get("payment_intent", "")[:ID_MAX].replace("\x00", "")
    intent: Known | None
    if id_.startswith(SETUP_PREFIX):
        intent = await services.setup_records.latest(id_)
    else:
        intent = await services.projection.latest(id_)
    if intent is None or not verification or intent.authentication != verification:
        return None, None
    action = waiting(intent)
    return intent, action if action is not None and action.authentication == verification else None


async def _form(
    services: Services, intent: Known, action: NextAction, problem: str | None, status: int = 200
) -> HTMLResponse:
    if action.microdeposit_type == "descriptor_code":
        text = "We sent one small deposit to your bank account. Its statement shows a code that starts with SM."
        fields = '<label for="code">Code</label><input id="code" name="code" required maxlength="6" autocomplete="off">'
    else:
        text = "We sent two small deposits to your bank account. Enter both amounts, in cents."
        fields = "".join(
            f'<label for="{name}">{title} amount, in cents</label><input id="{name}" name="{name}" required '
            'inputmode="numeric" pattern="[0-9]{1,3}" autocomplete="off">'
            for name, title in (("first", "First"), ("second", "Second"))
        )
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    form = f'<form method="post">{fields}<button>Verify</button></form>'
    content = f"{await summary(services, intent)}<p>{text}</p>{_arrival(action)}{alert}{form}"
    return page("Verify your bank account", content, status)


def _arrival(action: NextAction) -> str:
    if action.arrival_date is None:
        return ""
    day = datetime.fromtimestamp(action.arrival_date, UTC).date().isoformat()
    return f'<p>It should be there by <time datetime="{day}">{day}</time>.</p>'
