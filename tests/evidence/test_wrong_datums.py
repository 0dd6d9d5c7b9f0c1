"""The planted check-ins of the benchmark, fewer of them: what is recognised, who is excused."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

PATH = Path(__file__).parents[2] / "scripts" / "benchmarks" / "places.py"


@pytest.fixture
def benchmark() -> Iterator[ModuleType]:
    """The module of the benchmark."""
    spec = importlib.util.spec_from_file_location("benchmark_places", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.thorough
@pytest.mark.usefixtures("storage")
def test_wrong_datums_are_recognised_and_cheaters_are_not_excused(benchmark):
    found = benchmark.judged(benchmark.planted(600, Random(7)))

    mistagged = benchmark.sum_of(found[kind] for kind in found if "as" in kind)
    cheats, honest = found["cheater"], found["honest"]
    assert (600, 600, 600) == (mistagged.planted, cheats.planted, honest.planted)
    assert mistagged.inside < 0.06 * mistagged.planted
    assert mistagged.recall > 0.85
    assert cheats.recognised < 0.01 * cheats.planted
    assert honest.inside > 0.99 * honest.planted
    assert 6 == len(found) - 2
