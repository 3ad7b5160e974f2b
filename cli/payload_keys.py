"""`perdure payload-keys`: what payloads in Temporal are encrypted under (PERDURE_PAYLOAD_KEYS), and how it is changed.

The first key encrypts, all of them decrypt; `plain` in the first place encrypts nothing. A key is changed in two rounds
through all workers and APIs: the new key last, then the new key first. docs/OPERATING.md has every step.
"""

import argparse
import base64
import hashlib
import re
import secrets  # noqa: TID251
import sys
from typing import Any

from contracts.payload_keys import KEY_BYTES, NO_KEY, PLAIN, PayloadKey, parse_keys
from settings import Settings, SettingsError

FINGERPRINT_CHARACTERS = 12
"""Enough to see that two processes have the same key, and nothing of the key."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


def key_id(text: str) -> str:
    """What payloads will name the key by."""
    if not _ID.fullmatch(text) or text == PLAIN:
        raise argparse.ArgumentTypeError(f"{text!r} is no id: letters, digits, _ . and -, 40 at most, such as 2026-11")
    return text


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "payload-keys", help="make a key for what Temporal keeps, or show those that are set", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a key, and show it once")
    new.add_argument("id", type=key_id, help="what payloads name it by, such as 2026-11")
    actions.add_parser("list", help="the keys that are set here, in order, by fingerprint")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    if arguments.action == "new":
        print(f"{arguments.id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}")
        print("perdure: give it to every worker and API, behind the others, before any of them has it first",
              file=sys.stderr)  # fmt: skip
        return 0
    try:
        keys = parse_keys(Settings.read().payload_keys)
    except SettingsError as error:
        print(f"perdure: {error}", file=sys.stderr)
        return 2
    for line in shown(keys):
        print(line)
    return 0


def shown(keys: tuple[PayloadKey, ...]) -> list[str]:
    """A line for each key, and what it does; the same key has the same fingerprint everywhere."""
    if not keys or keys[0] == NO_KEY:
        lines = ["payloads are written as they are, not encrypted"]
    else:
        lines = [f"{keys[0].id}  {fingerprint(keys[0])}  encrypts and decrypts"]
    return lines + [f"{key.id}  {fingerprint(key)}  decrypts" for key in keys[1:] if key != NO_KEY]


def fingerprint(key: PayloadKey) -> str:
    """Of the secret."""
    return hashlib.sha256(key.secret).hexdigest()[:FINGERPRINT_CHARACTERS]
