"""No migration keeps payments waiting: squawk reads the SQL of each, as Alembic writes it down.

What it says for nothing is left out; what it says rightly of a small table is allowed, table by table. That payments do
go on is tests/records/test_migrating_online.py.
"""

import io
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command

from records.condition import VERSIONS
from records.migrate import config

EXCLUDED = (
    # migrate.py sets these, statement by statement, and goes on where it was.
    "require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts",
    # Indexes that take the name of the one before them; ours alone know the names.
    "renaming-object",
    # A CHECK that is replaced by a wider one, a column that may be empty from now on: what is there stays valid.
    "ban-drop-constraint", "ban-drop-not-null",
    # Seconds, counts and versions of one payment.
    "prefer-bigint-over-int", "prefer-text-field", "prefer-identity",
)  # fmt: skip

ALLOWED = {
    "0008": {"constraint-missing-not-valid"},  # api_keys: a handful for each account
    "0012": {"adding-field-with-default"},  # now() is asked once, and no row is written anew
    "0015": {"constraint-missing-not-valid"},  # accounts
}

REVISIONS = sorted(path.name[1:5] for path in VERSIONS.glob("v[0-9]*.py"))
FROM = REVISIONS.index("0005")
"""Those before made tables that nobody had."""


def written_down(before: str, revision: str) -> str:
    """The SQL of one migration."""
    alembic, written = config(), io.StringIO()
    alembic.output_buffer = written
    command.upgrade(alembic, f"{before}:{revision}", sql=True)
    return written.getvalue()


def complaints(sql: str, directory: Path) -> list[dict[str, str]]:
    file = directory / "migration.sql"
    file.write_text(sql)
    squawk = Path(sys.executable).with_name("squawk")
    arguments = ["--pg-version", "15", "--reporter", "json", "--exclude", ",".join(EXCLUDED), str(file)]
    done = subprocess.run([squawk, *arguments], capture_output=True, text=True, check=False)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("before", "revision"), list(pairwise(REVISIONS[FROM:])))
def test_none_blocks(before: str, revision: str, tmp_path: Path) -> None:
    found = complaints(written_down(before, revision), tmp_path)
    bad = [one for one in found if one["rule_name"] not in ALLOWED.get(revision, set())]
    assert [f"{one['line']}: {one['rule_name']}: {one['message']}" for one in bad] == []


def test_what_would_block_is_found(tmp_path: Path) -> None:
    sql = "CREATE INDEX i ON payment_intents (id); ALTER TABLE charges ALTER COLUMN amount TYPE numeric;"
    assert {one["rule_name"] for one in complaints(sql, tmp_path)} == {
        "require-concurrent-index-creation",
        "changing-column-type",
    }
