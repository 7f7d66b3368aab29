"""What came of each recipe."""

from dataclasses import dataclass

from bench.faults.recipe import Recipe
from bench.faults.run import Outcome


@dataclass
class Result:
    """What came of a recipe, or why nothing did."""

    recipe: Recipe
    outcome: Outcome | None = None
    #: Why it could not be carried out here.
    missing: str = ""
    #: What went wrong with the recipe itself.
    error: str = ""

    @property
    def broken(self) -> list[str]:
        """The promises that did not hold."""
        if self.outcome is None:
            return [self.error] if self.error else []
        return self.outcome.broken(self.recipe.promise)

    @property
    def is_kept(self) -> bool:
        """Whether all that is promised holds."""
        return self.outcome is not None and not self.broken
