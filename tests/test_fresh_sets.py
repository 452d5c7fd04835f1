"""What is kept of the trial on fresh seed sets: of today's experiment and today's bound, or nothing is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnsite import catalogue, commands, fresh_sets
from rnnsite.claims import Arrays, Claim, Verdict
from rnnsite.cli import cli
from rnnsite.errors import RnnsiteError
from rnnsite.fresh_sets import Tried
from rnnsite.results import Store
from rnnsite.statistics import Estimate, exact, wilson
from rnnsite.web.markup import measured

STEM = "random_products"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    kept = tmp_path / "fresh_sets.json"
    monkeypatch.setattr(fresh_sets, "FILE", kept)
    return kept


def claim(*, name: str = "a", above: float = 0.5, source: str | None = None, sure: bool = False) -> Claim:
    measure: Callable[[Arrays], Estimate] = (lambda _: exact(1)) if sure else (lambda _: wilson(9, 10))
    return Claim(name, "{measured:.0%}", measure, above=above, source=source)


def test_the_command_counts_and_keeps_what_the_site_says(
    file: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "RESAMPLES", 2)
    done = CliRunner().invoke(cli, ["claims", STEM, "--resample", "--record"])
    assert done.exit_code == 0, done.output
    found = fresh_sets.known(catalogue.experiment(STEM))
    assert found is not None
    assert found.sets == 2
    for one in catalogue.experiment(STEM).claims:
        held = found.of(one)
        assert held is not None
        assert f"{STEM}: {one.name}: " + {True: "reproduced", False: "holds"}[one.published] + f" {held}" in done.output


@pytest.mark.parametrize("more", [[], ["--resample", "--profile", "paper"]])
def test_to_record_one_must_resample_the_quick_profile(more: list[str], file: Path, store: Store) -> None:
    done = CliRunner().invoke(cli, ["claims", STEM, "--record", *more])
    assert isinstance(done.exception, RnnsiteError)
    assert not file.exists()


def test_it_counts_the_sets_on_which_a_claim_held(file: Path) -> None:
    one, other = claim(), claim(name="b", source="pascanu2013")
    rows = [
        [Verdict(one, wilson(9, 10), "holds"), Verdict(other, wilson(9, 10), "undecided")],
        [Verdict(one, wilson(1, 10), "fails"), Verdict(other, wilson(9, 10), "reproduced")],
    ]
    found = fresh_sets.tried(catalogue.experiment(STEM), rows)
    assert (found.sets, found.of(one), found.of(other)) == (2, 1, 1)


def test_another_bound_is_another_claim() -> None:
    found = Tried("", 20, {f"a: {claim().bound}": 20})
    assert found.of(claim()) == 20
    assert found.of(claim(above=0.4)) is None
    assert found.of(claim(name="b")) is None


def test_nothing_is_known_of_an_experiment_that_has_changed(file: Path) -> None:
    experiment = catalogue.experiment(STEM)
    assert fresh_sets.known(experiment) is None
    fresh_sets.record(STEM, Tried(fresh_sets.version(experiment), 20, {}))
    assert fresh_sets.known(experiment) == Tried(fresh_sets.version(experiment), 20, {})
    quick = dataclasses.replace(experiment.configs["quick"], seed_set=7)
    changed = dataclasses.replace(experiment, configs={**experiment.configs, "quick": quick})
    assert fresh_sets.known(changed) is None


def test_to_record_one_leaves_the_others(file: Path) -> None:
    fresh_sets.record("b", Tried("v", 20, {"x: above 0": 19}))
    fresh_sets.record("a", Tried("w", 20, {}))
    assert fresh_sets.load() == {"a": Tried("w", 20, {}), "b": Tried("v", 20, {"x: above 0": 19})}


@pytest.mark.parametrize("content", ["{", "[]", '{"a": {"sets": 1}}'])
def test_a_damaged_file_is_one_sentence(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(RnnsiteError, match="is damaged"):
        fresh_sets.load()


def test_the_site_says_on_how_many_it_holds_and_nothing_of_what_has_no_seeds() -> None:
    of = claim()
    found = Tried("", 20, {f"a: {of.bound}": 19})
    assert measured(of.check({}), found) == measured(of.check({})) + "; holds on 19 of 20 fresh sets of seeds"
    published = claim(source="pascanu2013")
    assert measured(published.check({}), found).endswith("; reproduced on 19 of 20 fresh sets of seeds")
    assert "fresh" not in measured(claim(sure=True).check({}), found)
    assert "fresh" not in measured(of.check({}))


def test_what_lies_in_the_package_is_of_experiments_and_claims_that_there_are() -> None:
    for stem, found in fresh_sets.load().items():
        assert found.sets == commands.RESAMPLES
        experiment = catalogue.experiment(stem)
        if fresh_sets.known(experiment):
            assert any(found.of(one) is not None for one in experiment.claims)
        ours = {one.name: found.of(one) for one in experiment.claims if not one.published}
        assert {name: held for name, held in ours.items() if held not in (None, found.sets)} == {}, stem
