"""What the run over two gateways is judged by finds what is wrong, and nothing else."""

from tests.two_gateways.judging import Asked, moved, moved_rightly, tries_by_gateway

ONE, TWO = "pi_1/1/authorize", "pi_1/2/authorize"


def at(first: dict[str, str], second: dict[str, str], *asked: tuple[str, str]) -> dict[str, Asked]:
    """Both gateways with their answers, asked in this order."""
    times = list(enumerate(asked))
    return {
        "a": Asked([(float(when), key) for when, (name, key) in times if name == "a"], first),
        "b": Asked([(float(when), key) for when, (name, key) in times if name == "b"], second),
    }


def test_after_a_definite_no_another_may_be_asked() -> None:
    found = at({ONE: "declined"}, {TWO: "approved"}, ("a", ONE), ("a", ONE), ("b", TWO))
    assert list(moved(found)) == []
    assert moved_rightly(found) == 1
    assert tries_by_gateway(found) == {"a": 1, "b": 1}


def test_after_anything_else_nobody_else_may() -> None:
    for known in ({}, {ONE: "approved"}, {ONE: "accepted"}):
        (fault,) = moved(at(known, {TWO: "approved"}, ("a", ONE), ("b", TWO)))
        assert (fault.intent, fault.kind) == ("pi_1", "wrong")
        assert f"of {ONE}, a says {known.get(ONE, 'nothing')}" in fault.what


def test_the_one_that_was_never_answered_may_be_the_second_one_as_well() -> None:
    three = "pi_1/3/authorize"
    found = at({ONE: "declined", three: "approved"}, {}, ("a", ONE), ("b", TWO), ("a", three))
    assert [fault.what for fault in moved(found)] == [f"a was asked under {three}; of {TWO}, b says nothing"]


def test_what_follows_at_the_same_gateway_is_no_move() -> None:
    asked = [("a", ONE), ("a", "pi_1/1/capture"), ("b", "pi_2/1/authorize"), ("b", "pi_2/1/refund-re_1")]
    found = at({}, {}, *asked)
    assert list(moved(found)) == []
    assert moved_rightly(found) == 0
