"""Parameters of application fees and transfers (Connect), and of what comes back of them."""

from typing import Annotated

from parameters.fields import Boolean, Clear, Id, Integer, Limited, Metadata, OneOf, Text
from parameters.hashes import CreatedRange, ListParameters, Parameters

DESCRIPTION_MAX = 1_000

Description = Annotated[str, Limited(DESCRIPTION_MAX)]


class ApplicationFeesListParameters(ListParameters):
    """List application fees."""

    charge: Id | None = None
    created: CreatedRange | None = None


class FeeRefundCreateParameters(Parameters):
    """Give a fee back: all that is left, or `amount` of it."""

    amount: Integer | None = None
    metadata: Annotated[Metadata | None, Clear] = None


class ReturnsListParameters(ListParameters):
    """List what came back."""


class ReturnUpdateParameters(Parameters):
    """Change the metadata of what came back."""

    metadata: Annotated[Metadata | None, Clear] = None


class TransfersListParameters(ListParameters):
    """List transfers."""

    created: CreatedRange | None = None
    destination: Id | None = None
    transfer_group: Text | None = None


class TransferUpdateParameters(Parameters):
    """Change what is said of a transfer."""

    description: Annotated[Description | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None


class ReversalCreateParameters(Parameters):
    """Take a transfer back: all that is left, or `amount` of it."""

    amount: Integer | None = None
    description: Annotated[Description | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None
    refund_application_fee: Boolean = False


class ReturnShareParameters(ReversalCreateParameters):
    """Have a share come back, as a command that is typed by hand says it."""

    share: Annotated[str, OneOf("fee", "transfer")]
