"""How a dispute stands, by what Adyen has told of it. Pure; only what is signed says anything about money.

Adyen tells of a dispute under a reference of its own, stage by stage, and in any order. Each event means a stage of
the engine's, which only go forward, so that all orders end in the same one. That a defence was won is not the end of
it: the bank may charge back a second time. What is only said of documents, and of cases that people decide at Adyen
(supplied, opened, accepted, declined), is theirs to read there.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from domain.model.disputes import INQUIRY, INQUIRY_CLOSED, LOST, NEEDS_RESPONSE, UNDER_REVIEW, WON
from domain.model.gateway_dealings import Notice

ASKED, ENDED = "REQUEST_FOR_INFORMATION", "DISPUTE_DEFENSE_PERIOD_ENDED"
OPENED = frozenset({"NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK"})

STANDS = {
    "CHARGEBACK_REVERSED": UNDER_REVIEW,
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": WON,
    "PREARBITRATION_WON": WON,
    "PREARBITRATION_ISSUER_WITHDRAWN": WON,
    "SECOND_CHARGEBACK": LOST,
    "PREARBITRATION_LOST": LOST,
}
"""What each event says by itself."""

EVENTS = frozenset({ASKED, ENDED, *OPENED, *STANDS})

REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"10\..*|48(37|40|49|70|71)|F\d\d|UA0[12]"), "fraudulent"),
    (re.compile(r"12\.6.*|4834|P08"), "duplicate"),
    (re.compile(r"13\.1|C08|4855"), "product_not_received"),
    (re.compile(r"13\.[345]|C31|C32"), "product_unacceptable"),
    (re.compile(r"13\.2|C28|4841"), "subscription_canceled"),
    (re.compile(r"13\.[67]|C02|4860"), "credit_not_processed"),
    (re.compile(r"C14|4863"), "unrecognized"),
)
"""The networks' reason codes (Visa with a dot, Mastercard 48.., American Express a letter) as Stripe's reasons."""


def status(notice: Notice, told: Iterable[Notice]) -> str | None:
    """How the dispute stands after this event, by all that is `told`; None while nobody has said what was disputed.

    When the time to defend has ended, what was charged back is lost, and of what was only asked nothing comes. Should
    that be told first, the opening says it.
    """
    events = {each.event for each in told if each.reference == notice.reference} | {notice.event}
    charged_back, over = bool(events & OPENED), ENDED in events
    if notice.event in STANDS:
        return STANDS[notice.event]
    if charged_back and notice.event != ASKED:
        return LOST if over else NEEDS_RESPONSE
    if ASKED in events:
        return INQUIRY_CLOSED if over and not charged_back else INQUIRY
    return None


def reason(notice: Notice) -> str:
    """Stripe's reason of a dispute; general, if the network's code says nothing we know."""
    code = notice.unsigned.get("chargebackReasonCode", "").strip()
    return next((name for pattern, name in REASONS if pattern.fullmatch(code)), "general")


def due_by(notice: Notice) -> int | None:
    """Until when (Unix seconds) Adyen takes a defence. Not signed: it is shown, and decides nothing."""
    try:
        return int(datetime.fromisoformat(notice.unsigned.get("defensePeriodEndsAt", "")).timestamp())
    except (ValueError, OverflowError):
        return None
