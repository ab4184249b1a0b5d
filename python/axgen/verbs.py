# SPDX-License-Identifier: Apache-2.0
"""All that the program does, as functions: results are plain dicts, the program's JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import numpy as np

from . import _library as c
from .multiplier import Multiplier, configured
from .network import Network, _images, _labels

PathLike = "str | os.PathLike[str]"
#: (images, labels): uint8 [count, C, H, W], integers [count].
Labelled = "tuple[Any, Any]"


def _word(value: Any) -> str:
    """As on a command line; a path is none of its options, however it begins."""
    if not isinstance(value, os.PathLike):
        return str(value)
    path = os.fsdecode(value)
    return os.path.join(os.curdir, path) if path.startswith("-") else path


def run(verb: str, *arguments: Any, progress: c.Progress | None = None, **options: Any) -> Any:
    """A verb as on the command line (``axgen help VERB``): ``run("synth", "config.yaml", output="out", images=4)`` is
    ``axgen synth config.yaml --output out --images 4 --json``. An option that is True is a flag; of one that is None or
    False nothing is said; one that is a list is given several times. Returns the JSON. Raises InputError, UsageError, ToolError, CheckError."""
    words = [_word(a) for a in arguments]
    for name, value in options.items():
        option = ("-" if len(name) == 1 else "--") + name.rstrip("_").replace("_", "-")
        if isinstance(value, (bool, np.bool_)):
            words += [option] if value else []
        elif value is not None:
            for one in value if isinstance(value, (list, tuple)) else [value]:
                words += [option, _word(one)]
    with c.Watched(progress) as watch:
        text = c.take_text(c.call("axgen_run", c.text(verb, "verb"), c.strings(words), watch.argument))
    return json.loads(text)


def eval_config(config: Any, *, progress: c.Progress | None = None, **options: Any) -> dict[str, Any]:
    """``axgen eval``: accuracy of a configuration on its data set."""
    return run("eval", Path(config), progress=progress, **options)


def rtl(config: Any, output: Any = None, *, progress: c.Progress | None = None, **options: Any) -> dict[str, Any]:
    """``axgen rtl``: writes the Verilog to OUTPUT/rtl (the config's `output` by default). Returns its manifest."""
    return run("rtl", Path(config), output=output, progress=progress, **options)


def sim(config: Any, *, progress: c.Progress | None = None, **options: Any) -> dict[str, Any]:
    """``axgen sim``: simulates the Verilog and compares every value of every layer. Raises CheckError where one differs."""
    return run("sim", Path(config), progress=progress, **options)


def synth(config: Any, *, progress: c.Progress | None = None, **options: Any) -> dict[str, Any]:
    """``axgen synth``: area, delay and energy by Yosys and OpenSTA."""
    return run("synth", Path(config), progress=progress, **options)


def _data(folder: Path, name: str, labelled: Any, shape: tuple[int, int, int]) -> dict[str, str]:
    if not isinstance(labelled, (tuple, list)) or len(labelled) != 2:
        raise TypeError(f"{name}: expected (images, labels)")
    images, labels = labelled
    pixels = _images(images, shape)
    known = _labels(labels, len(pixels))
    if known is None:
        raise ValueError(f"{name}: expected labels")
    np.save(folder / f"{name}-images.npy", pixels)
    np.save(folder / f"{name}-labels.npy", known)
    return {"format": "npy", "images": str(folder / f"{name}-images.npy"), "labels": str(folder / f"{name}-labels.npy")}


def _yaml(config: dict[str, Any]) -> str:
    """JSON is YAML, but for characters beyond 16 bits, which YAML escapes as one."""
    text = json.dumps(config, indent=1, ensure_ascii=False)
    return re.sub(r"[^\x20-\x7e\n]", lambda found: f"\\U{ord(found[0]):08x}", text)


def _configure(folder: Path, network: Any, multipliers: Mapping[str, Any] | Sequence[Any], validation: Any, calibration: Any,
               test: Any, freeze: Mapping[str, str] | None, target: Mapping[str, Any] | None,
               cost: Mapping[str, float] | Sequence[float] | None) -> Path:
    if isinstance(network, Network):
        shape = network.input_shape
        network.save(folder / "network")
        network = folder / "network" / "net.yaml"
    else:
        network = Path(network).resolve()
        shape = Network.load(network).input_shape
    if isinstance(multipliers, (str, bytes, os.PathLike, Multiplier)):
        raise TypeError(f"multipliers: expected several, found {multipliers!r}")
    if not isinstance(multipliers, Mapping):
        multipliers = {f"M{i}": m for i, m in enumerate(multipliers)}
    search: dict[str, Any] = {}
    for name, labelled in (("calibration", calibration), ("test", test)):
        if labelled is not None:
            search[name] = _data(folder, name, labelled, shape)
    if freeze:
        search["freeze"] = dict(freeze)
    if cost is not None:
        if not isinstance(cost, Mapping):
            cost = dict(zip(multipliers, cost))
        search["cost"] = {key: float(value) for key, value in cost.items()}
    config: dict[str, Any] = {
        "network": str(network),
        "multipliers": {key: configured(folder, i, m) for i, (key, m) in enumerate(multipliers.items())},
        "dataset": _data(folder, "validation", validation, shape),
        "explore": search,
    }
    if target:
        config["target"] = dict(target)
        config["assignment"] = {"default": next(iter(multipliers))}  # by which a folding is chosen
    path = folder / "config.yaml"
    path.write_text(_yaml(config))
    return path


# The folder for a search's inputs, in `output`. What the program refuses leaves there what was there before.
@contextmanager
def _inputs(output: Path) -> Iterator[Path]:
    folder, before = output / "inputs", output / "inputs.before"
    made = not output.exists()
    output.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        shutil.rmtree(before, ignore_errors=True)
        folder.rename(before)
    folder.mkdir()
    try:
        yield folder
    except Exception as error:
        if not isinstance(error, c.Stopped):  # which goes on from them
            shutil.rmtree(folder, ignore_errors=True)
            if before.exists():
                before.rename(folder)
            if made and not any(output.iterdir()):
                output.rmdir()
        raise
    finally:
        shutil.rmtree(before, ignore_errors=True)


def explore(network: Any, multipliers: Mapping[str, Any] | Sequence[Any], validation: Any, *, calibration: Any = None,
            test: Any = None, output: Any = None, level: str = "kernel", method: str = "model", max_loss: float = 0.01,
            max_evaluations: int | None = None, max_multipliers: int | None = None, objective: str | Sequence[str] = "energy",
            price: str = "multipliers",
            seed: int = 1, freeze: Mapping[str, str] | None = None, target: Mapping[str, Any] | None = None,
            cost: Mapping[str, float] | Sequence[float] | None = None, progress: c.Progress | None = None,
            **options: Any) -> dict[str, Any]:
    """Finds which multiplier goes where (``axgen explore``; docs/explore.md).

    network: a Network, or a path. multipliers: the candidates, names or Multipliers, in a list or by keys.
    validation, calibration, test: (images, labels), uint8 [count, C, H, W] and integers [count]; the search sees the
    first two alone. output: a folder for the points' configs and networks, from which a search that was stopped goes on;
    without it only the figures are returned. target: the config's key, such as {"kind": "dataflow", "fps": 1000}: what the
    hardware cannot hold is not proposed, and the points' configs can be built. freeze: {layer: key} keeps a layer's. cost: what one multiplication
    costs, by key or in their order; of tables it must be said, all in one unit.

    objective: "energy", "area", with price="design" also "delay"; or two of them, as in "energy,area" or ("energy", "area").

    Returns the program's JSON: "points" from exact to cheap, each with "saving", "validation", "test", "meets", "config"; with two
    objectives "savings" too.
    """
    if isinstance(objective, (list, tuple)):
        objective = ",".join(map(str, objective))
    for name, value in (("level", level), ("method", method), ("price", price)):
        if isinstance(value, (list, tuple)):  # the program would take the last
            raise TypeError(f"{name}: expected one, found {value!r}")
    # The inputs stay with the results, whose configs name them.
    with tempfile.TemporaryDirectory(prefix="axgen-") as temporary, \
            _inputs(Path(temporary if output is None else output).resolve()) as folder:
        config = _configure(folder, network, multipliers, validation, calibration, test, freeze, target, cost)
        return run("explore", config, output=Path(temporary) / "found" if output is None else output, level=level, method=method,
                   max_loss=max_loss, max_evaluations=max_evaluations, max_multipliers=max_multipliers, objective=objective, price=price,
                   seed=seed, progress=progress, **options)
