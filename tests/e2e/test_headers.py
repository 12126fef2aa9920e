"""The Content-Security-Policy in a real browser: every page works under it, and it holds."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import jpeg, offer
from tests.e2e.site import BASE, Site
from tests.factories import PASSWORD
from xianyu import routes
from xianyu.models import Listing

pytestmark = pytest.mark.e2e

Violations = list[list[str]]

_REPORT = """
document.addEventListener("securitypolicyviolation", (event) =>
    window.reportViolation([location.pathname, event.effectiveDirective, event.blockedURI, event.sample]));
"""


# What somebody would try who got hold of a page. What the test itself runs may use eval, what it leaves
# behind may not.
_INTRUDE = """() => new Promise((resolve) => {
    const refused = [];
    const attempt = (name, work) => { try { work(); } catch { refused.push(name); } };
    attempt("script", () => {
        const script = document.createElement("script");
        script.text = "window.ran = 1";
        document.head.append(script);
    });
    attempt("html", () => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 2'>"));
    setTimeout(() => {
        attempt("eval", () => eval("window.ran = 3"));
        resolve([window.ran ?? 0, refused]);
    });
})"""


def watch(context: BrowserContext) -> Violations:
    """Collect what the browser's policy refuses, in each page from its first script on."""
    seen: Violations = []
    context.expose_binding("reportViolation", lambda _, violation: seen.append(violation))
    context.add_init_script(_REPORT)
    return seen


def open_twice(page: Page, path: str) -> None:
    """Load a page, then from what the browser kept of it, and wait until it speaks to the server."""
    for _ in range(2):
        with page.expect_event("websocket", predicate=lambda socket: "/_event" in socket.url):
            page.goto(BASE + path)
        expect(page.get_by_role("main")).to_be_visible()
        expect(page.locator("nav a[aria-current]").first).to_be_attached()


def test_the_story_meets_no_violation(site: Site, person: MakePerson) -> None:
    lin = person()
    seen = watch(lin.context)
    page = lin.page
    actions.register(page, "林看法", "csp@example.com")
    page.wait_for_url(f"{BASE}/")
    page.goto(f"{BASE}{routes.SELL}")
    actions.fill_listing(page, "看法测试的山地车")
    # The preview of a picture that is on its way is a blob.
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(actions.photos_in_form(page)).to_have_count(1)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/listing/\d+"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # A dialog locks the page's scrolling by a style of its own.
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.get_by_role("button", name="再想想").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    assert seen == []


def test_every_page_meets_no_violation_when_it_is_new_and_when_it_was_kept(site: Site, person: MakePerson) -> None:
    seller, lin = person("卖家看法"), person("林看法二")
    lin.faults.allow("status of 404")
    seen = watch(lin.context)
    listing_id = offer(site, seller.actor, "看法测试的台灯")
    own_id = offer(site, lin.actor, "看法测试的书")
    visited = {
        **{route: route for route in _plain_routes()},
        routes.LISTING: routes.listing(listing_id),
        routes.LISTING_EDIT: routes.listing_edit(own_id),
        routes.CONVERSATION: routes.conversation(seller.id),
        routes.USER: routes.user(seller.id),
        routes.BUY: routes.buy(listing_id),
    }
    for path in (*visited.values(), "/nothing-here"):
        open_twice(lin.page, path)
    actions.open_chat(lin.page, seller.id)
    actions.send(lin.page, "还在吗")
    actions.expect_message(lin.page, "还在吗")
    assert seen == []


def _plain_routes() -> list[str]:
    """Every page of the program that needs no number in its address."""
    constants = [value for name, value in vars(routes).items() if name.isupper() and not name.startswith("_")]
    own = ("/auth/", "/api/", routes.MEDIA, routes.UNSUBSCRIBE, routes.PUSH_WORKER, routes.MANIFEST)
    tools = (routes.ALIVE, routes.READY, routes.METRICS)
    return [one for one in constants if isinstance(one, str) and "[" not in one and not one.startswith((*own, *tools))]


def test_a_message_over_the_page_needs_no_eval(site: Site, person: MakePerson) -> None:
    """A service's refusal that belongs to no field: the sentence appears, by a var and not by a script."""
    seller, lin = person("卖家看法二"), person("林看法三")
    seen = watch(lin.context)
    listing_id = offer(site, lin.actor, "看法测试的椅子")
    page = lin.go(routes.listing(listing_id))
    take_down = page.get_by_role("button", name="下架")
    expect(take_down).to_be_visible()
    # Somebody else's from here on, while the page still shows its owner's buttons.
    _give_away(site, listing_id, seller.id)
    take_down.click()
    expect(page.get_by_role("alert").filter(has_text="只有发布者本人")).to_be_visible()
    page.get_by_role("button", name="知道了").click()
    expect(page.get_by_text("只有发布者本人")).to_be_hidden()
    assert seen == []


def _give_away(site: Site, listing_id: int, new_owner: int) -> None:
    def work(session: Session) -> None:
        session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(seller_id=new_owner))

    site.database.write(work)


def test_a_foreign_script_does_not_run(site: Site, person: MakePerson) -> None:
    visitor = person()
    visitor.faults.allow("Content Security Policy|Trusted")
    seen = watch(visitor.context)
    page = visitor.go("/")
    expect(page.get_by_role("main")).to_be_visible()
    assert page.evaluate(_INTRUDE) == [0, ["script", "html", "eval"]]
    assert seen != []


def test_no_other_site_can_frame_it(site: Site, person: MakePerson) -> None:
    visitor = person()
    visitor.faults.allow("frame")
    page = visitor.page
    page.set_content(f'<iframe src="{BASE}/login"></iframe>')
    frame = page.frames[-1]
    page.wait_for_load_state()
    expect(page.frame_locator("iframe").get_by_role("textbox")).to_have_count(0)
    assert not frame.url.startswith(BASE)


def test_the_login_form_works_under_the_policy(site: Site, person: MakePerson) -> None:
    lin = person("林看法四")
    lin.context.clear_cookies()
    seen = watch(lin.context)
    page = lin.go(routes.login("/me"))
    actions.log_in_here(page, lin.name, PASSWORD)
    page.wait_for_url(re.compile("/me/?$"))
    assert seen == []
