"""Results: pass@1 and pass^k, two suites side by side, and the page that shows them."""

from bot.evaluation.grading import Said
from bot.evaluation.results import Result, Run, Suite, compare
from bot.evaluation.scenario import Exchange, Scenario
from channels.evaluating.page import page_of

NASTY = "<script>alert(1)</script>"


def result(name: str, *passed: bool, words: str = "hi") -> Result:
    scenario = Scenario(name=name, who="client:ida", intent="pay", state="twins", turns=(Exchange(say=words),))
    said = (Said(words, f"answer to {words}", "en", ({"kind": "link", "label": words, "value": "javascript:x"},)),)
    return Result(scenario, tuple(Run(said, () if ok else (f"not said: {words}",)) for ok in passed))


def test_pass_hat_k_needs_every_run() -> None:
    suite = Suite("m", (result("a", True, True, True, True), result("b", True, True, True, False)))
    assert (suite.runs, suite.pass_at_1, suite.pass_hat_k) == (4, 0.875, 0.5)


def test_skipped_scenario_counts_nowhere() -> None:
    suite = Suite("m", (result("a", True), Result(result("b").scenario, (), skipped="no turns")))
    assert (len(suite.ran), suite.pass_hat_k) == (1, 1.0)


def test_comparison_names_the_worse_first() -> None:
    before = Suite("m", (result("a", True, True), result("b", False, True), result("c", True, True)))
    after = Suite("n", (result("a", True, True), result("b", True, True), result("c", True, False)))
    assert [(pair.before.scenario.name, pair.verdict) for pair in compare(before, after)] == [
        ("c", "worse"),
        ("b", "better"),
        ("a", "same"),
    ]


def test_page_shows_nothing_unescaped() -> None:
    suite = Suite(NASTY, (result(NASTY, False, words=NASTY),))
    page = page_of([suite, suite], compare(suite, suite))
    assert NASTY not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8


def test_page_fetches_nothing() -> None:
    page = page_of([Suite("m", (result("a", True),))], [])
    assert "default-src 'none'" in page
    for outside in ("http://", "https://", "src=", "@import", "url("):
        assert outside not in page


def test_page_names_figures_and_conversations() -> None:
    page = page_of([Suite("m", (result("a", True, False, words="where is it"),))], [])
    for shown in ("pass^2", "0.50", "where is it", "answer to where is it", "not said: where is it", "1/2"):
        assert shown in page
