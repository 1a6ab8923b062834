"""The sixty questions as whole turns on the demo: the right tool, a bound reply, no guess and no trouble."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

SIXTY: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent.parent / "builtin" / "sixty.yaml").read_text(encoding="utf-8")
)


# Each wording is understood in tests/builtin/test_sixty.py; here the tidy and the texted ones become whole turns.
FEW = [pytest.param(name, 2, id=name) for name in sorted(SIXTY)]
ALL = [pytest.param(name, 99, id=f"{name}, every wording", marks=pytest.mark.prove) for name in sorted(SIXTY)]


@pytest.mark.parametrize(("question", "wordings"), [*FEW, *ALL])
def test_question_is_answered_as_typed(desk: DeskAtWork, run: Run, question: str, wordings: int) -> None:
    entry = SIXTY[question]
    who = "staff:priya" if entry.get("kind") == "staff" else "client:dana-lee"

    async def story() -> None:
        for said in entry["said"][:wordings]:
            answer = await desk.ask(who, said)
            assert set(answer.tools) & set(entry["tools"]), (said, answer.text)
            assert answer.turn.outcome == "answered", (said, answer.text)
            assert answer.text.strip()
            if any(char.isdigit() for char in answer.text):
                assert answer.turn.bindings, said

    run(story())
