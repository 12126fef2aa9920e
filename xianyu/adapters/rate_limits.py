"""How often something happened lately: moving windows in memory, or in Redis for several workers."""

import logging
import threading
import time
from collections import deque
from functools import lru_cache
from hashlib import blake2b

from limits import RateLimitItem
from limits.storage import MovingWindowSupport, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

# Seconds that one question to Redis may take, and for which it is left alone after it failed.
REDIS_PATIENCE = 0.25
REDIS_PAUSE = 30.0
# Keys after which the memory is searched for windows that have passed.
SWEEP_EVERY = 10_000


class MemoryWindows(Storage, MovingWindowSupport):
    """Moving windows in this process.

    The library's own memory storage starts a thread for every few hits and keeps the name of every
    key that it ever saw, so that strangers could fill the memory with addresses.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._times: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()
        self._until_sweep = SWEEP_EVERY

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Nothing fails here."""
        return ()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Note ``amount`` happenings now, if the last ``expiry`` seconds leave room for them."""
        with self._lock:
            now = time.time()
            times = self._recent(key, now - expiry)
            if len(times) + amount > limit:
                return False
            times.extend([now] * amount)
            self._times[key], self._ends[key] = times, now + expiry
            self._sweep(now)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - see above
        """When the oldest happening in the window was, and how many there are."""
        with self._lock:
            now = time.time()
            times = self._recent(key, now - expiry)
            return (times[0], len(times)) if times else (now, 0)

    def _recent(self, key: str, start: float) -> deque[float]:
        times = self._times.get(key)
        if times is None:
            return deque()
        while times and times[0] <= start:
            times.popleft()
        return times

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep:
            return
        self._until_sweep = max(SWEEP_EVERY, len(self._ends))
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._times[key], self._ends[key]

    def clear(self, key: str) -> None:
        """Forget what happened under a key."""
        with self._lock:
            self._times.pop(key, None)
            self._ends.pop(key, None)

    def reset(self) -> int:
        """Forget everything."""
        with self._lock:
            known = len(self._times)
            self._times.clear()
            self._ends.clear()
        return known

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Plain counters belong to other strategies."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Plain counters belong to other strategies."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Plain counters belong to other strategies."""
        raise NotImplementedError


def _digest(keys: tuple[str, ...]) -> str:
    """A key of fixed length that no text can be made to share, and that tells no address or name."""
    return blake2b("\x1f".join(keys).encode(errors="surrogatepass"), digest_size=16).hexdigest()


class RateLimits:
    """What happened lately, by rule and key.

    Args:
        redis_url: Where several workers count together; empty counts in this process. A Redis that
            fails is replaced by the memory for a while: limits then hold for each worker alone.
    """

    def __init__(self, redis_url: str = "") -> None:
        self._memory = MovingWindowRateLimiter(MemoryWindows())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._resting_until = 0.0
        self._is_down = False

    @property
    def blocks(self) -> bool:
        """Whether a question goes over the network, and so does not belong on an event loop."""
        return self._shared is not None and time.monotonic() >= self._resting_until

    def spend(self, windows: tuple[RateLimitItem, ...], *keys: str) -> float:
        """Note that something happens now, unless it happened too often.

        Returns:
            0, or in how many seconds there will be room, and then nothing was noted.
        """
        name = _digest(keys)
        if self._shared is not None and self.blocks:
            try:
                waiting = _spend(self._shared, windows, name)
            except (RedisError, OSError) as error:
                self._rest(error)
            else:
                self._is_down = False
                return waiting
        return _spend(self._memory, windows, name)

    def forget(self, windows: tuple[RateLimitItem, ...], *keys: str) -> None:
        """Take back what was noted under the keys."""
        name = _digest(keys)
        for window in windows:
            self._memory.clear(window, name)
        if self._shared is None or not self.blocks:
            return
        try:
            for window in windows:
                self._shared.clear(window, name)
        except (RedisError, OSError) as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        self._resting_until = time.monotonic() + REDIS_PAUSE
        if not self._is_down:
            self._is_down = True
            # The name of the error alone: its text may hold the URL with its password.
            logger.error("Redis does not answer (%s); limits are counted in memory", type(error).__name__)


def _redis(url: str) -> RedisStorage:
    return RedisStorage(url, key_prefix="xianyu", socket_timeout=REDIS_PATIENCE, socket_connect_timeout=REDIS_PATIENCE)


def _spend(limiter: MovingWindowRateLimiter, windows: tuple[RateLimitItem, ...], name: str) -> float:
    """Ask every window before any is written to: what is refused must not fill the others."""
    if len(windows) > 1:
        waiting = max(_wait(limiter, window, name) for window in windows)
        if waiting > 0:
            return waiting
    for window in windows:
        if not limiter.hit(window, name):
            return max(_wait(limiter, window, name), 1.0)
    return 0.0


def _wait(limiter: MovingWindowRateLimiter, window: RateLimitItem, name: str) -> float:
    stats = limiter.get_window_stats(window, name)
    return max(stats.reset_time - time.time(), 0.001) if stats.remaining < 1 else 0.0


@lru_cache(maxsize=1)
def get_rate_limits() -> RateLimits:
    """The counts of this process."""
    return RateLimits(get_settings().redis_url)
