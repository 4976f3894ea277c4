"""The digital twin on a bridge's page: predicted against measured frequencies of the span that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.bridge import twin_table, wording
from hub.bridge.report_parts import CONFIDENCE_95, UNKNOWN, number, signed, with_interval
from hub.bridge.twin_file import Girder
from hub.bridge.twin_table import Predicted
from hub.display.language import Language, said
from hub.display.span_figure import Table
from hub.errors import ApartFailed
from hub.words import Words

TITLE: Final = Words(
    ja="デジタルツイン：予測と測定の固有振動数", easy="計算（けいさん）した 橋（はし）と ほんものの 橋（はし）",
    en="Digital twin: predicted against measured frequencies",
)  # fmt: skip
HEADS: Final = (
    Words(ja="モード", easy="ゆれ", en="Mode"),
    Words(ja="測定 [Hz]", easy="はかった [Hz]", en="Measured [Hz]"),
    Words(ja="予測（設計値）[Hz]", easy="計算（けいさん） [Hz]", en="As designed [Hz]"),
    Words(ja="差 [%]", easy="ちがい [%]", en="Difference [%]"),
    Words(ja="予測（更新後）[Hz]", easy="なおした 計算（けいさん） [Hz]", en="As updated [Hz]"),
    Words(ja="差 [%]", easy="ちがい [%]", en="Difference [%]"),
)
FITS: Final = Words(
    ja="桁のモデルは測定に合います。",
    easy="計算（けいさん）は 橋（はし）に あって います。",
    en="The girder's model agrees with what was measured.",
)
NO_FIT: Final = Words(
    ja="桁のモデルは、設計から大きく離れなければ測定に合いません。支間・剛性・質量とモードの対応を確かめてください。",
    easy="計算（けいさん）は 橋（はし）に あって いません。",
    en="The girder's model explains the measurements only far from its design: look at spans, stiffness, mass, and which modes "
    "these are.",
)
NOTE: Final = Words(
    ja="測定は期間の中央値で、温度による変化を含みます。"
    "更新後は、剛性・質量・支点の拘束を測定に合わせたモデルの値で、± は 95 % 区間の半幅です。",
    easy="はかった 数字（すうじ）は まんなかの 大（おお）きさです。"
    "なおした 計算（けいさん）は はかった 数字（すうじ）に あわせた ものです。",
    en="Measured: medians of the span, with what temperature does. Updated: stiffness, mass and restraint brought to them; "
    "± is half of the 95 % interval.",
)
FAILED: Final = Words(
    ja="予測を計算できませんでした（{}）",
    easy="計算（けいさん）が できませんでした（{}）",
    en="The prediction could not be computed ({})",
)


@dataclass(frozen=True)
class Twin:
    """Measured frequencies [Hz] by label, the number of each in the girder's model, and the prediction or why there is none."""

    measured_hz: Mapping[str, float]
    numbers: Mapping[str, int]
    predicted: Predicted | str


def of(girder: Girder, measured_hz: Mapping[str, float]) -> Twin | None:
    """The twin of a girder; None where none of the measured modes is one of its model's."""
    numbers = twin_table.numbers_of(list(measured_hz), girder)
    if not numbers:
        return None
    try:
        predicted: Predicted | str = twin_table.compute_apart(
            girder, {number_: measured_hz[label] for label, number_ in numbers.items()}
        )
    except ApartFailed as problem:
        predicted = str(problem)
    return Twin(measured_hz, numbers, predicted)


def table(twin: Twin, language: Language) -> Table:
    """A row a mode; what is not predicted is a dash."""
    predicted = twin.predicted
    if isinstance(predicted, str):
        says, rows = said(FAILED, language).format(predicted), {}
    else:
        says, rows = said(FITS if predicted.fits else NO_FIT, language), predicted.rows
    cells = []
    for label, measured in twin.measured_hz.items():
        row = rows.get(twin.numbers.get(label, 0))
        predictions = [UNKNOWN] * 4 if row is None else [
            number(row.designed_hz, 3), signed(100.0 * (row.designed_hz / measured - 1.0), 1),
            with_interval(row.updated_hz, CONFIDENCE_95 * row.updated_std_hz, 3),
            signed(100.0 * (row.updated_hz / measured - 1.0), 1),
        ]  # fmt: skip
        cells.append([said(wording.mode_label(label), language), number(measured, 3), *predictions])
    heads = [said(head, language) for head in HEADS]
    return Table(said(TITLE, language), says, heads, cells, said(NOTE, language))
