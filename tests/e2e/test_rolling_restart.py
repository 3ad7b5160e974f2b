"""Two APIs and two workers on one PostgreSQL and one Temporal, replaced one by one under load: nothing fails."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import stripe

from cli.options import database_url
from embedded.ports import free_port
from settings import ROOT, Settings
from tests.e2e.conftest import Running
from tests.e2e.test_chaos import reconciled

SECRET = "shared by all APIs and the gateway"
DRAIN_SECONDS_MAX = 120
THREADS = 4
RETRIES_MAX, PAUSE_SECONDS = 100, 0.2


@dataclass
class Second:
    """A second API and a second worker, beside those of `make run`."""

    running: Running
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        settings = Settings.read(self.running.environment)
        environment = {
            **settings.child_environment(), **self.running.environment, "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url(settings), "PERDURE_NOTIFICATION_SECRET": SECRET,
        }  # fmt: skip
        api = ["-m", "api", "--port", str(self.port)]
        arguments = api if name == "api" else ["worker.py"]
        with (self.running.directory / f"second-{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def stop(self, name: str) -> float:
        """SIGTERM; how long it took to finish what was under way."""
        began = time.monotonic()
        self.processes[name].send_signal(signal.SIGTERM)
        status = self.processes[name].wait(DRAIN_SECONDS_MAX)
        # The API ends by the signal it was sent, once it has drained.
        assert status in (0, -signal.SIGTERM), status
        return time.monotonic() - began

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        try:
            return all(httpx.get(f"{self.url}{path}", timeout=15).is_success for path in ("/readyz", "/health"))
        except httpx.HTTPError:
            return False


@contextmanager
def second(running: Running) -> Iterator[Second]:
    both = Second(running)
    try:
        for name in ("worker", "api"):
            both.start(name)
        running.wait_for(both.ready)
        yield both
    finally:
        for process in both.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()


@dataclass
class Load:
    """Payments without a pause, at both APIs in turn, until it is told to stop."""

    clients: list[Any]
    healed: list[str] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def pay(self, number: int) -> None:
        while not self.over.is_set():
            number += THREADS
            began = time.monotonic()
            try:
                intent = self.ask(
                    number, "create", {"amount": 900, "currency": "usd", "allowed_payment_method_types": ["card"]}
                )
                done = self.ask(number, "confirm", intent.id, {"payment_method": "pm_card_visa"})
                assert done.status in ("succeeded", "processing")
            except BaseException as error:  # kept for the test to show
                self.failed.append(error)
                return
            self.paid.append(time.monotonic() - began)

    def ask(self, number: int, what: str, *given: Any) -> Any:
        """One request; should it fail, again at the next API, under the same key, as behind a load balancer."""
        for attempt in range(RETRIES_MAX):
            client = self.clients[(number + attempt) % len(self.clients)]
            try:
                return getattr(client.v1.payment_intents, what)(*given, {"idempotency_key": f"{number}/{what}"})
            except (stripe.APIConnectionError, stripe.APIError) as error:
                self.healed.append(type(error).__name__)
                self.over.wait(PAUSE_SECONDS)
        raise AssertionError(f"{what} failed {RETRIES_MAX} times")


def client_at(url: str) -> Any:
    return stripe.StripeClient("sk_test_perdure", base_addresses={"api": url}, max_network_retries=0)


def test_replaced_one_by_one_under_load(fresh: Running) -> None:
    fresh.start(PERDURE_NOTIFICATION_SECRET=SECRET)
    with second(fresh) as other:
        load = Load([client_at(url) for url in (fresh.url, other.url)])
        threads = [threading.Thread(target=load.pay, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        drained = {}
        try:
            for name in ("api", "worker"):
                enough(fresh, load)
                drained[f"second {name}"] = other.stop(name)
                enough(fresh, load)
                other.start(name)
                fresh.wait_for(lambda: other.ready() and workers(fresh) == 2)
                drained[f"first {name}"] = replaced(fresh, name)
            enough(fresh, load)
        finally:
            load.over.set()
            for thread in threads:
                thread.join(180)
        assert load.failed == []
    slowest, healed = sorted(load.paid)[-1], len(load.healed)
    print(f"{len(load.paid)} payments, {healed} repeated, slowest {slowest:.1f} s, drained {drained}")  # noqa: T201
    fresh.wait_for(lambda: "under way" not in reconciled(fresh).stdout)
    assert reconciled(fresh).returncode == 0


def workers(running: Running) -> float:
    """How many have said of late that they live."""
    exported = httpx.get(f"{running.url}/metrics", timeout=30).text
    return next((float(line.split()[1]) for line in exported.splitlines() if line.startswith("perdure_workers ")), 0)


def enough(running: Running, load: Load, more: int = 15) -> None:
    """Some payments go through in between."""
    before = len(load.paid)
    running.wait_for(lambda: load.failed or len(load.paid) >= before + more)


def replaced(running: Running, name: str) -> float:
    """SIGTERM to one of those that `make run` watches; it starts another."""
    before, began = running.children()[name], time.monotonic()
    before.send_signal(signal.SIGTERM)
    before.wait(DRAIN_SECONDS_MAX)
    took = time.monotonic() - began

    def back() -> bool:
        now = running.children().get(name)
        return now is not None and now.pid != before.pid and running.ready()

    running.wait_for(back)
    return took
