"""The recipes, by what goes wrong."""

from collections.abc import Sequence

from bench.faults.recipe import Recipe
from bench.faults.recipes import lines, postgresql, processes, redis, sites, sqlite

ALL: Sequence[Recipe] = (
    *processes.RECIPES,
    *redis.RECIPES,
    *postgresql.RECIPES,
    *lines.RECIPES,
    *sqlite.RECIPES,
    *sites.RECIPES,
)
