"""Staff get a chart with a report, in the figures that the words tell; clients and texts do not."""

import pytest

from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, HARBOR, DeskAtWork


@pytest.mark.parametrize(
    ("key", "business", "question"),
    [
        ("staff:priya", HARBOR, "show me the aging report"),
        ("staff:priya", HARBOR, "who owes us money?"),
        ("staff:priya", HARBOR, "what's overdue?"),
        ("staff:priya", HARBOR, "what was our revenue this year?"),
        ("staff:claire", ATELIER, "qui nous doit de l'argent ?"),
        ("staff:claire", ATELIER, "montre-moi la balance âgée"),
    ],
)
def test_chart_tells_the_figures_of_the_words(
    desk: DeskAtWork, run: Run, key: str, business: str, question: str
) -> None:
    answer = run(desk.ask(key, question, business=business))
    charts = [each for each in answer.attachments if each["kind"] == "chart"]
    assert charts, answer.text
    for chart in charts:
        shares = [float(each) for each in chart["extra"]["shares"].split()]
        assert len(shares) == len(chart["rows"]) >= 2
        assert max(shares) == 1.0
        for label, figure in chart["rows"]:
            assert "{" not in label + figure
            assert figure in answer.text


def test_client_gets_no_chart(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask("client:dana-lee", "what do I owe?"))
    assert not [each for each in answer.attachments if each["kind"] == "chart"]
