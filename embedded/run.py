"""`make run`: everything on this machine, from one command. Starts the parts, watches them, and stops them with itself.

PostgreSQL, Temporal and the simulator start side by side; then the schema; then worker and API side by side.
"""

import argparse
import asyncio
import contextlib
import fcntl
import hmac
import os
import secrets  # noqa: TID251
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from urllib.parse import urlencode

import httpx

from contracts.gateways import ADYEN, GatewaySetting, secret_setting
from domain.model.gateways import FIRST
from embedded.banner import banner
from embedded.children import Child, Spec, StartError, follow_parent
from embedded.ports import check_free, listening
from embedded.postgres import EmbeddedPostgres
from embedded.privacy import FILE, FOR_US_ALONE, make_private
from embedded.temporal import temporal_database, temporal_spec
from embedded.visibility import bulky, slim
from records.accounts import ensure_account, ensure_key
from records.database import Database
from records.migrate import migrate
from serving import probes
from serving.hosts import ANY, LOOPBACK
from serving.streams import SafeStream, keep_standard_streams
from settings import ROOT, TEST_ACCOUNT, Settings, SettingsError


class Stack:
    """All the parts, in the order they were started."""

    def __init__(self, settings: Settings) -> None:
        """Prepare nothing yet."""
        self._settings = settings
        self._children: list[Child] = []
        self._postgres = EmbeddedPostgres(settings.data_dir)
        # Between the simulator and the API, and nobody else's: a new one every time will do.
        self._secret = settings.notification_secret or secrets.token_hex(32)

    async def start(self) -> None:
        """Start every part; when this returns, a payment can be taken.

        Raises:
            StartError: something cannot start.
        """
        settings = self._settings
        temporal = temporal_spec(settings)
        await asyncio.to_thread(self._postgres.prepare)
        await asyncio.gather(
            self._start(self._postgres.spec(settings.child_environment())),
            self._start_temporal(temporal),
            *(self._start(self._counterpart(each)) for each in simulators(settings)),
        )
        await self._timed("schema", self._migrate())
        await asyncio.gather(self._start(self._worker()), self._start(self._api()))

    async def stop(self) -> None:
        """Stop every part, last started first."""
        for child in reversed(self._children):
            await child.stop()

    async def _start(self, spec: Spec) -> None:
        log = self._settings.data_dir / "logs" / f"{spec.name.lower()}.log"
        child = Child(spec, log, say)
        self._children.append(child)
        await self._timed(spec.name, child.start())

    async def _timed(self, name: str, work: Awaitable[None]) -> None:
        start = time.monotonic()
        await work
        say(f"  {name:<12} ready  ({time.monotonic() - start:.1f} s)")

    async def _start_temporal(self, spec: Spec) -> None:
        """With slim indexes: those of an older release before it starts, its own as soon as it has made them."""
        database = temporal_database(self._settings)
        if database.exists():
            await self._slim(database, "  Temporal's indexes are made to fit, once; a million payments take a minute")
        await self._start(spec)
        await self._slim(database)

    async def _slim(self, database: Path, *said: str) -> None:
        try:
            if bulky(database):
                for line in said:
                    say(line)
                await asyncio.to_thread(slim, database)
        except sqlite3.Error as error:
            say(f"  Temporal's indexes stay as they are ({error}): payments are slower, and nothing else")

    async def _migrate(self) -> None:
        settings, now = self._settings, int(time.time())  # noqa: TID251
        await self._postgres.ensure_database()
        await migrate(self._postgres.url)
        database = Database(self._postgres.url)
        try:
            await ensure_account(database, TEST_ACCOUNT, "Perdure test account", now)
            await ensure_key(database, TEST_ACCOUNT, settings.secret_key, "secret", livemode=False, now=now)
            await ensure_key(database, TEST_ACCOUNT, settings.publishable_key, "publishable", livemode=False, now=now)
        finally:
            await database.close()

    def _environment(self) -> dict[str, str]:
        return self._settings.child_environment(
            DATABASE_URL=self._postgres.url,
            PYTHONPATH=str(ROOT),
            PERDURE_NOTIFICATION_SECRET=self._secret,
            **{
                secret_setting(each, f"_{name}"): value
                for each in simulators(self._settings)
                if each.kind == ADYEN
                for name, value in self._shared_with(each).items()
            },
            # Whoever runs everything on one machine has the shop there as well.
            PERDURE_DEMO="refuse" if self._settings.demo is False else "allow",
            PERDURE_TEST_ACCOUNTS="refuse" if self._settings.test_accounts is False else "allow",
            PERDURE_WEBHOOKS_PRIVATE="refuse" if self._settings.private_webhooks is False else "allow",
            PERDURE_HOSTS=",".join(self._hosts()),
        )

    def _hosts(self) -> tuple[str, ...]:
        """What is on loopback answers to its names alone, unless others were given."""
        given = self._settings.hosts
        if given == (ANY,) and self._settings.host in LOOPBACK:
            return LOOPBACK
        return given if ANY in given else (*LOOPBACK, *given)

    def _counterpart(self, gateway: GatewaySetting) -> Spec:
        return self._adyen(gateway) if gateway.kind == ADYEN else self._simulator(gateway)

    def _adyen(self, gateway: GatewaySetting) -> Spec:
        port = port_of(self._settings, gateway)
        engine = f"http://127.0.0.1:{self._settings.api_port}/gateways/{gateway.name}/notifications"
        ledger = self._settings.data_dir / f"adyen-{gateway.name}.db"
        command = [sys.executable, "-m", "simulator.adyen", "--port", str(port), "--ledger", str(ledger)]
        command += ["--merchant", gateway.options["merchant"], "--notify", engine]

        async def ready() -> bool:
            return await listening(port)

        secret = self._shared_with(gateway)
        known = {"PERDURE_ADYEN_API_KEY": secret["SECRET"], "PERDURE_ADYEN_HMAC_KEY": secret["HMAC"]}
        known["PERDURE_ADYEN_BASIC"] = secret["BASIC"]
        environment = self._settings.child_environment(PYTHONPATH=str(ROOT), **known)
        return Spec(name=f"Adyen-{gateway.name}", command=command, environment=environment, ready=ready)

    def _shared_with(self, gateway: GatewaySetting) -> dict[str, str]:
        """What a simulated Adyen and the engine know, and nobody else; new every time, but for what makes keys."""
        return {
            "SECRET": self._derived(gateway.name, "key"),
            "HMAC": self._derived(gateway.name, "hmac"),
            "BASIC": f"adyen:{self._derived(gateway.name, 'password')}",
            "KEYS": f"{gateway.name}: nobody's secret, as this Adyen is a simulated one",
        }

    def _derived(self, *names: str) -> str:
        return hmac.new(self._secret.encode(), "/".join(names).encode(), "sha256").hexdigest()

    def _simulator(self, gateway: GatewaySetting) -> Spec:
        port, first = port_of(self._settings, gateway), gateway.name == FIRST
        ledger = self._settings.data_dir / ("simulator.db" if first else f"simulator-{gateway.name}.db")
        engine = f"http://127.0.0.1:{self._settings.api_port}"
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--ledger", str(ledger), "--engine", engine]
        command += [] if first else ["--name", gateway.name]
        command += ["--conduct", urlencode(gateway.options, safe=",")] if gateway.options else []

        async def ready() -> bool:
            return await listening(port)

        name = "Simulator" if first else f"Simulator-{gateway.name}"
        return Spec(name=name, command=command, environment=self._environment(), ready=ready)

    def _worker(self) -> Spec:
        async def ready() -> bool:
            return True

        command = [sys.executable, str(ROOT / "worker.py")]
        return Spec(name="Worker", command=command, environment=self._environment(), ready=ready)

    def _api(self) -> Spec:
        settings = self._settings
        command = [sys.executable, "-m", "api", "--host", settings.host, "--port", str(settings.api_port)]

        async def ready() -> bool:
            # It listens before it can take a payment, and its parts may be well before it has seen that.
            probed = settings.internal_port or settings.api_port
            if not await listening(probed):
                return False
            with contextlib.suppress(httpx.HTTPError):
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{probed}", trust_env=False) as http:
                    answers = [await http.get(path) for path in (probes.READY, probes.HEALTH)]
                return all(answer.is_success for answer in answers)
            return False

        return Spec(name="API", command=command, environment=self._environment(), ready=ready)


def simulators(settings: Settings) -> list[GatewaySetting]:
    """The gateways that come with us: each is a process of its own."""
    return [each for each in settings.gateways if each.comes_with_us]


def port_of(settings: Settings, gateway: GatewaySetting) -> int:
    """Where a simulator of ours listens."""
    return settings.simulator_port + settings.gateways.index(gateway)


_TERMINAL = SafeStream(sys.stdout)


def say(line: str) -> None:
    """One line for the person at the terminal; if they have gone, or a disk is full, everything runs on without it."""
    print(line, file=_TERMINAL, flush=True)


def prepare_directory(data_dir: Path) -> int:
    """Make the data directory, and keep a second `make run` out of it. Answers with the lock's file descriptor.

    Raises:
        StartError: it cannot be written, or somebody is in it.
    """
    try:
        (data_dir / "logs").mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE)
        make_private(data_dir)
    except OSError as error:
        raise StartError(
            f"The data directory {data_dir} cannot be written ({error.strerror}): make it writable, or choose another "
            "with PERDURE_DATA_DIR=/some/where make run"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError(
            f"Another `make run` uses the data directory {data_dir}: stop it, or choose another with "
            "PERDURE_DATA_DIR=/some/where make run"
        ) from error
    return lock


async def check_ports(settings: Settings) -> None:
    """Find out before anything is started."""
    await check_free(settings.api_port, "the API", "PERDURE_API_PORT")
    await check_free(settings.temporal_port, "Temporal", "PERDURE_TEMPORAL_PORT")
    await check_free(settings.temporal_ui_port, "Temporal's Web UI", "PERDURE_TEMPORAL_UI_PORT")
    for gateway in simulators(settings):
        what = "the gateway simulator" if gateway.name == FIRST else f"the simulator of the gateway {gateway.name}"
        await check_free(port_of(settings, gateway), what, "PERDURE_SIMULATOR_PORT")


async def run(settings: Settings) -> None:
    """Start, say where everything is, and wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    start = time.monotonic()
    await check_ports(settings)
    lock = prepare_directory(settings.data_dir)
    stack = Stack(settings)
    try:
        say("Starting Perdure")
        starting = asyncio.create_task(stack.start())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)  # noqa: TID251
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            return
        starting.result()
        say(banner(settings, time.monotonic() - start))
        await stopping
    finally:
        say("Stopping; everything is kept in " + str(settings.data_dir))
        await stack.stop()
        os.close(lock)


def main() -> None:
    """Run, and end with one line if something cannot."""
    parser = argparse.ArgumentParser(prog="python -m embedded", description=__doc__)
    parser.add_argument(
        "--end-with-parent", action="store_true", help="stop when the process that started this one ends (Linux)"
    )
    if parser.parse_args().end_with_parent:
        follow_parent(signal.SIGTERM)
    keep_standard_streams()
    os.umask(FOR_US_ALONE)
    try:
        asyncio.run(run(Settings.read()))
    except (StartError, SettingsError) as error:
        sys.exit(f"perdure: {error}")


if __name__ == "__main__":
    main()
