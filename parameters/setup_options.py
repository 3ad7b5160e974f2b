"""`payment_method_options` of SetupIntents: what may be asked of each type when it is set up. "" clears any of them.

Source: the request types of Stripe's own libraries; tests/fidelity holds this table to them, name by name.
"""

from typing import Annotated, Any

from domain.model.hashes import JsonObject
from parameters.fields import Boolean, Integer, Text, Url
from parameters.hashes import Shaped, cleared, hash_of, integer, list_of, one_of, required, text
from parameters.method_options import BY_TYPE as OF_PAYMENTS
from parameters.method_options import CARD_NETWORKS, KLARNA_LOCALES

_AMOUNT_TYPE = one_of("fixed", "maximum")
_DAY = text(10)
_CURRENCY = text(3)
_INTERVAL = one_of("day", "month", "week", "year")
_VERIFICATION = one_of("automatic", "instant", "microdeposits")


def _options(type_: str, **fields: Any) -> Any:
    return cleared(hash_of(f"setup_{type_}_options", **fields))


_CARD = _options(
    "card",
    mandate_options=hash_of(
        "setup_card_mandate_options",
        amount=required(integer(1)),
        amount_type=required(_AMOUNT_TYPE),
        currency=required(_CURRENCY),
        description=text(200),
        end_date=Integer,
        interval=required(one_of("day", "month", "sporadic", "week", "year")),
        interval_count=integer(1),
        reference=required(text(80)),
        start_date=required(Integer),
        supported_types=list_of(one_of("india")),
    ),
    moto=Boolean,
    network=one_of(*CARD_NETWORKS),
    request_three_d_secure=one_of("any", "automatic", "challenge"),
    setup_credential_usage=one_of("installment", "recurring", "unscheduled"),
    three_d_secure=hash_of(
        "setup_card_three_d_secure",
        ares_trans_status=one_of("A", "C", "I", "N", "R", "U", "Y"),
        cryptogram=Text,
        electronic_commerce_indicator=one_of("01", "02", "05", "06", "07"),
        network_options=hash_of(
            "setup_card_three_d_secure_network_options",
            cartes_bancaires=hash_of(
                "setup_card_three_d_secure_cartes_bancaires",
                cb_avalgo=required(one_of("0", "1", "2", "3", "4", "A")),
                cb_exemption=text(4),
                cb_score=integer(0, 99),
            ),
        ),
        requestor_challenge_indicator=text(2),
        transaction_id=Text,
        version=one_of("1.0.2", "2.1.0", "2.2.0", "2.3.0", "2.3.1"),
    ),
)

_ACSS_DEBIT = _options(
    "acss_debit",
    currency=one_of("cad", "usd"),
    mandate_options=hash_of(
        "setup_acss_debit_mandate_options",
        custom_mandate_url=cleared(Url),
        default_for=list_of(one_of("invoice", "subscription")),
        interval_description=text(500),
        payment_schedule=one_of("combined", "interval", "sporadic"),
        transaction_type=one_of("business", "personal"),
    ),
    verification_method=_VERIFICATION,
)

_KLARNA = _options(
    "klarna",
    currency=_CURRENCY,
    on_demand=hash_of(
        "setup_on_demand",
        average_amount=integer(0),
        maximum_amount=integer(0),
        minimum_amount=integer(0),
        purchase_interval=_INTERVAL,
        purchase_interval_count=integer(1),
    ),
    preferred_locale=one_of(*KLARNA_LOCALES),
    subscriptions=cleared(
        list_of(
            hash_of(
                "setup_subscription",
                interval=required(_INTERVAL),
                interval_count=integer(1),
                name=Text,
                next_billing=required(hash_of("setup_next_billing", amount=required(integer(0)), date=required(_DAY))),
                reference=required(Text),
            )
        )
    ),
)

_PAYTO = _options(
    "payto",
    mandate_options=hash_of(
        "setup_payto_mandate_options",
        amount=cleared(integer(1)),
        amount_type=cleared(_AMOUNT_TYPE),
        end_date=cleared(_DAY),
        payment_schedule=cleared(
            one_of("adhoc", "annual", "daily", "fortnightly", "monthly", "quarterly", "semi_annual", "weekly")
        ),
        payments_per_period=cleared(integer(1)),
        purpose=cleared(
            one_of(*"dependant_support government loan mortgage other pension personal retail salary tax "
                   "utility".split())
        ),
        start_date=cleared(_DAY),
    ),
)  # fmt: skip

_US_BANK_ACCOUNT = _options(
    "us_bank_account",
    financial_connections=hash_of(
        "setup_financial_connections",
        filters=hash_of("setup_filters", account_subcategories=list_of(one_of("checking", "savings"))),
        permissions=list_of(one_of("balances", "ownership", "payment_method", "transactions")),
        prefetch=list_of(one_of("balances", "ownership", "transactions")),
        return_url=Url,
    ),
    mandate_options=hash_of("setup_us_mandate_options", collection_method=cleared(one_of("paper"))),
    networks=hash_of("setup_networks", requested=list_of(one_of("ach", "us_domestic_wire"))),
    verification_method=_VERIFICATION,
)


def _mandate_reference(type_: str) -> Any:
    options = hash_of(f"setup_{type_}_mandate_options", reference_prefix=cleared(text(12)))
    return _options(type_, mandate_options=options)


BY_TYPE: JsonObject = {
    "acss_debit": _ACSS_DEBIT,
    "amazon_pay": _options("amazon_pay"),
    "bacs_debit": _mandate_reference("bacs_debit"),
    "bizum": _options("bizum"),
    "blik": _options(
        "blik", code=text(6), mandate_options=hash_of("setup_blik_mandate_options", expires_at=Integer)
    ),
    "card": _CARD,
    "card_present": _options("card_present"),
    "klarna": _KLARNA,
    "link": _options("link", persistent_token=Text),
    "paypal": _options("paypal", billing_agreement_id=Text),
    "payto": _PAYTO,
    "pix": _options(
        "pix",
        mandate_options=hash_of(
            "setup_pix_mandate_options", amount=integer(1), amount_includes_iof=one_of("always", "never"),
            amount_type=_AMOUNT_TYPE, currency=_CURRENCY, end_date=_DAY,
            payment_schedule=one_of("halfyearly", "monthly", "quarterly", "weekly", "yearly"), reference=Text,
            start_date=_DAY,
        ),
    ),
    "sepa_debit": _mandate_reference("sepa_debit"),
    "upi": OF_PAYMENTS["upi"],
    "us_bank_account": _US_BANK_ACCOUNT,
}  # fmt: skip

SetupOptions = Annotated[JsonObject, Shaped("payment_method_options", **BY_TYPE)]
