"""Parameters of the SetupIntents operations: all that the newest version has, and older versions' spellings."""

from typing import Annotated

from domain.model.hashes import JsonObject
from parameters.common import AllowedTypes, MandateData, MethodTypes
from parameters.fields import Boolean, Clear, Elements, Id, Integers, Limited, Metadata, OneOf, Text, Url
from parameters.hashes import CreatedRange, ListParameters, Parameters, Shaped, integer, required, text
from parameters.method_data import PaymentMethodData
from parameters.payment_intents import CONFIGURATION_ID_MAX, AutomaticPaymentMethodsHash, Description
from parameters.setup_options import SetupOptions

Directions = Annotated[list[Annotated[str, OneOf("inbound", "outbound")]], Elements]
SingleUse = Annotated[JsonObject, Shaped("single_use", amount=required(integer(1)), currency=required(text(3)))]
"""The one payment that the mandate is good for."""


class _Attributes(Parameters):
    """What may be said of a SetupIntent when it is created or updated."""

    attach_to_self: Boolean | None = None
    customer: Id | None = None
    customer_account: Id | None = None
    description: Description | None = None
    flow_directions: Directions | None = None
    payment_method_configuration: Annotated[str, Limited(CONFIGURATION_ID_MAX)] | None = None
    payment_method_data: PaymentMethodData | None = None
    payment_method_options: SetupOptions | None = None
    payment_method_types: AllowedTypes | None = None


class _ConfirmOnly(Parameters):
    """What says how to confirm."""

    confirmation_token: Id | None = None
    mandate_data: Annotated[MandateData | None, Clear] = None
    return_url: Url | None = None
    use_stripe_sdk: Boolean = False


class SetupCreateParameters(_Attributes, _ConfirmOnly):
    """Create."""

    allowed_payment_method_types: AllowedTypes | None = None
    automatic_payment_methods: AutomaticPaymentMethodsHash | None = None
    confirm: Boolean = False
    excluded_payment_method_types: MethodTypes | None = None
    metadata: Metadata | None = None
    on_behalf_of: Id | None = None
    payment_method: Id | None = None
    single_use: SingleUse | None = None
    usage: Annotated[str, OneOf("off_session", "on_session")] | None = None


WITH_CONFIRM_ONLY = ("confirmation_token", "mandate_data", "return_url", "single_use")
"""Parameters of create that make no sense unless it also confirms."""


class SetupUpdateParameters(_Attributes):
    """Update. An empty string clears what can be cleared; no payment method is one, too."""

    allowed_payment_method_types: Annotated[AllowedTypes | None, Clear] = None
    excluded_payment_method_types: Annotated[MethodTypes | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None
    payment_method: Annotated[Id | None, Clear] = None


class SetupConfirmParameters(_ConfirmOnly):
    """Confirm."""

    allowed_payment_method_types: AllowedTypes | None = None
    client_secret: Text | None = None
    payment_method: Id | None = None
    payment_method_data: PaymentMethodData | None = None
    payment_method_options: SetupOptions | None = None


PUBLISHABLE_CONFIRM = frozenset(
    {"client_secret", "confirmation_token", "expand", "mandate_data", "payment_method", "payment_method_data",
     "payment_method_options", "return_url", "use_stripe_sdk"}
)  # fmt: skip
"""What a buyer's browser may send when it confirms; everything else takes the secret key."""


class SetupCancelParameters(Parameters):
    """Cancel."""

    cancellation_reason: Annotated[str, OneOf("abandoned", "duplicate", "requested_by_customer")] | None = None


class SetupVerifyParameters(Parameters):
    """Prove ownership of a bank account."""

    amounts: Integers | None = None
    client_secret: Text | None = None
    descriptor_code: Text | None = None


class SetupRetrieveParameters(Parameters):
    """Retrieve; a publishable key needs the client secret."""

    client_secret: Text | None = None


class SetupListParameters(ListParameters):
    """List."""

    attach_to_self: Boolean | None = None
    created: CreatedRange | None = None
    customer: Id | None = None
    customer_account: Id | None = None
    payment_method: Id | None = None


class SetupAttemptsListParameters(ListParameters):
    """List the attempts of one SetupIntent."""

    setup_intent: Id
    created: CreatedRange | None = None
