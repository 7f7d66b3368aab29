"""Filtering: what rules find in a text, and what becomes of it, whoever says it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import re2

from chat.core.errors import gettext_noop
from chat.core.links import is_among, is_host, links, plain_host
from chat.core.words import Word, variants, words

Kind = Literal["word", "pattern", "link", "repeat", "newcomer"]
Action = Literal["refuse", "mask", "hold"]

#: The most steps that one pattern may be compiled to, and those of all together. What they cost at worst is
#: that many for each byte of a text.
PATTERN_LIMIT, PATTERNS_LIMIT = 1000, 5000
#: Of the most messages somebody is a newcomer.
NEWCOMER_LIMIT = 100
#: What one pattern may keep in memory, in bytes.
_MEMORY = 1 << 20
#: How often a text is masked: what is masked may leave other words than there were.
_ROUNDS = 3

Span = tuple[int, int]


class BadRule(Exception):
    """A value that is none for rules of this kind: `sentence % details` says why."""

    def __init__(self, sentence: str, **details: object) -> None:
        super().__init__(sentence % details)
        self.sentence, self.details = sentence, details


class Rule(NamedTuple):
    """One thing that is looked for, and what becomes of a text that has it."""

    kind: Kind
    value: str
    action: Action
    #: What moderators call it.
    name: str = ""
    #: Whether it is a rule of one room; that looks at what was said there.
    is_of_room: bool = False


class Verdict(NamedTuple):
    """What becomes of a text, and by which rule; None where nothing does but what is masked."""

    text: str
    action: Literal["refuse", "hold"] | None = None
    rule: Rule | None = None


class Filter:
    """Rules, made ready to look for what they name in many texts."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], bool, Rule]]] = defaultdict(list)
        self._stems: dict[str, list[Rule]] = defaultdict(list)
        self._patterns: list[tuple[re2._Regexp, Rule]] = []
        self._links: list[tuple[frozenset[str], Rule]] = []
        #: Those that ask who says it, and what they said before.
        self.others: list[Rule] = []
        for rule in rules:
            self._add(rule)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def verdict(self, text: str) -> Verdict:
        """What becomes of a text. To refuse it is more than to hold it, and that more than to mask it.

        Masked, it is as long as it was.
        """
        for _round in range(_ROUNDS):
            found = list(self._found(text))
            for action in ("refuse", "hold"):
                for _span, rule in found:
                    if rule.action == action:
                        return Verdict(_masked(text, found), action, rule)
            masked = _masked(text, found)
            if masked == text:
                break
            text = masked
        return Verdict(text)

    def _add(self, rule: Rule) -> None:
        match rule.kind:
            case "word":
                *before, last = folded_words(rule.value)
                is_stem = rule.value.rstrip().endswith("*")
                if is_stem and not before:
                    self._stems[last].append(rule)
                else:
                    self._phrases[(*before, last)[0]].append(((*before, last), is_stem, rule))
            case "pattern":
                self._patterns.append((compiled(rule.value), rule))
            case "link":
                self._links.append((frozenset(map(plain_host, rule.value.split())), rule))
            case _:
                self.others.append(rule)

    def _found(self, text: str) -> Iterator[tuple[Span, Rule]]:
        if self._phrases or self._stems:
            yield from self._found_words(text)
        for pattern, rule in self._patterns:
            for match in pattern.finditer(text):
                yield match.span(), rule
                if rule.action != "mask":
                    break
        if self._links:
            for link in links(text):
                for allowed, rule in self._links:
                    if not is_among(link.host, allowed):
                        yield (link.start, link.end), rule

    def _found_words(self, text: str) -> Iterator[tuple[Span, Rule]]:
        plain = words(text)
        for at, word in enumerate(plain):
            for phrase, is_stem, rule in self._phrases.get(word.folded, ()):
                some = plain[at : at + len(phrase)]
                if _is_phrase(some, phrase, is_stem=is_stem):
                    yield (word.start, some[-1].end), rule
            yield from self._with_stem(word)
        for word in variants(text, plain):
            for phrase, _is_stem, rule in self._phrases.get(word.folded, ()):
                if len(phrase) == 1:
                    yield (word.start, word.end), rule
            yield from self._with_stem(word)

    def _with_stem(self, word: Word) -> Iterator[tuple[Span, Rule]]:
        for length in self._lengths:
            if length > len(word.folded):
                break
            for rule in self._stems.get(word.folded[:length], ()):
                yield (word.start, word.end), rule


def check(kind: Kind, value: str, action: Action) -> None:
    """Return if these may stand in a rule of this kind. Raises BadRule."""
    match kind:
        case "word":
            if not folded_words(value):
                raise BadRule(gettext_noop("There is no word in it."))
            if "*" in value.rstrip().removesuffix("*"):
                raise BadRule(gettext_noop("A star stands at the end only, for any ending."))
        case "pattern":
            pattern = compiled(value)
            if cost(value) > PATTERN_LIMIT:
                raise BadRule(gettext_noop("This pattern costs too much: repeat less in it."))
            if pattern.search("") is not None:
                raise BadRule(gettext_noop("This pattern finds something in every text."))
        case "link":
            for host in value.split():
                if not is_host(host):
                    raise BadRule(
                        gettext_noop("“%(host)s” is no name of a host, like example.org."), host=host
                    )
        case "newcomer":
            if not (value.isascii() and value.isdigit() and 1 <= int(value) <= NEWCOMER_LIMIT):
                raise BadRule(
                    gettext_noop("How many messages is a number from 1 to %(most)d."), most=NEWCOMER_LIMIT
                )
            if action != "hold":
                raise BadRule(gettext_noop("What a newcomer says can be held only."))
        case "repeat":
            if value:
                raise BadRule(gettext_noop("This kind of filter has no value."))
            if action == "mask":
                raise BadRule(gettext_noop("What is repeated can be refused or held only."))


def cost(pattern: str) -> int:
    """Of how many steps a pattern is. Raises BadRule."""
    return int(compiled(pattern).programsize)


def folded_words(value: str) -> list[str]:
    """The words of a rule, as they are compared."""
    return [word.folded for word in words(value)]


@lru_cache(maxsize=512)
def compiled(pattern: str) -> "re2._Regexp":
    """A pattern of RE2, which looks for it in linear time, whatever it is. Raises BadRule."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.case_sensitive = False
    options.never_capture = True
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0]
        why = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise BadRule(gettext_noop("This is no pattern of RE2: %(why)s."), why=why) from None
    except UnicodeEncodeError:
        raise BadRule(gettext_noop("This is no pattern of RE2: %(why)s."), why="surrogates") from None


def _is_phrase(some: Sequence[Word], phrase: Sequence[str], *, is_stem: bool) -> bool:
    """Whether these words are those of a phrase, of which the last may have any ending."""
    if len(some) < len(phrase):
        return False
    *before, last = (word.folded for word in some)
    is_last = last.startswith(phrase[-1]) if is_stem else last == phrase[-1]
    return is_last and before == list(phrase[:-1])


def _masked(text: str, found: Iterable[tuple[Span, Rule]]) -> str:
    """The text with an asterisk for each character, save spaces, of what is to be masked."""
    letters = list(text)
    for (start, end), rule in found:
        if rule.action == "mask":
            letters[start:end] = ["*" if not one.isspace() else one for one in letters[start:end]]
    return "".join(letters)
