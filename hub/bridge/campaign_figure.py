"""The plan's figure of a campaign: what was measured, what is left without temperature and level, and what each event did.

What has no detectable effect is said so. ``plan_figure`` draws it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge import plan_figure
from hub.bridge.campaign_answer import Analysed
from hub.bridge.felt_temperature import Floats
from hub.bridge.plan_figure import COLOURS, Content, Mark, Named, Titles, Trace, circled
from hub.display.markup import Markup
from hub.display.spectrogram import Spectra
from hub.errors import SeriesRefused

SAYS = {"structure": "構造の変化", "mass": "質量の変化", "undetermined": "構造か質量かは判別不能"}


def read_spectra(path: Path) -> Spectra:
    """Spectra of one sensor: ``t`` (rows,) [s UTC], ``f_hz`` (bins,) in equal steps, ``levels_db`` (rows, bins).

    Raises SeriesRefused when the file holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            times, bins, levels = (np.asarray(held[name], dtype=np.float64) for name in ("t", "f_hz", "levels_db"))
    except OSError as problem:
        raise SeriesRefused(f"{path}: {problem.strerror or problem}; check the path") from problem
    except KeyError as problem:
        raise SeriesRefused(f"{path}: has no {problem.args[0]}; wanted a .npz with t, f_hz and levels_db") from problem
    except (ValueError, AttributeError, TypeError, EOFError, zipfile.BadZipFile) as problem:
        raise SeriesRefused(f"{path}: no .npz file; wanted one with t, f_hz and levels_db") from problem
    if levels.shape != (len(times), len(bins)) or len(bins) < 2 or not len(times):
        raise SeriesRefused(f"{path}: levels_db is {levels.shape}; wanted rows of t by bins of f_hz, two bins at least")
    moments = [round(1e6 * t) for t in times.tolist()]
    return Spectra(moments, levels.tolist(), float(bins[0]), float(bins[1] - bins[0]))


def svg(analysed: Analysed, spectra: Spectra | None, zone: ZoneInfo, sensor: str = "S5") -> Markup:
    """The figure.

    Args:
        spectra: of one sensor; its panel is left empty without.
        sensor: its name.
    """
    windows, judged = analysed.windows, analysed.judged
    span = (float(windows.times_s[0]), float(windows.times_s[-1]))
    percent = 100.0 * (judged.logs - judged.logs[:24].mean(axis=0, where=np.isfinite(judged.logs[:24])))
    plain = percent - 100.0 * judged.law
    plain -= np.nanmean(plain[:72], axis=0)
    degc = windows.temperatures_degc[:, 0]
    modes = [
        Named(f"{name} {float(hertz):.2f} Hz", _colour(number))
        for number, (name, hertz) in enumerate(zip(analysed.names, judged.start_hz, strict=True))
    ]
    content = Content(
        span_s=span,
        titles=_titles(span, zone, sensor),
        image=None if spectra is None else plan_figure.image_of(spectra, span),
        tracked=list(_tracked(analysed)),
        temperatures=[Trace(windows.times_s[::6], degc[::6], "#444", 1.0)],
        changes=list(_changes(analysed, percent, plain)),
        degc=degc,
        percent=np.concatenate([percent, plain]),
        sensors=[],
        modes=modes,
        marks=list(_marks(analysed)),
        listed=list(_list(analysed)),
    )
    return plan_figure.svg(content, zone)


def _titles(span: tuple[float, float], zone: ZoneInfo, sensor: str) -> Titles:
    first, last = plan_figure.dates(span, zone)
    return Titles(
        figure=f"橋の振動モニタリング {first} ～ {last}",
        spectrogram=f"鉛直センサー {sensor} のスペクトログラムと追跡した固有振動数 [Hz]",
        temperature="センサー温度 [°C]",
        changes="固有振動数の変化 [%]（薄い線：測定値、濃い線：温度と振動レベルの影響を除いた値）",
        nothing="スペクトルなし",
    )


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _tracked(analysed: Analysed) -> Iterator[Trace]:
    """Tracked frequencies, every third hour."""
    judged = analysed.judged
    for number, logs in enumerate(judged.logs.T):
        yield Trace(judged.times_s[::3], np.exp(logs[::3]), _colour(number), 1.2)


def _changes(analysed: Analysed, percent: Floats, plain: Floats) -> Iterator[Trace]:
    times = analysed.judged.times_s
    for number in range(len(analysed.names)):
        yield Trace(times, percent[:, number], _colour(number), 0.7, 0.25)
        yield Trace(times, plain[:, number], _colour(number), 1.5)


def _marks(analysed: Analysed) -> Iterator[Mark]:
    for change in analysed.judged.changes:
        numbers = sorted({entry.event.number for entry in change.entries})
        yield Mark(change.at_s, "".join(circled(number) for number in numbers) or "？", change.found)


def _list(analysed: Analysed) -> Iterator[tuple[str, str]]:
    """What each event did, in order of time."""
    rows = [
        (entry.begin_s, f"{circled(entry.event.number)} {entry.event.name}", "比較できる測定がない")
        for entry in analysed.judged.outside
    ]
    for change, told in zip(analysed.judged.changes, analysed.answer.changes, strict=True):
        entries = change.entries
        name = "＋".join(f"{circled(one.event.number)} {one.event.name}" for one in entries) or "？ 記録にない変化"
        if told.says == "changed":
            effects = "、".join(
                f"{mode} {effect.percent:+.2f} ± {(effect.ci95[1] - effect.ci95[0]) / 2:.2f}"
                for mode, effect in told.effects.items()
            ).replace("-", "−")
            says = f"{effects} %；{SAYS[told.kind]}"
        else:
            says = "検出できる影響なし"
        rows.append((change.at_s, f"{name}{'（分離できないため合計）' if told.sum else ''}", says))
    for _, name, says in sorted(rows):
        yield name, says
