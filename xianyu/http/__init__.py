"""The program's own HTTP routes, beside the pages that Reflex serves."""

from xianyu.http import photos, sessions

routes = [*sessions.routes, *photos.routes]
