"""Reading scenario files: shared starting records, and a message that says where a file is wrong."""

from pathlib import Path

import pytest

from bot.evaluation.reading import BadScenarioError, read_scenarios

GOOD = "name: one\nwho: client:ida\nturns:\n- say: hi\n"


def test_single_scenario_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(GOOD)
    assert [scenario.name for scenario in read_scenarios([tmp_path])] == ["one"]


def test_scenarios_share_what_stands_above(tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / "paid.yaml").write_text("business: atelier-lumiere\n")
    text = "intent: pay\nstate: paid\nwho: client:ida\nscenarios:\n- {name: a, aim: x}\n- {name: b, aim: y}\n"
    (tmp_path / "two.yaml").write_text(text)
    assert [(one.name, one.intent, one.given.slug) for one in read_scenarios([tmp_path])] == [
        ("a", "pay", "atelier-lumiere"),
        ("b", "pay", "atelier-lumiere"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "sez: x\n", "sez"),
        ("name: one\nwho: client:ida\n", "it needs `turns`, or an `aim`"),
        ("name: one\nwho: client:ida\nturns:\n- says: [x]\n", "either `say` or `press`"),
        (GOOD + "now: 2026-11-18T15:00:00\n", "needs a zone"),
        (GOOD + "state: nowhere\n", "nowhere.yaml"),
        ("- a\n", "a scenario file is a mapping"),
        ("a: [", "bad.yaml"),
    ],
)
def test_wrong_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(BadScenarioError, match=said.replace(".", r"\.")):
        read_scenarios([tmp_path / "bad.yaml"])


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(BadScenarioError, match="two scenarios are called 'one'"):
        read_scenarios([tmp_path])


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="no such file"):
        read_scenarios([tmp_path / "none"])
