"""A measurement that does not hold says so, and what it was."""

from bench.verdicts import Verdict


def test_a_figure_beyond_its_bound_fails_the_part_and_is_named() -> None:
    verdict = Verdict("2 times what is carried")
    verdict.hold("goodput by what is carried", 0.91, least=0.9)
    verdict.common(1_999.0, 0, 2.0)
    assert verdict.said().startswith("PASS 2 times what is carried: goodput by what is carried 0.91 (at least 0.9); ")
    verdict.hold("in the worst 10 s", 0.89, least=0.9)
    assert verdict.said() == "FAIL 2 times what is carried: in the worst 10 s 0.89 (at least 0.9)"


def test_one_that_was_charged_and_told_otherwise_is_one_too_many() -> None:
    verdict = Verdict("captures")
    verdict.common(2_001.0, 1, 2.1)
    assert [each.partition(" (")[0] for each in verdict.failed] == [
        "p99 of the taken, ms 2001.00", "charged and told otherwise 1.00", "well again after, s 2.10",
    ]  # fmt: skip


def test_what_was_never_measured_does_not_hold() -> None:
    verdict = Verdict("flood")
    verdict.hold("the other's p99, by what it is alone", float("nan"), most=2)
    assert verdict.said().startswith("FAIL")
