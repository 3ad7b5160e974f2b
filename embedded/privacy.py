"""What `make run` keeps is for its user alone: client secrets and customers are in it."""

import contextlib
import os
import stat
from pathlib import Path

from embedded.children import StartError

FOR_US_ALONE = 0o077
"""The umask: what it takes away from everything that is made from then on, by our children as well."""

DIRECTORY, FILE = 0o700, 0o600
WALK_THROUGH = 0o001
"""As root, PostgreSQL runs as another user, who has to walk (not read) through our directories to its own."""


def make_private(data_dir: Path) -> None:
    """Close what an older release has left open. PostgreSQL looks after its own directory, and after its socket's."""
    walk = WALK_THROUGH if os.geteuid() == 0 else 0
    data_dir.chmod(DIRECTORY | walk)
    for directory in (data_dir, data_dir / "logs"):
        for path in directory.iterdir():
            # A file may be gone again (a database's journal).
            with contextlib.suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                if stat.S_ISREG(mode):
                    path.chmod(FILE)
    (data_dir / "logs").chmod(DIRECTORY)


def check_ours(directory: Path, *others: int) -> None:
    """A directory whose name others can work out, where they can make one, might be theirs.

    Raises:
        StartError: it is neither ours, nor of one of the `others` (user ids).
    """
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), *others):
        raise StartError(f"{directory} belongs to somebody else: remove it, or choose a shorter PERDURE_DATA_DIR")
