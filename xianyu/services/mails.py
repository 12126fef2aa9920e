"""What the site's mails say. The values are plain text; the HTML escapes them."""

from dataclasses import dataclass
from html import escape

from xianyu import routes
from xianyu.adapters.mail import Mail
from xianyu.settings import get_settings


@dataclass(frozen=True)
class _Template:
    """A mail's subject, its paragraphs, and the link between them, whose path is the value ``path``.

    ``unsubscribe`` is a sentence that ends in the link that stops such mails, whose path is the value of
    that name, and ``settings`` a last one that ends in the address of the settings, if there are any.
    """

    subject: str
    before: tuple[str, ...]
    link: str = ""
    after: tuple[str, ...] = ()
    unsubscribe: str = ""
    settings: str = ""


_GREETING = "{username}，你好："
_NOT_ME = "如果不是你本人操作，"

_TEMPLATES = {
    "reset_password": _Template(
        "重置你在{site}的密码",
        (_GREETING, "我们收到了重置密码的请求。请在 {minutes} 分钟内打开下面的链接，设置一个新密码："),
        "设置新密码",
        ("链接只能用一次；再次申请后，旧的链接立即失效。", f"{_NOT_ME}请忽略这封邮件，你的密码不会改变。"),
    ),
    "password_changed": _Template(
        "你在{site}的密码已修改",
        (
            _GREETING,
            "你的密码刚刚修改过，其他设备上的登录已全部退出。",
            f"{_NOT_ME}请立即用这个邮箱重新设置密码：",
        ),
        "重新设置密码",
    ),
    "confirm_email": _Template(
        "确认你在{site}的新邮箱",
        (_GREETING, "你想把账号的邮箱换成 {address}。请在 {minutes} 分钟内打开下面的链接，并在页面上确认："),
        "确认新邮箱",
        (f"{_NOT_ME}请忽略这封邮件，什么也不会改变。",),
    ),
    "email_change_asked": _Template(
        "有人申请更换你在{site}的邮箱",
        (
            _GREETING,
            "刚刚有人用你的账号申请把邮箱换成 {address}。在新邮箱里确认之前，什么也不会改变。",
            f"{_NOT_ME}请立即登录并修改密码，这次申请会随之作废：",
        ),
        "打开设置",
    ),
    "email_changed": _Template(
        "你在{site}的邮箱已更换",
        (
            _GREETING,
            "你账号的邮箱已换成 {address}，以后的邮件会发到那里，这个邮箱不能再用来登录或找回密码。",
            f"{_NOT_ME}请立即修改密码，并联系{{site}}的管理员：",
        ),
        "打开设置",
    ),
    "identity_linked": _Template(
        "你在{site}的账号绑定了新的登录方式",
        (
            _GREETING,
            "你的账号刚刚绑定了 {provider}，以后可以用它登录。",
            f"{_NOT_ME}请立即在设置里解绑，并修改密码：",
        ),
        "打开设置",
    ),
    "identity_unlinked": _Template(
        "你在{site}的账号解绑了一种登录方式",
        (
            _GREETING,
            "你的账号刚刚解绑了 {provider}，以后不能再用它登录。",
            f"{_NOT_ME}请立即登录并修改密码：",
        ),
        "打开设置",
    ),
    "missed_messages": _Template(
        "{site}里有邻居在等你回话",
        (_GREETING, "你不在的时候，{neighbours} 位邻居给你发了消息，共有 {messages} 条还没看："),
        "查看消息",
        ("在你下次回来之前，不会再有这样的邮件。",),
        "不想再收到？点这里退订，不用登录：",
        "随时可以在设置的“通知”里重新打开：",
    ),
}


def compose(template: str, to: str, **values: str | int) -> Mail:
    """A mail from one of the templates above.

    Args:
        template: Its name.
        to: The recipient's address.
        values: ``username``, the link's ``path`` on this site, and what else the template names.

    Raises:
        KeyError: if there is no such template, or a value is missing.
    """
    chosen, site = _TEMPLATES[template], get_settings()
    plain: dict[str, str | int] = {"site": site.site_name, **values}
    url = f"{site.public_url}{values['path']}"
    ends = _ends(chosen, values)
    text, html = _text(chosen, plain, url, ends), _html(chosen, plain, url, ends)
    return Mail(to, chosen.subject.format(**plain), text, html, ends.get(chosen.unsubscribe, ""))


def _footer(values: dict[str, str | int]) -> str:
    return f"这封邮件由{values['site']}自动发出，请不要直接回复。"


def _ends(template: _Template, values: dict[str, str | int]) -> dict[str, str]:
    """The sentences that end in an address of their own, with that."""
    site = get_settings().public_url
    ends = {template.unsubscribe: f"{site}{values['unsubscribe']}"} if template.unsubscribe else {}
    return ends | ({template.settings: f"{site}{routes.SETTINGS}"} if template.settings else {})


def _text(template: _Template, values: dict[str, str | int], url: str, ends: dict[str, str]) -> str:
    after = [line.format(**values) for line in template.after]
    before = [line.format(**values) for line in template.before]
    after += [f"{sentence}{address}" for sentence, address in ends.items()]
    return "\n\n".join([*before, url, *after, f"-- \n{_footer(values)}\n{get_settings().public_url}"]) + "\n"


# Mail programs know neither style sheets nor custom properties everywhere: each element has its own style.
_PAGE = "margin:0;padding:24px 12px;background:#faf7f1;color:#2b2418"
_CARD = (
    "max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border:1px solid #ebe4d6;border-radius:14px;"
    "font:16px/1.7 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)
_BUTTON = (
    "display:inline-block;padding:12px 26px;border-radius:999px;background:#ffd84d;color:#33280a;"
    "font-weight:600;text-decoration:none"
)
_LINK = "color:#6b6353;word-break:break-all"
_QUIET = "margin:16px 0 0;color:#6b6353;font-size:13px;word-break:break-all"


def _html(template: _Template, values: dict[str, str | int], url: str, ends: dict[str, str]) -> str:
    safe = {name: escape(str(value)) for name, value in values.items()}
    href, home = escape(url), escape(get_settings().public_url)
    before = "".join(_paragraph(line.format(**safe)) for line in template.before)
    after = "".join(_paragraph(line.format(**safe)) for line in template.after)
    for sentence, address in ends.items():
        end = escape(address)
        after += _paragraph(f'{sentence}<a href="{end}" style="{_LINK}">{end}</a>')
    title = template.subject.format(**safe)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="{_PAGE}"><div style="{_CARD}">'
        f'<p style="margin:0 0 16px;font-size:19px;font-weight:700">{safe["site"]}</p>{before}'
        f'<p style="margin:20px 0"><a href="{href}" style="{_BUTTON}">{template.link}</a></p>{after}'
        f'<p style="{_QUIET}">按钮打不开？把这个地址复制到浏览器：<br>{href}</p>'
        f'<p style="{_QUIET}">{escape(_footer(values))}<br><a href="{home}" style="color:#6b6353">{home}</a></p>'
        f"</div></body></html>\n"
    )


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 12px">{text}</p>'
