"""Parameters of accounts. What a bank would want to know of their owners is not asked for, and not taken.

Who has a business is verified by nobody here, and nothing is paid out: what is sent of that is refused as unknown, and
so is not kept.
"""

import re
from typing import Annotated

from pydantic import AfterValidator

from domain.model.connected_accounts import CAPABILITIES
from domain.model.hashes import JsonObject
from domain.money.currencies import currency_refusal
from parameters.fields import Boolean, Clear, Email, Integer, Metadata, OneOf, Text, Url, invalid
from parameters.hashes import (
    CreatedRange,
    ListParameters,
    Parameters,
    Shaped,
    cleared,
    hash_of,
    integer,
    list_of,
    one_of,
)
from parameters.hashes import required as must

_COUNTRY = re.compile(r"[A-Za-z]{2}")


def _country(value: str) -> str:
    if _COUNTRY.fullmatch(value) is None:
        example = "such as 'US', 'EG', or 'GB'"
        text = f"Country '{value[:100]}' is unknown. Try using a 2-character alphanumeric country code instead, "
        raise invalid(f"{text}{example}.", "country_unknown")
    return value.upper()


def _currency(value: str) -> str:
    if (refusal := currency_refusal(value.lower())) is not None:
        raise invalid(refusal.message)
    return value.lower()


Currency = Annotated[Text, AfterValidator(_currency)]
Country = Annotated[Text, AfterValidator(_country)]
BusinessType = Annotated[str, OneOf("company", "government_entity", "individual", "non_profit")]

_ADDRESS = hash_of("support_address", city=Text, country=Country, line1=Text, line2=Text, postal_code=Text, state=Text)
_DESIGNATIONS = one_of(
    "lgbtqi_owned_business",
    "minority_owned_business",
    "none_of_these_apply",
    "prefer_not_to_answer",
    "women_owned_business",
)
BusinessProfile = Annotated[
    JsonObject,
    Shaped(
        "business_profile",
        annual_revenue=hash_of(
            "annual_revenue", amount=must(integer(0)), currency=must(Currency), fiscal_year_end=must(Text)
        ),
        estimated_worker_count=integer(0),
        mcc=Text,
        minority_owned_business_designation=list_of(_DESIGNATIONS),
        monthly_estimated_revenue=hash_of(
            "monthly_estimated_revenue", amount=must(integer(0)), currency=must(Currency)
        ),
        name=Text,
        product_description=Text,
        specified_commercial_transactions_act_url=cleared(Url),
        support_address=_ADDRESS,
        support_email=Email,
        support_phone=Text,
        support_url=cleared(Url),
        url=Url,
    ),
]
_REQUESTED = hash_of("capability", requested=Boolean)
Capabilities = Annotated[JsonObject, Shaped("capabilities", **dict.fromkeys(CAPABILITIES, _REQUESTED))]
ControllerHash = Annotated[
    JsonObject,
    Shaped(
        "controller",
        fees=hash_of("fees", payer=one_of("account", "application")),
        losses=hash_of("losses", payments=one_of("application", "stripe")),
        requirement_collection=one_of("application", "stripe"),
        stripe_dashboard=hash_of("stripe_dashboard", type=one_of("express", "full", "none")),
    ),
]
TosAcceptance = Annotated[
    JsonObject, Shaped("tos_acceptance", date=Integer, ip=Text, service_agreement=Text, user_agent=Text)
]


class AccountUpdateParameters(Parameters):
    """Update an account."""

    business_profile: BusinessProfile | None = None
    business_type: BusinessType | None = None
    capabilities: Capabilities | None = None
    default_currency: Currency | None = None
    email: Email | None = None
    metadata: Annotated[Metadata | None, Clear] = None
    tos_acceptance: TosAcceptance | None = None


class AccountCreateParameters(AccountUpdateParameters):
    """Create an account. `type` and `controller` say the same in two ways."""

    controller: ControllerHash | None = None
    country: Country | None = None
    type: Annotated[str, OneOf("custom", "express", "standard")] | None = None


class AccountsListParameters(ListParameters):
    """List accounts."""

    created: CreatedRange | None = None
