"""Parameters of charges."""

from typing import Annotated, Any

from parameters.common import ShippingHash
from parameters.fields import Boolean, Clear, Email, Id, Integer, Metadata, OneOf, Text
from parameters.hashes import CreatedRange, Hash, ListParameters, Parameters


class FraudDetailsHash(Hash):
    """Whether the merchant takes it for fraud; an empty string takes that back."""

    user_report: Annotated[Annotated[str, OneOf("fraudulent", "safe")] | None, Clear] = None


class ChargeUpdateParameters(Parameters):
    """Say something of a charge that is made."""

    customer: Id | None = None
    description: Annotated[Text | None, Clear] = None
    fraud_details: FraudDetailsHash | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    receipt_email: Annotated[Email | None, Clear] = None
    shipping: ShippingHash | None = None
    transfer_group: Text | None = None


class ChargeCaptureParameters(Parameters):
    """Capture a charge of itself, which no charge here can be."""

    amount: Integer | None = None
    application_fee: Integer | None = None
    application_fee_amount: Integer | None = None
    receipt_email: Email | None = None
    statement_descriptor: Text | None = None
    statement_descriptor_suffix: Text | None = None
    transfer_data: Any = None
    transfer_group: Text | None = None


class ChargeCreateParameters(ChargeCaptureParameters):
    """Charge without a PaymentIntent, which nobody can any more; only known to be refused as Stripe refuses it."""

    capture: Boolean = True
    card: Any = None
    currency: Text | None = None
    customer: Id | None = None
    description: Text | None = None
    destination: Any = None
    metadata: Metadata | None = None
    on_behalf_of: Id | None = None
    payment_method: Id | None = None
    radar_options: Any = None
    shipping: ShippingHash | None = None
    source: Any = None
    transfer_data: Any = None


class ChargesListParameters(ListParameters):
    """List charges."""

    payment_intent: Id | None = None
    customer: Id | None = None
    transfer_group: Text | None = None
    created: CreatedRange | None = None
