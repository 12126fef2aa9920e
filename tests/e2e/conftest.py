"""A production site, a browser, and people in front of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e.people import DESKTOP, Person, new_person
from tests.e2e.site import ARTIFACTS, Site, find_chromium

MakePerson = Callable[..., Person]

expect.set_options(timeout=10_000)
_report = pytest.StashKey[pytest.TestReport]()


@pytest.fixture(scope="session")
def chromium() -> str:
    return find_chromium()


@pytest.fixture(scope="session")
def built_site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, built once. A test that ends the server starts it again."""
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture
def site(built_site: Site) -> Site:
    """The site without any data."""
    built_site.empty()
    return built_site


# A module, not the session: Playwright's own event loop must be gone before tests that are coroutines.
@pytest.fixture(scope="module")
def browser(chromium: str, built_site: Site) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def person(site: Site, browser: Browser, request: pytest.FixtureRequest) -> Iterator[MakePerson]:
    """Makes people: with a username they have an account and are logged in, without they are visitors.

    At the end nothing may have gone wrong in any of their browsers; of a failed test pictures remain.
    """
    people: list[Person] = []

    def make(username: str = "", viewport: ViewportSize = DESKTOP, **options: object) -> Person:
        people.append(new_person(site, browser, username, viewport, **options))
        return people[-1]

    yield make
    report = request.node.stash.get(_report, None)
    faults = [fault for one in people for fault in one.faults.seen]
    kept = _keep_pictures(request.node.name, people) if faults or report is None or report.failed else []
    for one in people:
        one.context.close()
    if kept:
        request.node.add_report_section(
            "teardown", "e2e", "\n".join([*kept, f"server log: {site.log}", site.log_tail()])
        )
    assert not faults, "in the browser:\n" + "\n".join(faults)


def _keep_pictures(test: str, people: list[Person]) -> list[str]:
    ARTIFACTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test)
    pages = [page for one in people for page in one.context.pages]
    return [_picture(page, ARTIFACTS / f"{name}-{number}.png") for number, page in enumerate(pages)]


def _picture(page: Page, path: Path) -> str:
    page.screenshot(path=path)
    return f"{page.url}: {path}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know how their test went."""
    report: pytest.TestReport = yield  # type: ignore[assignment]  # pluggy sends the result in
    if report.when == "call":
        item.stash[_report] = report
    return report  # type: ignore[return-value]  # pluggy hands it on
