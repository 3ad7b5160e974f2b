"""What the embedded PostgreSQL does about whoever was in its directory before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from embedded import postgres
from embedded.children import StartError
from embedded.postgres import EmbeddedPostgres


def lock(directory: Path, pid: int) -> Path:
    path = directory / "postgres" / "postmaster.pid"
    path.write_text(f"{pid}\n{path.parent}\n")
    return path


@pytest.fixture
def server(tmp_path: Path) -> EmbeddedPostgres:
    made = EmbeddedPostgres(tmp_path)
    made.prepare()
    return made


def test_a_zombie_does_not_count(server: EmbeddedPostgres, tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    while psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        pass
    path = lock(tmp_path, child)
    server.prepare()
    assert not path.exists()
    os.waitpid(child, 0)


def test_a_living_one_is_named(server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PREDECESSOR_TIMEOUT_SECONDS", 0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        path = lock(tmp_path, living.pid)
        with pytest.raises(StartError, match=f"process {living.pid}"):
            server.prepare()
        assert path.exists()
        living.terminate()


def test_a_dead_one_is_left_to_postgresql(server: EmbeddedPostgres, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    path = lock(tmp_path, dead.pid)
    server.prepare()
    assert path.exists()
