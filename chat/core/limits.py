"""Limits on how often. The caller brings the clock."""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Strikes:
    """Counts faults; `most` of them within `seconds` are too many. A `most` of 0 never is."""

    most: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def add(self, now: float) -> bool:
        """Count one fault at `now`, in seconds of any clock that only goes forward. Too many?"""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        self._times.append(now)
        return 0 < self.most <= len(self._times)
