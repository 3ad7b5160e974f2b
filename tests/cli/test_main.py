"""The command line itself: how a command ends that nobody listens to any more."""

import argparse

import pytest

from cli import __main__ as command_line


class Ended(Exception):
    """The process would be gone."""


@pytest.mark.parametrize(("why", "status"), [(BrokenPipeError(), 141), (KeyboardInterrupt(), 130)])
def test_a_reader_that_has_gone_ends_a_command_without_a_traceback(
    why: BaseException, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(_: argparse.Namespace) -> int:
        raise why

    def end(code: int) -> None:
        ended.append(code)
        raise Ended

    ended: list[int] = []
    parser = argparse.ArgumentParser()
    parser.set_defaults(run=run)
    monkeypatch.setattr(command_line, "made_parser", lambda: parser)
    monkeypatch.setattr(command_line, "end", end)
    monkeypatch.setattr("sys.argv", ["perdure"])
    with pytest.raises(Ended):
        command_line.main()
    assert ended == [status]
