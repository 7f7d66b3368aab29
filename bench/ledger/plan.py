"""The plan of a run: who takes part, for how long, and how they talk."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Who takes part in a run, and for how long."""

    #: How long there is talk and trouble, in seconds.
    seconds: float = 60
    #: Of whatever is left to chance.
    seed: int = 1
    writers: int = 50
    readers: int = 20
    #: Clients of dialect v1; every other one writes.
    v1: int = 10
    #: Seconds between two messages of a writer, on average; 0 is none.
    pace: float = 0.5
    #: What a writer asks for without an answer.
    window: int = 20
    #: Seconds to come to rest in the end.
    patience: float = 15
    #: Whether nobody edits, deletes, or speaks in v1: to measure speed, or where ids may be given anew.
    is_plain: bool = False
    #: What all names begin with, so that nobody is taken for somebody of another site.
    prefix: str = ""
    #: How many words are said when all is at rest, each to be told at once.
    quiet_words: int = 0
