"""How long a simulator takes: by its median and its 99th percentile, and not at all unless somebody says so."""

from statistics import quantiles

from simulator.conduct import BOOKED_SHARE, Conduct, Pace


def test_it_takes_as_long_as_is_said() -> None:
    pace = Pace(Conduct(p50_ms=1_200, p99_ms=4_000))
    taken = sorted(pace.of("authorize") for _ in range(20_000))
    cuts = quantiles(taken, n=100)
    assert 1.15 < cuts[49] < 1.25
    assert 3.7 < cuts[98] < 4.3
    booked = quantiles([pace.of("capture") for _ in range(20_000)], n=100)[49]
    assert 1.15 * BOOKED_SHARE < booked < 1.25 * BOOKED_SHARE


def test_without_a_word_it_answers_at_once_and_for_good() -> None:
    pace = Pace(Conduct())
    assert pace.of("authorize") == 0.0
    assert not any(pace.roll(pace.conduct.failing) for _ in range(100))
    assert Pace(Conduct(p50_ms=5, p99_ms=1)).of("authorize") == 0.005, "the 99th percentile is never less"
