"""Whether anything gets slower as intents pile up: payments, and reads of closed ones, over HTTP.

One Perdure for each size, all running, taking turns; and localstripe, for what it can read.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

from bench.client import Client
from bench.figures import Figure, Figures
from bench.load import Load, closed, middle
from bench.payments import three_requests
from bench.reads import fill
from bench.systems import System, engine, localstripe
from embedded.postgres import EmbeddedPostgres
from records.database import Database

SIZES = (1_000, 10_000, 100_000, 1_000_000)
COMPARED = 10_000
"""How many localstripe holds, and whom the others' reads are held against."""

PAYMENTS, READS, AT_ONCE = 150, 400, 16

Read = Callable[[Client], Awaitable[object]]
PATH = "/v1/payment_intents"


def reads(size: int) -> dict[str, Read]:
    """What people read, by name."""
    return {
        "retrieve, closed": lambda http: http.get(f"{PATH}/pi_{size // 2}"),
        "list, newest 10": lambda http: http.get(PATH, limit=10),
        "list, from the middle": lambda http: http.get(PATH, limit=10, starting_after=f"pi_{size // 2}"),
        "search, by status": lambda http: http.get(f"{PATH}/search", query='status:"succeeded"'),
        "search, by metadata": lambda http: http.get(f"{PATH}/search", query='metadata["order"]:"o-424"'),
    }


async def measure(figures: Figures, rounds: int, sizes: tuple[int, ...] = SIZES) -> None:
    """Fill them all, then take turns."""
    async with AsyncExitStack() as stack:
        systems = {size: await stack.enter_async_context(engine()) for size in sizes}
        for size, system in systems.items():
            database = Database(EmbeddedPostgres(system.directory).url, command_timeout_seconds=600)
            await fill(database, size)
            await database.close()
        await _payments(figures, systems, rounds)
        theirs = await stack.enter_async_context(localstripe(COMPARED))
        await _reads(figures, systems, theirs, rounds)


async def _payments(figures: Figures, systems: dict[int, System], rounds: int) -> None:
    taken: dict[int, list[Load]] = {size: [] for size in systems}
    for turn in range(rounds + 1):
        for size, system in systems.items():
            load = await closed(partial(three_requests, system.http), PAYMENTS, AT_ONCE)
            if turn:
                taken[size].append(load)
    first, *more = (middle(loads) for loads in taken.values())
    for size, load in zip(list(systems)[1:], more, strict=True):
        name = f"payments with {size:,} intents stored"
        figures.add(name, Figure(load.rate, "payments/s", first.rate, f"{min(systems):,} stored", at_least=0.9))


async def _reads(figures: Figures, systems: dict[int, System], theirs: System, rounds: int) -> None:
    they = (await theirs.http.get(PATH, limit=1))["data"][0]["id"]
    for name in reads(1):
        taken: dict[int, list[Load]] = {size: [] for size in systems}
        others = list[Load]()
        for turn in range(rounds + 1):
            for size, system in systems.items():
                load = await closed(partial(reads(size)[name], system.http), READS, AT_ONCE)
                if turn:
                    taken[size].append(load)
            if name in THEIRS:
                load = await closed(partial(THEIRS[name], theirs.http, they), READS, AT_ONCE)
                if turn:
                    others.append(load)
        rates = {size: middle(loads).rate for size, loads in taken.items()}
        ours = rates[COMPARED]
        if others:
            baseline = middle(others).rate
            held = Figure(ours, "reads/s", baseline, f"localstripe, {COMPARED:,} stored", at_least=1)
            figures.add(f"{name}; {COMPARED:,} stored", held)
        else:
            figures.add(f"{name}; {COMPARED:,} stored", Figure(ours, "reads/s"))
        for size in (size for size in rates if size > COMPARED):
            held = Figure(rates[size], "reads/s", ours, f"{COMPARED:,} stored", at_least=1 / 1.2)
            figures.add(f"{name}; {size:,} stored", held)


THEIRS: dict[str, Callable[[Client, str], Awaitable[object]]] = {
    "retrieve, closed": lambda http, id_: http.get(f"{PATH}/{id_}"),
    "list, newest 10": lambda http, _: http.get(PATH, limit=10),
}
"""What localstripe can do of it with comparable work: it does not search PaymentIntents."""
