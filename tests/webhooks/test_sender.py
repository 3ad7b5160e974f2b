"""What a receiver does, and what is made of it; over real HTTP."""

import asyncio
import json
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpcore
import pytest

from domain.webhooks import EXCERPT_CHARACTERS_MAX
from embedded.ports import free_port
from tests.support.receivers import Receiver, receiving
from webhooks.sender import HttpSender, tls_context

BODY = json.dumps({"id": "evt_1", "object": "event"}).encode()


@pytest.mark.parametrize(
    ("status", "taken"), [(200, True), (204, True), (299, True), (302, False), (307, False), (400, False), (500, False)]
)
async def test_any_2xx_is_success_and_a_redirect_is_not_followed(status: int, taken: bool) -> None:
    sender = HttpSender(allow_private=True)
    with receiving(Receiver()) as receiver:
        receiver.take = lambda body, header: _count(receiver, status)  # type: ignore[method-assign]
        answer = await sender.post(receiver.url, BODY, {})
        await sender.close()
    assert (answer.status, answer.taken) == (status, taken)
    assert answer.latency_ms >= 0
    assert receiver.requests == 1


def _count(receiver: Receiver, status: int) -> int:
    receiver.requests += 1
    return status


async def test_a_receiver_that_hangs_is_left() -> None:
    sender = HttpSender(allow_private=True, timeout_seconds=0.3)
    with receiving(Receiver(hang=threading.Event())) as receiver:
        answer = await sender.post(receiver.url, BODY, {})
        await sender.close()
    assert (answer.status, answer.taken, answer.error) == (None, False, "no answer within 0.3 s")


async def test_a_receiver_that_drips_is_left_and_a_long_answer_is_cut() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
        await writer.drain()
        await gone.wait()
        writer.close()

    gone, port = asyncio.Event(), free_port()
    server = await asyncio.start_server(drip, "127.0.0.1", port)
    sender = HttpSender(allow_private=True, timeout_seconds=5)
    answer = await sender.post(f"http://127.0.0.1:{port}/", BODY, {})
    gone.set()
    await sender.close()
    server.close()
    assert answer.status == 200
    assert answer.excerpt == "x" * EXCERPT_CHARACTERS_MAX


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "ftp://127.0.0.1/", "http://", "https://127.0.0.1:{port}/"]
)
async def test_what_cannot_be_sent_is_said_in_words(url: str) -> None:
    sender = HttpSender(allow_private=True)
    answer = await sender.post(url.format(port=free_port()), BODY, {})
    await sender.close()
    assert answer.status is None
    assert answer.error


async def test_nothing_goes_inside_unless_allowed() -> None:
    sender = HttpSender(allow_private=False)
    with receiving(Receiver()) as receiver:
        for url in (receiver.url, f"http://localhost:{receiver.port}/hook"):
            answer = await sender.post(url, BODY, {})
            assert "address not allowed" in (answer.error or "")
        await sender.close()
    assert receiver.requests == 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of `localhost`, by an authority nobody knows but whoever is handed the file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{path}.key", "-out", f"{path}.crt"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(Path(f"{path}.key").read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.mark.parametrize(
    ("host", "known", "taken"), [("localhost", True, True), ("127.0.0.1", True, False), ("localhost", False, False)]
)
async def test_tls_is_verified_by_authority_and_by_name(certificate: Path, host: str, known: bool, taken: bool) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.append(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    arrived: list[int] = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    port = free_port()
    server = await asyncio.start_server(take, "127.0.0.1", port, ssl=serving)
    trusting = ssl.create_default_context(cafile=str(certificate)) if known else tls_context()
    sender = HttpSender(allow_private=True, tls=trusting)
    answer = await sender.post(f"https://{host}:{port}/", BODY, {})
    await sender.close()
    server.close()
    assert (answer.taken, bool(arrived)) == (taken, taken)
    assert taken or "certificate verify failed" in (answer.error or "").lower()


@pytest.mark.parametrize(
    "url",
    ["http://127。0。0。1/", "http://müller.example/", "http://a\ud800b/", "http://[::1", "http://127.0.0.1:99999/",
     "http://" + "a" * 300 + "/", "http://a b/", "", "http://127.0.0.1:1/\r\nHost: evil"],
)  # fmt: skip
async def test_a_url_of_an_older_release_fails_like_any_other(url: str) -> None:
    sender = HttpSender(allow_private=False)
    answer = await sender.post(url, BODY, {})
    await sender.close()
    assert answer.status is None
    assert answer.error


async def test_a_name_of_umlauts_is_looked_up_and_sent_in_ascii() -> None:
    asked: list[str] = []

    class Backend(httpcore.AsyncMockBackend):
        async def connect_tcp(self, host: str, *more: Any, **named: Any) -> httpcore.AsyncNetworkStream:
            asked.append(host)
            return Recording(stream)

    class Recording(httpcore.AsyncMockStream):
        async def write(self, buffer: bytes, timeout: float | None = None) -> None:
            written.append(buffer)

    stream, written = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], list[bytes]()
    sender = HttpSender(allow_private=True, backend=Backend(stream))
    answer = await sender.post("http://user:secret@127。0。0。1:8000/größe#top", BODY, {})
    await sender.close()
    assert answer.taken, answer
    assert asked == ["127.0.0.1"]
    assert written[0].startswith(b"POST /gr%C3%B6%C3%9Fe HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n")
    assert b"secret" not in b"".join(written)


async def test_a_fault_of_ours_is_a_failed_try() -> None:
    class Broken(httpcore.AsyncMockBackend):
        async def connect_tcp(self, *arguments: Any, **named: Any) -> httpcore.AsyncNetworkStream:
            raise TypeError("a fault of ours")

    sender = HttpSender(allow_private=True, backend=Broken([]))
    answer = await sender.post("http://127.0.0.1/", BODY, {})
    await sender.close()
    assert (answer.status, answer.error) == (None, "could not be sent: TypeError: a fault of ours")
