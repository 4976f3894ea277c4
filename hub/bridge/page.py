"""A bridge on the pages: vibration, tracked frequencies, temperature, a spectrogram, and the plan's figure."""

from __future__ import annotations

from typing import Final

from hub.bridge import figure_wording, live_figure, wording
from hub.display.family_page import Chart, FamilyPage, Spectrogram
from hub.display.span_figure import SpanFigureOffer
from hub.words import Words

PAGE: Final = FamilyPage(
    name=Words(ja="橋", reading="はし", easy="橋（はし）", en="Bridge"),
    card=("vibration_rms", "frequency_", "temperature_", "passages_", "sensors_sick"),
    icon="M2 16h20v2h-3v3h-2v-3H7v3H5v-3H2zM3 14C6 7 18 7 21 14h-2.300C16 9.600 8 9.600 5.300 14z",
    charts=(
        Chart(
            kind="bridge_mode", field="frequency_hz", unit="Hz", joined_s=1800.0, from_zero=False, digits=3,
            called=wording.mode_label,
            title=Words(ja="固有振動数", easy="ゆれの 速（はや）さ", en="Natural frequencies"),
        ),
        Chart(
            kind="bridge_vibration", field="rms_m_s2", unit="mm/s²", scale=1000.0, digits=2,
            title=Words(ja="振動（実効値）", easy="橋（はし）の ゆれ", en="Vibration (RMS)"),
        ),
        Chart(
            kind="bridge_temperature", field="temperature_degc", unit="°C", joined_s=900.0, from_zero=False, digits=1,
            called=wording.temperature_label, title=wording.TEMPERATURE,
        ),
    ),
    spectrogram=Spectrogram(
        kind="bridge_spectrum", tag="channel", tracked=("bridge_mode", "frequency_hz"), called=wording.mode_label,
        title=Words(
            ja="スペクトログラムと追跡中の固有振動数",
            easy="ゆれの 強（つよ）さと 速（はや）さ",
            en="Spectrogram and tracked natural frequencies",
        ),
    ),
    span_figure=SpanFigureOffer(title=figure_wording.TITLE, read=live_figure.read),
)  # fmt: skip
