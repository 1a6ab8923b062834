"""The demo's website: on this machine alone, under another name than the desk, with a token of its own server."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from billing.tables.sites import Signature
from tests.channels.site_calls import SECRET, visit
from tests.channels.web_calls import served, visitor

Run = Callable[[Coroutine[Any, Any, None]], None]
HERE = "http://localhost:8000"


def test_page_signs_whom_it_was_asked_to(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app), visitor(app, host="localhost:8000") as http:
            await desk.stand_at("harbor-pine", HERE, signature=Signature.HS256, key=SECRET)
            out = await http.get("/demo/website")
            assert "Not signed in" in out.text
            assert "data-token" not in out.text
            known = await http.get("/demo/website", params={"as": "client:dana-lee"})
            assert 'src="http://127.0.0.1:8000/chat.js"' in known.text
            assert "script-src http://127.0.0.1:8000;" in known.headers["content-security-policy"]
            (token,) = re.findall(r'data-token="([^"]+)"', known.text)
            assert (await visit(app, token, origin=HERE)).json()["name"] == "Dana Lee"

    run(story())


def test_page_stands_on_this_machine_alone(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            await desk.stand_at("harbor-pine", HERE, signature=Signature.HS256, key=SECRET)
            async with visitor(app, host="localhost:8000", client=("192.0.2.7", 5)) as http:
                assert (await http.get("/demo/website")).status_code == 404
            async with visitor(app, host="desk.example") as http:
                assert (await http.get("/demo/website?as=client:dana-lee")).status_code == 404
            async with visitor(app) as http:
                moved = await http.get("/demo/website?as=client:dana-lee")
                assert moved.headers["location"] == f"{HERE}/demo/website?as=client%3Adana-lee"
            async with visitor(app, host="localhost:8000") as http:
                assert (await http.get("/demo/website?as=client:nora-real")).status_code == 404

    run(story())
