"""`python -m simulator.adyen --port 8011 --ledger FILE --merchant NAME`: an Adyen as a process of its own.

Secrets come by the environment, as a command line is there for everybody to read: PERDURE_ADYEN_API_KEY,
PERDURE_ADYEN_HMAC_KEY and PERDURE_ADYEN_BASIC (user:password).
"""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from serving.hosts import ANY, LOOPBACK, KnownHosts
from serving.protocol import Headers
from serving.server import configured, serve
from serving.streams import SafeStream, keep_standard_streams
from simulator.adyen.app import create_app

REMEDY = "Start it with --answer-to and the name."
DRAIN_SECONDS = 1


def says(status: int, message: str) -> tuple[Headers, bytes]:
    """What the server itself refuses, as Adyen's errors are."""
    body = {"status": status, "errorCode": "702", "message": message, "errorType": "validation"}
    return [(b"content-type", b"application/json")], json.dumps(body).encode()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="simulator.adyen", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=8011, help="port to listen on (8011)")
    parser.add_argument("--ledger", type=Path, default=Path("adyen.db"), help="SQLite file of the book")
    parser.add_argument("--merchant", default="PerdureECOM", help="the merchant account")
    parser.add_argument("--notify", default="", help="where notifications go")
    parser.add_argument("--public-url", default="", help="base URL where buyers reach this (where it listens)")
    parser.add_argument("--news-seconds", type=float, default=0.0, help="when modifications are told of")
    parser.add_argument("--answer-to", action="append", metavar="NAME", help="a name that it is reached by")
    arguments = parser.parse_args()
    keep_standard_streams()
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, handlers=[logging.StreamHandler(SafeStream(sys.stderr))])
    names = arguments.answer_to or (LOOPBACK if arguments.host in LOOPBACK else (ANY,))
    secret = os.environ.get  # noqa: TID251
    app = create_app(
        arguments.ledger,
        arguments.public_url or f"http://{arguments.host}:{arguments.port}",
        merchant=arguments.merchant,
        api_key=secret("PERDURE_ADYEN_API_KEY", ""),
        notify_url=arguments.notify,
        hmac_key=secret("PERDURE_ADYEN_HMAC_KEY", ""),
        basic=secret("PERDURE_ADYEN_BASIC", ""),
        news_seconds=arguments.news_seconds,
    )
    guarded = KnownHosts(app, names, says, REMEDY)
    serve(configured(guarded, arguments.host, arguments.port, says=says, drain_seconds=DRAIN_SECONDS))


if __name__ == "__main__":
    main()
