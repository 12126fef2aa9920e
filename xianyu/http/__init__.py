"""The program's own HTTP routes, beside the pages that Reflex serves."""

from xianyu.http import (
    console,
    exports,
    external,
    health,
    metrics,
    orders,
    photos,
    push,
    sessions,
    share,
    unsubscribing,
    videos,
)

routes = [
    *sessions.routes,
    *photos.routes,
    *videos.routes,
    *exports.routes,
    *orders.routes,
    *console.routes,
    *external.routes,
    *share.routes,
    *health.routes,
    *metrics.routes,
    *unsubscribing.routes,
    *push.routes,
]
