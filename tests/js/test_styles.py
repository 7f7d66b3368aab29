"""The style sheets of the page: what stands at the start of a line is never said to be left."""

import re
from collections.abc import Iterator
from pathlib import Path

CSS = Path(__file__).parents[2] / "chat/static/chat/css"
#: Where a page in Arabic would have it on the other side.
_PHYSICAL = re.compile(
    r"^\s*(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|^\s*(?:text-align|float|clear)\s*:\s*(?:left|right)\b|translateX\(|translate\((?!0)",
    re.MULTILINE,
)
_DURATION = re.compile(r"^\s*(?:animation|transition)(?:-[\w-]+)?\s*:", re.MULTILINE)


def sheets() -> Iterator[tuple[str, str]]:
    for path in sorted(CSS.glob("*.css")):
        yield path.name, re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def test_whatever_has_a_side_has_it_by_the_direction_of_the_text() -> None:
    assert {name: found for name, css in sheets() if (found := _PHYSICAL.findall(css))} == {}


def test_what_moves_moves_only_for_those_who_do_not_mind() -> None:
    moving = {}
    for name, css in sheets():
        still = re.sub(
            r"@media \(prefers-reduced-motion: no-preference\) \{.*?^\}",
            "",
            css,
            flags=re.DOTALL | re.MULTILINE,
        )
        if found := _DURATION.findall(still):
            moving[name] = found
    assert moving == {}
