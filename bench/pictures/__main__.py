"""Take the pictures in the documents anew: docs/images.

python -m bench.pictures
"""

import asyncio
import base64
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from bench import production
from harness.services import home
from harness.site import Site

IMAGES = Path(__file__).parents[2] / "docs" / "images"
#: Everybody lives where the server's clock is.
DESK: dict[str, Any] = {
    "viewport": {"width": 1120, "height": 800},
    "device_scale_factor": 2,
    "locale": "en-GB",
    "timezone_id": "UTC",
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "ru-RU",
    "color_scheme": "dark",
    "timezone_id": "UTC",
}
#: A desk and a phone on one table.
_TABLE = """<style>
  body { margin: 0; position: relative; width: 1600px; height: 900px; background: #d9dee9; }
  img { position: absolute; display: block; }
  #desk { left: 36px; top: 50px; width: 1120px; border-radius: 12px; box-shadow: 0 12px 40px #0003; }
  #phone { left: 1190px; top: 124px; width: 360px; border: 7px solid #0b0d11; border-radius: 18px;
    box-shadow: 0 12px 40px #0004; }
</style><img id="desk" src="data:image/png;base64,%s"><img id="phone" src="data:image/png;base64,%s">"""


def main() -> int:
    """Serve the site, and take them."""
    with home() as folder:
        site = Site(folder, **production.environment())
        site.manage("migrate")
        site.manage("shell", "-c", "from bench.pictures.talk import fill; fill()")
        with site.served_by("serve"):
            asyncio.run(take(site))
    sys.stdout.write(f"{IMAGES}\n")
    return 0


async def take(site: Site) -> None:
    """All of them, in one browser."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--hide-scrollbars"]
        )
        alice = await come(chromium, site, "alice", **DESK)
        bob = await come(chromium, site, "bob", **DESK)
        kostya = await come(chromium, site, **PHONE)
        await alice.get_by_role("button", name="online").click()
        await alice.locator("chat-composer textarea").fill("See you all on Thursday!")
        await both_write(bob, alice, seen_by=kostya)
        pictures = [await alice.screenshot(), await kostya.screenshot()]
        table = await chromium.new_page(viewport={"width": 1600, "height": 900})
        await table.set_content(_TABLE % tuple(base64.b64encode(one).decode() for one in pictures))
        IMAGES.mkdir(exist_ok=True)
        await table.screenshot(path=IMAGES / "page.png")
        await chromium.close()


async def both_write(bob: Page, alice: Page, seen_by: Page) -> None:
    """Have the two seen writing. Whoever writes says so every few seconds, as long as something changes."""
    async with asyncio.timeout(60):
        while not await seen_by.locator("typing-line [data-form=two]").is_visible():
            for page in (bob, alice):
                await page.locator("chat-composer textarea").press("End")
                await page.keyboard.type(".")
                await page.keyboard.press("Backspace")
            await asyncio.sleep(0.5)


async def come(chromium: Browser, site: Site, user: str = "", **options: Any) -> Page:
    """Somebody who is in: a user of the site, or Костя, whom nobody has an account for."""
    page = await (await chromium.new_context(**options)).new_page()
    if user:
        await page.goto(f"{site.address}accounts/login/?next=/")
        await page.locator("[name=username]").fill(user)
        await page.locator("[name=password]").fill(user * 2)
        await page.locator("[type=submit].button-primary").click()
    else:
        await page.goto(site.address)
        await page.locator("own-name [data-reader]").click()
        await page.locator("name-dialog input").fill("Костя")
        await page.locator("name-dialog [type=submit]").click()
    await page.locator("connection-line[data-phase=connected]").wait_for()
    await page.locator("chat-message").last.wait_for()
    return page


if __name__ == "__main__":
    sys.exit(main())
