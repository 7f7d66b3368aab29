"""The faults: each recipe while people talk, and whether what is promised holds.

python -m bench.faults                  all of them; writes docs/RELIABILITY.md
python -m bench.faults kill two-sites   some, and a table of these
"""

import argparse
import sys
import time

from bench import production
from bench.fanout.gauge import open_many_files
from bench.faults import page
from bench.faults.recipe import Recipe
from bench.faults.recipes import ALL
from bench.faults.results import Result
from bench.faults.run import carry_out
from harness.site import TOP

PAGE = TOP / "docs" / "RELIABILITY.md"


def main() -> int:
    """Carry them out, print a table; 1 where a promise is broken, or anything could not be carried out."""
    wanted = _arguments()
    recipes = [recipe for recipe in ALL if not wanted.names or recipe.name in wanted.names]
    open_many_files()
    began = time.monotonic()
    results = [_carry_out(recipe, wanted.seed) for recipe in recipes]
    sys.stdout.write(page.table(results))
    if not wanted.names:
        PAGE.write_text(page.full(results, time.monotonic() - began))
    return 0 if all(result.is_kept for result in results if not result.missing) else 1


def _carry_out(recipe: Recipe, seed: int) -> Result:
    sys.stderr.write(f"{recipe.name:<32}")
    sys.stderr.flush()
    result = Result(recipe, missing=recipe.missing())
    if not result.missing:
        try:
            result.outcome = carry_out(recipe, seed, production.environment())
        except Exception as error:  # the others have their turn all the same
            result.error = _innermost(error)
    sys.stderr.write(f"{page.verdict(result)}\n")
    for example in result.outcome.examples if result.outcome else ():
        sys.stderr.write(f"    {example}\n")
    return result


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__.partition("\n")[0])
    names = [recipe.name for recipe in ALL]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=1, help="of whatever is left to chance")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
