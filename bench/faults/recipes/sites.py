"""Sites that have something in common, and should not notice."""

from dataclasses import replace

from bench.faults.recipe import THREE, Promise, nothing, recipe

on_one_redis = recipe(
    "two-sites",
    "two sites of two processes each, with databases of their own, use one Redis",
    Promise(silence=3),
    shape=replace(THREE, processes=2),
    sites=2,
)(nothing)

RECIPES = (on_one_redis,)
