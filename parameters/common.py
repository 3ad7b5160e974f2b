"""Hashes that several operations take."""

from typing import Annotated

from iso3166 import countries_by_alpha2
from pydantic import AfterValidator

from domain.model.hashes import JsonObject
from parameters.fields import (
    AnyText,
    Boolean,
    Clear,
    Elements,
    Email,
    Metadata,
    OneOf,
    Text,
    invalid,
)
from parameters.hashes import Hash, Shaped, cleared, hash_of, integer, one_of, required, text

METHOD_TYPES = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik "
    "boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link "
    "mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix "
    "promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi "
    "us_bank_account wechat_pay zip"
).split()
"""Types a payment method can have here."""

ALLOWED_TYPES = sorted(
    {
        *METHOD_TYPES,
        *(
            "boku_promptpay capchase_pay card_present check_scan click_to_pay demo_pay duitnow dummy_auth_push "
            "dummy_passthrough_card edenred gcash getbalance gift_card gopay id_bank_transfer interac_present knet "
            "kr_market kriya momo mondu netbanking ng_bank ng_bank_transfer ng_card ng_market ng_ussd ng_wallet "
            "octopus paper_check qris rechnung shop_pay shopeepay south_korea_market stripe_balance tamara test_pay "
            "touch_n_go truemoney us_cash_voucher vipps wero"
        ).split(),
    }
)
"""Types that an intent may be told to accept, some of which nobody can pay with yet."""

MethodType = Annotated[str, OneOf(*METHOD_TYPES)]
MethodTypes = Annotated[list[MethodType], Elements]
AllowedTypes = Annotated[list[Annotated[str, OneOf(*ALLOWED_TYPES)]], Elements]

ADDRESS = hash_of(
    "address",
    city=cleared(Text),
    country=cleared(Text),
    line1=cleared(Text),
    line2=cleared(Text),
    postal_code=cleared(Text),
    state=cleared(Text),
)


class AddressHash(Hash):
    """A postal address."""

    city: Annotated[Text | None, Clear] = None
    country: Annotated[Text | None, Clear] = None
    line1: Annotated[Text | None, Clear] = None
    line2: Annotated[Text | None, Clear] = None
    postal_code: Annotated[Text | None, Clear] = None
    state: Annotated[Text | None, Clear] = None


COUNTRIES = countries_by_alpha2.keys() | {"AC", "TA", "ZZ"}
"""Officially assigned codes, and those that Stripe's own types list besides: two islands, and nowhere."""


def _country(value: str) -> str:
    code = value.upper()
    if code not in COUNTRIES:
        raise invalid(
            f"Country '{value[:100]}' is unknown. Try using a 2-character alphanumeric country code instead, such as "
            "'US', 'EG', or 'GB'. A full list of country codes is available at "
            "https://en.wikipedia.org/wiki/ISO_3166-1_alpha-2#Officially_assigned_code_elements"
        )
    return code


Country = Annotated[Text, AfterValidator(_country)]


class BillingAddressHash(AddressHash):
    """Where the buyer's bill goes. Unlike elsewhere, its country is one that banks know."""

    country: Annotated[Country | None, Clear] = None


class BillingDetailsHash(Hash):
    """Who pays."""

    address: Annotated[BillingAddressHash | None, Clear] = None
    email: Annotated[Email | None, Clear] = None
    name: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tax_id: Annotated[Text | None, Clear] = None


class ShippingHash(Hash):
    """Where the goods go."""

    address: AddressHash
    name: AnyText
    """Even an empty one is kept, as live Stripe does: it is required, and not every shop asks for it."""
    carrier: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tracking_number: Annotated[Text | None, Clear] = None


MandateData = Annotated[
    JsonObject,
    Shaped(
        "mandate_data",
        customer_acceptance=required(
            hash_of(
                "customer_acceptance",
                accepted_at=integer(0),
                offline=hash_of("offline_acceptance"),
                online=hash_of("online_acceptance", infer_from_client=Boolean, ip_address=text(45), user_agent=Text),
                type=required(one_of("offline", "online")),
            )
        ),
    ),
]
"""The buyer's consent to be charged later. Who and where must be told, except by the buyer's own browser, of which
Stripe's libraries say `infer_from_client`."""

RadarOptions = Annotated[JsonObject, Shaped("radar_options", session=Text, referrer=cleared(Text))]
"""What the risk check may look at."""

PaymentData = hash_of("payment_data", description=Text, metadata=cleared(Metadata))


Share = integer(0)
"""What somebody else gets of a payment, in minor units: a part of it, or nothing."""


def transfer_data_hash(*names: str, destination_required: bool = False) -> Shaped:
    """Which connected account a payment is for, and how much of it. Some operations take only the amount."""
    destination = required(Text) if destination_required else Text
    fields = {
        "amount": Share,
        "description": text(1_000),
        "destination": destination,
        "metadata": cleared(Metadata),
        "payment_data": PaymentData,
    }
    return Shaped("transfer_data", **{name: fields[name] for name in names})
