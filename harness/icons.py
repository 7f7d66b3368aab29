"""Makes the icons of the page out of its favicon, by Chromium: `python -m harness.icons`."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FAVICON = Path(__file__).parent.parent / "chat/static/chat/favicon.svg"
INTO = FAVICON.with_name("icons")
#: Each with its size, how much of that the sign takes, and what is behind it. A system cuts a maskable one
#: to any shape that leaves the middle four fifths; Apple's puts black behind what is transparent.
ICONS = {
    "180": (180, 0.72, "#ffffff"),
    "192": (192, 1.0, "transparent"),
    "512": (512, 1.0, "transparent"),
    "maskable-512": (512, 0.6, "#ffffff"),
}


def main() -> None:
    """Write them all."""
    INTO.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (size, share, behind) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(FAVICON.read_text())
            page.add_style_tag(
                content="body { display: grid; place-items: center; margin: 0; height: 100vh }"
                f"body {{ background: {behind} }} svg {{ width: {size * share}px; height: auto }}"
            )
            page.screenshot(path=INTO / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
