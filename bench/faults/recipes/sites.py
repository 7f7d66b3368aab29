"""Sites that have something in common, and should not notice."""

from dataclasses import replace

from bench.faults.recipe import THREE, Promise, Scene, recipe


@recipe(
    "two-sites",
    "two sites of two processes each, with databases of their own and versions kept level, use one Redis",
    Promise(silence=3),
    shape=replace(THREE, processes=2),
    sites=2,
)
async def on_one_redis(scene: Scene) -> None:
    runs = [scene.run, *scene.others]
    async for _ in scene.every(0.5):
        versions = [run.stack.database.version() for run in runs]
        for run, version in zip(runs, versions, strict=True):
            for writer in run.writers[: max(versions) - version]:
                await writer.write(writer.message())


RECIPES = (on_one_redis,)
