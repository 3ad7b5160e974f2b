"""`python -m simulator --port 8010 --ledger FILE`: the gateway simulator as a process of its own."""

import argparse
import os
from pathlib import Path

import uvicorn

from simulator.app import create_app


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=8010, help="port to listen on (8010)")
    parser.add_argument("--ledger", type=Path, default=Path("simulator.db"), help="SQLite file of the book")
    parser.add_argument("--engine", default="", help="base URL of the engine, to notify and to send buyers back to")
    arguments = parser.parse_args()
    # The secret comes by the environment: a command line is there for everybody to read.
    secret = os.environ.get("PERDURE_NOTIFICATION_SECRET", "")  # noqa: TID251
    app = create_app(arguments.ledger, f"http://{arguments.host}:{arguments.port}", arguments.engine, secret)
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="warning", timeout_keep_alive=75)


if __name__ == "__main__":
    main()
