"""An operator, their words, and the neighbours whom they concern, each at a browser of their own."""

import re
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, ViewportSize, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer, stored_bodies, write
from tests.e2e.site import BASE, Site
from tests.e2e.test_pages import Sight, look_at
from tests.factories import make_word
from xianyu import routes
from xianyu.models import Role, User, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.services import held, held_pages, screening
from xianyu.services.message_screening import WAITS
from xianyu.services.screening import REFUSAL, Stopped

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def promote(site: Site, who: Person) -> None:
    statement = sa.update(User).where(col(User.id) == who.id).values(role=Role.OPERATOR)
    site.database.write(partial(Session.execute, statement=statement))


def add_words(page: Page, action: str, *words: str) -> None:
    page.get_by_role("textbox", name="敏感词", exact=True).fill("\n".join(words))
    page.get_by_role("combobox", name="处理方式", exact=True).select_option(action)
    page.get_by_role("button", name="添加", exact=True).click()
    for word in words:
        expect(page.get_by_role("list", name="敏感词")).to_contain_text(word)


def want(page: Page, title: str) -> None:
    """Publish that something is looked for, which needs no photo."""
    page.goto(f"{BASE}{routes.SELL}")
    page.get_by_text("求购", exact=True).click()
    page.get_by_role("textbox", name="标题").fill(title)
    page.get_by_role("textbox", name="描述").fill("有的邻居请联系我，谢谢。")
    page.get_by_role("textbox", name="预算").fill("50")
    page.get_by_role("combobox", name="分类").select_option("sports")
    page.get_by_role("button", name="发布", exact=True).click()


def test_words_mask_hold_and_refuse_and_what_is_approved_appears_at_once(site: Site, person: MakePerson) -> None:
    operator, seller, reader = person("物业", DESKTOP), person("卖家", PHONE), person("邻居", PHONE)
    promote(site, operator)
    console = operator.go(routes.ADMIN_WORDS)
    add_words(console, "mask", "傻瓜")
    add_words(console, "hold", "枪支")
    add_words(console, "refuse", "毒品")
    console.get_by_role("textbox", name="要试的文字").fill("你这傻 瓜！")
    console.get_by_role("button", name="试一试").click()
    expect(console.get_by_text("你这＊＊＊！", exact=True)).to_be_visible()

    page, home = seller.page, reader.go(routes.HOME)
    want(page, "收一台傻.瓜相机")
    expect(page.get_by_role("heading", level=1)).to_have_text("收一台＊＊＊相机")

    want(page, "收毒 品说明书")
    expect(page.get_by_text(REFUSAL, exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="标题")).to_have_value("收毒 品说明书")

    want(page, "收玩具枪-支模型")
    expect(page.get_by_role("heading", level=1)).to_have_text("收玩具枪-支模型")
    expect(page.get_by_text("正在审核，通过后会自动上架")).to_be_visible()
    address = page.url
    reader.faults.allow("responded with a status of 404")
    hidden = reader.tab(address.removeprefix(BASE))
    expect(hidden.get_by_text("不存在或已被删除")).to_be_visible()
    mine = seller.tab(routes.ME)
    mine.get_by_role("tab", name=re.compile("已下架")).click()
    expect(mine.get_by_role("main")).to_contain_text("审核中")

    queue = operator.tab(routes.ADMIN_HELD)
    expect(queue.get_by_role("list", name="被拦下的内容")).to_contain_text("收玩具枪-支模型")
    expect(queue.locator("mark")).to_have_text("枪-支")
    queue.get_by_role("button", name=re.compile("^通过")).click()
    expect(queue.get_by_text("没有等待审核的内容。")).to_be_visible()
    expect(hidden.get_by_role("heading", level=1)).to_have_text("收玩具枪-支模型")
    expect(page.get_by_text("正在审核")).to_have_count(0)
    home.get_by_role("button", name=re.compile("有新发布")).click()
    expect(home.get_by_role("link", name=re.compile("^收玩具枪-支模型"))).to_be_visible()
    actions.expect_unread(mine, 1)


def test_a_held_message_waits_without_being_sent_again_and_goes_out_once_approved(
    site: Site, person: MakePerson
) -> None:
    operator, one, other = person("物业", DESKTOP), person("小明", PHONE), person("李阿姨", DESKTOP)
    promote(site, operator)
    make_word(site.database, "枪支", WordAction.HOLD)
    write(site, other.actor, one.actor, "在吗？")
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    # Until the server has looked at the list again, which another process changed.
    queue = operator.go(routes.ADMIN_WORDS)
    expect(queue.get_by_role("list", name="敏感词")).to_contain_text("枪支")
    queue.get_by_role("combobox", name="“枪支”的处理方式").select_option("refuse")
    queue.get_by_role("combobox", name="“枪支”的处理方式").select_option("hold")
    actions.send(one.page, "玩具枪支还有吗")
    expect(one.page.get_by_role("alert").filter(has_text=WAITS)).to_be_visible()
    expect(one.page.get_by_role("button", name="重新发送")).to_have_count(0)
    one.page.reload()
    expect(one.page.get_by_role("alert").filter(has_text=WAITS)).to_be_visible()
    assert stored_bodies(site, one.actor, other.actor) == ["在吗？"]
    queue = operator.go(routes.ADMIN_HELD)
    expect(queue.get_by_role("listitem").filter(has_text="玩具枪支还有吗")).to_contain_text(f"发给 {other.name}")
    queue.get_by_role("button", name=re.compile("^通过")).click()
    actions.expect_message(other.page, "玩具枪支还有吗")
    actions.expect_message(one.page, "玩具枪支还有吗")
    expect(one.page.get_by_role("alert").filter(has_text=WAITS)).to_have_count(0)
    assert stored_bodies(site, one.actor, other.actor) == ["在吗？", "玩具枪支还有吗"]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_of_words_and_of_what_is_held_keep_what_all_pages_promise(
    site: Site, person: MakePerson, viewport: ViewportSize
) -> None:
    operator, seller = person("物业", viewport), person("卖家", viewport)
    promote(site, operator)
    actor = operator.actor
    for word, action in (("枪支", WordAction.HOLD), ("傻瓜", WordAction.MASK), ("毒品", WordAction.REFUSE)):
        make_word(site.database, word, action)
    offer(site, seller.actor, "傻瓜相机")
    ids = [offer(site, seller.actor, f"玩具枪支模型 {number}") for number in range(3)]
    with pytest.raises(Stopped) as stopped:
        write(site, seller.actor, actor, "枪支要不要")
    site.database.write(screening.keep, stopped.value.caught)
    first, second, *_ = [entry.id for entry in site.database.read(held_pages.page, _as_operator(operator)).entries]
    site.database.write(held.approve, _as_operator(operator), first)
    site.database.write(held.reject, _as_operator(operator), second, "请换一个标题，不要写“枪支”")
    sights = [
        Sight("admin-words", routes.ADMIN_WORDS, "敏感词", "共 3 个"),
        Sight("admin-words-none", routes.admin_words({"words": "没有"}), "敏感词", "没有符合条件"),
        Sight("admin-held", routes.ADMIN_HELD, "审核", "玩具枪支模型 2"),
        Sight("admin-held-decided", routes.admin_held({"part": "decided"}), "审核", "已驳回"),
        Sight("admin-held-noted", routes.admin_held({"part": "noted"}), "审核", "已遮盖"),
    ]
    found = [f"{sight.name}: {one}" for sight in sights for one in look_at(operator.page, sight)]
    own = [
        Sight("held-listing", routes.listing(ids[2]), "宝贝详情", "正在审核"),
        Sight("rejected-listing", routes.listing(ids[1]), "宝贝详情", "没有通过审核"),
    ]
    found += [f"{sight.name}: {one}" for sight in own for one in look_at(seller.page, sight)]
    assert not found, "\n".join(found)


def _as_operator(who: Person) -> Actor:
    return replace(who.actor, role=Role.OPERATOR)
