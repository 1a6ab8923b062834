"""A business's own website for browser tests: pages on another origin, under a policy as strict as they come."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Locator, Page, expect

# What the README asks of a site that has a policy: the desk's scripts and answers, and nothing else of anybody.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src {desk}; connect-src {desk}; img-src 'self'; base-uri 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
STYLE = """
body { margin: 0; font: 17px/1.6 Georgia, serif; color: #222; background: #faf8f4; letter-spacing: .02em }
body { text-align: center }
main { max-width: 640px; margin: 60px auto; padding: 0 24px; text-align: start }
button { text-transform: uppercase; background: hotpink }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } a { color: #9bd } }
"""
PAGE = """<!doctype html><html {html}><head><meta charset="utf-8"><title>Kitchens that last</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css">
<script src="{desk}/chat.js" data-business="{business}" {data}></script></head>
<body><main><h1>Kitchens that last</h1><p>Oak, ash and walnut, built in Red Hook.</p>
<p><a href="/about">About us</a></p>
</main></body></html>"""


@dataclass
class Website:
    """A server of host pages. html, data: attributes of the page and of the script tag."""

    desk: str
    business: str = "harbor-pine"
    html: str = 'lang="en"'
    data: str = ""
    policy: str = POLICY
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                is_style = self.path == "/site.css"
                body = (STYLE if is_style else site.page()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/css" if is_style else "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", site.policy.format(desk=site.desk))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def page(self) -> str:
        return PAGE.format(desk=self.desk, business=self.business, html=self.html, data=self.data)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def launcher(page: Page) -> Locator:
    """The button that opens the chat."""
    return page.locator("front-door .open")


def panel(page: Page) -> Locator:
    """The panel with the chat."""
    return page.locator("front-door dialog")


def open_chat(page: Page, website: Website) -> None:
    """The website with the chat open, ready to be written in."""
    page.goto(website.url)
    launcher(page).click()
    ready(page)


def ready(page: Page) -> None:
    """Wait until the thread is there."""
    expect(page.locator("front-desk textarea")).to_be_enabled()
    expect(page.locator("front-desk .ghost")).to_have_count(0)
