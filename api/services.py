"""What the routes are given: the engine, the records, the tokenization port, and the time. Wired in app.py."""

from collections.abc import Callable
from dataclasses import dataclass

from api.engine import Engine
from gateways.base import FundingPort, TokenizationPort
from records.cash_balances import PostgresCashBalances
from records.database import Database
from records.projection import PostgresProjection


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Injected; tests hand in fakes."""

    engine: Engine
    database: Database
    projection: PostgresProjection
    tokenization: TokenizationPort
    funding: FundingPort
    cash_balances: PostgresCashBalances
    clock: Callable[[], int]
    """Unix seconds."""
    notification_secret: str = ""
    """What the gateway signs its notifications with; without, none is taken."""
    rate_limit: int = 0
    """Reads, and writes, a second for each account; 0 is no limit."""
    private_webhooks: bool = False
    """Whether webhook endpoints may be on this machine or its network."""
