"""Customer sessions: half an hour in which a page may show one customer what is theirs, as far as it was allowed."""

from dataclasses import dataclass
from typing import Any

ENABLED = "enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSession:
    """One of them; its secret is known to nobody here. Good for what is `customer`'s until `expires`, Unix seconds.

    `components` are those of Stripe's object that are on, by name, each with its features, if it has any.
    """

    id: str
    account: str
    livemode: bool
    created: int
    customer: str
    expires: int
    components: dict[str, dict[str, Any]]

    @property
    def features(self) -> "Features | None":
        """What the Payment Element may do with it; None: nothing."""
        said = self.components.get("payment_element")
        return None if said is None else Features(said)


class Features:
    """What a payment element may show and do."""

    def __init__(self, said: dict[str, Any]) -> None:
        """As they were said."""
        self._said = said

    @property
    def shown_max(self) -> int:
        """How many methods it shows at most; none, unless it shows any."""
        return int(self._said["payment_method_redisplay_limit"]) if self._has("payment_method_redisplay") else 0

    @property
    def removes(self) -> bool:
        """Whether it removes one that it shows."""
        return self._has("payment_method_remove")

    @property
    def shown(self) -> tuple[str, ...]:
        """Which it shows, by their `allow_redisplay`."""
        return tuple(self._said["payment_method_allow_redisplay_filters"])

    def _has(self, name: str) -> bool:
        return bool(self._said[name] == ENABLED)
