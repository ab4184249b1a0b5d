# SPDX-License-Identifier: Apache-2.0
"""Steps of a flow: each is one run of axgen whose result is kept in a file, and not done again while that is there."""
import json
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
AXGEN = os.environ.get("AXGEN", os.path.join(ROOT, "axgen"))
FASHION = "/usr/share/datasets/fashion-mnist"  # Debian's package dataset-fashion-mnist


def images(files, first=0, count=0):
    """An entry of config.yaml; `files` says format, images and labels."""
    part = dict(files, first=first)
    if count:
        part["count"] = count
    return part


def records(files):
    return os.path.getsize(files["images"]) // 3073


class Data:
    """Where each network's images are. Validation images are the end of the training files (models/README.md)."""

    def __init__(self, folder):
        def cifar(name):
            return {"format": "cifar", "images": os.path.join(folder, "cifar-10-batches-bin", name)}

        def idx(name):
            return {"format": "idx", "images": f"{FASHION}/{name}-images-idx3-ubyte.gz",
                    "labels": f"{FASHION}/{name}-labels-idx1-ubyte.gz"}

        def gtsrb(name):
            return {"format": "cifar", "images": os.path.join(folder, "gtsrb", name)}

        # validation: files, first image; calibration; test
        self.sets = {"fashion": ((idx("train"), 55000), idx("train"), idx("t10k")),
                     "cifar10": ((cifar("data_batch_5.bin"), 5000), cifar("data_batch_1.bin"), cifar("test_batch.bin")),
                     "gtsrb": ((gtsrb("train.bin"), None), gtsrb("train.bin"), gtsrb("test.bin"))}

    def has(self, network):
        return all(os.path.exists(part["images"]) for part in (self._of(network)[1], self._of(network)[2]))

    def _of(self, network):
        return self.sets[network.split("-")[1]]

    def parts(self, network, validation, calibration, test):
        """dataset, calibration, test of a config with so many images each (test 0: without)."""
        (files, first), calibration_files, test_files = self._of(network)
        if first is None:  # the last 2,000 of GTSRB's records
            first = records(files) - 2000
            validation, test = min(validation, 2000), min(test, records(test_files))
        return (images(files, first, validation), images(calibration_files, 0, calibration),
                images(test_files, 0, test) if test else None)


class Missing(Exception):
    """A step that was not done yet, where nothing is to be run."""


class Flow:
    def __init__(self, out, data, threads, only_report=False):
        self.out, self.data, self.threads, self.only_report = out, data, threads, only_report
        self.spent = {}  # seconds of each step, whenever it was done
        os.makedirs(out, exist_ok=True)

    def config(self, network, multipliers, sizes, **more):
        """Of a network with {key: name}; sizes: validation, calibration and test images. JSON is YAML."""
        validation, calibration, test = self.data.parts(network, *sizes)
        explore = {"calibration": calibration}
        if test:
            explore["test"] = test
        explore.update(more.pop("explore", {}))
        config = {"network": f"{ROOT}/models/{network}/net.yaml", "dataset": validation, "multipliers": multipliers,
                  "explore": explore}
        config.update(more)
        return json.dumps(config, indent=1) + "\n"

    def run(self, name, verb, config, *options, timed=False, folder=None):
        """The JSON that axgen prints; from the file where the same was done before. timed: nothing of an earlier run that
        was stopped is used. folder: where the config and what axgen writes lie (default: of that name)."""
        kept_at = os.path.join(self.out, name) + ".json"
        path = os.path.join(self.out, folder or name)
        command = [verb, *options]
        kept = self._kept(kept_at, command, config)
        if kept is not None:
            self.spent[name] = kept["wall"]
            print(f"   {name}: there", file=sys.stderr)
            return kept["result"]
        if self.only_report:
            raise Missing(name)
        if timed:
            shutil.rmtree(path, ignore_errors=True)
        write(path + ".yaml", config)
        print(f"   {name}: axgen {' '.join(command)}", file=sys.stderr, flush=True)
        threads = ["-j", str(self.threads)] if self.threads and verb not in ("synth", "cost", "fgpu run") else []
        begun = time.time()
        done = subprocess.run([AXGEN, *verb.split(), path + ".yaml", *options, "--json", *threads, "-o", path],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"reproduce: {name} ended with exit status {done.returncode}; the same command goes on from here")
        result = json.loads(done.stdout)
        self.spent[name] = time.time() - begun
        write(kept_at, json.dumps({"command": command, "config": config, "wall": self.spent[name],
                                          "result": result}))
        return result

    def seconds(self):
        return sum(self.spent.values())

    @staticmethod
    def _kept(path, command, config):
        try:
            with open(path) as f:
                kept = json.load(f)
        except (OSError, ValueError):
            return None
        return kept if kept.get("command") == command and kept.get("config") == config else None


def write(path, text):
    """Whole or not at all."""
    with open(path + ".tmp", "w") as f:
        f.write(text)
    os.replace(path + ".tmp", path)


def catalogue():
    """axgen's measured multipliers by name."""
    text = subprocess.run([AXGEN, "mul", "list", "--json"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {m["name"]: m for m in json.loads(text)}
