"""Refunds of a customer's cash balance (`origin=customer_balance`): begun here, and told of what becomes of them."""

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.services import Services
from api.usecases.changes import existing_customer
from domain.machine import balance_refunds
from domain.machine.balance_refunds import Ended
from domain.machine.transitions import Cause
from domain.model.commands import CheckSettlement
from domain.model.hashes import JsonObject
from domain.model.refunds import ChargeRefund
from domain.refusals import Refusal
from gateways.base import GatewayError
from observability.logs import logger
from parameters.refunds import RefundCreateParameters
from records import cash_balances, customers
from rendering.refund import TRANSFERS

NEEDED = ("customer", "currency", "amount")
OF_PAYMENTS = ("payment_intent", "charge", "refund_application_fee", "reverse_transfer")


async def create(call: Call, given: RefundCreateParameters) -> ChargeRefund:
    """Take the money out of the balance, and have its owner asked where it is to go.

    Raises:
        StripeError: something is missing, or there is less.
    """
    begun = await call.services.balance_refunds.begin(await _new(call, given), call.cause)
    if isinstance(begun, Refusal):
        raise errors.refused(begun)
    if begun.status != balance_refunds.REQUIRES_ACTION:
        return begun
    try:
        ended = await call.services.payouts.ask(begun)
    except GatewayError as error:
        # It has begun all the same, and housekeeping asks again (domain/machine/balance_refunds.py).
        logger().warning("a refund of a balance is not asked for yet", refund=begun.id, why=str(error))
        return begun
    await _tell(call.services, ended)
    return ended.refund


async def _new(call: Call, given: RefundCreateParameters) -> ChargeRefund:
    for name in OF_PAYMENTS:
        if getattr(given, name):
            text = f"You may only specify one of these parameters: {name}, origin."
            raise invalid_request(text, code="parameters_exclusive", param=name)
    for name in NEEDED:
        if getattr(given, name) is None:
            raise invalid_request(f"Missing required param: {name}.", code="parameter_missing", param=name)
    amount, currency = given.amount or 0, (given.currency or "").lower()
    if amount < 1:
        text = "This value must be greater than or equal to 1."
        raise invalid_request(text, code="parameter_invalid_integer", param="amount")
    if currency not in TRANSFERS:
        text = f"Cash balances are refunded in {', '.join(sorted(TRANSFERS))}, not in {currency}."
        raise invalid_request(text, param="currency")
    customer = await _owner(call, given.customer or "")
    return ChargeRefund(
        id=call.mint.id("re_3", length=23),
        charge="",
        payment_intent="",
        payment_method="",
        created=call.now,
        amount=amount,
        currency=currency,
        status=balance_refunds.REQUIRES_ACTION,
        reason=given.reason,
        account=call.key.account,
        livemode=call.key.livemode,
        customer=customer["id"],
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        instructions_email=_receiver(given.instructions_email, customer),
        method_type="customer_balance",
        by_email=True,
    )


async def _owner(call: Call, id_: str) -> customers.Customer:
    """Whose money it is, deleted or not: what comes in after they are gone must have a way out."""
    customer = await customers.load(call.services.database, call.scope, id_)
    if customer is not None and customer["deleted"] and await cash_balances.available(call.services.database, id_):
        return customer
    return await existing_customer(call, id_)


def _receiver(given: str | None, customer: JsonObject) -> str:
    known = given or customer.get("email")
    if not known:
        text = (
            "Refunds of a cash balance go to a bank account that the customer is asked for by e-mail, and there is no "
            "e-mail address. Pass `instructions_email`, or set the email of the customer."
        )
        raise invalid_request(text, param="instructions_email")
    return str(known)


async def end(
    services: Services,
    refund: ChargeRefund,
    status: str,
    failure_reason: str | None = None,
    cause: Cause = Cause(),  # noqa: B008
) -> ChargeRefund:
    """Write down how it stands, as the gateway says; who gets its money, if it is back, is told."""
    ended = await services.balance_refunds.end(refund, status, failure_reason, cause)
    await _tell(services, ended)
    return ended.refund


async def _tell(services: Services, ended: Ended) -> None:
    for intent in ended.intents:
        await services.engine.notify(intent, CheckSettlement(command_id=f"{ended.refund.id}/funds"))
