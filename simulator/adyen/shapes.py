"""The requests that this Adyen takes, by the names of Adyen's OpenAPI; what is in none of them is refused, as there."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.objects import JsonObject

VALUE_MAX = 2**62
Text80 = Field(default=None, max_length=80)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Amount(_Shape):
    """In minor units."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    value: int = Field(ge=0, le=VALUE_MAX)


class Payment(_Shape):
    """POST /payments."""

    merchantAccount: str  # noqa: N815
    reference: str = Field(min_length=1, max_length=80)
    amount: Amount
    returnUrl: str = Field(max_length=1024, pattern=r"^[a-zA-Z][a-zA-Z0-9+.-]*://")  # noqa: N815
    paymentMethod: JsonObject  # noqa: N815
    additionalData: dict[str, str] | None = None  # noqa: N815
    applicationInfo: JsonObject | None = None  # noqa: N815
    authenticationData: JsonObject | None = None  # noqa: N815
    browserInfo: JsonObject | None = None  # noqa: N815
    captureDelayHours: int | None = Field(default=None, ge=0, le=672)  # noqa: N815
    channel: Literal["iOS", "Android", "Web"] | None = None
    merchantOrderReference: str | None = Field(default=None, max_length=1000)  # noqa: N815
    metadata: dict[str, str] | None = None
    origin: str | None = Text80
    recurringProcessingModel: Literal["CardOnFile", "Subscription", "UnscheduledCardOnFile"] | None = None  # noqa: N815
    redirectFromIssuerMethod: str | None = None  # noqa: N815
    redirectToIssuerMethod: str | None = None  # noqa: N815
    shopperEmail: str | None = Field(default=None, max_length=256)  # noqa: N815
    shopperIP: str | None = Field(default=None, max_length=50)  # noqa: N815
    shopperInteraction: Literal["Ecommerce", "ContAuth", "Moto", "POS"] | None = None  # noqa: N815
    shopperReference: str | None = Field(default=None, max_length=256)  # noqa: N815
    storePaymentMethod: bool | None = None  # noqa: N815


class Details(_Shape):
    """POST /payments/details."""

    details: JsonObject
    authenticationData: JsonObject | None = None  # noqa: N815
    paymentData: str | None = Field(default=None, max_length=200_000)  # noqa: N815


class Modification(_Shape):
    """What is done to a payment as a whole."""

    merchantAccount: str  # noqa: N815
    reference: str | None = Text80
    applicationInfo: JsonObject | None = None  # noqa: N815


class AmountModification(Modification):
    """What is done to a part of it, or to its amount."""

    amount: Amount
    adjustAuthorisationData: str | None = None  # noqa: N815
    capturePspReference: str | None = None  # noqa: N815
    industryUsage: str | None = None  # noqa: N815
    merchantRefundReason: Literal["FRAUD", "CUSTOMER REQUEST", "RETURN", "DUPLICATE", "OTHER"] | None = None  # noqa: N815


class Cancel(Modification):
    """POST /cancels."""

    paymentReference: str  # noqa: N815


class Store(_Shape):
    """POST /storedPaymentMethods."""

    merchantAccount: str  # noqa: N815
    paymentMethod: JsonObject  # noqa: N815
    recurringProcessingModel: Literal["CardOnFile", "Subscription", "UnscheduledCardOnFile"]  # noqa: N815
    shopperReference: str = Field(min_length=3, max_length=256)  # noqa: N815
    shopperEmail: str | None = None  # noqa: N815
    shopperIP: str | None = None  # noqa: N815


class CardDetails(_Shape):
    """POST /cardDetails."""

    merchantAccount: str  # noqa: N815
    cardNumber: str | None = None  # noqa: N815
    encryptedCardNumber: str | None = Field(default=None, max_length=15_000)  # noqa: N815
    countryCode: str | None = None  # noqa: N815
    supportedBrands: list[str] | None = None  # noqa: N815


MODIFICATIONS: dict[str, type[Modification]] = {
    "captures": AmountModification,
    "cancels": Modification,
    "refunds": AmountModification,
    "reversals": Modification,
    "amountUpdates": AmountModification,
}
