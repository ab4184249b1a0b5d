# SPDX-License-Identifier: Apache-2.0
"""axgen for PyTorch: networks with approximate multipliers that train (docs/torch.md).

    net = axgen.torch.convert(model, "roup8s_p1_c7", images)   # a module with the accelerator's integers
    ...                                                        # trains with any optimiser
    axgen.torch.save(net, "models/mine")                       # for axgen eval, rtl, sim, synth
"""

from .convert import convert, save
from .module import Approximate, from_config, from_network
from .trace import ConvertError

__all__ = ["Approximate", "ConvertError", "convert", "from_config", "from_network", "save"]
