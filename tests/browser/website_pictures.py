"""Takes the pictures of docs/widget: `python -m tests.browser.website_pictures` walks every state and keeps it.

They are to be looked at: what a designer would mend is mended.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from billing.tables.sites import Signature
from tests.browser.conftest import CHROMIUM, Served
from tests.browser.website import Website
from tests.browser.website_states import STATES, Pictures
from tests.channels.site_calls import SECRET
from tests.fakes.desk import fake_app, fake_desk
from tests.fakes.story import SCRIPT

FOLDER = Path(__file__).parent.parent.parent / "docs" / "widget"


def main(wanted: set[str]) -> None:
    """Take the pictures of these states; of all where none is named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(FOLDER)
    for state in STATES:
        if wanted and state.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            desk = fake_desk(Path(folder))  # a fresh one: what one state wrote is not in the next one's picture
            desk.inbox.script.update(SCRIPT)
            server = Served(fake_app(desk))
            server.open()
            website = Website(server.url)
            desk.wait(desk.stand_at("harbor-pine", website.url, signature=Signature.HS256, key=SECRET))
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = state.context(browser).new_page()
            state.show(page, website, desk)
            pictures.take(page, state)
            browser.close()
            website.close()
            server.close()
    print(f"{', '.join(pictures.taken)} in {FOLDER.name}/")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
