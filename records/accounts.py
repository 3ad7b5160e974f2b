"""Accounts and API keys. A key is stored as its SHA-256 and four characters to recognise it by, never as itself."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Literal

from sqlalchemy import ColumnElement, Label, bindparam, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.api_versions import KNOWN
from domain.machine.duplicates import Choice, Guard
from domain.money.pricing import Pricing
from domain.routing.rules import RuleSet
from records import routing_rules
from records.connect_tables import connected_accounts
from records.database import Database, Prepared, Row, Transaction
from records.scope import Scope
from records.tables import accounts, api_keys

KEY_PREFIX = "key_"

RESOURCES = frozenset(
    "accounts application_fees "
    "api_keys balance balance_transactions browser charges confirmation_tokens customer_sessions customers dashboard "
    "disputes elements ephemeral_keys events files listeners mandates payment_intents payment_method_configurations "
    "payment_method_domains payment_methods refunds request_logs resolutions routing_rules setup_attempts "
    "setup_intents stripecli tokens transfers "
    "webhook_endpoints".split()
)
"""What a restricted key can be allowed to read or write."""

BY_NAME = frozenset({"resolutions"})
"""What a live key may do only if it was allowed that by name, by whoever runs the installation (`perdure keys`): an
operator's word moves the books of money that no gateway has confirmed."""

Kind = Literal["secret", "publishable", "restricted", "ephemeral"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a presented key may do, and for whom."""

    account: str
    livemode: bool
    kind: Kind
    permissions: tuple[str, ...] = ()
    """Of a restricted key: `customers:read`, `refunds:write` (which is to read as well), `*:read`."""
    duplicates: Guard | None = None
    """What its account wants done about duplicate payments; None: they are not looked for."""
    api_version: str | None = None
    """In which version of Stripe's API its account is answered where a request does not say; None: the newest."""
    blocked_checks: tuple[str, ...] = ()
    """Checks of a card that its account takes for a no when they fail: cvc, postal_code."""
    pricing: Pricing | None = None
    """What its account pays, where somebody has said so."""
    limits_reattempts: bool = False
    """Whether cards that were declined are not tried more often than their networks allow."""
    routing: RuleSet | None = None
    """By which rules its payments go to gateways; None: whichever can."""

    customer: str | None = None
    """Whose an ephemeral key is."""
    hash: bytes = field(default=b"", repr=False, compare=False)
    """As it is stored; none of an ephemeral key."""

    platform: str | None = None
    """Whose key it is, where it acts for a connected account (Stripe-Account): `account` is that one then."""
    connected_to: str | None = None
    """The platform that `account` is connected to, whoever's key this is."""

    @property
    def crowd(self) -> tuple[str, bool]:
        """Who shares one turn and one rate: a platform with all the accounts that it has made, in one mode."""
        return self.connected_to or self.account, self.livemode

    def allows(self, resource: str, level: str) -> bool:
        """Whether it may `read` or `write` objects of this kind. Publishable keys have rules of their own (dialect)."""
        if self.kind == "ephemeral":
            # As far as that; which of them, and whose, is api/dialect/ephemeral.py.
            return resource in ("customers", "payment_methods")
        if self.livemode and resource in BY_NAME:
            return f"{resource}:{level}" in self.permissions
        if self.kind != "restricted":
            return True
        levels = ("read", "write") if level == "read" else ("write",)
        return any(f"{name}:{one}" in self.permissions for name in (resource, "*") for one in levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key as operators see it: never the key itself. `id` names it; `hint` is how it ends."""

    id: str
    account: str
    livemode: bool
    kind: Kind
    hint: str
    created: int
    expires: int | None
    name: str | None
    permissions: tuple[str, ...]


BLOCKED_CHECKS = ("cvc", "postal_code")
"""Checks of a card that an account may take for a no when they fail, as two rules of Stripe's Radar do."""


class KeyExpired(Exception):
    """The key was somebody's, and its time is up."""


class NotOpened(Exception):
    """A connected account gets no new key: it was deleted, or it is of the other mode."""


class VersionUnknown(ValueError):
    """No version of Stripe's API is called this."""


def hash_key(key: str) -> bytes:
    """Keys are long and random (ours are; `make run`'s is a toy), so one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).digest()


ACCOUNT_SETTINGS = (
    "duplicate_seconds",
    "duplicate_choice",
    "blocked_checks",
    "pricing",
    "reattempt_limits",
    "routing",
)
"""Columns of an account that decide how its payments are made."""


@cache
def _opening() -> Prepared:
    """The statement that finds a key with the settings of its account; to write it takes longer than to ask it."""
    c, platform = connected_accounts, accounts.alias("platform")
    settings = (func.coalesce(accounts.c[name], platform.c[name]).label(name) for name in ACCOUNT_SETTINGS)
    columns = (*api_keys.c, accounts.c.api_version, *settings, *connection())
    owned = (
        api_keys.join(accounts, accounts.c.id == api_keys.c.account)
        .outerjoin(c, c.c.id == api_keys.c.account)
        .outerjoin(platform, platform.c.id == c.c.account)
    )
    return Prepared(select(*columns).select_from(owned).where(api_keys.c.hash == bindparam("key")))


async def find_key(database: Database, key: str, now: int) -> ApiKey | None:
    """The key; None if nobody has it. A setting that a connected account has not made is its platform's.

    Raises:
        KeyExpired: somebody had it, or it is of a connected account that was deleted or is of the other mode.
    """
    rows = await database.execute(_opening(), {"key": hash_key(key)})
    if not rows:
        return None
    if is_shut(rows[0]) or (rows[0].expires is not None and rows[0].expires <= now):
        raise KeyExpired
    row = rows[0]
    permissions = tuple(row.permissions or ())
    blocked, pricing = tuple(row.blocked_checks or ()), _pricing(row)
    limits = row.livemode if row.reattempt_limits is None else row.reattempt_limits
    return ApiKey(
        row.account, row.livemode, row.kind, permissions, _guard(row), row.api_version, blocked, pricing, limits,
        routing_rules.held(row.routing), hash=row.hash, connected_to=row.connected_to,
    )  # fmt: skip


def connection() -> tuple[Label[str], ColumnElement[bool], Label[bool]]:
    """Columns that say of which platform a key's account is, if of any; `is_shut` reads them."""
    c = connected_accounts.c
    return c.account.label("connected_to"), c.deleted, c.livemode.label("connected_mode")


def is_shut(row: Row) -> bool:
    """Whether a key's account is opened by no key of its mode: its platform has deleted it, or has it in the other.

    Such keys are of a release that let them be made.
    """
    return bool(row.deleted) or row.connected_mode not in (None, row.livemode)


def with_settings(key: ApiKey, account: str, row: Row) -> ApiKey:
    """A platform's key, for one of its connected accounts; `row` has ACCOUNT_SETTINGS of that one, null where none."""
    limits = row.reattempt_limits
    return replace(
        key,
        account=account,
        platform=key.account,
        connected_to=key.account,
        duplicates=_guard(row) or key.duplicates,
        blocked_checks=tuple(row.blocked_checks or key.blocked_checks),
        pricing=_pricing(row) or key.pricing,
        limits_reattempts=key.limits_reattempts if limits is None else limits,
        routing=routing_rules.held(row.routing) or key.routing,
    )


def _guard(row: Row) -> Guard | None:
    return Guard(row.duplicate_seconds, Choice(row.duplicate_choice)) if row.duplicate_seconds is not None else None


def _pricing(row: Row) -> Pricing | None:
    return Pricing(**row.pricing) if row.pricing is not None else None


async def ensure_account(database: Database, id_: str, name: str, now: int) -> None:
    """Create the account if it is not there."""
    row = {"id": id_, "name": name, "created": now}
    await database.execute(insert(accounts).values(row).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Account:
    """An account as operators see it."""

    id: str
    name: str
    duplicates: Guard | None
    api_version: str | None
    blocked_checks: tuple[str, ...] = ()
    pricing: Pricing | None = None
    reattempt_limits: bool | None = None


async def account_name(database: Database, id_: str) -> str | None:
    """What an account is called; None if there is none."""
    rows = await database.execute(select(accounts.c.name).where(accounts.c.id == id_))
    return rows[0].name if rows else None


async def list_accounts(database: Database) -> list[Account]:
    """Every account, by its id."""
    rows = await database.execute(select(accounts).order_by(accounts.c.id))
    return [
        Account(
            row.id,
            row.name,
            _guard(row),
            row.api_version,
            tuple(row.blocked_checks or ()),
            _pricing(row),
            row.reattempt_limits,
        )
        for row in rows
    ]


async def set_pricing(database: Database, id_: str, pricing: Pricing | None) -> bool:
    """What payments made from now on cost an account, None for the usual; False if there is no such account."""
    values = {"pricing": asdict(pricing) if pricing else null()}
    statement = update(accounts).where(accounts.c.id == id_).values(values).returning(accounts.c.id)
    return bool(await database.execute(statement))


async def set_duplicates(database: Database, id_: str, guard: Guard | None) -> bool:
    """Look for duplicate payments of an account, or do not; False if there is no such account."""
    values = {
        "duplicate_seconds": guard.seconds if guard else None,
        "duplicate_choice": str(guard.choice) if guard else None,
    }
    statement = update(accounts).where(accounts.c.id == id_).values(values).returning(accounts.c.id)
    return bool(await database.execute(statement))


async def set_reattempt_limits(database: Database, id_: str, on: bool | None) -> bool:
    """Keep networks' limits on declined cards, or do not; None: of live payments. False if there is no such account."""
    statement = update(accounts).where(accounts.c.id == id_).values(reattempt_limits=on).returning(accounts.c.id)
    return bool(await database.execute(statement))


async def set_blocked_checks(database: Database, id_: str, checks: tuple[str, ...]) -> bool:
    """Take these checks of a card, when they fail, for a no; False if there is no such account."""
    values = {"blocked_checks": list(checks) or None}
    statement = update(accounts).where(accounts.c.id == id_).values(values).returning(accounts.c.id)
    return bool(await database.execute(statement))


async def set_version(database: Database, id_: str, version: str | None) -> bool:
    """Answer an account in a version of Stripe's API where a request does not say; False if there is no such account.

    Events that have happened stay in the version that they happened in.

    Raises:
        VersionUnknown: nobody has heard of it.
    """
    if version is not None and version not in KNOWN:
        raise VersionUnknown(version)
    statement = update(accounts).where(accounts.c.id == id_).values(api_version=version).returning(accounts.c.id)
    return bool(await database.execute(statement))


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


async def add_key(
    database: Database,
    account: str,
    key: str,
    kind: Kind,
    livemode: bool,
    now: int,
    *,
    name: str | None = None,
    permissions: tuple[str, ...] = (),
    expires: int | None = None,
) -> KeyRecord:
    """Let a new `key` open the account; the key itself is not kept.

    Raises:
        NotOpened: the account is connected to a platform which has deleted it, or has it in the other mode.
    """
    row = {
        "hash": hash_key(key), "account": account, "livemode": livemode, "kind": kind, "hint": key[-4:],
        "created": now, "expires": expires, "name": name,
        "permissions": list(permissions) if kind == "restricted" else None,
    }  # fmt: skip
    c = connected_accounts
    # Locked, so that one that is being deleted is deleted with its keys or gets none.
    connected = select(c.c.livemode, c.c.deleted).where(c.c.id == account).with_for_update(read=True)

    async def work(transaction: Transaction) -> KeyRecord:
        found = await transaction.execute(connected)
        if found and (found[0].deleted or found[0].livemode != livemode):
            raise NotOpened
        written = await transaction.execute(insert(api_keys).values(row).returning(*api_keys.c))
        return _record(written[0])

    return await database.atomically(work)


async def list_keys(database: Database, scope: Scope | None = None) -> list[KeyRecord]:
    """Every key of every account, or of one in one mode; oldest first."""
    query = select(api_keys).order_by(api_keys.c.account, api_keys.c.created, api_keys.c.hash)
    if scope is not None:
        query = query.where(scope.owns(api_keys))
    return [_record(row) for row in await database.execute(query)]


async def expire_key(database: Database, id_: str, at: int, scope: Scope | None = None) -> KeyRecord | None:
    """Let a key end at `at` (Unix seconds), unless it ends before; None if there is no such key, or not in `scope`."""
    found = [record for record in await list_keys(database, scope) if record.id == id_]
    if not found:
        return None
    mine = func.encode(api_keys.c.hash, "hex").startswith(id_.removeprefix(KEY_PREFIX))
    ends = func.least(func.coalesce(api_keys.c.expires, at), at)
    rows = await database.execute(update(api_keys).where(mine).values(expires=ends).returning(*api_keys.c))
    return _record(rows[0])


def _record(row: Row) -> KeyRecord:
    return KeyRecord(
        id=KEY_PREFIX + row.hash.hex()[:12],
        account=row.account,
        livemode=row.livemode,
        kind=row.kind,
        hint=row.hint,
        created=row.created,
        expires=row.expires,
        name=row.name,
        permissions=tuple(row.permissions or ()),
    )
