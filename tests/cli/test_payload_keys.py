"""`perdure payload-keys`: a key that can be used as it is printed, and a list that shows no secret."""

import argparse

import pytest

from cli.payload_keys import add_to, run, shown
from contracts.payload_keys import parse_keys


def given(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    return parser.parse_args(["payload-keys", *arguments])


async def test_a_new_key_is_printed_as_the_setting_takes_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for _ in range(2):
        assert await run(given("new", "2026-11")) == 0
        made.append(capsys.readouterr().out.strip())
    first, second = (parse_keys(line)[0] for line in made)
    assert (first.id, second.id) == ("2026-11", "2026-11")
    assert first.secret != second.secret
    monkeypatch.setenv("PERDURE_PAYLOAD_KEYS", made[0])
    assert await run(given("list")) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("2026-11  ")
    assert listed.endswith("  encrypts and decrypts\n")
    assert made[0].partition(":")[2] not in listed
    monkeypatch.setenv("PERDURE_PAYLOAD_KEYS", "wrong")
    assert await run(given("list")) == 2
    assert "PERDURE_PAYLOAD_KEYS" in capsys.readouterr().err


async def test_what_each_key_does_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    keys = []
    for name in ("a", "b"):
        await run(given("new", name))
        keys.append(capsys.readouterr().out.strip())

    def does(setting: str) -> list[str]:
        return [line.rpartition("  ")[2] for line in shown(parse_keys(setting))]

    assert does(",".join(keys)) == ["encrypts and decrypts", "decrypts"]
    assert does("") == ["payloads are written as they are, not encrypted"]
    assert does(f"plain,{keys[0]}") == ["payloads are written as they are, not encrypted", "decrypts"]
    assert does(f"{keys[0]},plain") == ["encrypts and decrypts"]


@pytest.mark.parametrize("id_", ["plain", "", "a:b", "a,b", "ä", "x" * 41])
def test_what_cannot_be_an_id_is_refused(id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        given("new", id_)
    assert "is no id" in capsys.readouterr().err
