"""localstripe with intents in it: `python -m bench.localstripe_server --port N --intents N`.

Without what would make it slower than it has to be: its dump of everything at every write, and its log of requests.
"""

import argparse

from aiohttp import web
from localstripe.resources import PaymentIntent, Store, store
from localstripe.server import app


class Memory(Store):  # type: ignore[misc]
    """A store that is never dumped to disk."""

    def dump_to_disk(self) -> None:
        """Keep it in memory."""


def main() -> None:
    """Fill, then serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--intents", type=int, required=True)
    given = parser.parse_args()
    store.__class__ = Memory
    for _ in range(given.intents):
        PaymentIntent(amount=1099, currency="usd")
    web.run_app(app, host="127.0.0.1", port=given.port, access_log=None, print=None)


if __name__ == "__main__":
    main()
