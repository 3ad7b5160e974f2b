"""`payment_method_options`: what may be asked of each payment method type, one row per type. "" clears any of them.

Source: the request types of Stripe's own libraries; tests/fidelity holds this table to them, name by name.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator

from domain.model.hashes import JsonObject
from parameters.common import ADDRESS
from parameters.fields import Boolean, Integer, Text, Url, invalid
from parameters.hashes import Shaped, checked, cleared, hash_of, integer, list_of, one_of, required, text

_MANUAL = cleared(one_of("manual"))
_NEVER = one_of("none")
_OFF = cleared(one_of("none", "off_session"))
_ANY = cleared(one_of("none", "off_session", "on_session"))
_IF_AVAILABLE = one_of("if_available", "never")
_CREDENTIAL_USAGE = one_of("installment", "recurring", "unscheduled")
_AMOUNT_TYPE = one_of("fixed", "maximum")
_DAY = text(10)
"""A date, `YYYY-MM-DD`."""


_CONFIRMATION_NUMBER = re.compile(r"[0-9]{10,11}")
_EXPIRIES = ("expires_after_days", "expires_after_seconds", "expires_at")


def _confirmation_number(value: str) -> str:
    if not _CONFIRMATION_NUMBER.fullmatch(value) or not value.strip("0"):
        raise invalid("The confirmation number must have 10 or 11 digits, which are not all zeros.")
    return value


_TRANSFER = one_of("eu_bank_transfer", "gb_bank_transfer", "jp_bank_transfer", "mx_bank_transfer", "us_bank_transfer")


def _transfer(value: Any) -> Any:
    """`stripe trigger payment_intent.partially_funded` says it like this (1.52.0)."""
    return "jp_bank_transfer" if value == "jp_bank_account" else value


def _one_expiry(value: JsonObject) -> JsonObject:
    """A voucher or a code expires at one time."""
    said = [name for name in _EXPIRIES if value.get(name) is not None]
    if len(said) > 1:
        text_ = f"You may only specify one of these parameters: {', '.join(said)}."
        raise invalid(text_, "parameters_exclusive")
    return value


def _options(type_: str, check: Callable[[Any], Any] | None = None, **fields: Any) -> Any:
    options = hash_of(f"{type_}_options", **fields)
    return cleared(checked(options, check) if check else options)


_CARD_MANDATE = hash_of(
    "card_mandate_options",
    amount=required(integer(1)),
    amount_type=required(_AMOUNT_TYPE),
    description=text(200),
    end_date=Integer,
    interval=required(one_of("day", "month", "sporadic", "week", "year")),
    interval_count=integer(1),
    reference=required(text(80)),
    start_date=required(Integer),
    supported_types=list_of(one_of("india")),
)

_INSTALLMENT_PLAN = hash_of(
    "installment_plan",
    count=integer(1),
    interval=one_of("month"),
    type=required(one_of("bonus", "fixed_count", "revolving")),
)

_CARD_AUTHENTICATED = hash_of(
    "card_three_d_secure",
    ares_trans_status=one_of("A", "C", "I", "N", "R", "U", "Y"),
    cryptogram=required(Text),
    electronic_commerce_indicator=one_of("01", "02", "05", "06", "07"),
    exemption_indicator=one_of("low_risk", "none"),
    network_options=hash_of(
        "card_three_d_secure_network_options",
        cartes_bancaires=hash_of(
            "card_three_d_secure_cartes_bancaires",
            cb_avalgo=required(one_of("0", "1", "2", "3", "4", "A")),
            cb_exemption=text(4),
            cb_score=integer(0, 99),
        ),
    ),
    requestor_challenge_indicator=text(2),
    transaction_id=required(Text),
    version=required(one_of("1.0.2", "2.1.0", "2.2.0", "2.3.0", "2.3.1")),
)
"""An authentication that was made elsewhere."""

CARD_NETWORKS = (
    "amex cartes_bancaires diners discover eftpos_au girocard interac jcb link mastercard unionpay unknown visa".split()
)

_CARD = _options(
    "card",
    capture_method=_MANUAL,
    cvc_token=Text,
    installments=hash_of("card_installments", enabled=Boolean, plan=cleared(_INSTALLMENT_PLAN)),
    mandate_options=_CARD_MANDATE,
    moto=Boolean,
    network=one_of(*CARD_NETWORKS),
    request_extended_authorization=_IF_AVAILABLE,
    request_incremental_authorization=_IF_AVAILABLE,
    request_multicapture=_IF_AVAILABLE,
    request_overcapture=_IF_AVAILABLE,
    request_three_d_secure=one_of("any", "automatic", "challenge"),
    require_cvc_recollection=Boolean,
    setup_credential_usage=_CREDENTIAL_USAGE,
    setup_future_usage=_ANY,
    statement_descriptor_suffix_kana=cleared(text(22)),
    statement_descriptor_suffix_kanji=cleared(text(17)),
    stored_credential_usage=_CREDENTIAL_USAGE,
    three_d_secure=_CARD_AUTHENTICATED,
)

_CARD_PRESENT = _options(
    "card_present",
    capture_method=one_of("manual", "manual_preferred"),
    request_extended_authorization=Boolean,
    request_incremental_authorization_support=Boolean,
    routing=hash_of("card_present_routing", requested_priority=one_of("domestic", "international")),
)

_ACSS_DEBIT = _options(
    "acss_debit",
    mandate_options=hash_of(
        "acss_debit_mandate_options",
        custom_mandate_url=cleared(Url),
        interval_description=text(500),
        payment_schedule=one_of("combined", "interval", "sporadic"),
        transaction_type=one_of("business", "personal"),
    ),
    setup_future_usage=_ANY,
    target_date=_DAY,
    verification_method=one_of("automatic", "instant", "microdeposits"),
)

_US_BANK_ACCOUNT = _options(
    "us_bank_account",
    financial_connections=hash_of(
        "us_bank_account_financial_connections",
        filters=hash_of("us_bank_account_filters", account_subcategories=list_of(one_of("checking", "savings"))),
        permissions=list_of(one_of("balances", "ownership", "payment_method", "transactions")),
        prefetch=list_of(one_of("balances", "ownership", "transactions")),
        return_url=Url,
    ),
    mandate_options=hash_of("us_bank_account_mandate_options", collection_method=cleared(one_of("paper"))),
    networks=hash_of("us_bank_account_networks", requested=list_of(one_of("ach", "us_domestic_wire"))),
    setup_future_usage=_ANY,
    target_date=_DAY,
    transaction_purpose=cleared(one_of("goods", "other", "services", "unspecified")),
    verification_method=one_of("automatic", "instant", "microdeposits"),
)

_CUSTOMER_BALANCE = _options(
    "customer_balance",
    bank_transfer=hash_of(
        "bank_transfer",
        eu_bank_transfer=hash_of("eu_bank_transfer", country=required(one_of("BE", "DE", "ES", "FR", "IE", "NL"))),
        requested_address_types=list_of(one_of("aba", "iban", "sepa", "sort_code", "spei", "swift", "zengin")),
        type=required(Annotated[_TRANSFER, BeforeValidator(_transfer)]),
    ),
    funding_type=one_of("bank_transfer"),
    setup_future_usage=_NEVER,
)

_COMPANY_REGISTRATIONS = (
    "ch_ein de_hrb dk_cvr es_cif fi_tunnus fr_siren fr_siret it_rea nl_kvk no_org_number no_pno se_org_number se_pno "
    "uk_crn"
).split()

_BILLIE = _options(
    "billie",
    capture_method=_MANUAL,
    company_details=cleared(
        hash_of(
            "company_details",
            registered_address=cleared(ADDRESS),
            registered_name=Text,
            registration_number=Text,
            registration_type=cleared(one_of(*_COMPANY_REGISTRATIONS)),
            vat=Text,
        )
    ),
    reference=Text,
)

KLARNA_LOCALES = (
    "cs-CZ da-DK de-AT de-CH de-DE el-GR en-AT en-AU en-BE en-CA en-CH en-CZ en-DE en-DK en-ES en-FI en-FR en-GB "
    "en-GR en-IE en-IT en-NL en-NO en-NZ en-PL en-PT en-RO en-SE en-US es-ES es-US fi-FI fr-BE fr-CA fr-CH fr-FR "
    "it-CH it-IT nb-NO nl-BE nl-NL pl-PL pt-PT ro-RO sv-FI sv-SE"
).split()
_INTERVAL = one_of("day", "month", "week", "year")

_KLARNA = _options(
    "klarna",
    capture_method=_MANUAL,
    on_demand=hash_of(
        "on_demand",
        average_amount=integer(0),
        maximum_amount=integer(0),
        minimum_amount=integer(0),
        purchase_interval=_INTERVAL,
        purchase_interval_count=integer(1),
    ),
    preferred_locale=one_of(*KLARNA_LOCALES),
    setup_future_usage=one_of("none", "off_session", "on_session"),
    subscriptions=cleared(
        list_of(
            hash_of(
                "subscription",
                interval=required(_INTERVAL),
                interval_count=integer(1),
                name=Text,
                next_billing=hash_of("next_billing", amount=required(integer(0)), date=required(_DAY)),
                reference=required(Text),
            )
        )
    ),
)

_PAYTO = _options(
    "payto",
    mandate_options=hash_of(
        "payto_mandate_options",
        amount=cleared(integer(1)),
        amount_type=cleared(_AMOUNT_TYPE),
        end_date=cleared(_DAY),
        payment_schedule=cleared(
            one_of(
                "adhoc", "annual", "daily", "fortnightly", "monthly", "quarterly", "semi_annual", "weekly"
            )
        ),
        payments_per_period=cleared(integer(1)),
        purpose=cleared(
            one_of(*"dependant_support government loan mortgage other pension personal retail salary tax "
                   "utility".split())
        ),
    ),
    setup_future_usage=_OFF,
)  # fmt: skip

_PIX = _options(
    "pix",
    amount_includes_iof=one_of("always", "never"),
    check=_one_expiry,
    expires_after_seconds=integer(60, 1_209_600),
    expires_at=Integer,
    mandate_options=hash_of(
        "pix_mandate_options",
        amount=integer(1),
        amount_includes_iof=one_of("always", "never"),
        amount_type=_AMOUNT_TYPE,
        currency=text(3),
        end_date=_DAY,
        payment_schedule=one_of("halfyearly", "monthly", "quarterly", "weekly", "yearly"),
        reference=Text,
        start_date=_DAY,
    ),
    setup_future_usage=one_of("none", "off_session"),
)

_PAYPAL_LOCALES = (
    "cs-CZ da-DK de-AT de-DE de-LU el-GR en-GB en-US es-ES fi-FI fr-BE fr-FR fr-LU hu-HU it-IT nl-BE nl-NL pl-PL "
    "pt-PT sk-SK sv-SE"
).split()


def _mandate_reference(type_: str) -> Any:
    return hash_of(f"{type_}_mandate_options", reference_prefix=cleared(text(12)))


BY_TYPE: JsonObject = {
    "acss_debit": _ACSS_DEBIT,
    "affirm": _options("affirm", capture_method=_MANUAL, preferred_locale=text(30), setup_future_usage=_NEVER),
    "afterpay_clearpay": _options(
        "afterpay_clearpay", capture_method=_MANUAL, reference=text(128), setup_future_usage=_NEVER
    ),
    "alipay": _options("alipay", setup_future_usage=_OFF),
    "alma": _options("alma", capture_method=_MANUAL),
    "amazon_pay": _options("amazon_pay", capture_method=_MANUAL, setup_future_usage=_OFF),
    "au_becs_debit": _options("au_becs_debit", setup_future_usage=_ANY, target_date=_DAY),
    "bacs_debit": _options(
        "bacs_debit", mandate_options=_mandate_reference("bacs_debit"), setup_future_usage=_ANY, target_date=_DAY
    ),
    "bancontact": _options(
        "bancontact", preferred_language=one_of("de", "en", "fr", "nl"), setup_future_usage=_OFF
    ),
    "billie": _BILLIE,
    "bizum": _options("bizum"),
    "blik": _options(
        "blik", code=text(6), mandate_options=hash_of("blik_mandate_options", expires_at=Integer),
        setup_future_usage=_OFF,
    ),
    "boleto": _options("boleto", expires_after_days=integer(0, 60), setup_future_usage=_ANY),
    "card": _CARD,
    "card_present": _CARD_PRESENT,
    "cashapp": _options("cashapp", capture_method=_MANUAL, setup_future_usage=_ANY),
    "crypto": _options("crypto", setup_future_usage=_NEVER),
    "customer_balance": _CUSTOMER_BALANCE,
    "eps": _options("eps", setup_future_usage=_NEVER),
    "fpx": _options("fpx", setup_future_usage=_NEVER),
    "giropay": _options("giropay", setup_future_usage=_NEVER),
    "grabpay": _options("grabpay", setup_future_usage=_NEVER),
    "ideal": _options("ideal", setup_future_usage=_OFF),
    "interac_present": _options("interac_present"),
    "kakao_pay": _options("kakao_pay", capture_method=_MANUAL, setup_future_usage=_OFF),
    "klarna": _KLARNA,
    "konbini": _options(
        "konbini", check=_one_expiry, confirmation_number=cleared(checked(Text, _confirmation_number)),
        expires_after_days=cleared(integer(1, 60)), expires_at=cleared(Integer),
        product_description=cleared(text(22)), setup_future_usage=_NEVER,
    ),
    "kr_card": _options("kr_card", capture_method=_MANUAL, setup_future_usage=_OFF),
    "link": _options("link", capture_method=_MANUAL, persistent_token=Text, setup_future_usage=_OFF),
    "mb_way": _options("mb_way", setup_future_usage=_NEVER),
    "mobilepay": _options("mobilepay", capture_method=_MANUAL, setup_future_usage=_NEVER),
    "multibanco": _options("multibanco", setup_future_usage=_NEVER),
    "naver_pay": _options("naver_pay", capture_method=_MANUAL, setup_future_usage=_OFF),
    "nz_bank_account": _options("nz_bank_account", setup_future_usage=_ANY, target_date=_DAY),
    "oxxo": _options("oxxo", expires_after_days=integer(0, 60), setup_future_usage=_NEVER),
    "p24": _options("p24", setup_future_usage=_NEVER, tos_shown_and_accepted=Boolean),
    "pay_by_bank": _options("pay_by_bank"),
    "payco": _options("payco", capture_method=_MANUAL, setup_future_usage=_NEVER),
    "paynow": _options("paynow", setup_future_usage=_NEVER),
    "paypal": _options(
        "paypal", capture_method=_MANUAL, preferred_locale=one_of(*_PAYPAL_LOCALES), reference=text(127),
        risk_correlation_id=text(32), setup_future_usage=_OFF,
    ),
    "paypay": _options("paypay"),
    "payto": _PAYTO,
    "pix": _PIX,
    "promptpay": _options("promptpay", setup_future_usage=_NEVER),
    "revolut_pay": _options("revolut_pay", capture_method=_MANUAL, setup_future_usage=_OFF),
    "samsung_pay": _options("samsung_pay", capture_method=_MANUAL, setup_future_usage=_NEVER),
    "satispay": _options("satispay", capture_method=_MANUAL, setup_future_usage=_ANY),
    "scalapay": _options("scalapay", capture_method=_MANUAL),
    "sepa_debit": _options(
        "sepa_debit", mandate_options=_mandate_reference("sepa_debit"), setup_future_usage=_ANY, target_date=_DAY
    ),
    "sequra": _options("sequra", capture_method=_MANUAL, setup_future_usage=_NEVER),
    "sofort": _options(
        "sofort", preferred_language=cleared(one_of("de", "en", "es", "fr", "it", "nl", "pl")), setup_future_usage=_OFF
    ),
    "sunbit": _options("sunbit", capture_method=_MANUAL, setup_future_usage=_NEVER),
    "swish": _options("swish", reference=cleared(text(35)), setup_future_usage=_NEVER),
    "twint": _options("twint", setup_future_usage=one_of("none", "off_session")),
    "upi": _options(
        "upi",
        mandate_options=hash_of(
            "upi_mandate_options", amount=integer(1), amount_type=_AMOUNT_TYPE, description=text(20), end_date=Integer
        ),
        setup_future_usage=_ANY,
    ),
    "us_bank_account": _US_BANK_ACCOUNT,
    "wechat_pay": _options(
        "wechat_pay", app_id=text(32), client=one_of("android", "ios", "web"), setup_future_usage=_NEVER
    ),
    "zip": _options("zip", setup_future_usage=_NEVER),
}  # fmt: skip

MethodOptions = Annotated[JsonObject, Shaped("payment_method_options", **BY_TYPE)]

TokenOptions = Annotated[
    JsonObject,
    Shaped(
        "confirmation_token_options",
        card=hash_of(
            "confirmation_token_card",
            cvc_token=Text,
            installments=hash_of("confirmation_token_installments", plan=_INSTALLMENT_PLAN),
        ),
    ),
]
"""What a confirmation token may say of a card payment."""
