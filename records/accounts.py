"""Accounts and API keys. A key is stored as its SHA-256 and four characters to recognise it by, never as itself."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from records.database import Database
from records.tables import accounts, api_keys

Kind = Literal["secret", "publishable"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a presented key may do, and for whom."""

    account: str
    livemode: bool
    kind: Kind


class KeyExpired(Exception):
    """The key was somebody's, and its time is up."""


def hash_key(key: str) -> bytes:
    """Keys are long and random (ours are; `make run`'s is a toy), so one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).digest()


async def find_key(database: Database, key: str, now: int) -> ApiKey | None:
    """The key; None if nobody has it.

    Raises:
        KeyExpired: somebody had it.
    """
    rows = await database.execute(select(api_keys).where(api_keys.c.hash == hash_key(key)))
    if not rows:
        return None
    if rows[0].expires is not None and rows[0].expires <= now:
        raise KeyExpired
    return ApiKey(rows[0].account, rows[0].livemode, rows[0].kind)


async def ensure_account(database: Database, id_: str, name: str, now: int) -> None:
    """Create the account if it is not there."""
    row = {"id": id_, "name": name, "created": now}
    await database.execute(insert(accounts).values(row).on_conflict_do_nothing())


async def ensure_key(database: Database, account: str, key: str, kind: Kind, livemode: bool, now: int) -> None:
    """Let `key` open the account."""
    row = {
        "hash": hash_key(key),
        "account": account,
        "livemode": livemode,
        "kind": kind,
        "hint": key[-4:],
        "created": now,
    }
    await database.execute(insert(api_keys).values(row).on_conflict_do_nothing())
