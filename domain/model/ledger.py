"""The ledger: which commands an intent has carried out, and what their callers were told. Ids and short words only.

It travels in the state, through every payload: whatever is an object (the payment method that was declined) is named
here by its id, and filled in again from what the state still knows of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.copies import replace
from domain.model.events import PaymentError
from domain.model.payment_methods import PaymentMethod

LEDGER_ENTRIES_MAX = 1_000
"""Commands remembered per PaymentIntent; the oldest are forgotten first. Stripe allows 1,000 updates an hour."""

LEDGER_ERRORS_MAX = 120
"""Commands remembered together with an error, of 400 bytes each. An intent is declined a hundred times at most
(`ATTEMPTS_MAX`), and each of its holds some more."""

ERROR_BYTES = 400
"""What an error takes in an entry, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A command that was carried out, and the error its caller was told of, if any."""

    command_id: str
    error: PaymentError | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it takes as JSON."""
        return len(self.command_id) + (ERROR_BYTES if self.error else 20)

    def brief(self) -> "LedgerEntry":
        """The entry as it is kept: its error's payment method is only named."""
        if self.error is None or self.error.payment_method is None:
            return self
        named = replace(self.error, payment_method=None, payment_method_id=self.error.payment_method.id)
        return replace(self, error=named)

    def as_told(self, known: Iterable[PaymentMethod | None]) -> "LedgerEntry":
        """The entry with its error as the caller was told it, if its payment method is one of those `known`."""
        if self.error is None or self.error.payment_method_id is None:
            return self
        for method in known:
            if method is not None and method.id == self.error.payment_method_id:
                return replace(self, error=replace(self.error, payment_method=method, payment_method_id=None))
        return self


def with_entry(ledger: tuple[LedgerEntry, ...], entry: LedgerEntry) -> tuple[LedgerEntry, ...]:
    """The ledger with one more entry, and without the oldest where there are too many.

    What an earlier release has kept whole is made brief as well.
    """
    kept = [known.brief() for known in (*ledger, entry)[-LEDGER_ENTRIES_MAX:]]
    surplus = sum(known.error is not None for known in kept) - LEDGER_ERRORS_MAX
    if surplus <= 0:
        return tuple(kept)
    last = [index for index, known in enumerate(kept) if known.error is not None][surplus - 1]
    return tuple(kept[last + 1 :])
