"""A throttle that several processes keep together: who is let through by one is counted by all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from chat.core.limits import Bucket, Rate, Throttle


@dataclass(slots=True)
class _Share:
    """What is known of one key beside its bucket."""

    #: What was taken here alone. It drains so slowly that all processes together are below the limit as
    #: long as this stands low in each.
    here: Bucket = field(default_factory=Bucket)
    #: What all processes had told, when that was heard last.
    heard: int = 0


class SharedThrottle(Throttle):
    """Lets through by its own buckets, at once, and has the other processes told afterwards.

    What they tell is taken from the bucket here as well, so each bucket comes to stand where one for all
    of them would. Nothing is told of those who take little: half of what is allowed, as long as all
    `processes` together let no more through. `wake` is called when there is something to tell.
    """

    def __init__(self, rate: Rate, processes: Callable[[], int], wake: Callable[[], None]) -> None:
        super().__init__(rate)
        self._processes, self._wake = processes, wake
        self._shares: dict[str, _Share] = {}
        self._untold: dict[str, int] = {}
        #: What one may take here and be far below the limit; and for how many processes that was computed.
        self._little, self._computed_for = rate, 0

    @property
    def window(self) -> int:
        """For how many seconds what was told has to be remembered: as long as a full bucket drains."""
        return max(1, ceil(self.rate.burst / self.rate.per_second))

    def take(self, key: str, amount: float, now: float) -> None:
        """Have `key` take `amount`, whether there is room for it or not."""
        super().take(key, amount, now)
        if key and amount and self.rate.per_second > 0 and self._is_much(key, amount, now):
            self._untold[key] = self._untold.get(key, 0) + ceil(amount)
            self._wake()

    def untold(self) -> dict[str, int]:
        """What the others have not been told yet, by its key. It counts as told from now on."""
        untold, self._untold = self._untold, {}
        return untold

    def hear(self, key: str, told: int, total: int, now: float) -> None:
        """With `told` of what was taken here, all processes together have told `total` of this key."""
        share = self._shares.setdefault(key, _Share())
        others = total - told - share.heard
        share.heard = total
        if others < 0:  # what was told before is forgotten, and they have begun anew
            others = total - told
        # They may have taken it a while ago. So much, and no more, can be there if they keep the limit.
        super().take(key, max(0.0, min(others, 2 * self.rate.burst - self._level(key, now))), now)

    def _level(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.level - (now - bucket.at) * self.rate.per_second

    def _is_much(self, key: str, amount: float, now: float) -> bool:
        """Count what is taken here; whether that is more than a part of half of what is allowed."""
        if (processes := self._processes()) != self._computed_for:
            self._computed_for, part = processes, 2 * processes
            self._little = Rate(self.rate.per_second / part, self.rate.burst / part)
        share = self._shares.get(key)
        if share is None:
            share = self._shares[key] = _Share()
        here, little = share.here, self._little
        here.take(little, amount, now)
        if here.level <= little.burst:
            return False
        # Who goes on for hours is not known by it for hours.
        here.level = min(here.level, 2 * little.burst)
        return True

    def _forget(self, now: float) -> None:
        super()._forget(now)
        self._shares = {key: share for key, share in self._shares.items() if key in self._buckets}
