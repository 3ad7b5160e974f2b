"""Parameters of refunds."""

from typing import Annotated

from parameters.fields import Boolean, Clear, Email, Id, Integer, Metadata, OneOf, Text
from parameters.hashes import CreatedRange, ListParameters, Parameters


class RefundCreateParameters(Parameters):
    """Give money back: of a charge, or of a PaymentIntent's."""

    amount: Integer | None = None
    charge: Id | None = None
    currency: Text | None = None
    customer: Id | None = None
    instructions_email: Email | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    origin: Annotated[str, OneOf("customer_balance")] | None = None
    payment_intent: Id | None = None
    reason: Annotated[str, OneOf("duplicate", "fraudulent", "requested_by_customer")] | None = None
    refund_application_fee: Boolean = False
    reverse_transfer: Boolean = False


class ChargeRefundCreateParameters(Parameters):
    """Give money back of the charge in the path."""

    amount: Integer | None = None
    instructions_email: Email | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    reason: Annotated[str, OneOf("duplicate", "fraudulent", "requested_by_customer")] | None = None
    refund_application_fee: Boolean = False
    reverse_transfer: Boolean = False


class RefundUpdateParameters(Parameters):
    """Update a refund."""

    metadata: Annotated[Metadata | None, Clear] = None


class ChargeRefundsListParameters(ListParameters):
    """List the refunds of the charge in the path."""

    created: CreatedRange | None = None


class RefundsListParameters(ListParameters):
    """List refunds."""

    charge: Id | None = None
    created: CreatedRange | None = None
    payment_intent: Id | None = None
