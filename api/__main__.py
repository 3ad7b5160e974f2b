"""`python -m api`: the API as a process of its own, on a server with bounds. What it is made of is app.py."""

import argparse
import sys

import uvicorn

from api.app import app
from api.dialect.answers import COMMON_HEADERS
from api.dialect.errors import StripeError
from api.dialect.minting import Mint, new_seed
from api.routes.codec import PATH as CODEC
from api.routes.probes import METRICS
from api.routes.stripe_cli.socket import PATH as CLI_SOCKET
from observability.logs import configure_logs
from rendering.printing import to_json
from serving.apart import Apart, Internal
from serving.hosts import KnownHosts
from serving.probes import HEALTH, LIVE, READY
from serving.protocol import Headers
from serving.server import DRAIN_SECONDS, configured, serve
from settings import Settings, SettingsError

INTERNAL = Internal(alone=(METRICS, HEALTH, CODEC), both=(LIVE, READY))
"""What operators alone see where they have a port of their own. Probes of either port are of the same process."""

REMEDY = "Set PERDURE_HOSTS to the names that it is reached by, separated by commas."


def says(status: int, message: str) -> tuple[Headers, bytes]:
    """What the server itself refuses, as Stripe words it. Nothing was done: what was late may come again."""
    again = status in (408, 429, 503)
    error = StripeError(message, type_="api_error" if status >= 500 else "invalid_request_error", status=status)
    headers = {
        "Content-Type": "application/json",
        "Request-Id": Mint(new_seed()).request,
        "Stripe-Should-Retry": "true" if again else "false",
        **COMMON_HEADERS,
    }
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()], to_json(error.body())


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument(
        "--drain-seconds", type=int, default=DRAIN_SECONDS, metavar="SECONDS",
        help=f"how long requests that are under way may take after SIGTERM ({DRAIN_SECONDS})",
    )  # fmt: skip
    given = parser.parse_args()
    try:
        settings = Settings.read()
        if not settings.database_url:
            raise SettingsError("DATABASE_URL is not set: the API needs PostgreSQL (or run `make run`, which has one)")
    except SettingsError as error:
        sys.exit(f"perdure: {error}")
    configure_logs(settings.log_level)
    shown = Apart(app, INTERNAL, says, internal=False) if settings.internal_port else app
    guarded = KnownHosts(shown, settings.hosts, says, REMEDY)
    config = configured(
        guarded, given.host, given.port, says=says, drain_seconds=given.drain_seconds, websockets=[CLI_SOCKET]
    )
    serve(config, lambda: app.state.services.stopping.set(), internal(settings, given.host))


def internal(settings: Settings, host: str) -> uvicorn.Config | None:
    """The port for operators, if there is to be one. It is asked by address, so it answers to any name."""
    if not settings.internal_port:
        return None
    apart = Apart(app, INTERNAL, says, internal=True)
    return configured(apart, host, settings.internal_port, says=says, lifespan=False)


if __name__ == "__main__":
    main()
