"""Failover: what may follow a definite no. A new decline code that permits something is one row here.

An unknown outcome never gets here: nothing follows it but the same question to the same gateway. Nor does a no after
the buyer was authenticated: what they have proven was for that acquirer (as at Stripe, docs.stripe.com/payments/
orchestration/retries). Codes are Stripe's; which bank's answers they stand for is the gateways' to say. Which of them
permit what is read off Visa's and Adyen's categories: a no about this try, by an acquirer, or by a bank that gives no
reason, may be a yes elsewhere; a no about the account, the card or the buyer is the same everywhere.
"""

from enum import StrEnum

from domain.model.outcomes import Declined


class Again(StrEnum):
    """What may follow: another gateway at once, the same payment later, or nothing with this card."""

    ELSEWHERE = "elsewhere"
    LATER = "later"
    NEVER = "never"


AGAIN: dict[str, Again] = {
    "call_issuer": Again.NEVER,
    "card_not_supported": Again.ELSEWHERE,
    "card_velocity_exceeded": Again.LATER,
    "currency_not_supported": Again.ELSEWHERE,
    "do_not_honor": Again.ELSEWHERE,
    "generic_decline": Again.ELSEWHERE,
    "insufficient_funds": Again.LATER,
    "issuer_not_available": Again.ELSEWHERE,
    "no_action_taken": Again.ELSEWHERE,
    "processing_error": Again.ELSEWHERE,
    "reenter_transaction": Again.ELSEWHERE,
    "try_again_later": Again.LATER,
    "withdrawal_count_limit_exceeded": Again.LATER,
}
"""By decline code. What is not listed is never tried elsewhere: nobody knows what it would cost."""

VISA_NEVER = frozenset("04 07 12 14 15 41 43 46 57 R0 R1 R3".split())
"""Visa's category 1: the issuer will never approve, and each further try costs (checkout.com, visa-response-codes)."""

MASTERCARD_NEVER = frozenset({"03", "21"})
"""Merchant advice codes: do not try again, and stop what is recurring."""

MASTERCARD_LATER = frozenset("02 24 25 26 27 28 29 30".split())


def again(no: Declined, brand: str = "") -> Again:
    """What may follow a decline of a card of this brand. The network's own word beats the table."""
    if no.blocked:
        return Again.NEVER
    if brand == "visa" and no.network_decline_code in VISA_NEVER:
        return Again.NEVER
    if brand == "mastercard":
        if no.network_advice_code in MASTERCARD_NEVER:
            return Again.NEVER
        if no.network_advice_code in MASTERCARD_LATER:
            return Again.LATER
    return AGAIN.get(no.decline_code, Again.NEVER)


def may_move(no: Declined, brand: str = "", *, authenticated: bool = False) -> bool:
    """Whether another gateway may be asked in the same confirmation."""
    return not authenticated and again(no, brand) is Again.ELSEWHERE
