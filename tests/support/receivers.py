"""A receiver of webhooks, as a merchant has one: a real HTTP server that verifies with the official SDK."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe


@dataclass
class Receiver:
    """What came, in order. `status` answers; `hang` holds every answer back until it is set."""

    secrets: list[str] = field(default_factory=list)
    status: int = 200
    hang: threading.Event | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    requests: int = 0
    under_way: int = 0
    at_once: int = 0
    url: str = ""
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ids(self) -> set[str]:
        """Of the events taken."""
        return {event["id"] for event in self.events}

    def types(self, payment_intent: str | None = None) -> list[str]:
        """Types of the events taken, in order of arrival; of one PaymentIntent, or all."""
        return [e["type"] for e in self.events if payment_intent is None or concerns(e, payment_intent)]

    def take(self, body: bytes, header: str) -> int:
        with self.lock:
            self.requests += 1
            self.under_way += 1
            self.at_once = max(self.at_once, self.under_way)
        try:
            if self.hang is not None:
                self.hang.wait(60)
            return self._take(body, header)
        finally:
            with self.lock:
                self.under_way -= 1

    def _take(self, body: bytes, header: str) -> int:
        for secret in self.secrets:
            try:
                event = stripe.Webhook.construct_event(body, header, secret)
            except (stripe.SignatureVerificationError, ValueError):
                continue
            with self.lock:
                self.bodies.setdefault(event["id"], set()).add(body)
                if 200 <= self.status < 300:
                    self.events.append(event.to_dict())
            return self.status
        self.refused.append(header)
        return 400


def concerns(event: dict[str, Any], payment_intent: str) -> bool:
    """Whether an event tells of this PaymentIntent, or of its charge."""
    told = event["data"]["object"]
    return payment_intent in (told.get("id"), told.get("payment_intent"))


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """Serve it on a free port, or on the one it had before."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = receiver.take(body, self.headers.get("Stripe-Signature", ""))
            answer = b"thank you" if status == 200 else b"<p>no\x00thing</p>"
            try:
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", receiver.port), Handler)
    receiver.port = server.server_address[1]
    receiver.url = f"http://127.0.0.1:{receiver.port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.hang is not None:
            receiver.hang.set()
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(condition: Any, what: str, seconds: float = 180) -> None:
    """Poll a condition that another process brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
