"""Commands of the command line, run as an operator runs them."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session, select

from xianyu.adapters.database import Database
from xianyu.adapters.message_stores import in_database
from xianyu.adapters.migrations import migrate
from xianyu.adapters.mongo import connect
from xianyu.adapters.mongo_messages import MongoMessageStore
from xianyu.models import Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.messages import MessageDraft
from xianyu.services import accounts
from xianyu.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "一个很长的密码 horse"


def run(folder: Path, *arguments: str, typed: str = "", mongodb_url: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIANYU_")}
    settings = {"XIANYU_DATA_DIR": str(folder), "XIANYU_MONGODB_URL": mongodb_url}
    return subprocess.run(
        [sys.executable, "-m", "xianyu", *arguments],
        cwd=ROOT,
        env={**environment, **settings, "PYTHONIOENCODING": "utf-8"},
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def people(folder: Path) -> dict[str, tuple[int | None, str]]:
    database = Database(f"sqlite:///{folder / 'xianyu.db'}")

    def work(session: Session) -> dict[str, tuple[int | None, str]]:
        return {user.username: (user.id, user.role) for user in session.exec(select(User))}

    found = database.read(work)
    database.engine.dispose()
    return found


def test_an_operator_is_created_and_can_log_in(tmp_path: Path) -> None:
    options = ("create-operator", "--username", "物业", "--email", "office@example.com", "--password-stdin")
    done = run(tmp_path, *options, typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    user_id, role = people(tmp_path)["物业"]
    assert role == Role.OPERATOR
    database = Database(f"sqlite:///{tmp_path / 'xianyu.db'}")
    assert accounts.check_password(database.read(accounts.find_credentials, "物业"), PASSWORD) == user_id
    database.engine.dispose()
    logged = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [(line["event"], line["user_id"], line["way"]) for line in logged if line["event"] == "operator_made"] == [
        ("operator_made", user_id, "created")
    ]
    assert PASSWORD not in done.stdout + done.stderr


def test_somebody_with_an_account_becomes_an_operator(tmp_path: Path) -> None:
    run(
        tmp_path,
        "create-operator",
        "--username",
        "林小满",
        "--email",
        "a@example.com",
        "--password-stdin",
        typed=PASSWORD,
    )
    database = Database(f"sqlite:///{tmp_path / 'xianyu.db'}")

    def demote(session: Session) -> None:
        session.exec(select(User)).one().role = Role.MEMBER

    database.write(demote)
    database.engine.dispose()
    # The name is asked for.
    done = run(tmp_path, "create-operator", typed="林小满\n")
    assert done.returncode == 0, done.stderr
    assert people(tmp_path)["林小满"][1] == Role.OPERATOR
    assert '"way": "promoted"' in done.stderr


def test_what_is_wrong_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    done = run(
        tmp_path, "create-operator", "--username", "物业", "--email", "no address", "--password-stdin", typed="short"
    )
    assert done.returncode == 1
    assert "邮箱格式不正确" in done.stderr
    assert "密码需要" in done.stderr
    assert people(tmp_path) == {}


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "explode")
    assert done.returncode == 2
    assert "create-operator" in done.stderr


def test_messages_move_to_mongodb_and_back(tmp_path: Path, mongodb: str) -> None:
    url = mongodb.removesuffix("xianyu") + f"test_{secrets.token_hex(6)}"
    database = Database(f"sqlite:///{tmp_path / 'xianyu.db'}")
    migrate(f"sqlite:///{tmp_path / 'xianyu.db'}")
    here = in_database(database)
    here(lambda it: it.open(1, (11, 12)))
    sent = here(lambda it: it.append(MessageDraft(1, 11, "message-1", "在吗", utc_now())))
    for target in ("mongodb", "database"):
        done = run(tmp_path, "move-messages", "--to", target, mongodb_url=url)
        assert done.returncode == 0, done.stderr
        assert f"1 messages in 1 conversations are in the {target}" in done.stdout
    assert here(lambda it: it.page(1, None, 10)) == [sent]
    stored = connect(url)
    assert MongoMessageStore(stored).page(1, None, 10) == [sent]
    stored.client.drop_database(stored.name)
    stored.client.close()
    database.engine.dispose()


def test_moving_messages_needs_to_know_where_to(tmp_path: Path) -> None:
    done = run(tmp_path, "move-messages", "--to", "mongodb")
    assert done.returncode == 1
    assert "XIANYU_MONGODB_URL" in done.stderr


def test_a_backup_is_made_and_restored(tmp_path: Path) -> None:
    here, there, archive = tmp_path / "here", tmp_path / "there", tmp_path / "backup.zip"
    run(here, "create-operator", "--username", "物业", "--email", "a@example.com", "--password-stdin", typed=PASSWORD)
    made = run(here, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert "0 messages and 0 files are in the backup, verified" in made.stdout
    assert "exists already" in run(here, "backup", str(archive)).stderr
    restored = run(there, "restore", str(archive), "--end-logins")
    assert restored.returncode == 0, restored.stderr
    assert "are restored, each compared with the backup of" in restored.stdout
    assert people(there) == people(here)
    again = run(there, "restore", str(archive))
    assert again.returncode == 1
    assert "Nothing was touched. The database is not empty; give --replace" in again.stderr
    assert run(there, "restore", str(archive), "--replace").returncode == 0


def test_what_is_no_backup_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for content in (b"", b"not an archive"):
        file = tmp_path / "backup.zip"
        file.write_bytes(content)
        done = run(tmp_path / "data", "restore", str(file))
        assert done.returncode == 1
        assert "Nothing was touched" in done.stderr
        assert "Traceback" not in done.stderr
    done = run(tmp_path / "data", "restore", str(tmp_path / "nowhere.zip"))
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert not (tmp_path / "data" / "restore-unfinished").exists()


def test_nothing_starts_beside_what_an_interrupted_restore_has_left(tmp_path: Path) -> None:
    (tmp_path / "restore-unfinished").touch()
    moved = ("move-messages", "--to", "mongodb")
    for command in (("migrate",), ("backup", str(tmp_path / "backup.zip")), moved):
        done = run(tmp_path, *command, mongodb_url="mongodb://127.0.0.1:1/xianyu" if command is moved else "")
        assert done.returncode == 1
        assert "Run it again with --replace" in done.stderr
    assert not (tmp_path / "backup.zip").exists()


def test_pages_that_were_built_otherwise_are_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFLEX_WEB_WORKDIR", str(tmp_path))
    assert "run build first" in run(tmp_path, "serve").stderr
    (tmp_path / "xianyu-build.json").write_text('{"site_name": "别的名字"}')
    assert "another XIANYU_SITE_NAME and XIANYU_PUBLIC_URL" in run(tmp_path, "serve").stderr


def test_push_keys_are_settings_that_the_site_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(tmp_path, "make-push-keys", "--contact", "mailto:office@example.org")
    assert first.returncode == 0, first.stderr
    lines = dict(line.split("=", 1) for line in first.stdout.splitlines())
    assert list(lines) == ["XIANYU_PUSH_PUBLIC_KEY", "XIANYU_PUSH_PRIVATE_KEY", "XIANYU_PUSH_CONTACT"]
    for name, value in lines.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.pushes
    assert settings.push_contact == "mailto:office@example.org"
    # Nothing is written anywhere, and each call makes new ones.
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "make-push-keys").stdout != first.stdout
