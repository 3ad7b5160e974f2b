"""`python -m simulator --port 8010 --ledger FILE`: the gateway simulator as a process of its own."""

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
from simulator.app import create_app
from simulator.conduct import conduct_of

REMEDY = "Start the simulator with --answer-to and the name."
DRAIN_SECONDS = 1
"""Whoever waits longer meets a fault that was asked for."""


def says(status: int, message: str) -> tuple[Headers, bytes]:
    """What the server itself refuses, in the form of the simulator's own refusals."""
    del status
    return [(b"content-type", b"application/json")], json.dumps({"message": message}).encode()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=8010, help="port to listen on (8010)")
    parser.add_argument("--ledger", type=Path, default=Path("simulator.db"), help="SQLite file of the book")
    parser.add_argument("--name", default="simulator", help="which gateway of the engine's this is (simulator)")
    parser.add_argument("--conduct", default="", help="how it behaves, as p50_ms=1200&p99_ms=4000&later=capture,void")
    parser.add_argument("--engine", default="", help="base URL of the engine, to notify and to send buyers back to")
    parser.add_argument("--public-url", default="", help="base URL where buyers reach this (where it listens)")
    parser.add_argument("--engine-public-url", default="", help="base URL where buyers reach the engine (--engine)")
    parser.add_argument(
        "--answer-to", action="append", metavar="NAME",
        help="a name that it is reached by (those of loopback, when it listens there; else any)",
    )  # fmt: skip
    arguments = parser.parse_args()
    keep_standard_streams()
    # What is kept is for this user alone.
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, handlers=[logging.StreamHandler(SafeStream(sys.stderr))])
    names = arguments.answer_to or (LOOPBACK if arguments.host in LOOPBACK else (ANY,))
    # The secret comes by the environment: a command line is there for everybody to read.
    secret = os.environ.get("PERDURE_NOTIFICATION_SECRET", "")  # noqa: TID251
    public_url = arguments.public_url or f"http://{arguments.host}:{arguments.port}"
    app = create_app(
        arguments.ledger,
        public_url,
        arguments.engine,
        secret,
        engine_public_url=arguments.engine_public_url,
        name=arguments.name,
        conduct=conduct_of(arguments.conduct),
    )
    guarded = KnownHosts(app, names, says, REMEDY)
    serve(configured(guarded, arguments.host, arguments.port, says=says, drain_seconds=DRAIN_SECONDS))


if __name__ == "__main__":
    main()
