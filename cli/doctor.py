"""`perdure doctor`: is this installation whole? Looks at each part, changes nothing, and says what to do.

With the settings that API and worker have (DATABASE_URL, TEMPORAL_…, PERDURE_…), it looks at those; with none, at what
`make run` starts here. Exit status 0: nothing is wrong. 1: something is, and the lines with `!!` say what.
"""

import argparse
import asyncio
import json
import os
import re
import stat
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import httpx

from cli.options import database_url, told
from domain.model.hashes import JsonObject
from records import accounts
from records.base import RecordsRefused, RecordsUnavailable
from records.condition import RecordsCondition, time_of
from records.database import Database
from records.workers import PostgresWorkers
from settings import Settings, SettingsError
from temporal.client import connect
from temporal.condition import TemporalCondition, TemporalNotWell

LOOK_SECONDS = 5.0
"""What has not answered by then does not answer."""

SKEW_SECONDS_MAX = 2
"""A clock that is further off sends commands twice, and its webhooks look old to who checks their signatures."""

READ_BY_OTHERS = 0o077


class Wrong(Exception):
    """What is not as it should be; `remedy` is what to do about it."""

    def __init__(self, why: str, remedy: str) -> None:
        """Say both."""
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one part: that it is well, or what is wrong and what to do."""

    part: str
    well: bool
    says: str
    do: str = ""

    def line(self) -> str:
        """For people."""
        said = f"{'ok' if self.well else '!!'}  {self.part:<10} {self.says}"
        return f"{said}\n    {'':<10} {self.do}" if self.do else said


Look = Callable[[], Awaitable[str]]
"""Says what is well; raises what is not."""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor", help="look for what is wrong with an installation", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Look; the exit status."""
    try:
        settings = Settings.read()
        url = database_url(settings)
    except SettingsError as error:
        found: Sequence[Found] = [Found("settings", False, str(error), "docs/OPERATING.md has every setting.")]
    else:
        database = Database(url, connections_max=2, command_timeout_seconds=LOOK_SECONDS)
        try:
            found = await examined(Doctor(settings, url, database).looks())
        finally:
            await database.close()
    lines = "\n".join(map(Found.line, found))
    print(json.dumps([asdict(each) for each in found], indent=2) if arguments.json else lines)
    return 0 if all(each.well for each in found) else 1


async def examined(looks: dict[str, Look], seconds: float = LOOK_SECONDS) -> list[Found]:
    """What each part has to say, in order; they are looked at side by side, for so long at most."""
    return list(await asyncio.gather(*(_examine(part, look, seconds) for part, look in looks.items())))


async def _examine(part: str, look: Look, seconds: float) -> Found:
    try:
        async with asyncio.timeout(seconds):
            return Found(part, True, await look())
    except Wrong as wrong:
        return Found(part, False, str(wrong), wrong.remedy)
    except TimeoutError:
        return Found(part, False, f"no answer within {seconds:g} s", "It is frozen, or a network drops packets.")


class Doctor:
    """The looks at one installation."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        database: Database,
        clock: Callable[[], float] = time.time,  # noqa: TID251
    ) -> None:
        """At what `settings` name; `database` is that of `url`, `clock` this machine's (Unix seconds)."""
        self._settings, self._url, self._database, self._clock = settings, url, database, clock

    def looks(self) -> dict[str, Look]:
        """By part, in the order in which they are to be mended."""
        return {
            "ports": self.ports,
            "files": self.files,
            "database": self.records,
            "clock": self.clock,
            "Temporal": self.engine,
            "keys": self.keys,
            "gateways": self.gateways,
            "workers": self.workers,
            "API": self.api,
        }

    async def ports(self) -> str:
        """Whoever listens where the API would is the API."""
        port = self._settings.api_port
        if not await _listens(port):
            return f"{port} is free for an API; none runs here"
        try:
            alive = (await _get(f"http://127.0.0.1:{port}/healthz")).is_success
        except httpx.HTTPError:
            alive = False
        if not alive:
            raise Wrong(f"something that is no API of ours listens on {port}", "Stop it, or set PERDURE_API_PORT.")
        return f"an API listens on {port}"

    async def files(self) -> str:
        """What `make run` keeps is nobody else's to read."""
        directory = self._settings.data_dir
        if not directory.exists():
            return f"{directory} is not there: nothing was run here, or all of it is elsewhere"
        kept = [directory / "logs", *directory.glob("*.db"), *directory.glob("logs/*.log")]
        open_ = [str(path) for path in kept if path.exists() and stat.S_IMODE(path.stat().st_mode) & READ_BY_OTHERS]
        if open_:
            raise Wrong(f"others can read {', '.join(open_[:3])}", f"chmod -R go-rwx {directory}/*.db {directory}/logs")
        if not os.access(directory, os.W_OK):
            raise Wrong(f"{directory} cannot be written", "chown it to this user, or set PERDURE_DATA_DIR.")
        return f"{directory} is this user's alone"

    async def records(self) -> str:
        """PostgreSQL answers, with the schema of this release."""
        said: list[str] = []
        try:
            await RecordsCondition(self._database, self._url, said.append).check()
        except (RecordsUnavailable, RecordsRefused) as error:
            raise Wrong(told(error), self._start_or("DATABASE_URL: is it the right one, and does it run?")) from None
        return said[0] if said else "PostgreSQL has the schema of this release"

    async def clock(self) -> str:
        """Ours and PostgreSQL's agree."""
        began = self._clock()
        try:
            theirs = await time_of(self._database)
        except (RecordsUnavailable, RecordsRefused):
            raise Wrong("not compared: the database does not answer", "See above.") from None
        ours = (began + self._clock()) / 2
        if abs(ours - theirs) > SKEW_SECONDS_MAX:
            off = f"{abs(ours - theirs):.0f} s {'ahead of' if ours > theirs else 'behind'} PostgreSQL's"
            raise Wrong(f"this machine's clock is {off}", "Let both keep time (chrony, systemd-timesyncd).")
        return "this machine and PostgreSQL agree on the time"

    async def engine(self) -> str:
        """Temporal answers, with the namespace and the search attributes of this release."""
        settings = self._settings
        client = await connect(settings.temporal_address, settings.temporal_namespace, lazy=True)
        try:
            await TemporalCondition(client).check()
        except TemporalNotWell as error:
            # Of what the SDK says of a connection, the cause alone.
            plain = re.sub(r": Failed client connect.*message: \"([^\"]+)\".*", r": \1", str(error))
            why, _, remedy = plain.partition(": run ")
            otherwise = self._start_or("TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TLS: are they right?")
            raise Wrong(why, f"Run {remedy}" if remedy else otherwise) from None
        return f"Temporal at {settings.temporal_address} has namespace and search attributes"

    async def keys(self) -> str:
        """Somebody can ask, and what both sides must know is set."""
        settings = self._settings
        try:
            keys = await accounts.list_keys(self._database)
        except (RecordsUnavailable, RecordsRefused):
            raise Wrong("not looked at: the database does not answer", "See above.") from None
        now = int(self._clock())
        able = [key for key in keys if key.kind != "publishable" and (key.expires is None or key.expires > now)]
        if not able:
            raise Wrong("no secret key opens anything", "./perdure keys create --account acct_…")
        if settings.database_url and not settings.notification_secret:
            remedy = "Set the same random PERDURE_NOTIFICATION_SECRET for every API, and at the gateway."
            raise Wrong("there is no notification secret: no news of a gateway is taken", remedy)
        return f"{len(able)} secret or restricted keys of {len({key.account for key in able})} accounts"

    async def gateways(self) -> str:
        """Those that are simulators answer. Of others only they can tell."""
        asked = [each for each in self._settings.gateways if each.url]
        for gateway in asked:
            try:
                await _get(gateway.url)
            except httpx.HTTPError as error:
                remedy = self._start_or(f"Start it, or set the url of {gateway.name} in PERDURE_GATEWAYS.")
                raise Wrong(f"{gateway.name} at {gateway.url}: {type(error).__name__}", remedy) from None
        return f"{', '.join(each.name for each in asked) or 'none with an address'}: reached"

    async def workers(self) -> str:
        """At least one has said of late that it lives."""
        workers = PostgresWorkers(self._database)
        try:
            await workers.check()
            return f"{await workers.alive()} live"
        except (RecordsUnavailable, RecordsRefused) as error:
            if error.__cause__ is not None:
                raise Wrong("not looked at: the database does not answer", "See above.") from None
            raise Wrong(str(error), self._start_or("Start workers: .venv/bin/python worker.py")) from None

    async def api(self) -> str:
        """What an API that runs here says of its parts itself."""
        settings = self._settings
        port = settings.internal_port or settings.api_port
        if not await _listens(port):
            raise Wrong(f"none listens on {port} of this machine", self._start_or("Start one: .venv/bin/python -m api"))
        try:
            answer = await _get(f"http://127.0.0.1:{port}/health")
            parts: JsonObject = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Wrong(f"/health on {port}: {type(error).__name__}", "Its log says why.") from None
        if not answer.is_success:
            raise Wrong(f"/health says {json.dumps(parts)}", "docs/OPERATING.md has what to do for each reason.")
        return "all parts are well, it says"

    def _start_or(self, otherwise: str) -> str:
        """What `make run` brings is started by it."""
        elsewhere = self._settings.database_url or find_spec("embedded") is None
        return otherwise if elsewhere else f"`make run` starts it. {otherwise}"


async def _get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=LOOK_SECONDS / 2, trust_env=False) as http:
        return await http.get(url)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
