"""perdure doctor: each part that is not well is named, with what to do; nothing is changed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.doctor import Doctor, Found, Wrong, examined
from embedded.ports import free_port
from records.accounts import add_key, ensure_account
from records.database import Database
from records.workers import PostgresWorkers
from settings import Settings
from tests.support.builders import NOW
from tests.support.databases import opened


def settings(tmp_path: Path, **more: Any) -> Settings:
    ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in ("API", "TEMPORAL", "SIMULATOR")}
    return replace(Settings.read({**ports, "PERDURE_DATA_DIR": str(tmp_path), "PERDURE_GATEWAYS": "simulator"}), **more)


async def look(doctor: Doctor, part: str) -> Found:
    (found,) = await examined({part: doctor.looks()[part]})
    return found


def doctor(tmp_path: Path, database: Database, url: str = "postgresql://x", **more: Any) -> Doctor:
    return Doctor(settings(tmp_path, **more), url, database)


async def test_a_database_that_is_there_is_well_and_its_clock_is_ours(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    looks = doctor(tmp_path, database, database_url)
    assert (await look(looks, "database")).well
    assert (await look(looks, "clock")).well


async def test_one_that_is_away_is_said_once_and_what_needs_it_points_there(tmp_path: Path) -> None:
    async with opened(f"postgresql://u:hunter2@127.0.0.1:{free_port()}/x") as away:
        looks = doctor(tmp_path, away, database_url="postgresql://x")
        found = await look(looks, "database")
        assert (found.well, "ConnectionRefusedError" in found.says, "DATABASE_URL" in found.do) == (False, True, True)
        for part in ("clock", "keys", "workers"):
            assert (await look(looks, part)).do == "See above.", part
        assert "hunter2" not in found.line()


async def test_a_clock_that_is_off_is_named(tmp_path: Path, database: Database) -> None:
    found = await look(Doctor(settings(tmp_path), "", database, clock=lambda: 5.0), "clock")
    assert (found.well, "behind PostgreSQL's" in found.says, "time" in found.do) == (False, True, True)


async def test_keys_that_open_something_and_a_secret_for_news(tmp_path: Path, database: Database) -> None:
    await ensure_account(database, "acct_doctor", "d", NOW)
    await add_key(database, "acct_doctor", "sk_test_doctor", "secret", False, NOW)
    assert (await look(doctor(tmp_path, database), "keys")).well
    own = doctor(tmp_path, database, database_url="postgresql://x", notification_secret="")
    found = await look(own, "keys")
    assert (found.well, "PERDURE_NOTIFICATION_SECRET" in found.do) == (False, True)


async def test_workers_that_live(tmp_path: Path, database: Database) -> None:
    workers = PostgresWorkers(database)
    await workers.beat("doctor/1", "")
    assert (await look(doctor(tmp_path, database), "workers")).well
    await workers.end("doctor/1")


async def test_temporal_and_gateway_that_are_away_are_named_in_few_words(tmp_path: Path, database: Database) -> None:
    looks = doctor(tmp_path, database)
    temporal, gateway = await look(looks, "Temporal"), await look(looks, "gateways")
    assert (temporal.well, "Connection refused" in temporal.says, len(temporal.says) < 100) == (False, True, True)
    assert (gateway.well, "simulator" in gateway.says) == (False, True)
    assert "make run" in temporal.do


async def test_a_port_that_somebody_else_has(tmp_path: Path, database: Database) -> None:
    looks = doctor(tmp_path, database)
    assert (await look(looks, "ports")).well
    assert not (await look(looks, "API")).well, "and nobody answers"

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", looks._settings.api_port)
    async with server:
        found = await look(looks, "ports")
        assert (found.well, "PERDURE_API_PORT" in found.do) == (False, True)


async def test_files_that_others_can_read(tmp_path: Path, database: Database) -> None:
    looks = doctor(tmp_path, database)
    (tmp_path / "logs").mkdir(mode=0o700)
    book = tmp_path / "simulator.db"
    book.touch(mode=0o600)
    assert (await look(looks, "files")).well
    book.chmod(0o644)
    found = await look(looks, "files")
    assert (found.well, str(book) in found.says, found.do.startswith("chmod")) == (False, True, True)
    assert book.stat().st_mode & 0o777 == 0o644, "it only looks"


async def test_what_hangs_is_said_after_a_while() -> None:
    async def hangs() -> str:
        await asyncio.Event().wait()
        return ""

    async def wrong() -> str:
        raise Wrong("it is off", "Turn it on.")

    found = await examined({"one": hangs, "two": wrong}, seconds=0.05)
    assert [(each.well, each.says) for each in found] == [(False, "no answer within 0.05 s"), (False, "it is off")]
    assert found[1].line() == "!!  two        it is off\n               Turn it on."
