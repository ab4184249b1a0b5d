# SPDX-License-Identifier: Apache-2.0
"""Figures of results, by matplotlib, which is imported when the first is drawn (Debian's python3-matplotlib).

Each function draws into `axes`, matplotlib's, or a new figure's, and returns them: ``plot.front(found).figure.savefig("front.svg")``.
"""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from .multiplier import Multiplier


def _axes(axes: Any) -> Any:
    if axes is not None:
        return axes
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("axgen.plot: matplotlib is missing (Debian's python3-matplotlib)") from error
    return Figure(layout="constrained").add_subplot()


def front(found: Mapping[str, Any], axes: Any = None) -> Any:
    """The points that `axgen.explore` has found: top-1 in percent by what is saved of the multipliers' cost, on the validation
    images and, where there are some, the test images."""
    if not found.get("points"):
        raise ValueError("points: expected the result of axgen.explore, which has some")
    axes = _axes(axes)
    for images, marker in (("validation", "o-"), ("test", "s--")):
        points = [p for p in found["points"] if p.get(images)]
        if points:
            axes.plot([100 * p["saving"] for p in points], [100 * p[images]["top1"] for p in points], marker, label=f"{images} images")
    axes.set(xlabel="saved [%]", ylabel="top-1 [%]")
    axes.legend()
    return axes


def multiplier(m: Multiplier, axes: Any = None) -> Any:
    """The error f(a, b) - a * b over all pairs of operands, as a map. Raises ValueError for one that is too wide for a table."""
    operands = [np.arange(1 << bits) - ((1 << bits - 1) if signed else 0)
                for bits, signed in ((m.a_bits, m.a_signed), (m.b_bits, m.b_signed))]
    a, b = operands
    table = m.table
    error = table[a[:, None] & (len(a) - 1), b & (len(b) - 1)].astype(np.int64) - a[:, None] * b
    most = max(int(np.abs(error).max()), 1)
    axes = _axes(axes)
    drawn = axes.imshow(error, cmap="RdBu_r", vmin=-most, vmax=most, origin="lower", aspect="auto",
                        extent=(b[0] - 0.5, b[-1] + 0.5, a[0] - 0.5, a[-1] + 0.5))
    axes.figure.colorbar(drawn, ax=axes, label="f(a, b) - a * b")
    axes.set(xlabel="b, the weight", ylabel="a, the activation", title=m.name)
    return axes


def sensitivities(measured: Mapping[str, Any], axes: Any = None) -> Any:
    """What ``axgen.run("sensitivity", ...)`` has measured: the loss of accuracy with each multiplier in one layer alone, in points,
    corrected where that was measured; by layer, a line a multiplier."""
    rows = [row for row in measured.get("sensitivities", ()) if row["scope"] == "layer"]
    rows = [row for row in rows if row["corrected"]] or rows
    if not rows:
        raise ValueError("sensitivities: expected the result of axgen.run(\"sensitivity\", ...), which has some of layers")
    axes = _axes(axes)
    layers = list(dict.fromkeys(row["layer"] for row in rows))
    for name in dict.fromkeys(row["multiplier"] for row in rows):
        mine = {row["layer"]: row for row in rows if row["multiplier"] == name}
        axes.plot(layers, [100 * mine[layer]["loss"] if layer in mine else np.nan for layer in layers], "o-",
                  label=next(iter(mine.values())).get("name", name))
    axes.set(ylabel="loss [points]")
    axes.tick_params(axis="x", rotation=90)
    axes.legend()
    return axes
