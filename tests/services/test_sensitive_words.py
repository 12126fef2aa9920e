"""The operators' list of words, on every database."""

import pytest
from sqlmodel import Session, col, select

from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Role, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.moderation import TextPart
from xianyu.services import accounts, activities, profiles, sensitive_words
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import InvalidForm
from xianyu.services.section_forms import check_activity
from xianyu.services.sensitive_words import WordNotFound, WrongAction


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, role=Role.OPERATOR)


def add(database: Database, operator: Actor, typed: str, action: str = "mask") -> int:
    words, checked = sensitive_words.check(typed, action)
    return database.write(sensitive_words.add, operator, words, checked)[0]


def listed(database: Database, operator: Actor, sought: str = "", action: str = "") -> list[tuple[str, str]]:
    page = database.read(sensitive_words.page, operator, sought, action)
    return [(word.word, word.action) for word in page.words]


def log(database: Database) -> list[tuple[str, str, str]]:
    def work(session: Session) -> list[tuple[str, str, str]]:
        rows = session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
        return [(row.action, row.target_name, row.detail) for row in rows]

    return database.read(work)


def test_words_are_added_one_a_line_and_each_once(database: Database, operator: Actor) -> None:
    assert add(database, operator, "枪支\n\n 毒 品 \n加微信\n枪-支") == 3
    assert listed(database, operator) == [("枪支", "mask"), ("毒 品", "mask"), ("加微信", "mask")]
    # Those that are there stay as they are, spelled however.
    assert add(database, operator, "槍支\n刷单", "refuse") == 1
    assert listed(database, operator)[0] == ("刷单", "refuse")
    assert ("枪支", "mask") in listed(database, operator)
    assert add(database, operator, "刷单") == 0
    assert log(database) == [
        ("word.add", "枪支 等 3 个", "遮盖：枪支、毒 品、加微信"),
        ("word.add", "刷单", "拒绝：刷单"),
    ]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "请填写敏感词"),
        (" \n ", "请填写敏感词"),
        (None, "请填写敏感词"),
        ("枪支\n" + "长" * 41, "第 2 行太长"),
        ("！！", "第 1 行没有文字"),
        ("枪支\n\nv", "第 3 行只有一个字母"),
        ("枪支、毒品", "请一行写一个"),
        ("a\x00b", "无法显示"),
        ("\n".join(f"词{number}" for number in range(501)), "一次最多添加 500 个，现在是 501 个"),
    ],
)
def test_what_cannot_be_a_word_is_told_with_its_line(typed: object, message: str) -> None:
    with pytest.raises(InvalidForm) as refusal:
        sensitive_words.check(typed, "mask")
    assert message in refusal.value.errors["words"]
    assert "action" not in refusal.value.errors


@pytest.mark.parametrize("action", ["", None, "ban", 1, ["mask"]])
def test_an_action_has_to_be_chosen(action: object) -> None:
    with pytest.raises(InvalidForm) as refusal:
        sensitive_words.check("枪支", action)
    assert set(refusal.value.errors) == {"action"}


def test_a_word_is_changed_and_removed(database: Database, operator: Actor) -> None:
    add(database, operator, "枪支")
    [word] = database.read(sensitive_words.page, operator).words
    assert database.write(sensitive_words.set_action, operator, word.id, "hold") == [ModerationChanged()]
    assert database.write(sensitive_words.set_action, operator, word.id, "hold") == []
    assert database.read(sensitive_words.try_out, operator, "枪支").verdict.startswith("会先送审")
    for action in ("ban", None, ["mask"]):
        with pytest.raises(WrongAction):
            database.write(sensitive_words.set_action, operator, word.id, action)
    assert database.write(sensitive_words.remove, operator, word.id) == [ModerationChanged()]
    for missing in (word.id, 2**60, "1"):
        with pytest.raises(WordNotFound):
            database.write(sensitive_words.remove, operator, missing)  # type: ignore[arg-type]
    assert database.read(sensitive_words.try_out, operator, "枪支").verdict.startswith("没有找到")
    assert [entry[0] for entry in log(database)] == ["word.add", "word.change", "word.remove"]
    assert log(database)[1][2] == "遮盖 → 送审"


def test_the_list_is_searched_and_read_by_pages(database: Database, operator: Actor) -> None:
    add(database, operator, "枪支\n枪手\n毒品")
    add(database, operator, "刷单", "hold")
    assert listed(database, operator, "槍 ") == [("枪支", "mask"), ("枪手", "mask")]
    assert listed(database, operator, action="hold") == [("刷单", "hold")]
    assert listed(database, operator, "%") == listed(database, operator, "枪", "refuse") == []
    assert len(listed(database, operator, action="nonsense")) == 4
    first = database.read(sensitive_words.page, operator, "", "", 0, 3)
    rest = database.read(sensitive_words.page, operator, "", "", first.after, 3)
    assert ([len(first.words), len(rest.words)], first.total, rest.total, rest.after) == ([3, 1], 4, 4, 0)


def test_a_text_is_tried_out(database: Database, operator: Actor) -> None:
    add(database, operator, "傻瓜")
    add(database, operator, "毒品", "refuse")
    trial = database.read(sensitive_words.try_out, operator, "你 傻.瓜！")
    assert trial.parts == [TextPart("你 "), TextPart("傻.瓜", is_marked=True), TextPart("！")]
    assert (trial.shown, trial.verdict) == ("你 ＊＊＊！", "会发布，敏感词被遮盖。")
    refused = database.read(sensitive_words.try_out, operator, "傻瓜毒品")
    assert (refused.shown, refused.verdict) == ("", "会被拒绝，发布者要修改后再试。")
    for nothing in (" ", None, 1):
        assert database.read(sensitive_words.try_out, operator, nothing).verdict == ""
    assert database.read(sensitive_words.try_out, operator, "\ud83d傻瓜").shown == "＊＊"


def test_only_operators_see_and_change_the_list(database: Database) -> None:
    member = make_user(database)
    with pytest.raises(OperatorsOnly):
        database.read(sensitive_words.page, member)
    with pytest.raises(OperatorsOnly):
        database.read(sensitive_words.try_out, member, "枪支")
    with pytest.raises(OperatorsOnly):
        database.write(sensitive_words.add, member, {"枪支": "枪支"}, WordAction.MASK)
    with pytest.raises(OperatorsOnly):
        database.write(sensitive_words.remove, member, 1)


def test_profiles_names_and_activities_cannot_wait(database: Database, operator: Actor) -> None:
    add(database, operator, "枪支", "hold")
    add(database, operator, "傻瓜")
    member = make_user(database)
    with pytest.raises(InvalidForm) as refusal:
        database.write(profiles.save, member, profiles.check_profile("好人", "收枪支", "3 号楼"))
    assert set(refusal.value.errors) == {"bio"}
    database.write(profiles.save, member, profiles.check_profile("傻瓜", "好", "3 号楼"))
    assert database.read(profiles.own, member).display_name == "＊＊"
    for name in ("枪支迷", "傻瓜王"):
        registration = accounts.Registration(name, name, f"{name}@example.com", f"{name}@example.com", "")
        with pytest.raises(InvalidForm) as refusal:
            database.write(accounts.register, registration)
        assert set(refusal.value.errors) == {"username"}

    typed = {
        "title": "羽毛球",
        "place": "体育馆",
        "capacity": "4",
        "starts": "2027-01-02T14:00",
        "ends": "2027-01-02T16:00",
    }
    with pytest.raises(InvalidForm) as refusal:
        database.write(activities.publish, member, check_activity({**typed, "text": "枪支爱好者的聚会"}, []))
    assert set(refusal.value.errors) == {"text"}
    published = database.write(activities.publish, member, check_activity({**typed, "text": "傻瓜也能学会"}, []))
    from_store = database.read(lambda session: activities._own(session, member, published.activity_id))
    assert from_store.text == "＊＊也能学会"
