"""Connected accounts: those for which a platform acts (Stripe Connect). Nobody is verified here; they can pay at once.

docs.stripe.com/connect/accounts.
"""

from dataclasses import dataclass, field

from domain.model.hashes import Hash

CAPABILITIES = tuple(
    "acss_debit_payments affirm_payments afterpay_clearpay_payments alma_payments amazon_pay_payments app_distribution "
    "au_becs_debit_payments bacs_debit_payments bancontact_payments bank_transfer_payments billie_payments "
    "bizum_payments blik_payments blik_recurring_payments boleto_payments card_issuing card_payments "
    "cartes_bancaires_payments cashapp_payments crypto_payments eps_payments fpx_payments gb_bank_transfer_payments "
    "giropay_payments grabpay_payments ideal_payments india_international_payments jcb_payments "
    "jp_bank_transfer_payments kakao_pay_payments klarna_payments konbini_payments kr_card_payments legacy_payments "
    "link_payments mb_way_payments mobilepay_payments multibanco_payments mx_bank_transfer_payments "
    "naver_pay_payments nz_bank_account_becs_debit_payments oxxo_payments p24_payments pay_by_bank_payments "
    "payco_payments paynow_payments paypay_payments payto_payments pix_payments promptpay_payments "
    "revolut_pay_payments samsung_pay_payments satispay_payments scalapay_payments sepa_bank_transfer_payments "
    "sepa_debit_payments sequra_payments sofort_payments sunbit_payments swish_payments tax_reporting_us_1099_k "
    "tax_reporting_us_1099_misc transfers treasury twint_payments upi_payments us_bank_account_ach_payments "
    "us_bank_transfer_payments wero_payments zip_payments".split()
)
"""What Stripe has a capability for (stripe-python 16, AccountCreateParamsCapabilities)."""

USUAL_COUNTRY = "US"

CURRENCIES = {
    "AE": "aed", "AU": "aud", "BG": "eur", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk",
    "GB": "gbp", "GI": "gbp", "HK": "hkd", "HU": "huf", "IN": "inr", "JP": "jpy", "LI": "chf", "MX": "mxn",
    "MY": "myr", "NO": "nok", "NZ": "nzd", "PL": "pln", "RO": "ron", "SE": "sek", "SG": "sgd", "TH": "thb",
    "US": "usd",
    **dict.fromkeys("AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split(), "eur"),
}  # fmt: skip
"""In which currency an account is paid that does not say so: by country, where Stripe has accounts. Elsewhere usd."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for what of an account (docs.stripe.com/connect/accounts-v1#controller-properties)."""

    fees: str
    losses: str
    requirements: str
    dashboard: str


CONTROLLERS = {
    "standard": Controller(fees="account", losses="stripe", requirements="stripe", dashboard="full"),
    "express": Controller(fees="application_express", losses="application", requirements="stripe", dashboard="express"),
    "custom": Controller(fees="application_custom", losses="application", requirements="application", dashboard="none"),
}
"""By type, as Stripe leads its older types back to these."""

UNTYPED = "none"
"""The type of an account that was described by its controller; where that says nothing, it is as a standard one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedAccount:
    """One of them. `account` is its platform; `capabilities` has what was asked for, and whether it still is."""

    id: str
    account: str
    livemode: bool
    created: int
    type: str = UNTYPED
    country: str = USUAL_COUNTRY
    default_currency: str = "usd"
    controller: Controller = CONTROLLERS["standard"]
    email: str | None = None
    business_type: str | None = None
    business_profile: Hash = field(default_factory=dict)
    capabilities: dict[str, bool] = field(default_factory=dict)
    tos_acceptance: Hash = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def name(self) -> str:
        """What operators read, where accounts are listed."""
        return str(self.business_profile.get("name") or self.email or self.id)
