"""Confirming a SetupIntent: whether it may be done, and what it asks of the gateway."""

from domain.identifiers import gateway_key, setup_attempt_id
from domain.machine.setups import wording
from domain.methods.families import CONSENTED, CONSENTED_IF_KEPT, REUSABLE, TYPES, Family
from domain.model import wording as of_payments
from domain.model.commands import Confirm
from domain.model.gateways import first_hop
from domain.model.hashes import MethodOptions
from domain.model.outcomes import SetUp
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupAttempt, SetupIntent, method_to_set_up, options_of
from domain.refusals import Refusal

FOR_ONE_PAYMENT = frozenset(
    "acss_debit alipay au_becs_debit bacs_debit bancontact boleto ideal link sepa_debit us_bank_account".split()
)
"""Types whose mandate may be for a single payment. The request types of Stripe's own library, `single_use`."""


def method_refusal(state: SetupIntent) -> Refusal | None:
    """Refuse a payment method that this intent cannot set up: of another customer, used up, or of a wrong type."""
    method = state.payment_method
    if method is None:
        return None
    if method.consumed:
        return of_payments.payment_method_consumed()
    if method.customer and not state.customer:
        return wording.method_of_a_customer(method.id, method.customer)
    if method.customer and method.customer != state.customer:
        return of_payments.payment_method_not_of_customer(method.id, state.customer)
    if method.type not in state.payment_method_types or method.type in (state.excluded_payment_method_types or ()):
        return wording.type_not_accepted(method.type, state.payment_method_types)
    return None


def types_refusal(state: SetupIntent) -> Refusal | None:
    """Refuse types that the intent lists and that cannot be kept; or that of those that may be taken, none can be."""
    if (state.automatic_payment_methods or {}).get("enabled") or state.allowed_payment_method_types is not None:
        return None if state.payment_method_types else wording.no_type_fits()
    single = [name for name in state.payment_method_types if name in TYPES and name not in REUSABLE]
    return wording.types_not_kept(single) if single else None


def refusal(state: SetupIntent, command: Confirm) -> Refusal | None:
    """Refuse to confirm: something is missing, or the method cannot do what is asked of it."""
    automatic = state.automatic_payment_methods or {}
    may_redirect = automatic.get("enabled") and automatic.get("allow_redirects", "always") == "always"
    if may_redirect and not command.return_url and not command.use_stripe_sdk:
        return wording.return_url_required()
    method = method_to_set_up(state)
    type_ = TYPES.get(method.type)
    if type_ is None or method.type not in REUSABLE or (type_.family is Family.CARD and method.card is None):
        return wording.types_not_kept([method.type])
    if type_.family is Family.REDIRECT and not command.return_url and not command.use_stripe_sdk:
        return wording.return_url_required_by(method.type)
    instant = options_of(state, method.type).get("verification_method") == "instant"
    if type_.microdeposits and instant and not method.details.get("financial_connections_account"):
        return wording.not_verified_instantly(method.type)
    if state.single_use and method.type not in FOR_ONE_PAYMENT:
        return wording.not_for_one_payment(method.type)
    return wording.consent_needed() if needs_consent(method.type) and not state.mandate_data else None


def needs_consent(type_: str) -> bool:
    """Whether a method of this type can only be kept with its owner's consent."""
    return type_ in CONSENTED or type_ in CONSENTED_IF_KEPT


def attempt(state: SetupIntent, now: int) -> SetupAttempt:
    """The next attempt, with what the intent says at this moment."""
    method = method_to_set_up(state)
    options = options_of(state, "card") if method.type == "card" else {}
    return SetupAttempt(
        id=setup_attempt_id(state.id, state.attempts + 1),
        setup_intent=state.id,
        account=state.account,
        livemode=state.livemode,
        created=now,
        payment_method=method,
        usage=state.usage,
        customer=state.customer,
        customer_account=state.customer_account,
        attach_to_self=state.attach_to_self,
        flow_directions=state.flow_directions,
        on_behalf_of=state.on_behalf_of,
        platform=state.platform,
        moto=options.get("moto"),
        network=options.get("network") or (method.card.preferred_network if method.card else None),
    )


def setup(state: SetupIntent, number: int, command: Confirm, authentication: str | None = None) -> SetUp:
    """What to ask the gateway for, as the attempt of this `number`."""
    method = method_to_set_up(state)
    options, address = options_of(state, method.type), method.billing_details.address
    key, at = gateway_key(state.id, number, "set_up"), first_hop(command.route)
    return SetUp(
        key=f"{key}/authenticated" if authentication else key,
        attempt=setup_attempt_id(state.id, number),
        token=method.token_at(at.gateway) or method.token,
        method_type=method.type,
        off_session=state.usage == "off_session",
        authentication=authentication,
        authenticated_elsewhere=options.get("three_d_secure") is not None,
        three_d_secure=_asked(method, options),
        line1_given=address.line1 is not None,
        postal_code_given=address.postal_code is not None,
        moto=options.get("moto") is True,
        return_url=command.return_url,
        use_stripe_sdk=command.use_stripe_sdk,
        options={} if method.type == "card" else {**options},
        email=method.billing_details.email,
        gateway=at.gateway,
        patience=at.patience,
    )


def _asked(method: PaymentMethod, options: MethodOptions) -> str:
    asked: str | None = options.get("request_three_d_secure") if method.type == "card" else None
    return asked or "automatic"
