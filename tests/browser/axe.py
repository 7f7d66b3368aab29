"""What axe, which knows the rules of accessibility, has to say of a page as it stands."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
#: WCAG 2.2 up to AA, and what axe calls good practice.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_CONTRAST = {"type": "rule", "values": ["color-contrast"]}
_RUN = """async ([place, only]) => {
  // A colour that is on its way to another one is neither.
  const isEnding = (one) => Number.isFinite(one.effect.getComputedTiming().endTime);
  for (const one of document.getAnimations().filter(isEnding)) one.finish();
  // The talk that a panel covers is inert, and with it what a page has once.
  const isCovered = document.querySelector(".talk[inert]") !== null;
  const rules = isCovered
    ? { "landmark-one-main": { enabled: false }, "page-has-heading-one": { enabled: false } }
    : {};
  // Without a look into style sheets, which it would have to put into the page.
  const options = { resultTypes: ["violations"], runOnly: only, rules, preload: false };
  const { violations } = await axe.run(place, options);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}"""


async def look(page: Page, place: str = "html") -> list[str]:
    """What is wrong in this place of the page, in light and in dark: a rule, where, and why, for each."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(_AXE)
    found: list[Any] = await page.evaluate(_RUN, [place, {"type": "tag", "values": _TAGS}])
    await page.emulate_media(color_scheme="dark")
    found += await page.evaluate(_RUN, [place, _CONTRAST])
    await page.emulate_media(color_scheme="light")
    return found
