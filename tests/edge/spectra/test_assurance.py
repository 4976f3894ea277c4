"""Modal assurance: 1 for one shape however scaled and turned, 0 for orthogonal ones."""

import numpy as np
import pytest

from edge.spectra.assurance import modal_assurance_criterion


def test_a_scaled_and_turned_shape_is_the_same() -> None:
    shape = np.array([1.0 + 0.2j, -0.5, 0.3j])

    assert modal_assurance_criterion(shape, -3.7j * shape) == pytest.approx(1.0, abs=1e-12)


def test_orthogonal_shapes_have_nothing_in_common() -> None:
    assert modal_assurance_criterion(np.array([1.0 + 0j, 1.0]), np.array([1.0 + 0j, -1.0])) == pytest.approx(0.0)


def test_a_shape_of_zeros_is_refused() -> None:
    with pytest.raises(ValueError, match="all zero"):
        modal_assurance_criterion(np.zeros(3, dtype=complex), np.ones(3, dtype=complex))
