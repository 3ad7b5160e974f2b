"""What the routes are given: the engine, the records, the tokenization port, and the time. Wired in app.py."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from api.dialect.admission import COMMANDS_MAX
from api.dialect.request_log import RequestLog
from api.dialect.restoring import Restoring
from api.usecases.offers import Offers
from api.usecases.pacing import Pace
from domain.model.gateways import THE_FIRST, GatewayProfile, Route, default_route
from domain.routing.candidates import Health
from gateways.base import FundingPort, TokenizationPort
from gateways.listening import Listener
from gateways.payouts import Payouts
from records.balance_refunds import PostgresBalanceRefunds
from records.cash_balances import PostgresCashBalances
from records.console.overview import Overview
from records.console.reading import Desk
from records.database import Database
from records.projection import PostgresProjection
from records.setups import PostgresSetups
from temporal.port import Engine, SetupEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Injected; tests hand in fakes."""

    engine: Engine
    setups: SetupEngine
    database: Database
    setup_records: PostgresSetups
    projection: PostgresProjection
    tokenization: TokenizationPort
    funding: FundingPort
    cash_balances: PostgresCashBalances
    balance_refunds: PostgresBalanceRefunds
    payouts: Payouts
    clock: Callable[[], int]
    """Unix seconds."""
    profiles: tuple[GatewayProfile, ...] = THE_FIRST
    """What the gateways declare; the first is where payments go that nobody routes."""
    listeners: Mapping[str, Listener] = field(default_factory=dict)
    """The ears of gateways that tell in a dialect of their own, by name."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when such a gateway has told something."""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is known whether the records were restored from a copy: until then nothing is changed."""
    notification_secret: str = ""
    """What the gateway signs its notifications with; without, none is taken."""
    notification_secret_next: str = ""
    """What the gateway will sign with, or has just begun to: taken as well."""
    rate_limit: int = 0
    """Reads, and writes, a second for each account; 0 is no limit."""
    commands_max: int = COMMANDS_MAX
    """Commands under way at once in this process at most; 0 is no limit."""
    restoring: Restoring = field(default_factory=Restoring)
    """Whether nothing is to be changed at this moment."""
    public_url: str = ""
    """Where addresses in answers lead; empty: to where the request was addressed to."""
    answer_seconds: float = 15.0
    """How long a request waits for its command at most."""
    request_log: RequestLog | None = None
    """Where requests are noted; None: nowhere, and no error says where to look."""
    test_accounts: bool = False
    """Whether tests may have accounts of their own here."""
    private_webhooks: bool = False
    """Whether webhook endpoints may be on this machine or its network."""
    offers: Offers = field(default_factory=Offers)
    """What each account offers, where nobody names another configuration."""
    overview: Overview = field(default_factory=lambda: Overview(Desk()))
    """What the console asks of the records; all of its questions by one desk."""
    pace: Pace = field(default_factory=Pace)
    """Of those who listen by Stripe's CLI."""
    healths: Callable[[], Mapping[str, Health]] = dict
    """How the gateways are, as far as is known here; one that is not named is well."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is to end: whoever waits for news is answered at once with what there is."""

    @property
    def default_route(self) -> Route:
        """Where payments go that nobody routes."""
        return default_route(self.profiles)

    async def pause(self, seconds: float) -> bool:
        """Wait before looking again; False if there is no point in it, because the process is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return True
        return False
