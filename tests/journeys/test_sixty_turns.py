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


@pytest.mark.parametrize("question", sorted(SIXTY))
def test_question_is_answered_as_typed(desk: DeskAtWork, run: Run, question: str) -> None:
    entry = SIXTY[question]
    who = "staff:priya" if entry.get("kind") == "staff" else "client:dana-lee"

    async def story() -> None:
        for said in entry["said"]:
            answer = await desk.ask(who, said)
            assert set(answer.tools) & set(entry["tools"]), (said, answer.text)
            assert answer.turn.outcome == "answered", (said, answer.text)
            assert answer.text.strip()
            if any(char.isdigit() for char in answer.text):
                assert answer.turn.bindings, said

    run(story())
