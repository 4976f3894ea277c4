"""The card of the bridge's novelty model, written from the figures of its last training."""

from __future__ import annotations

Results = dict[str, dict[str, float]]


def card(results: Results, sizes: dict[str, int], losses: tuple[float, ...]) -> str:
    """The card as Markdown."""
    return "\n\n".join((_head(sizes), _data(sizes), _metric(results, losses), _limits())) + "\n"


def _head(sizes: dict[str, int]) -> str:
    return f"""# bridge-novelty

A score of how unusual one row of the bridge's spectrogram is: a linear autoencoder (principal components,
{sizes["components"]} of {sizes["levels"]} kept) whose mean squared remainder is divided by its 99th percentile on healthy
rows. Above 1 is unusual. ONNX, {sizes["bytes"]:,} bytes, one input `features` (n × {sizes["levels"]}), one output `score` (n).
It stands beside the tracked frequencies, never instead of them."""


def _data(sizes: dict[str, int]) -> str:
    return f"""## Data

Simulated only (`simulators/bridge`): a three-span girder, three vertical accelerometers, 20 minutes each at a random hour
of the day and a random daily mean of 0 to 28 °C, through the device's own pipeline (rows of 60 s, 3 channels; each row less
its mean level, then the mean of the channels).

| rows | seeds | use |
|---:|---|---|
| {sizes["training"]} | 1000–1039 | components |
| {sizes["validation"]} | 1040–1059 | the limit (99th percentile) |
| {sizes["healthy"]} | 2000–2009 | held out, healthy |
| {sizes["healthy"]} a size | 2000–2009 | held out: the same days, middle span less stiff |

Made by `python -m models.train_bridge_novelty`, which writes this card."""


def _metric(results: Results, losses: tuple[float, ...]) -> str:
    model, plain = results["model"], results["plain"]
    lines = [
        "## Metric, on rows it was not trained on",
        "",
        "The plain rule is the mean squared distance of the row from the mean row, with its own 99th percentile.",
        "",
        "| | model | plain rule |",
        "|---|---:|---:|",
        f"| healthy rows above 1 | {model['false_alarms']:.1%} | {plain['false_alarms']:.1%} |",
    ]
    for loss in losses:
        lines.append(
            f"| stiffness −{loss:.0%}: area under the curve | {model[f'auc_{loss:.0%}']:.3f} | {plain[f'auc_{loss:.0%}']:.3f} |"
        )
        lines.append(
            f"| stiffness −{loss:.0%}: rows found | {model[f'found_{loss:.0%}']:.1%} | {plain[f'found_{loss:.0%}']:.1%} |"
        )
    gains = [model[f"auc_{loss:.0%}"] - plain[f"auc_{loss:.0%}"] for loss in losses]
    lines += ["", _verdict(gains)]
    return "\n".join(lines)


def _verdict(gains: list[float]) -> str:
    mean = sum(gains) / len(gains)
    if mean > 0.02 and min(gains) > -0.01:
        return f"It adds to the plain rule: {mean:+.3f} of area under the curve in the mean of the sizes."
    if mean < -0.02:
        return f"**It is worse than the plain rule** ({mean:+.3f} of area under the curve in the mean of the sizes)."
    return f"**It adds nothing over the plain rule** ({mean:+.3f} of area under the curve in the mean of the sizes)."


def _limits() -> str:
    return """## Limits

- It knows one simulated bridge. On a real one it must be trained again on that bridge's own healthy rows; until then its
  score there means nothing.
- It serves only rows of the grid and window it was made for (in the file's metadata); for others it is not run, and the
  device says so.
- One row is 60 s: small losses drown in traffic and in temperature. The tracked frequencies resolve a tenth of a percent
  in ten minutes and say how sure they are; trust them first.
- Unusual is not damaged: works on the bridge, a parked vehicle or a sick sensor that health did not find raise it too."""
