"""What a person has asked the console for, as a filter of payments: bounds, words of the query language, one box."""

import re
from decimal import Decimal
from typing import Any

from api.dialect.errors import invalid_request
from api.dialect.lists import created_bounds
from api.dialect.search import parse
from domain.identifiers import ID_MAX
from domain.machine.limits import INTEGER_MAX, unstorable
from parameters.console import PaymentsFilter
from records.console.payments import Filter

_ID = re.compile(r"(pi|ch|py|re|pyr|du|dp|cus|evt|fee|fr|tr|trr)_\w+")
_LAST4 = re.compile(r"[0-9]{4}")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?")
_WHAT_IS_NOT_A_QUERY = re.compile(r"[^:<>~]*")


def filter_of(given: PaymentsFilter) -> Filter:
    """The filter.

    Raises:
        StripeError: something in it cannot be searched for.
    """
    for name in ("currency", "customer", "email", "last4", "method", "gateway", "text", "query"):
        if unstorable(getattr(given, name) or ""):
            raise invalid_request(f"Invalid {name}: it has characters that nothing here has.", param=name)
    amount = given.amount
    low, high = (_bound(amount, "gte", "gt", 1), _bound(amount, "lte", "lt", -1)) if amount else (None, None)
    return Filter(
        created=created_bounds(given.created),
        amount_gte=low,
        amount_lte=high,
        currency=given.currency.lower() if given.currency else None,
        customer=given.customer,
        email=given.email,
        last4=given.last4,
        method=given.method,
        gateway=given.gateway,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        search=parse(given.query) if given.query else None,
        also=_typed(given.text.strip()) if given.text and given.text.strip() else None,
    )


def _bound(amount: Any, inclusive: str, exclusive: str, step: int) -> int | None:
    """The tighter of the two bounds on this side, as one that is included."""
    sent = [getattr(amount, inclusive), getattr(amount, exclusive)]
    found = [value + shift for value, shift in zip(sent, (0, step), strict=True) if value is not None]
    return (max if step > 0 else min)(found) if found else None


def _typed(text: str) -> Filter:
    """What is in the one box: an id, an e-mail address, a card's last digits, an amount, the query language, or words.

    An amount is taken as it is written on a bill, whatever the currency: 12.50 is 1250, or 12500 where there are three
    digits; 500 is 50000, or 500 where there are none.
    """
    if len(text) <= ID_MAX and _ID.fullmatch(text):
        return Filter(about=text)
    if re.fullmatch(r"\S+@\S+", text):
        return Filter(email=text)
    if _LAST4.fullmatch(text):
        return Filter(last4=text)
    if _AMOUNT.fullmatch(text.replace(",", "")):
        written = Decimal(text.replace(",", ""))
        scaled = [written * scale for scale in (1, 100, 1000)]
        return Filter(amounts=tuple(int(one) for one in scaled if one == int(one) and one <= INTEGER_MAX))
    if _WHAT_IS_NOT_A_QUERY.fullmatch(text) is None:
        return Filter(search=parse(text))
    return Filter(words=text)
