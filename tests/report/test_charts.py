"""Charts: every row keeps to its width, the smallest count is still to be seen, figures stand beside them."""

from conformance.report import charts
from tests.report.reports import traffic


def test_a_row_holds_its_statuses_in_order_and_never_more_than_the_width() -> None:
    rows = charts.answers([traffic("b", 500, 1, 0.1), traffic("b", 200, 100_000, 10), traffic("a", 404, 10, 1)])
    assert [(row.name, [bar.kind for bar in row.bars]) for row in rows] == [("a", ["s4"]), ("b", ["s2", "s5"])]
    assert rows[1].words == "200: 100,000, 500: 1"
    for row in rows:
        assert all(bar.width >= 1.9 for bar in row.bars)
        assert row.bars[-1].x + row.bars[-1].width <= charts.WIDTH + 0.2


def test_times_are_means_over_every_answer_of_an_operation() -> None:
    rows = charts.latency([traffic("a", 200, 3, 0.3), traffic("a", 404, 1, 0.5), traffic("b", 200, 1, 2)])
    assert [(row.name, row.words) for row in rows] == [("a", "0.2 s"), ("b", "2.0 s")]
    assert rows[1].bars[0].width == charts.WIDTH


def test_no_traffic_is_no_chart() -> None:
    assert charts.answers([]) == charts.latency([]) == []
