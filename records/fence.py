"""Records of intents behind the fence: one transition is one statement, and what is under way is written before it.

The compare-and-set is the whole trick: the intent's row goes from one version to the next and never elsewhere, and
everything else in the statement hangs on that row having been taken. So a local activity may run again, and an old
write may arrive late: whoever is not taken is told what the record says. The rules are domain/machine/fence.py. Which
tables, and which rows a transition leaves in them, is said by each kind of intent (projection.py, setups.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, assert_never

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.machine.fence import Answer, Elsewhere, Recorded, Taken, TooLate, UnderWay, is_same_command
from domain.machine.intents import S
from domain.model.hashes import JsonObject
from records.codec import dump_under_way, load_under_way
from records.database import Database, Prepared
from records.events import ANNOUNCE

Row = JsonObject

Way = Literal["create", "restore", "complete", "project"]
"""How an intent's row is taken: as a new one, as a newer one, as it is, or from one version to the next."""

FIXED = ("id", "account", "livemode", "created")
"""Columns that a row keeps for good."""

_OWED_NOW = "floor(extract(epoch FROM now()))::bigint"

KNOWN_TO_WAIT = "needs_response"
"""A dispute that a clock runs for, whose payment has a workflow though it has ended; housekeeping looks."""

MANDATES = """
    mandate AS (
        INSERT INTO mandates (id, account, livemode, created, payment_method, data)
        SELECT a.* FROM intent, jsonb_to_recordset(:mandates) AS a (id text, account text, livemode boolean,
            created bigint, payment_method text, data jsonb)
        ON CONFLICT (id) DO UPDATE SET data = jsonb_set(mandates.data, '{status}', excluded.data -> 'status')
    )
    """

# Its customer may have been deleted meanwhile: then it is nobody's, and of no use to anybody else. It is one at most,
# and asked for as one (projection.py says why).
NEW_METHODS = """
    made AS (
        SELECT n.* FROM intent, jsonb_to_recordset(:new_methods) AS n (id text, account text, livemode boolean,
            created bigint, type text, customer text, consumed boolean, data jsonb, used_by text) LIMIT 1
    ), made_for AS (
        SELECT c.id FROM customers AS c WHERE c.id = (SELECT customer FROM made) AND NOT c.deleted FOR SHARE
    ), new_method AS (
        INSERT INTO payment_methods (id, account, livemode, created, type, customer, consumed, data, used_by)
        SELECT m.id, m.account, m.livemode, m.created, m.type, (SELECT id FROM made_for),
            m.consumed OR m.customer IS NOT NULL AND NOT EXISTS (SELECT FROM made_for), m.data, m.used_by
        FROM made AS m
        ON CONFLICT (id) DO NOTHING
    )
    """

EVENTS = ANNOUNCE.format(guard="intent,", data="e.data")


@dataclass(frozen=True)
class IntentTable:
    """How one kind of intent is kept: its `table`, whose `columns` have these types, in the order of the row.

    `with_it` is what else is written if the intent's row is taken, by the name of the parameter that holds its rows.
    """

    table: str
    columns: Mapping[str, str]
    with_it: Mapping[str, str]
    _made: dict[tuple[str, tuple[str, ...]], Prepared] = field(default_factory=dict)

    def write_statement(self, way: Way, kinds: tuple[str, ...]) -> Prepared:
        """The statement that writes an intent with rows of these kinds; PostgreSQL pays for every part, empty or not.

        `way` is how the intent's row is taken; everything else that is written hangs on it.
        """
        if (way, kinds) not in self._made:
            parts = ", ".join([f"intent AS ({self._take(way)})", *(self.with_it[kind] for kind in kinds)])
            statement = text(f"WITH {parts} SELECT id FROM intent")  # noqa: S608
            binding = (bindparam(name, type_=JSONB) for name in ("intent", *kinds))
            self._made[way, kinds] = Prepared(statement.bindparams(*binding))
        return self._made[way, kinds]

    def _take(self, way: Way) -> str:
        names = ", ".join(self.columns)
        types = ", ".join(f"{name} {type_}" for name, type_ in self.columns.items())
        row = f"jsonb_to_record(:intent) AS i ({types})"
        insert = f"INSERT INTO {self.table} AS p ({names}) SELECT * FROM {row}"  # noqa: S608
        match way:
            case "create":
                return f"{insert} ON CONFLICT (id) DO NOTHING RETURNING id"
            case "restore":
                update = f"DO UPDATE SET {self._set('excluded')} WHERE p.version < excluded.version"
                return f"{insert} ON CONFLICT (id) {update} RETURNING id"
            case "complete":
                same = "p.id = i.id AND p.version = i.version"
                return f"SELECT p.id FROM {self.table} AS p, {row} WHERE {same} FOR UPDATE OF p"  # noqa: S608
            case "project":
                return f"""
                    UPDATE {self.table} AS p SET {self._set("i")} FROM {row}
                    WHERE p.id = i.id AND p.version = i.version - 1
                    AND (p.under_way IS NULL OR p.under_way -> 'command' ->> 'command_id' = :command)
                    RETURNING p.id"""  # noqa: S608
            case _ as never:
                assert_never(never)

    def _set(self, new: str) -> str:
        changing = ", ".join(f"{name} = {new}.{name}" for name in self.columns if name not in FIXED)
        waiting = (
            f"{new}.data #>> '{{dispute,status}}' = '{KNOWN_TO_WAIT}' AND {new}.data #>> '{{dispute,reference}}' <> ''"
        )
        waits = f"{new}.data -> 'pending' IS NOT NULL OR ({waiting})"
        owed = f"CASE WHEN {waits} THEN COALESCE(p.owed_since, {_OWED_NOW}) END"
        return f"{changing}, under_way = NULL, changed = DEFAULT, owed_since = {owed}"

    def claim_statement(self, free: str = "") -> Prepared:
        """The statement that claims; what is under way may say what else has to be `free`.

        The claim that was there first stays: it may have been carried out. On an open intent no index is touched; one
        on an intent that has ended is where housekeeping finds it. The clock is the server's own, as it is when the row
        is taken.
        """
        statement = f"""
            UPDATE {self.table} SET under_way = COALESCE(under_way, :asked),
                owed_since = CASE WHEN status IN ('succeeded', 'canceled')
                                  THEN COALESCE(owed_since, {_OWED_NOW}) ELSE owed_since END
            WHERE id = :id AND version = :version
            AND (under_way -> 'command' ->> 'command_id' = :command
                 OR under_way IS NULL {free}
                    AND (:not_after = 0 OR floor(extract(epoch FROM clock_timestamp())) <= :not_after))
            RETURNING under_way"""  # noqa: S608
        asked, not_after = bindparam("asked", type_=JSONB), bindparam("not_after", type_=BigInteger)
        return Prepared(text(statement).bindparams(asked, not_after))

    def read_statement(self) -> Prepared:
        """The statement that reads what a record says."""
        return Prepared(text(f"SELECT data, under_way FROM {self.table} WHERE id = :id"))  # noqa: S608


class FencedRecords(Generic[S]):
    """The records of one kind of intent."""

    def __init__(self, database: Database, kept: IntentTable, load: Callable[[JsonObject], S]) -> None:
        """Write to `database`; `load` makes a state of its JSON."""
        self._database, self._kept, self._load = database, kept, load
        self._claim_statement, self._read_statement = kept.claim_statement(), kept.read_statement()

    async def latest(self, id_: str) -> S | None:
        """The intent as it was last written. For the intent's own workflow, which needs no account to know itself."""
        recorded = await self.recorded(id_)
        return recorded.intent if recorded else None

    async def recorded(self, id_: str) -> Recorded[S] | None:
        """As `latest`, with the command that is under way."""
        rows = await self._database.execute(self._read_statement, {"id": id_})
        if not rows:
            return None
        under_way = load_under_way(rows[0].under_way) if rows[0].under_way else None
        return Recorded(intent=self._load(rows[0].data), under_way=under_way)

    async def claim(self, intent: S, asked: UnderWay) -> Answer[S]:
        """Write down what is being carried out. One round trip, unless the record is elsewhere."""
        return await self._claim(self._claim_statement, intent, asked)

    async def _claim(self, statement: Prepared, intent: S, asked: UnderWay, **more: str) -> Answer[S]:
        command = asked.command
        values = {"id": intent.id, "version": intent.version, "command": command.command_id}
        row = dump_under_way(asked)
        values |= {"not_after": command.not_after, "asked": row}
        rows = await self._database.execute(statement, values | more)
        if rows and rows[0].under_way == row:
            return Taken(asked.now)
        first = load_under_way(rows[0].under_way) if rows else None
        if first is not None and is_same_command(first.command, command):
            return Taken(first.now)
        recorded = await self.recorded(intent.id)
        if recorded is not None and not recorded.is_begun(intent):
            await self._check_free(**more)
            return TooLate() if command.not_after else Elsewhere(recorded)
        return Elsewhere(recorded)

    async def _check_free(self, **more: str) -> None:
        """See to it that nothing else kept the claim from being taken.

        Raises:
            RecordsRefused: something did, and will.
        """
        del more

    async def _write(self, way: Way, intent: Row, values: JsonObject, **more: list[Row]) -> bool:
        given = {kind: more[kind] for kind in self._kept.with_it if more.get(kind)}
        statement = self._kept.write_statement(way, tuple(given))
        return bool(await self._database.execute(statement, {"intent": intent, **values, **given}))
