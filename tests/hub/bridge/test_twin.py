"""The digital twin against analytic beams, its updating against known truths, its classes against another girder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from hub.bridge import twin_beam
from hub.bridge.twin import Twin
from hub.bridge.twin_beam import Mesh
from hub.bridge.twin_change import causes, classifier, explain, patterns
from hub.bridge.twin_file import Girder, Section, Support, read
from hub.bridge.twin_update import Measured, prior, update
from hub.errors import ConfigError
from simulators.bridge.building_site import (
    DESIGN_MASS,
    DESIGN_SPANS_M,
    DESIGN_STIFFNESS,
    Event,
    Load,
    build,
    modes_of,
)

LENGTH_M, BENDING, MASS = 20.0, 1e9, 5000.0
UNIT = np.sqrt(BENDING / MASS) / LENGTH_M**2 / (2.0 * np.pi)
"""Frequency [Hz] of a beam whose eigenvalue (βL)² is 1."""

THREE_SPANS = Girder(
    spans_m=list(DESIGN_SPANS_M), bending_stiffness_nm2=DESIGN_STIFFNESS, mass_kg_m=DESIGN_MASS, shear_stiffness_n=6e10
)


def beam(held: tuple[int, ...], elements: int = 40, shear: float = np.inf) -> Mesh:
    """A uniform beam of ``LENGTH_M``."""
    each = np.ones(elements)
    return Mesh(np.linspace(0.0, LENGTH_M, elements + 1), BENDING * each, shear * each, MASS * each, held)


def frequencies(
    mesh: Mesh, count: int, springs: dict[int, float] | None = None, weights: dict[int, float] | None = None
) -> np.ndarray:
    k, m = twin_beam.stiffness(mesh).toarray(), twin_beam.masses(mesh).toarray()
    for unknown, spring in (springs or {}).items():
        k[unknown, unknown] += spring
    for unknown, weight in (weights or {}).items():
        m[unknown, unknown] += weight
    return twin_beam.modes(mesh, k, m, count).frequency_hz


def test_a_simply_supported_beam_has_its_analytic_frequencies() -> None:
    found = frequencies(beam((0, 40)), 6)

    np.testing.assert_allclose(found, (np.pi * np.arange(1, 7)) ** 2 * UNIT, rtol=5e-5)


def test_a_clamped_and_a_cantilever_beam_have_their_analytic_frequencies() -> None:
    stiff = 1e6 * BENDING / LENGTH_M

    clamped = frequencies(beam((0, 40)), 4, {1: stiff, 81: stiff})
    cantilever = frequencies(beam((0,)), 4, {1: stiff})

    np.testing.assert_allclose(clamped, np.array([4.730041, 7.853205, 10.995608, 14.137165]) ** 2 * UNIT, rtol=5e-5)
    np.testing.assert_allclose(cantilever, np.array([1.875104, 4.694091, 7.854757, 10.995541]) ** 2 * UNIT, rtol=5e-5)


def test_a_free_beam_has_two_modes_at_rest_and_then_those_of_a_clamped_one() -> None:
    found = frequencies(beam(()), 5)

    np.testing.assert_allclose(found[:2], 0.0, atol=1e-3)
    np.testing.assert_allclose(found[2:], np.array([4.730041, 7.853205, 10.995608]) ** 2 * UNIT, rtol=5e-5)


def test_shear_lowers_the_frequencies_of_a_simple_beam_as_timoshenko_says() -> None:
    shear = 1e9
    number = np.pi * np.arange(1, 5) / LENGTH_M

    found = frequencies(beam((0, 160), 160, shear), 4)

    exact = number**2 * np.sqrt(BENDING / MASS / (1.0 + BENDING * number**2 / shear)) / (2.0 * np.pi)
    np.testing.assert_allclose(found, exact, rtol=1e-4)


def test_a_mass_at_midspan_and_an_end_spring_move_the_first_mode_as_their_equations_say() -> None:
    ratio, restraint = 0.2, 2.0
    heavy = brentq(lambda b: np.tan(b / 2.0) - np.tanh(b / 2.0) - 4.0 / (ratio * b), 1.5, 3.14)
    turned = brentq(lambda b: 2.0 * b - restraint * (1.0 / np.tan(b) - 1.0 / np.tanh(b)), 3.15, 3.92)

    with_mass = frequencies(beam((0, 40)), 1, weights={40: ratio * MASS * LENGTH_M})[0]
    with_spring = frequencies(beam((0, 40)), 1, springs={1: restraint * BENDING / LENGTH_M})[0]

    assert with_mass == pytest.approx(heavy**2 * UNIT, rel=5e-5)
    assert with_spring == pytest.approx(turned**2 * UNIT, rel=5e-5)


def test_shapes_between_nodes_are_those_of_the_beam() -> None:
    mesh = beam((0, 8), 8)
    found = twin_beam.modes(mesh, twin_beam.stiffness(mesh).toarray(), twin_beam.masses(mesh).toarray(), 2)
    place = np.array([1.3, 7.7, 15.1])

    shapes = found.shapes(place)

    exact = np.sin(np.outer(np.arange(1, 3), np.pi * place / LENGTH_M)) * np.sqrt(2.0 / (MASS * LENGTH_M))
    np.testing.assert_allclose(np.abs(shapes), np.abs(exact), atol=2e-3 * exact.max())


def test_sensitivities_are_the_slopes_of_the_frequencies() -> None:
    twin = Twin(THREE_SPANS)
    values = np.random.default_rng(3).uniform(0.01, 0.1, len(twin.parameters))

    slopes = twin.sensitivities(values, 6)

    for number, row in enumerate(1e-4 * np.eye(len(values))):
        high, low = (twin.modes(values + side * row, 6).frequency_hz for side in (1.0, -1.0))
        np.testing.assert_allclose(slopes[:, number], np.log(high / low) / 2e-4, atol=5e-6)


def test_sections_and_flexible_supports_of_the_file_are_those_of_the_model() -> None:
    whole = Twin(THREE_SPANS)
    sections = [Section(until_m=10.0, mass_kg_m=12_000.0), Section(until_m=60.0), Section(until_m=106.0)]
    uneven = Twin(Girder(**{**_fields(THREE_SPANS), "sections": sections}))
    soft = Twin(Girder(**{**_fields(THREE_SPANS), "supports": [Support(vertical_n_m=1e8) for _ in range(4)]}))

    assert len(uneven.parameters) == 2 * 3 + 4
    assert (uneven.modes(uneven.designed(), 3).frequency_hz < whole.modes(whole.designed(), 3).frequency_hz).all()
    assert (soft.modes(soft.designed(), 3).frequency_hz < whole.modes(whole.designed(), 3).frequency_hz).all()


def _fields(girder: Girder) -> dict[str, object]:
    return {name: getattr(girder, name) for name in girder.__struct_fields__}


def test_an_update_finds_what_moved_and_says_what_it_cannot_know() -> None:
    twin = Twin(Girder(**{**_fields(THREE_SPANS), "sensors_m": [8.0, 16.0, 24.0, 44.0, 52.0, 60.0, 80.0, 88.0, 96.0]}))
    truth = twin.designed()
    names = [f"{parameter.what} {parameter.name}" for parameter in twin.parameters]
    left = names.index("restraint support 1")
    truth[left] = 0.30
    real = twin.modes(truth, 6)

    found = update(twin, Measured(real.frequency_hz, 1e-3 * real.frequency_hz, -3.0 * real.shapes(twin.sensors_m)))

    assert abs(found.values[left] - 0.30) < 2.0 * found.std[left]
    assert found.std[left] < 0.3 * np.sqrt(prior(twin)[left, left])
    assert np.abs(found.after_hz / real.frequency_hz - 1.0).max() < 0.002
    assert np.abs(found.before_hz / real.frequency_hz - 1.0).max() > 0.02
    assert (found.learnt >= 0.0).all()
    assert (found.learnt[: 2 * twin.sections] < 0.95).all()


def test_a_model_of_other_spans_is_found_not_to_be_this_bridge() -> None:
    other = Twin(Girder(**{**_fields(THREE_SPANS), "spans_m": [32.0, 40.0, 34.0]}))
    measured = modes_of(build(np.random.default_rng(4)), (), 6).frequency_hz

    right, wrong = (update(twin, Measured(measured, 1e-3 * measured)) for twin in (Twin(THREE_SPANS), other))

    assert right.fits
    assert not wrong.fits
    assert (
        classifier(other)(("f1", "f2", "f3"), measured[:3] * 1.2, np.full(3, -0.01), 1e-8 * np.eye(3)) == "undetermined"
    )


def test_without_measurements_the_posterior_is_the_prior() -> None:
    twin = Twin(THREE_SPANS)
    nothing = np.full(4, np.nan)

    found = update(twin, Measured(nothing, nothing))

    np.testing.assert_allclose(found.covariance, prior(twin), atol=1e-12)
    np.testing.assert_allclose(found.learnt, 0.0, atol=1e-9)


def effect_of(event: Event, seed: int) -> np.ndarray:
    """What an event does to the simulator's girder, relative."""
    built = build(np.random.default_rng(seed))
    before, after = (modes_of(built, events, 6).frequency_hz for events in ((), (event,)))
    return after / before - 1.0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("event", "kinds", "cause"),
    [
        (Event(number=2, name="", day=0, left=0.15), {"structure"}, "restraint"),
        (
            Event(number=4, name="", day=0, loads=(Load(kg_m=-400.0, from_share=0.283, to_share=0.679),)),
            {"mass", "undetermined"},
            "mass",
        ),
        (Event(number=6, name="", day=0, loads=(Load(kg_m=900.0),)), {"undetermined"}, ""),
    ],
    ids=["an abutment", "a scaffold under one span", "asphalt everywhere"],
)
def test_the_twin_tells_the_class_of_what_happened_to_another_girder(
    event: Event, kinds: set[str], cause: str, seed: int
) -> None:
    twin = Twin(THREE_SPANS)

    verdict = explain(twin, twin.designed(), effect_of(event, seed), np.eye(6) * 5e-4**2)

    assert verdict.kind in kinds
    assert verdict.explained[0].pattern.what.startswith(cause)


def test_a_uniform_load_and_a_uniform_loss_of_stiffness_look_alike() -> None:
    twin = Twin(THREE_SPANS)
    whole = [pattern for cause, pattern in zip(causes(twin), patterns(twin, twin.designed(), 6), strict=True)
             if (cause.from_m, cause.to_m) == (0.0, 106.0) and cause.what != "restraint"]  # fmt: skip

    assert [pattern.kind for pattern in whole] == ["structure", "mass"]
    np.testing.assert_allclose(whole[0].change, 0.5, atol=1e-9)
    np.testing.assert_allclose(whole[1].change, -0.5, atol=1e-9)


GIRDER_TEXT = "[girder]\nspans_m = [30.0]\nmass_kg_m = 9e3\n"
STIFF_TEXT = f"{GIRDER_TEXT}bending_stiffness_nm2 = 1e10\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GIRDER_TEXT, "bending_stiffness_nm2"),
        (f"{STIFF_TEXT}span = 3\n", "span"),
        (f"{STIFF_TEXT}supports = [{{}}]\n", "wanted one more"),
        (f"{STIFF_TEXT}sections = [{{until_m = 20.0}}]\n", "30"),
        ("[girder", "bridge.toml"),
    ],
)
def test_a_bridge_file_that_cannot_be_meant_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as problem:
        read(path)

    assert says in str(problem.value)
    assert "\n" not in str(problem.value)
