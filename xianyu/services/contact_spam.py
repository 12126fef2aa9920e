"""Texts that sell contacts or services away from the site: an advertising phrase beside a way to reach somebody.

Neither of the two is spam by itself. Who sells a bicycle may say under which number they are reached, and who
asks for a recipe may mention a shopper abroad.
"""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from xianyu.models import WordAction
from xianyu.services.word_matching import Match, Matcher

_SOURCE = Path(__file__).resolve().parents[1] / "data" / "contact_phrases.toml"
_ACTION = WordAction.HOLD
# How many links to other sites are an advertisement by themselves.
MANY_LINKS = 3
_LINK = re.compile(r"https?://([^\s/:，。）)]+)", re.IGNORECASE)
# Numbers may be written in characters.
_NUMERALS = str.maketrans("〇零一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖", "0011122233445566778899")
_APART = r"[\s\-_.·*]{0,2}"
# A mobile phone's number, whole or with its digits apart.
_PHONE = re.compile(rf"(?<!\d)1{_APART}[3-9](?:{_APART}\d){{9}}(?!\d)")
# The name of an account after what kind of account it is; 5 to 12 digits, or WeChat's own form (a letter and
# 5 to 19 letters, digits, hyphens and underscores).
_ACCOUNT = re.compile(
    r"(?:微信|[威薇徽]信|v信|vx|wx|weixin|wechat|[+加]v|qq|扣扣|企鹅|q群|群)"
    rf"(?:号|群|号码|id)?[\s:：是为加＋+]{{0,4}}(?:[a-z][a-z0-9_-]{{5,19}}|\d(?:{_APART}\d){{4,11}})",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _phrases() -> tuple[Matcher, Matcher]:
    """Those that count between two people, and those that count before everybody."""
    found = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))
    services, calls = found["services"], found["calls"]
    return Matcher((one, _ACTION) for one in services), Matcher((one, _ACTION) for one in (*services, *calls))


def find(text: str, *, is_private: bool, own_host: str = "") -> list[Match]:
    """The phrases that make an advertisement of a text, or nothing if it is none.

    Args:
        text: As it was typed.
        is_private: Whether it is between two people, who may well exchange their numbers.
        own_host: The site's own, links to which are no advertisement.
    """
    private, public = _phrases()
    phrases = (private if is_private else public).find(text)
    if phrases and _names_contact(text):
        return phrases
    return _links(text, own_host)


def _names_contact(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    # Kinds of accounts, too, are spelled with spaces: "q q 8 8 8 6 6 6".
    accounts = (plain, "".join(plain.split()))
    return bool(_PHONE.search(plain.translate(_NUMERALS)) or any(map(_ACCOUNT.search, accounts)))


def _links(text: str, own_host: str) -> list[Match]:
    # This is on the way of every message, and hardly any has a link.
    if "://" not in text:
        return []
    found = [link for link in _LINK.finditer(text) if link[1].lower() != own_host]
    return [Match(*link.span(), link[0], _ACTION) for link in found] if len(found) >= MANY_LINKS else []
