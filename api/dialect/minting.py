"""Where randomness enters: one seed per request, from which every id of that request is computed.

A request taken over after a crash goes on with the seed of the first try (records/idempotency.py), so it makes the same
ids and sends the same command: one effect.
"""

import secrets  # noqa: TID251
from collections.abc import Iterator
from dataclasses import dataclass

from domain.identifiers import SETUP_PREFIX, digest62

SEED_BYTES, SEEDS_AT_ONCE = 20, 64


def _seeds() -> Iterator[str]:
    # The operating system gives many as fast as one.
    while True:
        many = secrets.token_hex(SEED_BYTES * SEEDS_AT_ONCE)
        yield from (many[start : start + SEED_BYTES * 2] for start in range(0, len(many), SEED_BYTES * 2))


_SEEDS = _seeds()


def new_seed() -> str:
    """160 random bits, in hexadecimal. Never twice the same."""
    return next(_SEEDS)


@dataclass(frozen=True, slots=True)
class Mint:
    """Ids computed from a seed."""

    seed: str

    def id(self, prefix: str, purpose: str = "", length: int = 24) -> str:
        """An id such as `pm_1…`; the same prefix and purpose give the same id."""
        return prefix + digest62(self.seed, prefix, purpose, length=length)

    @property
    def request(self) -> str:
        """Id of the request itself: `req_` and fourteen characters."""
        return self.id("req_", length=14)

    @property
    def payment_intent(self) -> str:
        """`pi_3` and 23 characters."""
        return self.id("pi_3", length=23)

    @property
    def client_secret(self) -> str:
        """`<pi id>_secret_<25 characters>`."""
        return f"{self.payment_intent}_secret_{self.id('', 'client_secret', 25)}"

    @property
    def setup_intent(self) -> str:
        """`seti_1` and 23 characters: the digit says that no money moves."""
        return self.id(f"{SETUP_PREFIX}1", length=23)

    @property
    def setup_secret(self) -> str:
        """`<seti id>_secret_<31 characters>`."""
        return f"{self.setup_intent}_secret_{self.id('', 'setup_secret', 31)}"

    @property
    def command(self) -> str:
        """Id of the one command a request sends."""
        return self.id("cmd_", length=22)
