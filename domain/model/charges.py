"""Charges: one attempt each to move money for a PaymentIntent, and the windows within which a hold can be captured."""

from dataclasses import dataclass, field

from domain.model.hashes import Hash
from domain.model.outcomes import Approved, Declined
from domain.model.payment_methods import PaymentMethod
from domain.money import declines
from domain.money.currencies import CURRENCIES
from domain.refusals import check

DAY_SECONDS = 86_400
CAPTURE_WINDOW_SECONDS = 7 * DAY_SECONDS
"""Card not present, customer-initiated: seven days on every network. docs.stripe.com/payments/place-a-hold."""

CAPTURE_WINDOW_VISA_MERCHANT_INITIATED_SECONDS = 4 * DAY_SECONDS + 18 * 3_600
"""Visa, merchant-initiated: 'five days', precisely four days and eighteen hours."""

CAPTURE_WINDOW_JAPAN_SECONDS = 30 * DAY_SECONDS
"""Accounts charging in JPY: up to thirty days on these networks."""
MULTICAPTURE_NETWORKS = frozenset(
    {"amex", "visa", "discover", "mastercard", "cartes_bancaires", "diners", "unionpay", "jcb"}
)
INCREMENTAL_NETWORKS = frozenset({"visa", "mastercard", "amex", "discover"})
"""Which networks take several captures of one hold, and which let a hold be raised. docs.stripe.com/payments."""

EXTENDED_NETWORKS = frozenset({"visa", "mastercard", "amex", "discover"})
EXTENDED_WINDOW_SECONDS = 30 * DAY_SECONDS
"""With request_extended_authorization: up to thirty days. docs.stripe.com/payments/extended-authorization.
The networks' limits vary by the merchant's category; an account here has none, so it gets the longest."""

OVERCAPTURE_NETWORKS = frozenset({"visa", "mastercard", "amex", "discover"})
OVERCAPTURE_PERCENT = 15
"""How much more than was held may be taken with request_overcapture. Visa's limit for all categories that have no own
(docs.stripe.com/payments/overcapture); the others' depend on the category, which an account here has not."""

JAPAN_NETWORKS = frozenset({"visa", "mastercard", "jcb", "diners", "discover"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeResult:
    """What the network and the risk check said; rendered as the charge's `outcome`."""

    type: str
    network_status: str
    reason: str | None = None
    risk_level: str = "normal"
    risk_score: int = 0
    seller_message: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One attempt. `status` is succeeded (also for a hold), pending (the bank answers later) or failed.

    A hold has `captured` False and `capture_before`, and, if the gateway would not release it then, `release_at`, when
    that is tried again (`lapses_at` is either); a pending one `settles_at`, when the bank will be asked, and
    `settlement_checks`, how often it was. `paid_with` is what the buyer of a voucher or a code had been shown.
    `refunds` counts the refunds asked for; `refunds_given` has the amount of each that stands, by id, and
    `refunds_asked` those whose receiver has not said yet where the money is to go. `charged_back` says whether a
    dispute has taken the money; None where there is none, or where it was opened before this was kept. The merchant has
    `reported_fraudulent` what was given back for that reason; what they have said of it themselves, `safe`,
    `fraudulent` or nothing after all (empty), is their `user_report`. `released_as_refund` is what a refund tells
    of that was never taken (`HoldRefunded`). `receipt_url` is where whoever knows it sees the receipt. `gateway` is who
    holds the money, and `patience` how many seconds a caller waits for it. `modifications` are the gateway's references
    of what it has answered later, with what a capture has taken (minor units), and 0 for all else. `capture_failed` is
    what was captured and has not come after all, `capture_failure` the reference of the last capture of that kind.
    `refunds_under_way` are those that no gateway has said yet to have ended, as `refunds_given` has them.
    `fee_taken` went to a platform, `transferred` to the `beneficiary`, and of each so much came back (shares.py);
    `shared_refunds` are the refunds that have succeeded and asked for something of it, `…_asked_back` what those that
    stand come to, and `…_brought_back` what refunds and failed captures have brought.
    From `account` on: what it took over from the PaymentIntent when it was made; later changes there do not reach it.
    """

    id: str
    payment_intent: str
    created: int
    amount: int
    currency: str
    status: str
    payment_method: PaymentMethod
    result: ChargeResult
    authorization: str | None = None
    authorization_code: str | None = None
    network_transaction_id: str | None = None
    captured: bool = False
    amount_captured: int = 0
    amount_refunded: int = 0
    captures: int = 0
    refunds: int = 0
    refunds_given: dict[str, int] = field(default_factory=dict)
    capture_before: int | None = None
    voided: bool = False
    multicapture: bool = False
    incremental: bool = False
    extended: bool = False
    overcapture_maximum: int | None = None
    shares: tuple[str, ...] = ()
    checks: dict[str, str | None] = field(default_factory=dict)
    failure_code: str | None = None
    failure_message: str | None = None
    account: str = ""
    livemode: bool = False
    customer: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    shipping: Hash | None = None
    statement_descriptor_suffix: str | None = None
    application_fee_amount: int | None = None
    transfer_data: Hash | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    mandate: str | None = None
    moto: bool | None = None
    network: str | None = None
    installments: Hash | None = None
    setup_credential_usage: str | None = None
    stored_credential_usage: str | None = None
    three_d_secure: Hash | None = None
    radar_session: str | None = None
    charged_back: bool | None = None
    settles_at: int | None = None
    settlement_checks: int = 0
    paid_with: Hash = field(default_factory=dict)
    dispute: str | None = None
    release_at: int | None = None
    refunds_asked: tuple[str, ...] = ()
    reported_fraudulent: bool = False
    user_report: str | None = None
    released_as_refund: int = 0
    receipt_url: str | None = None
    gateway: str = ""
    patience: int = 0
    modifications: dict[str, int] = field(default_factory=dict)
    capture_failed: int = 0
    platform: str | None = None
    capture_failure: str | None = None
    refunds_under_way: dict[str, int] = field(default_factory=dict)
    beneficiary: str | None = None
    fee_taken: int = 0
    fee_returned: int = 0
    transferred: int = 0
    transfer_returned: int = 0
    shared_refunds: tuple[str, ...] = ()
    fee_asked_back: int = 0
    fee_brought_back: int = 0
    transfer_asked_back: int = 0
    transfer_brought_back: int = 0

    def __post_init__(self) -> None:
        """Hold the books to what money can do."""
        most = max(self.amount, self.overcapture_maximum or 0)
        check(0 <= self.amount_captured <= most, "captured at most what was authorized, or agreed beyond it")
        check(0 <= self.amount_refunded <= self.amount_captured, "refunded at most what was captured")
        check(self.status == "succeeded" or self.amount_captured == 0, "a failed charge takes nothing")
        check(0 <= self.capture_failed <= self.amount_captured, "what did not come after all was captured")

    @property
    def capturable(self) -> int:
        """What may still be captured, in minor units."""
        open_hold = self.status == "succeeded" and not self.captured and not self.voided
        return self.amount - self.amount_captured if open_hold else 0

    @property
    def amount_kept(self) -> int:
        """What may still be given back, in minor units: what was taken, has come, and has not gone back."""
        return max(0, self.amount_captured - self.capture_failed - self.amount_refunded)

    @property
    def amount_disputable(self) -> int:
        """What a buyer's bank could take, in minor units: what has come, and has not gone back for certain."""
        on_their_way = sum(self.refunds_under_way.values())
        return max(0, self.amount_captured - self.capture_failed - self.amount_refunded + on_their_way)

    @property
    def lapses_at(self) -> int | None:
        """When (Unix seconds) the hold's time is up, and it is to be released."""
        return self.release_at or self.capture_before

    @property
    def maximum_capturable(self) -> int:
        """What may be captured at most: more than is held, where that was agreed and nothing was taken yet."""
        over = self.overcapture_maximum if self.capturable == self.amount else None
        return max(self.capturable, over or 0)


def capture_window_seconds(brand: str, currency: str, merchant_initiated: bool, extended: bool = False) -> int:
    """How long a hold stays good, by network, currency, who started it, and whether more was asked for and granted."""
    if extended:
        return EXTENDED_WINDOW_SECONDS
    if currency == "jpy" and brand in JAPAN_NETWORKS:
        return CAPTURE_WINDOW_JAPAN_SECONDS
    if brand == "visa" and merchant_initiated:
        return CAPTURE_WINDOW_VISA_MERCHANT_INITIATED_SECONDS
    return CAPTURE_WINDOW_SECONDS


def overcapture_maximum(amount: int) -> int:
    """What may be taken of a hold of `amount` where overcapture was granted."""
    return amount * (100 + OVERCAPTURE_PERCENT) // 100


def approved_result(outcome: Approved) -> ChargeResult:
    """The network said yes."""
    return ChargeResult(
        type="authorized",
        network_status="approved_by_network",
        risk_level=outcome.risk_level,
        risk_score=outcome.risk_score,
        seller_message="Payment complete.",
    )


def declined_result(outcome: Declined) -> ChargeResult:
    """The network said no, or the risk check did before it was asked."""
    if outcome.blocked:
        return ChargeResult(
            type="blocked",
            network_status="not_sent_to_network",
            reason="highest_risk_level",
            risk_level=outcome.risk_level,
            risk_score=outcome.risk_score,
            seller_message="Stripe blocked this payment as too risky.",
        )
    return ChargeResult(
        type="issuer_declined",
        network_status="declined_by_network",
        reason=outcome.decline_code,
        risk_level=outcome.risk_level,
        risk_score=outcome.risk_score,
        seller_message=_told_the_seller(outcome.decline_code),
        advice_code=declines.decline(outcome.decline_code).advice,
        network_decline_code=outcome.network_decline_code,
        network_advice_code=outcome.network_advice_code,
    )


def _told_the_seller(decline_code: str) -> str:
    """In live Stripe's words, as recorded."""
    if decline_code == "generic_decline":
        return "The bank did not return any further details with this decline."
    return f"The bank returned the decline code `{decline_code}`."


def describe(charge: Charge) -> str:
    """One line for people: what was charged and what became of it."""
    money = CURRENCIES[charge.currency].format(charge.amount)
    state = charge.failure_code or ("captured" if charge.captured else "released" if charge.voided else "held")
    return f"{money} {charge.currency} on {charge.payment_method.title}: {state}"
