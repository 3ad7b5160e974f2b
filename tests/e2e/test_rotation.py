"""Every secret is changed while payments go on, as docs/OPERATING.md says: two APIs, two workers, and nothing fails."""

import base64
import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded.ports import free_port
from tests.support import patient
from tests.support.balancer import balanced, with_tls
from tests.support.certificates import valid
from tests.support.fleet import APIS, SECRET, WORKERS, Fleet, fleet
from tests.support.receivers import Receiver, receiving
from tests.support.traffic import Traffic, traffic

OLD, NEW = (f"{name}:{base64.b64encode(name[0].encode() * 32).decode()}" for name in ("old", "new"))
HOLD = {"amount": 2_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
        "allowed_payment_method_types": ["card"],
        "capture_method": "manual", "return_url": "https://shop.example"}  # fmt: skip
CHALLENGED = {"amount": 1_000, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True,
              "allowed_payment_method_types": ["card"],
              "return_url": "https://shop.example"}  # fmt: skip


class Vault:
    """PostgreSQL behind TLS and passwords, and what the fleet is to be told of it."""

    def __init__(self, stack: Fleet) -> None:
        self.stack, self.trusted, self.port = stack, stack.directory / "trusted.pem", 0
        # An address of its own: its port is the usual one, by which the superuser's socket is named as well.
        number = free_port()
        self.host = f"127.0.{number // 256}.{number % 256}"
        self.first, self.second = (valid(stack.directory / name, name) for name in ("first", "second"))
        self.served = stack.directory / "server.pem", stack.directory / "server.key"

    def serve(self, files: tuple[Path, Path, Path]) -> None:
        """From the next connection on, with this certificate."""
        for source, target in zip(files[1:], self.served, strict=True):
            shutil.copy(source, target)

    def trust(self, *files: tuple[Path, Path, Path]) -> None:
        """Authorities that our processes believe."""
        self.trusted.write_text("".join(each[0].read_text() for each in files))

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        self.stack.postgres.prepare()
        self.trust(self.first)
        self.serve(self.first)
        rules = self.stack.directory / "postgres" / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
        self.stack.start_postgres("-c", f"listen_addresses={self.host}")
        self.stack.sql("CREATE ROLE perdure", "ALTER DATABASE perdure OWNER TO perdure")
        # The PostgreSQL that comes in a wheel is built without TLS.
        with balanced([(self.host, 5432)], with_tls(*self.served)) as self.port:
            yield

    def role(self, name: str) -> str:
        """A login that is as good as the owner of everything; the URL for it."""
        self.stack.sql(
            f"CREATE ROLE {name} LOGIN PASSWORD 'of {name}' IN ROLE perdure", f"ALTER ROLE {name} SET role perdure"
        )
        query = f"sslmode=verify-full&sslrootcert={self.trusted}"
        return f"postgresql://{name}:of%20{name}@localhost:{self.port}/perdure?{query}"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Fleet]:
    with fleet(tmp_path) as made:
        yield made


@pytest.fixture
def vault(stack: Fleet) -> Iterator[Vault]:
    made = Vault(stack)
    with made.started():
        stack.more["DATABASE_URL"] = made.role("perdure_1")
        stack.prepare()
        stack.start_all()
        yield made
        stack.end()


def rolled_out(stack: Fleet, load: Traffic, **settings: str) -> None:
    """One process after the other, workers first; payments go through between them."""
    stack.more |= settings
    for name in (*WORKERS, *APIS):
        stack.replace(name)
        load.enough(2)


def agree(stack: Fleet) -> None:
    """All books."""
    stack.wait_for(lambda: "under way" not in stack.perdure("reconcile").stdout)
    reconciled = stack.perdure("reconcile")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr


def authenticated(stack: Fleet, client: Any) -> None:
    """A buyer says yes, and the gateway's signed word of it is taken."""
    intent = client.v1.payment_intents.create(CHALLENGED)
    patient.post(intent.next_action.redirect_to_url.url, json={"authenticated": True}).raise_for_status()
    stack.wait_for(lambda: client.v1.payment_intents.retrieve(intent.id).status == "succeeded")


def key_id(stack: Fleet, key: str) -> str:
    listed = stack.perdure("keys", "list").stdout.splitlines()
    return next(line.split()[0] for line in listed if f"…{key[-4:]}" in line)


def test_every_secret_is_changed_under_load(stack: Fleet, vault: Vault) -> None:
    client: Any = stack.client()
    receiver = Receiver()
    with contextlib.ExitStack() as both:
        both.enter_context(receiving(receiver))
        hook = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]})
        receiver.secrets.append(hook.secret)
        load = both.enter_context(traffic(stack, SECRET))
        held = [client.v1.payment_intents.create(HOLD).id]

        # The first round: everybody can read what nobody writes yet, and takes what nobody sends yet.
        vault.trust(vault.first, vault.second)
        rolled_out(stack, load, PERDURE_PAYLOAD_KEYS=f"plain,{OLD}", PERDURE_NOTIFICATION_SECRET_NEXT="new")
        held.append(client.v1.payment_intents.create(HOLD).id)
        stack.stop("simulator")
        stack.start_simulator(PERDURE_NOTIFICATION_SECRET="new")
        authenticated(stack, client)
        vault.serve(vault.second)
        rolled = rolled_key(stack, SECRET)
        load.key, client = rolled, stack.client(rolled)

        # The second: what is new is used.
        stack.more.pop("PERDURE_NOTIFICATION_SECRET_NEXT")
        rolled_out(
            stack, load, PERDURE_PAYLOAD_KEYS=f"{OLD},{NEW}", PERDURE_NOTIFICATION_SECRET="new",
            DATABASE_URL=vault.role("perdure_2"),
        )  # fmt: skip
        held.append(client.v1.payment_intents.create(HOLD).id)
        stack.sql("ALTER ROLE perdure_1 NOLOGIN")
        vault.trust(vault.second)
        given = {"Authorization": f"Bearer {rolled}"}
        form = {"overlap_seconds": "3600"}
        path = f"{stack.url}/v1/webhook_endpoints/{hook.id}/rotate_secret"
        fresh = patient.post(path, data=form, headers=given).json()["secret"]
        assert fresh != hook.secret
        load.enough()
        receiver.secrets[:] = [fresh]
        assert stack.perdure("keys", "revoke", key_id(stack, SECRET)).returncode == 0

        # The third: everybody could read the new payload key since the second.
        rolled_out(stack, load, PERDURE_PAYLOAD_KEYS=f"{NEW},{OLD}")
        held.append(client.v1.payment_intents.create(HOLD).id)
        authenticated(stack, client)
        for id_ in held:
            assert client.v1.payment_intents.capture(id_).status == "succeeded"
    assert load.failed == []
    assert receiver.refused == []
    agree(stack)


def rolled_key(stack: Fleet, key: str) -> str:
    """A successor, beside which the old one lives on for an hour."""
    return stack.perdure("keys", "roll", key_id(stack, key), "--overlap", "1h").stdout.strip()
