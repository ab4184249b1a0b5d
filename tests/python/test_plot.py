# SPDX-License-Identifier: Apache-2.0
"""Figures show the numbers of results; without matplotlib all but they works."""
import subprocess
import sys

import axgen
import numpy as np
import pytest

POINTS = {"points": [{"saving": 0.0, "validation": {"top1": 0.92}, "test": {"top1": 0.91}},
                     {"saving": 0.5, "validation": {"top1": 0.9}, "test": {"top1": 0.88}}]}
MEASURED = {"sensitivities": [{"scope": "layer", "corrected": c, "layer": layer, "multiplier": m, "name": m + "8s", "loss": loss}
                              for c, layer, m, loss in ((False, "a", "M", 0.5), (True, "a", "M", 0.25), (True, "b", "M", 0.125), (True, "a", "N", 0))]}


def test_importing_axgen_imports_no_matplotlib(root):
    code = f"import sys; sys.path.insert(0, {root + '/python'!r}); import axgen.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="python3-matplotlib"):
        axgen.plot.front(POINTS)


@pytest.mark.parametrize("call", [lambda: axgen.plot.front({}), lambda: axgen.plot.front({"points": []}),
                                  lambda: axgen.plot.sensitivities({}), lambda: axgen.plot.multiplier(axgen.Multiplier("exact12s"))])
def test_refused(call):
    with pytest.raises(ValueError):
        call()


def test_front(tmp_path):
    pytest.importorskip("matplotlib")
    axes = axgen.plot.front(POINTS)
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[0, 92], [50, 90]], [[0, 91], [50, 88]]]
    assert axgen.plot.front({"points": [dict(POINTS["points"][0], test=None)]}, axes) is axes and len(axes.lines) == 3
    axes.figure.savefig(tmp_path / "front.svg")
    assert (tmp_path / "front.svg").read_text().startswith("<?xml")


def test_multiplier():
    pytest.importorskip("matplotlib")
    for name in ("roup8s_p1_c7", "exact8u", "trunc8us_k4"):
        m = axgen.Multiplier(name)
        shown = axgen.plot.multiplier(m).images[0]
        left, right, bottom, top = shown.get_extent()
        a, b = np.arange(bottom + 0.5, top), np.arange(left + 0.5, right)
        a, b = a.astype(int), b.astype(int)
        assert np.array_equal(shown.get_array(), m(a[:, None], b[None]) - a[:, None] * b)


def test_sensitivities():
    pytest.importorskip("matplotlib")
    lines = axgen.plot.sensitivities(MEASURED).lines
    assert [line.get_label() for line in lines] == ["M8s", "N8s"] and list(lines[0].get_ydata()) == [25, 12.5]
    assert lines[1].get_ydata()[0] == 0 and np.isnan(lines[1].get_ydata()[1])
