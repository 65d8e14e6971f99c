"""The table of the web client's figures."""

from tests.bench.web_table import Figure, kept, middle, plain, worst_of_95


def test_a_bar_is_full_at_the_goal_and_runs_over_it() -> None:
    assert Figure("a", 100, 200, "ms").bar == "█" * 10 + "·" * 10 + "▌"
    assert Figure("a", 300, 200, "ms").bar == "█" * 20 + "▌" + "█" * 10
    assert Figure("a", 9_000, 200, "ms").bar == "█" * 20 + "▌" + "█" * 20
    assert Figure("holes", 0, 0, "rows").bar == "·" * 20 + "▌"


def test_what_is_over_and_what_was_not_measured_say_so() -> None:
    figures = [Figure("a", 201, 200, "ms"), Figure("b", 200, 200, "ms"), Figure("c", None, 1, "s", "no browser")]
    assert [each["verdict"] for each in kept(figures)] == ["over", "ok", "not measured"]
    assert plain(figures).splitlines()[2].endswith("not measured — no browser")


def test_the_middle_and_the_worst_of_95_are_values_that_were_seen() -> None:
    assert (middle([3, 1, 2]), middle([])) == (2, None)
    assert (worst_of_95(list(range(1, 101))), worst_of_95([7.0]), worst_of_95([])) == (95, 7.0, None)
