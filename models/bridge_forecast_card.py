"""The card of the bridge's forecast model, written from the figures of its last training."""

from __future__ import annotations

from models.forecast_history import DAYS, HORIZONS_D, WIDTH

Errors = dict[str, tuple[list[float], list[float]]]
WORTH = 0.95
"""Error over persistence's from which the model is said to add something."""


def card(sizes: dict[str, int], errors: Errors, size_bytes: int) -> str:
    """The card as Markdown.

    Args:
        errors: by kind of series, rms by horizon of persistence and of the model.
    """
    return "\n\n".join((_head(size_bytes), _data(sizes), _metric(errors), _LIMITS)) + "\n"


def _head(size_bytes: int) -> str:
    days = ", ".join(map(str, HORIZONS_D[:-1]))
    return f"""# bridge-forecast

Foretells how a natural frequency changes in {days} and {HORIZONS_D[-1]} days from {DAYS} days of its own history,
the deck's temperature in them, the temperature foretold, and the season. Two hidden layers, ONNX, {size_bytes:,} bytes,
one input `history` (n × {WIDTH}, by `models/forecast_history.py`), one output `change` (n × {len(HORIZONS_D)}) in percent.
Nothing in the field uses it: it is there to answer whether learning foretells deterioration
(`python -m benchmarks bridge-learning`)."""


def _data(sizes: dict[str, int]) -> str:
    return f"""## Data

Simulated only (`simulators/bridge/year.py`, `campaign.py`). Each bridge has slopes of temperature, lags, scatter, wander
and climate of its own; three in ten are damaged in stages for their last months. Bridges, not rows,
are held out, and no benchmark or test draws from these seeds.

| part | numbers | rows |
|---|---|---:|
| training | bridges 0–299 | {sizes["training"]:,} |
| validation: which round is kept | bridges 300–339 | {sizes["validation"]:,} |
| held out | bridges 340–399 | {sizes["held out"]:,} |
| held out | campaigns 0–9 | {sizes["campaigns"]:,} |

No campaign is learnt from: every one has the plan's dates, and a network that knows them foretells nothing but the plan.

Made by `python -m models.train_bridge_forecast`, which writes this card."""


def _metric(errors: Errors) -> str:
    lines = [
        "## Metric, on bridges it was not trained on",
        "",
        "Root mean square of the error, percent of frequency, the temperature to come being known. Persistence: as today.",
        "",
        "| | days | model | persistence |",
        "|---|---:|---:|---:|",
    ]
    for name, (persistence, model) in errors.items():
        lines += [
            f"| {name} | {days} | {mine:.3f} | {plain:.3f} |"
            for days, mine, plain in zip(HORIZONS_D, model, persistence, strict=True)
        ]
    return "\n".join([*lines, "", _verdict(errors)])


def _verdict(errors: Errors) -> str:
    said = []
    for name, (persistence, model) in errors.items():
        better = [
            f"{days} d"
            for days, mine, plain in zip(HORIZONS_D, model, persistence, strict=True)
            if mine < WORTH * plain
        ]
        said.append(f"{name}: better than persistence at {', '.join(better)}" if better else f"{name}: it adds nothing")
    return f"**{'; '.join(said)}.**\nWhether it beats the law of temperature is told by `bridge-learning`."


_LIMITS = """## Limits

- It has seen simulated bridges only. On a real one nothing is known of its error.
- What it does better than persistence is weather. Damage that has not begun is in no history, and a step that nobody
  announced cannot be foretold; where it was trained on damage it learnt how often simulated bridges break.
- It says a number and not how sure it is: no alarm may be made of it."""
