"""`payment_method_data`, and what creates a payment method: one row per type. Account numbers go to a gateway's vault.

Source: the request types of Stripe's own libraries; tests/fidelity holds this table to them, name by name.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

from domain.model.hashes import JsonObject
from parameters.bank_data import Iban, RoutingNumber, TaxId, account_number, bank_number
from parameters.common import BillingDetailsHash, MethodType, RadarOptions
from parameters.fields import AllowRedisplay, Integer, Metadata, Text, invalid
from parameters.hashes import Extended, Hash, Shaped, hash_of, integer, one_of, required, text


def _card_number(value: Any) -> str:
    """Spaces and dashes are how people type it. The value never appears in a message."""
    if not isinstance(value, str | int):
        raise invalid("Invalid card number")
    return str(value).replace(" ", "").replace("-", "")


def _cvc(value: Any) -> str:
    if not isinstance(value, str | int):
        raise invalid("Invalid security code")
    return str(value)


CardNumber = Annotated[str, BeforeValidator(_card_number)]
SecurityCode = Annotated[str, BeforeValidator(_cvc)]

_CARD_NETWORKS = Shaped("card_networks", preferred=one_of("cartes_bancaires", "mastercard", "visa"))


class CardHash(Hash):
    """A card: its number, or the token of a test card. `networks[preferred]` chooses between the two of a co-brand."""

    number: CardNumber | None = None
    exp_month: Integer | None = None
    exp_year: Integer | None = None
    cvc: SecurityCode | None = None
    token: Text | None = None
    networks: Annotated[JsonObject, _CARD_NETWORKS] | None = None


_HOLDER = one_of("company", "individual")

_EPS_BANKS = (
    "arzte_und_apotheker_bank austrian_anadi_bank_ag bank_austria bankhaus_carl_spangler "
    "bankhaus_schelhammer_und_schattera_ag bawag_psk_ag bks_bank_ag brull_kallmus_bank_ag btv_vier_lander_bank "
    "capital_bank_grawe_gruppe_ag deutsche_bank_ag dolomitenbank easybank_ag erste_bank_und_sparkassen "
    "hypo_alpeadriabank_international_ag hypo_bank_burgenland_aktiengesellschaft "
    "hypo_noe_lb_fur_niederosterreich_u_wien hypo_oberosterreich_salzburg_steiermark hypo_tirol_bank_ag "
    "hypo_vorarlberg_bank_ag marchfelder_bank oberbank_ag raiffeisen_bankengruppe_osterreich schoellerbank_ag "
    "sparda_bank_wien volksbank_gruppe volkskreditbank_ag vr_bank_braunau"
).split()

_FPX_BANKS = (
    "affin_bank agrobank alliance_bank ambank bank_islam bank_muamalat bank_of_china bank_rakyat bnp_paribas bsn cimb "
    "citibank deutsche_bank hong_leong_bank hsbc kfh maybank2e maybank2u mbsb_bank ocbc pb_enterprise public_bank rhb "
    "standard_chartered uob"
).split()

_IDEAL_BANKS = (
    "abn_amro adyen asn_bank bunq buut finom handelsbanken ing knab mollie moneyou n26 nn rabobank regiobank revolut "
    "sns_bank triodos_bank van_lanschot yoursafe"
).split()

_P24_BANKS = (
    "alior_bank bank_millennium bank_nowy_bfg_sa bank_pekao_sa banki_spbdzielcze blik bnp_paribas boz citi_handlowy "
    "credit_agricole envelobank etransfer_pocztowy24 getin_bank ideabank ing inteligo mbank_mtransfer nest_przelew "
    "noble_pay pbac_z_ipko plus_bank santander_przelew24 tmobile_usbugi_bankowe toyota_bank velobank volkswagen_bank"
).split()

BY_TYPE: JsonObject = {
    name: hash_of(name)
    for name in (
        "affirm afterpay_clearpay alipay alma amazon_pay bancontact billie bizum blik cashapp crypto customer_balance "
        "giropay grabpay interac_present kakao_pay konbini kr_card link mb_way mobilepay multibanco oxxo pay_by_bank "
        "payco paynow paypal paypay pix promptpay revolut_pay samsung_pay satispay scalapay sequra sunbit swish twint "
        "wechat_pay zip"
    ).split()
} | {
    "acss_debit": hash_of(
        "acss_debit",
        account_number=required(account_number(5, 12)),
        institution_number=required(bank_number("institution number", 3)),
        transit_number=required(bank_number("transit number", 5)),
    ),
    "au_becs_debit": hash_of(
        "au_becs_debit", account_number=required(account_number(4, 9)), bsb_number=required(bank_number("BSB", 6))
    ),
    "bacs_debit": hash_of("bacs_debit", account_number=account_number(8), sort_code=bank_number("sort code", 6)),
    "boleto": hash_of("boleto", tax_id=required(TaxId)),
    "eps": hash_of("eps", bank=one_of(*_EPS_BANKS)),
    "fpx": hash_of("fpx", account_holder_type=_HOLDER, bank=required(one_of(*_FPX_BANKS))),
    "ideal": hash_of("ideal", bank=one_of(*_IDEAL_BANKS)),
    "klarna": hash_of(
        "klarna",
        dob=hash_of(
            "date_of_birth",
            day=required(integer(1, 31)),
            month=required(integer(1, 12)),
            year=required(integer(1900, 9999)),
        ),
    ),
    "naver_pay": hash_of("naver_pay", funding=one_of("card", "points")),
    "nz_bank_account": hash_of(
        "nz_bank_account",
        account_holder_name=Text,
        account_number=required(account_number(7, 8)),
        bank_code=required(bank_number("bank code", 2)),
        branch_code=required(bank_number("branch code", 4)),
        reference=text(128),
        suffix=required(account_number(2, 4)),
    ),
    "p24": hash_of("p24", bank=one_of(*_P24_BANKS)),
    "payto": hash_of("payto", account_number=account_number(4, 9), bsb_number=bank_number("BSB", 6), pay_id=text(256)),
    "sepa_debit": hash_of("sepa_debit", iban=required(Iban)),
    "sofort": hash_of("sofort", country=required(one_of("AT", "BE", "DE", "ES", "IT", "NL"))),
    "upi": hash_of(
        "upi",
        mandate_options=hash_of(
            "upi_mandate_options",
            amount=integer(1),
            amount_type=one_of("fixed", "maximum"),
            description=text(20),
            end_date=Integer,
        ),
    ),
    "us_bank_account": hash_of(
        "us_bank_account",
        account_holder_type=_HOLDER,
        account_number=account_number(4, 17),
        account_type=one_of("checking", "savings"),
        financial_connections_account=Text,
        routing_number=RoutingNumber,
    ),
}

NEEDED = frozenset("acss_debit au_becs_debit boleto fpx nz_bank_account sepa_debit sofort".split())
"""Types that cannot be charged without their own hash."""


class MethodData(Hash):
    """A payment method made on the spot. `card` is no public type of it, but the browser's libraries send it."""

    type: MethodType
    card: CardHash | None = None
    billing_details: BillingDetailsHash | None = None
    allow_redisplay: AllowRedisplay | None = None
    metadata: Metadata | None = None
    radar_options: RadarOptions | None = None

    def details(self) -> JsonObject | None:
        """The hash of its own type, if it was sent."""
        found: JsonObject | None = getattr(self, self.type, None)
        return found


PaymentMethodData = Annotated[MethodData, Extended("payment_method_data", MethodData, **BY_TYPE)]
