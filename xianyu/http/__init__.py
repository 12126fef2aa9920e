"""The program's own HTTP routes, beside the pages that Reflex serves."""

from xianyu.http import exports, external, photos, sessions

routes = [*sessions.routes, *photos.routes, *exports.routes, *external.routes]
