"""The literature's usual answers to a bridge's drift, as peers: no blocks, no memory, limits from training quantiles.

Linear regression on the temperatures with Hotelling's T² of the residuals (Peeters and De Roeck 2001 use its kin), and
principal components of the frequencies with T² on the minor ones (Yan, Kerschen, De Boe and Golinval, Mechanical
Systems and Signal Processing 2005). A row with a missing value is not judged by either.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUANTILE = 0.95
EXPLAINED = 0.9


def linear_t2(frequencies_hz: Floats, temperatures_degc: Floats, reference_rows: int) -> tuple[Flags, Flags]:
    """Flags and which rows were judged, for the rows after the reference."""
    whole = _known(np.column_stack([frequencies_hz, temperatures_degc]))
    x = np.column_stack([np.ones(len(temperatures_degc)), temperatures_degc])
    train = np.flatnonzero(whole[:reference_rows])
    coefficients = np.linalg.lstsq(x[train], frequencies_hz[train], rcond=None)[0]
    return _flags(frequencies_hz - x @ coefficients, whole, train, reference_rows)


def principal_t2(frequencies_hz: Floats, temperatures_degc: Floats, reference_rows: int) -> tuple[Flags, Flags]:
    """As ``linear_t2``, without temperatures: what the major components explain is taken for the weather."""
    whole = _known(frequencies_hz)
    train = np.flatnonzero(whole[:reference_rows])
    mean, spread = frequencies_hz[train].mean(axis=0), frequencies_hz[train].std(axis=0)
    scaled = (frequencies_hz - mean) / spread
    values, vectors = np.linalg.eigh(np.cov(scaled[train].T))
    shares = np.cumsum(values[::-1]) / values.sum()
    major = min(int(np.searchsorted(shares, EXPLAINED)) + 1, len(values) - 1)
    return _flags(scaled @ vectors[:, : len(values) - major], whole, train, reference_rows)


def _known(values: Floats) -> Flags:
    return np.asarray(~np.isnan(values).any(axis=1), dtype=np.bool_)


def _flags(residuals: Floats, whole: Flags, train: NDArray[np.intp], reference_rows: int) -> tuple[Flags, Flags]:
    centred = residuals - residuals[train].mean(axis=0)
    precision = np.linalg.inv(np.atleast_2d(np.cov(centred[train].T)))
    t2 = np.einsum("ri,ij,rj->r", centred, precision, centred)
    limit = np.quantile(t2[train], QUANTILE)
    judged = np.asarray(whole[reference_rows:], dtype=np.bool_)
    return judged & (np.nan_to_num(t2[reference_rows:]) > limit), judged
