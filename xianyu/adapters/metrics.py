"""Counts and durations that a Prometheus server collects; what is not asked for costs next to nothing.

Names and units follow Prometheus's own rules: seconds, ``_total`` for what only grows. Labels hold
words of the program alone, never of its users, so that nobody can make series at will.
"""

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, Info, PlatformCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.process_collector import ProcessCollector

__all__ = ["CONTENT_TYPE_LATEST", "REGISTRY", "exposition"]

# Seconds. A tab feels 0.1; a transaction that waits for others may take 10.
_HANDLER_BUCKETS = (0.005, 0.025, 0.1, 0.25, 1.0, 5.0)
_TRANSACTION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

BUILD = Info("xianyu_build", "What runs.", registry=REGISTRY)
MESSAGES = Counter("xianyu_messages_stored", "Messages stored by this process, by where.", ["place"], registry=REGISTRY)
HANDLERS = Histogram(
    "xianyu_event_handler_duration_seconds",
    "From the start of an event's handler to its end.",
    ["handler"],
    buckets=_HANDLER_BUCKETS,
    registry=REGISTRY,
)
TRANSACTIONS = Histogram(
    "xianyu_database_transaction_duration_seconds",
    "How long transactions took, with their waiting for others and their retries.",
    ["kind"],
    buckets=_TRANSACTION_BUCKETS,
    registry=REGISTRY,
)
RETRIES = Counter(
    "xianyu_database_retries", "Transactions started over since another was in their way.", registry=REGISTRY
)
REFUSALS = Counter(
    "xianyu_refusals",
    "What was refused or failed, as the security log tells it.",
    ["event", "reason"],
    registry=REGISTRY,
)
MAILS = Counter("xianyu_mails", "Mails by what became of them.", ["result"], registry=REGISTRY)
UPLOADS = Counter(
    "xianyu_uploads", "Uploads by kind and by how they were answered.", ["kind", "status"], registry=REGISTRY
)

# A series that begins with its first happening hides that one from every rate.
READING, WRITING = (TRANSACTIONS.labels(kind) for kind in ("read", "write"))
PRIVATE_MESSAGES, ROOM_MESSAGES = (MESSAGES.labels(place) for place in ("private", "room"))
MAIL_SENT, MAIL_FAILED = (MAILS.labels(result) for result in ("sent", "failed"))


def exposition() -> bytes:
    """Everything that is counted, in the text format that Prometheus reads."""
    return generate_latest(REGISTRY)
