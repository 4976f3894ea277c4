"""Natural modes of a structure from its response alone, with no person in the loop.

Peaks of the leading eigenvalue of the cross-spectral density, each channel over its own local noise (frequency-domain
decomposition; Brincker et al., Smart Mater. Struct. 10 (2001) 441), are candidates; each is then fitted by maximum
likelihood (``modal_fit``) and must pass every gate of ``Gates``. What does not pass is not reported.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.bridge.modal_fit import Band, Fit, Skirts, fit_mode, refit_mode, resonance
from edge.spectra.assurance import modal_assurance_criterion
from edge.spectra.welch import density_scale, segment_spectra
from edge.spectra.windows import hann

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

CI95 = 1.96
"""Standard deviations of a 95 % interval."""

SEGMENT_S = 40.0
FLOOR_QUANTILE = 0.3
FLOOR_HZ, FLOOR_SHARE = 0.8, 0.15
"""How far on each side the local noise is looked for: so many hertz, or this share of the frequency where that is more."""
CANDIDATE_RATIO = 3.0
SHORTEST_PIECE = 0.2
"""Share of the longest piece below which one is left aside, so that it does not shorten every segment."""
SATELLITE_ASSURANCE = 0.95
SATELLITE_DB = 8.0
PRESENT_RATIO = 5.0
WIDE = 6
"""Half-power widths about a peak within which its surroundings are looked for, where they are wider than usual."""
GAIN_A_CHANNEL = 1.5
SWEEPS = 2
"""How often every mode is fitted again beside the skirts of the others."""
SKIRT = 12.0
"""Half-power half-widths on each side of a mode, within its valleys, that its last fits look at."""
VALLEY = 0.4
"""Two peaks are two only if the density between them falls below this share of the lower one."""
ENDLESS_S = np.array([1e9])


class Gates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a candidate must show to be called a mode.

    Attributes:
        peak_db: modal peak over local noise, and over the neighbours' resonances of the same shape, in the channel that
            shows it best [dB].
        highest_damping: fraction of critical damping above which a hump is not a mode.
        frequency_std: largest relative standard uncertainty of its frequency.
        likelihood_gain: log-likelihood over that of noise alone, in one channel; each further one wants 1.5 more, since
            the free shape follows noise.
        satellite: relative distance within which the weaker of two peaks of one shape is the other's sideband, because
            excitation or frequency fluctuated, and no mode (with two channels, only if 8 dB weaker: two numbers
            are easily alike).
        presence: share of the window's segments that must show it, each over its own noise: a mode is always there, a
            heavy vehicle's own bounce is not.
    """

    peak_db: float = 10.0
    highest_damping: float = 0.08
    frequency_std: float = 0.01
    likelihood_gain: float = 15.0
    satellite: float = 0.08
    presence: float = 0.6


class Mode(NamedTuple):
    """One identified mode; ``shape`` (channels,) has its largest component real and 1."""

    frequency_hz: float
    frequency_std_hz: float
    damping: float
    damping_std: float
    snr_db: float
    shape: Complex


class _Peak(NamedTuple):
    """A candidate: its bin, the band that it is fitted in, and the valleys on both sides [Hz]."""

    bin: int
    low_hz: float
    high_hz: float
    left_hz: float
    right_hz: float

    def band_of(self, fit: Fit) -> tuple[float, float]:
        """The band for a mode that was found here: wider where it is so damped that its skirts reach further."""
        skirt_hz = SKIRT * fit.damping * fit.frequency_hz
        low, high = min(self.low_hz, fit.frequency_hz - skirt_hz), max(self.high_hz, fit.frequency_hz + skirt_hz)
        return max(self.left_hz, low), min(self.right_hz, high)


class _Found(NamedTuple):
    """A fit in units of the local noise, that noise (channels,), and the peak that it is of."""

    fit: Fit
    floor: Real
    peak: _Peak

    @property
    def shape(self) -> Complex:
        """Shape in the channels' own units."""
        return np.asarray(self.fit.shape * np.sqrt(self.floor))


class _Welch(NamedTuple):
    """Averaged spectra: power and floor (bins, channels), ratio of the leading eigenvalue to it (bins,), and every segment's own
    whitened transform (segments, bins, channels)."""

    step_hz: float
    power: Real
    floor: Real
    ratio: Real
    segments: Complex


def identify(
    pieces: list[Real], rate_hz: float, band_hz: tuple[float, float], gates: Gates | None = None
) -> list[Mode]:
    """Modes of one set-up, by frequency.

    Args:
        pieces: runs of samples without a gap, each (n, channels), in the channels' own units.
        band_hz: lowest and highest frequency to look at.

    Example: two minutes of a 2 Hz oscillator of 1 % damping under white noise give one mode at 2 Hz ± 0.3 %.
    """
    wanted = gates or Gates()
    total = sum(len(piece) for piece in pieces)
    longest = max((len(piece) for piece in pieces), default=0)
    pieces = [_without_trend(piece) for piece in pieces if len(piece) >= max(64, SHORTEST_PIECE * longest)]
    if not pieces or not all(np.isfinite(piece).all() for piece in pieces):
        return []
    alive = np.array([max(float(piece[:, c].std()) for piece in pieces) > 0.0 for c in range(pieces[0].shape[1])])
    if not alive.any():
        return []
    pieces = [piece[:, alive] for piece in pieces]
    welch = _welch(pieces, rate_hz, total)
    if welch is None:
        return []
    transforms = _transforms(pieces, rate_hz)
    found = []
    for peak in _candidates(welch, band_hz):
        fit = _fitted(transforms, welch, peak)
        if fit is not None and _passes(fit, wanted, band_hz) and _presence(fit, welch, peak.bin) >= wanted.presence:
            found.append(_Found(fit, welch.floor[peak.bin], peak))
    found = _apart(found)
    for _ in range(SWEEPS):
        found = [_beside_others(one, found, transforms, welch) for one in found]
    modes = [
        _mode(one, alive) for one in found
        if _over_noise_and_neighbours(one, found) >= 10.0 ** (wanted.peak_db / 10.0)
    ]  # fmt: skip
    return _without_satellites(modes, wanted.satellite)


def _without_trend(piece: Real) -> Real:
    ramp = np.linspace(-1.0, 1.0, len(piece))
    slope = (ramp @ piece) / float(ramp @ ramp)
    return np.asarray(piece - piece.mean(axis=0) - np.outer(ramp, slope))


def _welch(pieces: list[Real], rate_hz: float, total: int) -> _Welch | None:
    length = int(min(SEGMENT_S * rate_hz, total / 6.0, *(len(piece) for piece in pieces)))
    length -= length % 2
    if length < 32:
        return None
    window = hann(length)
    spectra = np.concatenate([segment_spectra(piece, length, length // 2, window) for piece in pieces])
    density = np.einsum("ski,skj->kij", spectra, spectra.conj()) / len(spectra)
    density *= density_scale(length, rate_hz, window)[:, None, None]
    power = np.einsum("kii->ki", density).real
    step_hz = rate_hz / length
    floor = _floor(power, step_hz)
    amplitude = np.sqrt(floor)
    whitened = density / (amplitude[:, :, None] * amplitude[:, None, :])
    return _Welch(
        step_hz, power, floor, np.linalg.eigvalsh(whitened)[:, -1], np.asarray(spectra / amplitude, dtype=np.complex128)
    )


def _floor(power: Real, step_hz: float) -> Real:
    """Low quantile of the density around each bin, (bins, channels): the local noise."""
    log = np.ascontiguousarray(np.log(np.maximum(power, power.max(axis=0) * 1e-14)).T)
    floor = np.empty_like(log)
    for k in range(log.shape[1]):
        around = log[:, _surroundings(k, log.shape[1], step_hz)].copy()
        rank = int(FLOOR_QUANTILE * (around.shape[1] - 1))
        around.partition(rank, axis=1)
        floor[:, k] = around[:, rank]
    return np.asarray(np.exp(floor.T))


def _surroundings(at: int, bins: int, step_hz: float) -> slice:
    """The bins whose low quantile is the noise at one of ``bins``: further ones at a high frequency, where modes are wider."""
    reach = min(max(8, round(max(FLOOR_HZ, FLOOR_SHARE * at * step_hz) / step_hz)), bins // 2 - 1)
    return slice(max(1, at - reach), at + reach + 1)


def _candidates(welch: _Welch, band_hz: tuple[float, float]) -> list[_Peak]:
    """Peaks with their bands, by frequency."""
    ratio = welch.ratio
    first, last = max(2, int(band_hz[0] / welch.step_hz)), min(len(ratio) - 3, int(band_hz[1] / welch.step_hz))
    peaks = [
        k for k in range(first, last + 1)
        if ratio[k] >= CANDIDATE_RATIO and ratio[k] == ratio[k - 2 : k + 3].max() and ratio[k] > ratio[k - 1]
    ]  # fmt: skip
    kept: list[int] = []
    for k in peaks:
        while kept and ratio[kept[-1] : k + 1].min() > VALLEY * min(ratio[kept[-1]], ratio[k]):
            if ratio[kept[-1]] >= ratio[k]:
                break
            kept.pop()
        else:
            kept.append(k)
    found = []
    for index, k in enumerate(kept):
        left = kept[index - 1] + int(ratio[kept[index - 1] : k].argmin()) if index else first - 2
        right = k + int(ratio[k : kept[index + 1]].argmin()) if index + 1 < len(kept) else last + 2
        half = _half_width(ratio, k)
        reach = max(8.0 * half, 5.0)
        edges = np.array([max(left, k - reach), min(right, k + reach), left, right]) * welch.step_hz
        found.append(_Peak(k, *edges.tolist()))
    return found


def _half_width(ratio: Real, peak: int) -> float:
    """Bins from a peak to half its height, the mean of both sides."""
    left = right = peak
    while left > 0 and ratio[left] > 0.5 * ratio[peak]:
        left -= 1
    while right < len(ratio) - 1 and ratio[right] > 0.5 * ratio[peak]:
        right += 1
    return 0.5 * (right - left) - 0.5


def _transforms(pieces: list[Real], rate_hz: float) -> list[Band]:
    bands = []
    for piece in pieces:
        length = len(piece)
        spectrum = segment_spectra(piece, length, length, np.ones(length))[0]
        scale = np.sqrt(density_scale(length, rate_hz, np.ones(length)))
        frequency = np.arange(len(spectrum), dtype=np.float64) * (rate_hz / length)
        bands.append(Band(frequency, spectrum * scale[:, None], np.full(len(spectrum), length / rate_hz)))
    return bands


def _fitted(transforms: list[Band], welch: _Welch, peak: _Peak) -> Fit | None:
    band = _band(transforms, peak.low_hz, peak.high_hz, np.sqrt(welch.floor[peak.bin]))
    return fit_mode(band, peak.bin * welch.step_hz) if len(band.frequency_hz) >= 8 else None


def _band(transforms: list[Band], low: float, high: float, amplitude: Real) -> Band:
    """All pieces' transforms in a band over ``amplitude`` (channels,), by frequency."""
    parts = []
    for band in transforms:
        inside = slice(*np.searchsorted(band.frequency_hz, (max(low, 1e-9), high)))
        parts.append(Band(band.frequency_hz[inside], band.transform[inside], band.record_s[inside]))
    joined = Band(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    order = np.argsort(joined.frequency_hz, kind="stable")
    return Band(joined.frequency_hz[order], joined.transform[order] / amplitude, joined.record_s[order])


def _beside_others(one: _Found, found: list[_Found], transforms: list[Band], welch: _Welch) -> _Found:
    """The mode fitted again, over the noise that is left when every mode's skirts are taken out of the floor."""
    floor = _noise_beside(one, found, welch)
    band = _band(transforms, *one.peak.band_of(one.fit), np.sqrt(floor))
    shape = one.fit.shape * np.sqrt(one.floor / floor)
    scale = float(np.vdot(shape, shape).real)
    shape = shape / np.sqrt(scale)
    along = beside = np.zeros(len(band.frequency_hz))
    for other in found:
        if other is not one:
            left = _curve(other, band.frequency_hz)
            theirs = other.shape / np.sqrt(floor)
            common = abs(np.vdot(shape, theirs)) ** 2
            along = along + left * common
            beside = beside + left * (float(np.vdot(theirs, theirs).real) - common) / max(1, len(floor) - 1)
    start = one.fit._replace(shape=shape, peak=one.fit.peak * scale, noise=1.0)
    fit = refit_mode(band, start, Skirts(along, beside))
    return one if fit is None else one._replace(fit=fit, floor=floor)


def _noise_beside(one: _Found, found: list[_Found], welch: _Welch) -> Real:
    """Noise (channels,) about a mode: what is not the skirts of modes, its own included, as far as its own reach."""
    usual = _surroundings(one.peak.bin, len(welch.power), welch.step_hz)
    own = round(SKIRT * one.fit.damping * one.fit.frequency_hz / welch.step_hz)
    around = slice(max(1, min(usual.start, one.peak.bin - own)), max(usual.stop, one.peak.bin + own + 1))
    bins = np.arange(len(welch.power), dtype=np.float64)[around]
    skirts = sum((_density(other, bins * welch.step_hz) for other in found), np.zeros((len(bins), len(one.floor))))
    left = welch.power[around] * (one.floor / (one.floor + skirts))
    return np.asarray(np.quantile(left, FLOOR_QUANTILE, axis=0))


def _curve(one: _Found, at_hz: Real) -> Real:
    """The density of a mode's response along its shape of unit norm, (k,)."""
    return one.fit.peak * resonance(one.fit.frequency_hz, one.fit.damping, at_hz, np.full(len(at_hz), ENDLESS_S[0]))


def _density(one: _Found, at_hz: Real) -> Real:
    """The density that a mode leaves in each channel, (k, channels)."""
    return np.outer(_curve(one, at_hz), abs(one.shape) ** 2)


def _passes(fit: Fit, gates: Gates, band_hz: tuple[float, float]) -> bool:
    return (
        fit.damping <= gates.highest_damping
        and fit.frequency_std <= gates.frequency_std
        and fit.gain >= gates.likelihood_gain + GAIN_A_CHANNEL * (len(fit.shape) - 1)
        and band_hz[0] <= fit.frequency_hz <= band_hz[1]
    )


def _presence(fit: Fit, welch: _Welch, peak: int) -> float:
    """Share of segments in which the power along the shape, within its half-power width, stands out of that segment."""
    half = max(1, round(fit.damping * fit.frequency_hz / welch.step_hz))
    usual = _surroundings(peak, len(welch.floor), welch.step_hz)
    around = slice(max(1, min(usual.start, peak - WIDE * half)), max(usual.stop, peak + WIDE * half + 1))
    projected = welch.segments[:, around] @ fit.shape.conj()
    power = projected.real**2 + projected.imag**2
    at = peak - around.start
    height = power[:, max(0, at - half) : at + half + 1].mean(axis=1)
    return float((height > PRESENT_RATIO * np.quantile(power, FLOOR_QUANTILE, axis=1)).mean())


def _over_noise_and_neighbours(one: _Found, found: list[_Found]) -> float:
    """Modal peak over local noise and over what stronger modes leave at its frequency, in its best channel.

    Only as much of a neighbour counts as its shape has in common: a mode of another shape shows beside a strong one,
    a ripple on the strong one's skirt does not.
    """
    left = np.zeros(len(one.floor))
    for other in found:
        if other.fit.peak > one.fit.peak:
            skirt = resonance(other.fit.frequency_hz, other.fit.damping, np.array([one.fit.frequency_hz]), ENDLESS_S)
            alike = modal_assurance_criterion(one.shape, other.shape) if len(one.shape) > 1 else 1.0
            left += other.fit.peak * abs(other.fit.shape) ** 2 * other.floor * skirt * alike
    # The noise as it was fitted holds what is level of the skirts already: the larger of the two, not their sum.
    below = np.maximum(one.fit.noise * one.floor, left)
    return float((one.fit.peak * abs(one.fit.shape) ** 2 * one.floor / below).max())


def _mode(one: _Found, alive: NDArray[np.bool_]) -> Mode:
    fit = one.fit
    shape = np.zeros(len(alive), dtype=np.complex128)
    shape[alive] = one.shape
    shape /= shape[abs(shape).argmax()]
    return Mode(
        frequency_hz=fit.frequency_hz,
        frequency_std_hz=fit.frequency_hz * fit.frequency_std,
        damping=fit.damping,
        damping_std=fit.damping * fit.damping_std,
        snr_db=float(10.0 * np.log10(fit.peak * (abs(fit.shape) ** 2).max() / fit.noise)),
        shape=shape,
    )


def _apart(found: list[_Found]) -> list[_Found]:
    """By frequency; of two fits that fell on the same peak, the higher one."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda each: each.fit.frequency_hz):
        before = kept[-1].fit if kept else None
        if before is not None and np.log(one.fit.frequency_hz / before.frequency_hz) < 3.0 * (
            one.fit.frequency_std + before.frequency_std
        ):
            if one.fit.peak > before.peak:
                kept[-1] = one
            continue
        kept.append(one)
    return kept


def _without_satellites(modes: list[Mode], within: float) -> list[Mode]:
    """Modes less those that are a stronger neighbour's sideband."""
    return [mode for mode in modes if not any(_is_satellite(mode, other, within) for other in modes)]


def _is_satellite(mode: Mode, of: Mode, within: float) -> bool:
    weaker_by_db = of.snr_db - mode.snr_db
    return (
        mode is not of
        and weaker_by_db > (0.0 if np.count_nonzero(mode.shape) > 2 else SATELLITE_DB)
        and abs(mode.frequency_hz / of.frequency_hz - 1.0) <= within
        and modal_assurance_criterion(mode.shape, of.shape) >= SATELLITE_ASSURANCE
    )
