"""The test cards: Stripe's numbers and `pm_card_*` names, and how each behaves. Data only; a new card is one row.

Source: docs.stripe.com/testing. A card not listed here is a real one as far as we know, and is declined as such.
The number is the key of the table and is never stored: the vault keeps the row's name (ledger.py).
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCard:
    """One test card. `decline` is what the bank answers; `three_d_secure` when it wants the buyer to authenticate.

    `dispute` is the reason and the status of what its bank raises once money was taken. `away` is what it answers while
    its owner is not there, where that is something else: a decline.
    """

    __test__ = False
    """Not a test case, whatever pytest makes of the name."""

    number: str
    name: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    networks: tuple[str, ...] = ()
    decline: str | None = None
    blocked: bool = False
    attach: bool = True
    three_d_secure: str = "optional"
    risk_level: str = "normal"
    cvc_check: str = "pass"
    line1_check: str = "pass"
    postal_code_check: str = "pass"
    dispute: tuple[str, str] | None = None
    away: str | None = None

    @property
    def risk_score(self) -> int:
        """Radar's scale, 0 to 99."""
        return {"normal": 12, "elevated": 68, "highest": 92}[self.risk_level]

    def checks(self, *, cvc: bool, line1: bool = True, postal_code: bool = True) -> dict[str, str | None]:
        """What its bank says of what the buyer has told; None of what they have not."""
        return {
            "cvc_check": self.cvc_check if cvc else None,
            "address_line1_check": self.line1_check if line1 else None,
            "address_postal_code_check": self.postal_code_check if postal_code else None,
        }


def _card(number: str, name: str, **behaviour: object) -> TestCard:
    return replace(TestCard(number=number, name=name), **behaviour)  # type: ignore[arg-type]


def _declined(number: str, name: str, code: str, **more: object) -> TestCard:
    return _card(number, name, decline=code, attach=False, **more)


_SUCCESS = [
    _card("4242424242424242", "visa"),
    _card("4000056655665556", "visa_debit", funding="debit"),
    _card("5555555555554444", "mastercard", brand="mastercard"),
    _card("2223003122003222", "mastercard_2series", brand="mastercard"),
    _card("5200828282828210", "mastercard_debit", brand="mastercard", funding="debit"),
    _card("5105105105105100", "mastercard_prepaid", brand="mastercard", funding="prepaid"),
    _card("378282246310005", "amex", brand="amex", three_d_secure="unsupported"),
    _card("371449635398431", "amex_2", brand="amex"),
    _card("6011111111111117", "discover", brand="discover"),
    _card("6011000990139424", "discover_2", brand="discover"),
    _card("6011981111111113", "discover_debit", brand="discover", funding="debit"),
    _card("3056930009020004", "diners", brand="diners"),
    _card("36227206271667", "diners_14digits", brand="diners"),
    _card("6555900000604105", "bccard", brand="discover", country="KR"),
    _card("3566002020360505", "jcb", brand="jcb", country="JP"),
    _card("3530111333300000", "jcb_jp", brand="jcb", country="JP"),
    _card("5062210000000009", "carnet", brand="unknown", country="MX"),
    _card("6200000000000005", "unionpay", brand="unionpay", country="CN"),
    _card("6200000000000047", "unionpay_debit", brand="unionpay", country="CN", funding="debit"),
    _card("6205500000000000004", "unionpay_19digits", brand="unionpay", country="CN"),
    _card("4000002500001001", "visa_cartesBancaires", country="FR", networks=("cartes_bancaires", "visa")),
    _card("5555552500001001", "mastercard_cartesBancaires", brand="mastercard", country="FR",
          networks=("cartes_bancaires", "mastercard")),
    _card("4000050360000001", "visa_debit_eftposAuCoBranded", country="AU", funding="debit",
          networks=("eftpos_au", "visa")),
    _card("5555050360000080", "mastercard_debit_eftposAuCoBranded", brand="mastercard", country="AU", funding="debit",
          networks=("eftpos_au", "mastercard")),
    _card("4000051230000072", "debit_visaFsaProductCode", funding="debit"),
    _card("5200828282828897", "mastercard_debit_mastercardFsaProductCode", brand="mastercard", funding="debit"),
]  # fmt: skip

_COUNTRIES = {
    "ar": "4000000320000021", "br": "4000000760000002", "ca": "4000001240000000", "cl": "4000001520000001",
    "co": "4000001700000003", "cr": "4000001880000005", "ec": "4000002180000000", "mx": "4000004840008001",
    "pa": "4000005910000000", "py": "4000006000000066", "pe": "4000006040000068", "uy": "4000008580000003",
    "ae": "4000007840000001", "at": "4000000400000008", "be": "4000000560000004", "bg": "4000001000000000",
    "by": "4000001120000005", "hr": "4000001910000009", "cy": "4000001960000008", "cz": "4000002030000002",
    "dk": "4000002080000001", "ee": "4000002330000009", "fi": "4000002460000001", "fr": "4000002500000003",
    "de": "4000002760000016", "gi": "4000002920000005", "gr": "4000003000000030", "hu": "4000003480000005",
    "ie": "4000003720000005", "it": "4000003800000008", "lv": "4000004280000005", "li": "4000004380000004",
    "lt": "4000004400000000", "lu": "4000004420000006", "mt": "4000004700000007", "nl": "4000005280000002",
    "no": "4000005780000007", "pl": "4000006160000005", "pt": "4000006200000007", "ro": "4000006420000001",
    "si": "4000007050000006", "sk": "4000007030000001", "es": "4000007240000007", "se": "4000007520000008",
    "ch": "4000007560000009", "gb": "4000008260000000", "au": "4000000360000006", "cn": "4000001560000002",
    "sa": "4000006820000007", "hk": "4000003440000004", "jp": "4000003920000003", "my": "4000004580000002",
    "nz": "4000005540000008", "sg": "4000007020000003", "tw": "4000001580000008",
}  # fmt: skip

_COUNTRY_CARDS = [_card(number, code, country=code.upper()) for code, number in _COUNTRIES.items()] + [
    _card("4000003560000008", "in", country="IN", three_d_secure="enrolled"),
    _card("4000007640000003", "th_credit", country="TH"),
    _card("4000057640000008", "th_debit", country="TH", funding="debit"),
    _card("4000058260000005", "gb_debit", country="GB", funding="debit"),
    _card("5555558265554449", "gb_mastercard", brand="mastercard", country="GB"),
    _card("5200007840000022", "ae_mastercard", brand="mastercard", country="AE"),
]

_DECLINES = [
    _declined("4000000000000002", "visa_chargeDeclined", "generic_decline"),
    _declined("4000000000009995", "visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    _declined("4000000000009987", "visa_chargeDeclinedLostCard", "lost_card"),
    _declined("4000000000009979", "visa_chargeDeclinedStolenCard", "stolen_card"),
    _declined("4000000000000069", "chargeDeclinedExpiredCard", "expired_card"),
    _declined("4000000000000127", "chargeDeclinedIncorrectCvc", "incorrect_cvc", cvc_check="fail"),
    _declined("4000000000000119", "chargeDeclinedProcessingError", "processing_error"),
    _declined("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
    _card("4000000000000341", "chargeCustomerFail", decline="generic_decline"),
]

_RISK = [
    _card(
        "4100000000000019",
        "radarBlock",
        decline="fraudulent",
        blocked=True,
        risk_level="highest",
        cvc_check="unavailable",
    ),
    _card("4000000000004954", "riskLevelHighest", decline="fraudulent", blocked=True, risk_level="highest"),
    _card("4000000000009235", "riskLevelElevated", risk_level="elevated"),
    _card("4000008400000407", "highFraudDisputeScore", risk_level="elevated"),
    _card("4000008400000159", "highEfwScore", risk_level="elevated"),
    _card("4000008400001017", "radarDynamicRiskThreshold", risk_level="elevated"),
    _card("4001858821843804", "freeTrialAbuseBlock"),
    _card("4000008405600003", "adaptive3dsChallenge", three_d_secure="required"),
    _card("4000000000000101", "cvcCheckFail", cvc_check="fail"),
    _card("4000000000000036", "avsZipFail", postal_code_check="fail"),
    _card("4000000000000028", "avsLine1Fail", line1_check="fail"),
    _card("4000000000000010", "avsFail", line1_check="fail", postal_code_check="fail"),
    _card("4000000000000044", "avsUnchecked", line1_check="unavailable", postal_code_check="unavailable"),
    _card("4000058400307872", "cvcCheckFailElevatedRisk", cvc_check="fail", risk_level="elevated"),
    _card("4000058400306072", "avsZipFailElevatedRisk", postal_code_check="fail", risk_level="elevated"),
]

_FRAUD = ("fraudulent", "needs_response")

_AFTERWARDS = [
    # What these do after the charge is not their business at authorization time.
    _card("4000000000000259", "createDispute", dispute=_FRAUD),
    _card("4000000000002685", "createDisputeProductNotReceived", dispute=("product_not_received", "needs_response")),
    _card("4000000000001976", "createDisputeInquiry", dispute=("fraudulent", "warning_needs_response")),
    _card("4000000000005423", "createIssuerFraudRecord"),
    _card("4000000404000079", "createMultipleDisputes", dispute=_FRAUD),
    _card("4000000404000038", "createCe3EligibleDispute", dispute=_FRAUD),
    _card("4000008400000779", "createComplianceDispute", dispute=("noncompliant", "needs_response")),
    _card("5105008400000002", "createMastercardComplianceDispute", brand="mastercard",
          dispute=("noncompliant", "needs_response")),
    _card("4000000001000043", "createAutoRepresentmentEligibleDispute", dispute=_FRAUD),
    # Settled between the networks before anybody disputes, for who has subscribed to that. Nobody has, here.
    _card("4000000404004816", "createRapidDisputeResolutionDispute", dispute=_FRAUD),
    _card("4000000404005649", "createCe3BlockDispute", dispute=_FRAUD),
    _card("5105000300000018", "createEthocaAlert", brand="mastercard", dispute=_FRAUD),
    _card("4000000000007726", "pendingRefund"),
    _card("4000000000005126", "refundFail"),
    _card("4000000000000077", "bypassPending"),
    _card("4000003720000278", "bypassPendingInternational", country="IE"),
]  # fmt: skip

_THREE_D_SECURE = [
    _card("4000002500003155", "authenticationRequiredOnSetup", country="FR", three_d_secure="until_set_up"),
    _card("4000002760003184", "authenticationRequired", country="DE", three_d_secure="required"),
    _card("4000003800000446", "authenticationRequiredSetupForOffSession", country="IT", three_d_secure="on_session"),
    _card("4000008260003178", "authenticationRequiredChargeDeclinedInsufficientFunds", country="GB",
          three_d_secure="required", decline="insufficient_funds"),
    _card("4000000000003220", "threeDSecure2Required", country="IE", three_d_secure="required"),
    _card("4000008400000027", "threeDSecure2Required_us", three_d_secure="required"),
    _card("4000008400001629", "threeDSecureRequiredChargeDeclined", three_d_secure="required",
          decline="generic_decline"),
    _card("4000008400001280", "threeDSecureRequiredProcessingError", three_d_secure="unsupported",
          decline="generic_decline"),
    _card("4000000000003055", "threeDSecureOptional", three_d_secure="enrolled"),
    _card("4000000000003097", "threeDSecureOptionalProcessingError", three_d_secure="enrolled_failing"),
    _card("4000000032200000", "threeDSecureFrictionless", three_d_secure="frictionless"),
    # In a browser, each of these ways to ask is our one page.
    _card("4000582600000094", "threeDSecureOutOfBand", three_d_secure="required"),
    _card("4000582600000045", "threeDSecureOneTimePasscode", three_d_secure="required"),
    _card("4000582600000102", "threeDSecureSingleSelect", three_d_secure="required"),
    _card("4000582600000110", "threeDSecureMultiSelect", three_d_secure="required"),
    _card("4000000000003063", "threeDSecureRequired", three_d_secure="required"),
]  # fmt: skip

_CAPTCHAS = [
    # Nobody is asked to prove here that they are human.
    _card("4000000000001208", "captcha"),
    _card("4000000000003725", "captcha_2"),
]

_INDIA = [
    # docs.stripe.com/india-recurring-payments: their owners are always asked while they are there, and have been asked
    # by the mandate when they are not. The day's notice before a debit takes no time here.
    _card("4000003560000123", "indiaRecurringMandateSetupAndRenewalsSuccess", country="IN",
          three_d_secure="on_session"),
    _card("4000003560000297", "indiaRecurringPaymentFailureAfterPreDebitNotification", country="IN",
          three_d_secure="on_session", away="transaction_not_approved"),
    _card("4000003560000248", "indiaRecurringPaymentFailureUndeliveredDebitNotification", country="IN",
          three_d_secure="on_session", away="processing_error"),
    _card("4000003560000263", "indiaRecurringPaymentFailureCanceledMandate", country="IN",
          three_d_secure="on_session", away="india_recurring_payment_mandate_canceled"),
]  # fmt: skip

CARDS = [*_SUCCESS, *_COUNTRY_CARDS, *_DECLINES, *_RISK, *_AFTERWARDS, *_THREE_D_SECURE, *_CAPTCHAS, *_INDIA]
BY_NUMBER = {card.number: card for card in CARDS}

_BY_NAME_ONLY = [
    # They share a number with a card that behaves otherwise.
    _declined("4000000000009995", "visa_debit_chargeDeclinedInsufficientFunds", "insufficient_funds", funding="debit"),
    _card("4000000000000341", "visa_chargeCustomerFailLostCard", decline="lost_card"),
    _card("4000000000000341", "visa_chargeCustomerFailStolenCard", decline="stolen_card"),
]

BY_NAME = {card.name: card for card in (*CARDS, *_BY_NAME_ONLY)} | {
    "us": BY_NUMBER["4242424242424242"],
    "threeDSecureNotSupported": BY_NUMBER["378282246310005"],
    "amex_threeDSecureNotSupported": BY_NUMBER["378282246310005"],
    "debit_visaHsaProductCode": BY_NUMBER["4000051230000072"],
    "visa_chargeDeclinedExpiredCard": BY_NUMBER["4000000000000069"],
    "visa_chargeDeclinedIncorrectCvc": BY_NUMBER["4000000000000127"],
    "visa_chargeDeclinedProcessingError": BY_NUMBER["4000000000000119"],
    "visa_createDispute": BY_NUMBER["4000000000000259"],
    "visa_createDisputeProductNotReceived": BY_NUMBER["4000000000002685"],
    "visa_createDisputeInquiry": BY_NUMBER["4000000000001976"],
    # As they were called until the brand became part of the name; many test suites still say so.
    "chargeDeclined": BY_NUMBER["4000000000000002"],
    "chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
    "chargeDeclinedLostCard": BY_NUMBER["4000000000009987"],
    "chargeDeclinedStolenCard": BY_NUMBER["4000000000009979"],
    "chargeDeclinedVelocityLimitExceeded": BY_NUMBER["4000000000006975"],
    "chargeDeclinedFraudulent": BY_NUMBER["4100000000000019"],
    "visa_chargeDeclinedFraudulent": BY_NUMBER["4100000000000019"],
    "visa_chargeCustomerFail": BY_NUMBER["4000000000000341"],
}

_DECLINED, _ADVICE = "network_decline_code", "network_advice_code"
NETWORK_CODES = {
    "card_velocity_exceeded": {_DECLINED: "61", _ADVICE: "02"},
    "expired_card": {_DECLINED: "54", _ADVICE: "03"},
    "generic_decline": {_DECLINED: "01"},
    "incorrect_cvc": {_DECLINED: "N7", _ADVICE: "03"},
    "insufficient_funds": {_DECLINED: "51", _ADVICE: "02"},
    "lost_card": {_DECLINED: "41", _ADVICE: "01"},
    "processing_error": {_DECLINED: "06"},
    "stolen_card": {_DECLINED: "43", _ADVICE: "01"},
}
"""What the card's network says of a decline, beside the bank's word: as live Stripe's test cards have it."""

REAL_CARD = TestCard(number="", name="real_card", decline="testmode_decline", attach=False)
"""How any number behaves that is not a test card."""

_PREFIXES = {"4": "visa", "5": "mastercard", "2": "mastercard", "34": "amex", "37": "amex", "6": "discover",
             "30": "diners", "36": "diners", "38": "diners", "35": "jcb", "62": "unionpay"}  # fmt: skip


def brand_of(number: str) -> str:
    """The brand that the leading digits tell (ISO/IEC 7812 issuer ranges), `unknown` otherwise."""
    return _PREFIXES.get(number[:2]) or _PREFIXES.get(number[:1]) or "unknown"


def by_reference(reference: str) -> TestCard | None:
    """The card behind `pm_card_visa` or `tok_visa`, or None."""
    for prefix in ("pm_card_", "tok_"):
        if reference.startswith(prefix):
            return BY_NAME.get(reference.removeprefix(prefix))
    return None
