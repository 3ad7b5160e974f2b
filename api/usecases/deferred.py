"""Which types a page offers for an intent that is yet to be made: those that the intent would take, left to us."""

from dataclasses import replace

from api.dialect import errors
from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.usecases import method_types
from domain.machine.setups.evolution import with_automatic_types
from domain.methods.eligibility import eligible_types
from domain.methods.families import TYPES
from domain.methods.offered import USUAL, Configuration
from domain.model.setup_intent import SETUP_RULES, SetupIntent
from domain.model.statuses import Status
from domain.money.currencies import currency_refusal
from parameters.customer_sessions import DeferredIntentHash

NAME = "deferred_intent"


async def types_of(call: Call, given: DeferredIntentHash, customer: str | None) -> tuple[str, ...]:
    """Those that fit, in order; `customer` is who is going to pay, if that is known.

    Raises:
        StripeError: there is no such currency or configuration, or it is not said what there is to pay.
    """
    configuration = await method_types.configuration(call, given.payment_method_configuration)
    currency = _currency(given)
    excluded = tuple(given.excluded_payment_method_types or ())
    if given.mode == "setup" or not given.amount:
        kept = _kept(call, configuration, excluded)
        fit = (
            name for name in kept if not currency or not TYPES[name].currencies or currency in TYPES[name].currencies
        )
        return tuple(fit)
    return eligible_types(
        currency=currency or "",
        amount=given.amount,
        customer=customer,
        manual_capture=given.capture_method == "manual",
        reusable=given.mode == "subscription" or given.setup_future_usage == "off_session",
        redirects=True,
        options={},
        excluded=excluded,
        offered=USUAL if configuration.offered is None else configuration.offered,
    )


def _currency(given: DeferredIntentHash) -> str | None:
    needed = ("currency",) if given.mode == "subscription" else ("amount", "currency")
    for name in needed if given.mode != "setup" else ():
        if getattr(given, name) is None:
            param = f"{NAME}[{name}]"
            raise invalid_request(f"Missing required param: {param}.", code="parameter_missing", param=param)
    currency = given.currency and given.currency.lower()
    refusal = currency_refusal(currency) if currency else None
    if refusal:
        raise errors.refused(replace(refusal, param=f"{NAME}[currency]"))
    return currency


def _kept(call: Call, configuration: Configuration, excluded: tuple[str, ...]) -> tuple[str, ...]:
    """What a SetupIntent would take that is made like that."""
    intent = SetupIntent(
        id="",
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        client_secret="",
        status=Status.REQUIRES_PAYMENT_METHOD,
        automatic_payment_methods={"allow_redirects": "always", "enabled": True},
        payment_method_configuration=configuration.id,
        offered_types=configuration.offered,
        excluded_payment_method_types=excluded or None,
        rules=SETUP_RULES,
    )
    return with_automatic_types(intent).payment_method_types
