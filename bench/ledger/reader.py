"""The reader: a client of dialect v2, which follows docs/PROTOCOL.md to the letter."""

from collections import deque
from random import Random

from bench.database import LOBBY
from bench.ledger.client import TRANSIENT, Client, Frame
from bench.ledger.journal import Fact, Gap, Journal
from bench.ledger.proxy import Proxy


class Reader(Client):
    """A client of v2. It shows the lobby: what it holds has to be what the database holds."""

    def __init__(self, name: str, proxy: Proxy, journal: Journal, random: Random) -> None:
        super().__init__(name, proxy, journal, random)
        self.token: str | None = None
        self.epoch: str | None = None
        #: Every change up to this version is shown, if it was not overtaken.
        self.position = 0
        #: What is shown, by message.
        self.shown: dict[int, Fact] = {}
        #: The first message that is shown; what is older was never asked for.
        self.first = 0
        #: The cursors of the questions that are still to be answered by `room`.
        self._asked: deque[int | None] = deque()
        #: The last version heard in this connection since the room answered.
        self._heard = 0
        #: What the room promised to bring us to.
        self._promised = 0
        self._awaits_page = False
        self._next_epoch = ""

    def waiting(self) -> frozenset[str]:
        """The refs of what it has asked for without an answer."""
        return frozenset()

    def _begin(self) -> None:
        super()._begin()
        self._asked.clear()
        self._awaits_page = False

    async def _ask_for_life(self) -> None:
        await self.say({"type": "ping", "n": 1})

    async def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "request_name":
                await self.say(self._reply())
            case "welcome":
                self._be(frame)
            case "room":
                self._enter(frame)
                await self._entered()
            case "history":
                self._turn(frame)
            case "message" | "update":
                await self._hear(frame)
            case "position":
                if self.epoch not in (None, frame["epoch"]):
                    self._heard = 0  # what comes now is of another history
                if frame["epoch"] != self.epoch or frame["version"] > self.position:
                    await self._ask()
            case "error":
                await self._refused(frame)
            case "ack":
                await self._acknowledged(frame)

    def _reply(self) -> Frame:
        reply: Frame = {"name": self.name, "v": 2, "rooms": {LOBBY: self._cursor()}}
        if self.token is not None:
            reply["token"] = self.token
        return reply

    def _cursor(self) -> Frame:
        """Note the question for the answer to come."""
        self._asked.append(None if self.epoch is None else self.position)
        return {} if self.epoch is None else {"after": self.position, "epoch": self.epoch}

    def _be(self, frame: Frame) -> None:
        if self.token is not None and frame["id"] != self.id:
            self.journal.flag(
                "wrong", f"{self.name} was {self.id} and became {frame['id']} in spite of its token"
            )
        self.id, self.token = frame["id"], frame["token"]

    def _enter(self, frame: Frame) -> None:
        if not self._asked:
            self.journal.flag("wrong", f"{self.name} got a room it has not asked for")
            return
        after, self._promised = self._asked.popleft(), frame["version"]
        is_other = after is not None and frame["epoch"] != self.epoch
        if is_other and not self.journal.may_begin_anew:
            self.journal.flag("lost", f"{self.name}: the room's epoch has changed")
        self.is_in = True
        if after is not None and frame["recovered"]:
            self._heard = after
            return
        if is_other:
            self.journal.counts["new epochs"] += 1
        elif after is not None and frame["version"] >= after:
            self.journal.gaps.append(Gap(self.name, after, frame["version"]))
        elif after is not None:
            self.journal.flag("lost", f"{self.name} knew {after}, but the room is at {frame['version']}")
        # Until the page is here nothing is known.
        self.epoch, self._awaits_page, self._heard = None, True, frame["version"]
        self._next_epoch = frame["epoch"]
        self.journal.counts["pages"] += 1

    def _turn(self, frame: Frame) -> None:
        if not self._awaits_page:
            self.journal.flag("wrong", f"{self.name} got a page it has not asked for")
            return
        facts = [self.journal.see(self.name, message) for message in frame["messages"]]
        if [fact.id for fact in facts] != sorted({fact.id for fact in facts}):
            self.journal.flag("out of order", f"{self.name} got a page that does not ascend")
        self.shown = {fact.id: fact for fact in facts}
        self.first = facts[0].id if frame["more"] else 0
        self.position, self.epoch, self._awaits_page = self._promised, self._next_epoch, False

    async def _hear(self, frame: Frame) -> None:
        fact = self.journal.see(self.name, frame)
        if fact.version <= self._heard or not self.is_in:
            is_known = self.shown.get(fact.id) == fact
            wrong = f"{self.name} heard {fact.version} behind {self._heard} (promised {self._promised})"
            self.journal.flag("doubled" if is_known else "out of order", wrong)
            return
        self._heard = fact.version
        if self._asked or self._awaits_page:
            return  # the answer brings it again
        if frame.get("follows", fact.version - 1) > max(self.position, self._promised):
            self.journal.counts["holes"] += 1
            self.journal.note(self.name, f"sees a hole between {self.position} and {fact.version}")
            await self._ask()
            return
        self.position = fact.version
        if frame["type"] == "message" and fact.id in self.shown:
            self.journal.flag("doubled", f"{self.name} was told twice that {fact.id} is new")
        if fact.id >= self.first:
            self.shown[fact.id] = fact

    async def _ask(self) -> None:
        """What is missing?"""
        if not self._asked:
            await self.say({"type": "enter", "room": LOBBY, **self._cursor()})

    async def _entered(self) -> None:
        pass

    async def _refused(self, frame: Frame) -> None:
        if frame["code"] not in TRANSIENT:
            self.journal.flag("wrong", f"{self.name} was refused: {frame}")
        if not self.is_in:
            # No room was told, and nothing says what comes now: the handshake has to begin again.
            self.journal.counts["refused at the door"] += 1
            self.leave()

    async def _acknowledged(self, frame: Frame) -> None:
        self.journal.flag("wrong", f"{self.name} says nothing and got {frame}")
