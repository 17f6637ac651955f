"""A real browser for the tests: whatever chromium is installed, driven by Playwright."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest
from pages import BOOK, CHINESE, DESKTOP, PAGES
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser():
    """A headless chromium."""
    found = [path for name in CHROMIUM_NAMES if (path := shutil.which(name))]
    if not found:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUM_NAMES)} is on the path")
    # As root, which is usual in a container, chromium starts only without its sandbox.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=["--no-sandbox"] if as_root else [])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve():
    """Return a function that serves a folder at localhost and returns the address."""
    servers = []

    def start(folder):
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        servers.append(server)
        port = server.stdout.readline().split(" port ")[1].split()[0]
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.terminate()
        server.communicate()


@pytest.fixture(scope="module")
def address(serve):
    return serve(BOOK) + "/"


@pytest.fixture(scope="module", params=[*PAGES, *CHINESE])
def page(browser, address, request):
    """A page after everything on it has been drawn; its `complaints` are what should not have happened."""
    page = browser.new_page(viewport=DESKTOP, color_scheme="light")
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda message: message.type in ("error", "warning") and page.complaints.append(f"console: {message.text}"),
    )
    page.on(
        "request",
        lambda sent: sent.url.startswith((address, "data:")) or page.complaints.append(f"request: {sent.url}"),
    )
    page.goto(urljoin(address, request.param), wait_until="networkidle")
    page.evaluate("window.MathJax?.startup.promise")
    yield page
    page.close()
