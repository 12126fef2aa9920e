"""What keeps order in the demo: a few sensitive words, and a text that waits for an operator."""

from sqlmodel import Session

from xianyu.models import SensitiveWord, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.services import listing_form, listings, word_list
from xianyu.services.word_folding import fold

_WORDS = {
    "傻瓜蛋": WordAction.MASK,
    "臭不要脸": WordAction.MASK,
    "代办信用卡": WordAction.HOLD,
    "高价收药": WordAction.HOLD,
    "假发票": WordAction.REFUSE,
    "管制刀具": WordAction.REFUSE,
}
_ADVERTISEMENT = {
    "kind": "wanted",
    "title": "招在家兼职，时间自由",
    "description": "宝妈学生都可以做，兼职日结，一单一结。\n加微信 jianzhi_8866 了解，名额不多。",
    "price": "300",
    "quantity": "1",
    "category": "services",
    "photo_ids": [],
}


def add(session: Session, author: Actor) -> None:
    """Put the words on the list, and have somebody publish what is held for being an advertisement."""
    session.add_all(SensitiveWord(word=word, word_key=fold(word), action=action) for word, action in _WORDS.items())
    session.flush()
    word_list.expire()
    listings.publish(session, author, listing_form.check_listing(_ADVERTISEMENT))
