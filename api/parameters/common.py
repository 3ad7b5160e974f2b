"""Hashes that several operations take."""

from typing import Annotated, Any

from api.dialect.fields import (
    Clear,
    Elements,
    Email,
    Integer,
    Metadata,
    OneOf,
    Text,
)
from api.dialect.hashes import Hash, Shaped, cleared, hash_of, integer, one_of, required, text

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


class BillingDetailsHash(Hash):
    """Who pays."""

    address: Annotated[AddressHash | None, Clear] = None
    email: Annotated[Email | None, Clear] = None
    name: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tax_id: Annotated[Text | None, Clear] = None


class ShippingHash(Hash):
    """Where the goods go."""

    address: AddressHash
    name: Text
    carrier: Annotated[Text | None, Clear] = None
    phone: Annotated[Text | None, Clear] = None
    tracking_number: Annotated[Text | None, Clear] = None


MandateData = Annotated[
    dict[str, Any],
    Shaped(
        "mandate_data",
        customer_acceptance=required(
            hash_of(
                "customer_acceptance",
                accepted_at=integer(0),
                offline=hash_of("offline_acceptance"),
                online=hash_of("online_acceptance", ip_address=text(45), user_agent=Text),
                type=required(one_of("offline", "online")),
            )
        ),
    ),
]
"""The buyer's consent to be charged later. Who and where must be told, except by the buyer's own browser."""

RadarOptions = Annotated[dict[str, Any], Shaped("radar_options", session=Text, referrer=cleared(Text))]
"""What the risk check may look at."""

PaymentData = hash_of("payment_data", description=Text, metadata=cleared(Metadata))


def transfer_data_hash(*names: str, destination_required: bool = False) -> Shaped:
    """Whom a connected payment is for; kept and returned, moves no money here. Some operations take only the amount."""
    destination = required(Text) if destination_required else Text
    fields = {
        "amount": Integer,
        "description": text(1_000),
        "destination": destination,
        "metadata": cleared(Metadata),
        "payment_data": PaymentData,
    }
    return Shaped("transfer_data", **{name: fields[name] for name in names})
