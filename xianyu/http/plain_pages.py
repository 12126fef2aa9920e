"""Pages without a script, for those who come from outside: from a chat, a crawler or a mail."""

_STYLE = """
body { margin: 0; padding: 24px 16px; background: #faf7f1; color: #2b2418; font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 480px; margin: 0 auto; }
img { width: 100%; height: auto; border-radius: 14px; }
h1 { font-size: 22px; margin: 16px 0 4px; overflow-wrap: anywhere; }
.price { color: #c8361d; font-size: 24px; font-weight: 700; margin: 0; }
a, button { display: block; box-sizing: border-box; width: 100%; margin-top: 20px; padding: 12px; border: 0;
  border-radius: 999px; background: #ffd84d; color: #33280a; font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer; }
a:focus-visible, button:focus-visible { outline: 3px solid #8a6d00; outline-offset: 2px; }
a.quiet { background: none; color: inherit; text-decoration: underline; margin-top: 8px; }
@media (prefers-color-scheme: dark) {
  body { background: #191711; color: #f3ede0; }
  .price { color: #ff8a6b; }
  a:focus-visible, button:focus-visible { outline-color: #ffd84d; }
}
"""


def document(title: str, tags: list[str], body: str) -> str:
    """A whole page. All three are HTML already: whatever stands in them is escaped by the caller.

    Args:
        title: What the browser calls the page.
        tags: What else the head holds.
        body: What people see.
    """
    head = "\n".join(
        [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            *tags,
            f"<style>{_STYLE}</style>",
        ]
    )
    return f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n{head}\n</head>\n<body><main>{body}</main></body>\n</html>\n'
