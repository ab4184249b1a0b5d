# SPDX-License-Identifier: Apache-2.0
"""axgen: approximate neural-network accelerators from Python (docs/python.md).

    net = axgen.Network.load("models/lenet5-fashion/net.yaml")
    net.evaluate(images, labels, {"default": "exact8s", "conv2": "roup8s_p1_c7"}).top1
"""

from . import plot
from ._library import CheckError, Error, InputError, Progress, Stopped, ToolError, UsageError
from ._version import __version__
from .multiplier import Multiplier
from .network import Assignment, Evaluator, Layer, Network, Result, load_config
from .operators import Operator
from .verbs import eval_config, explore, rtl, run, sim, synth

__all__ = ["Assignment", "CheckError", "Error", "Evaluator", "InputError", "Layer", "Multiplier", "Network", "Operator",
           "Progress", "Result", "Stopped", "ToolError", "UsageError", "__version__", "eval_config", "explore", "load_config", "plot",
           "rtl", "run", "sim", "synth"]
