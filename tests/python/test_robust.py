# SPDX-License-Identifier: Apache-2.0
"""Objects that are copied, pickled, shared, forked, used from their own progress functions; names of all kinds."""

import copy
import os
import pickle
import signal
import threading
import time
import warnings

import axgen
import numpy as np
import pytest

VALUES = np.arange(256).astype(np.int8).astype(int)
ROUNDED = VALUES[:, None] * VALUES & ~63


def test_copies(net, data):
    mine = axgen.Multiplier.from_table(ROUNDED, name="mine")
    for m in (axgen.Multiplier("roup8s_p1_c7"), mine):
        want = m(5, 30)
        copies = [copy.copy(m), copy.deepcopy(m), pickle.loads(pickle.dumps(m))]
        name = m.name
        del m
        assert [(c(5, 30), c.name) for c in copies] == [(want, name)] * 3
    want = net.logits(data[0][:20])
    for made in (copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))):
        assert np.array_equal(made(net).logits(data[0][:20]), want)
    on = net.evaluator(data[0][:5])
    for made in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="Evaluator"):
            made(on)


def test_pickled_tables_need_no_file(tmp_path):
    np.save(tmp_path / "t.npy", ROUNDED.astype(np.int32))
    pickled = pickle.dumps(axgen.Multiplier(tmp_path / "t.npy"))
    (tmp_path / "t.npy").unlink()
    assert np.array_equal(pickle.loads(pickled).table, ROUNDED)


def test_network_of_a_path(root):
    path = os.path.join(root, "models/lenet5-fashion/net.yaml")
    assert axgen.Network(path).name == axgen.Network.load(path).name
    for bad in (None, 7):
        with pytest.raises(TypeError):
            axgen.Network(bad)


@pytest.mark.parametrize("call", [
    lambda net: axgen.Multiplier("exact8s\0x"),
    lambda net: axgen.Multiplier.from_table(ROUNDED, name="a\0b"),
    lambda net: axgen.Network.load("net.yaml\0x"),
    lambda net: net.layer("conv1\0x"),
    lambda net: axgen.run("mul\0x"),
    lambda net: axgen.run("mul", "show", "exact8s\0x"),
])
def test_nul_characters(net, call):
    with pytest.raises(ValueError, match="NUL"):
        call(net)


def test_refused_assignments_change_nothing(net, data):
    on = net.evaluator(data[0][:50], data[1][:50], multipliers=["exact8s", "trunc8s_k8"])
    on.assign({"default": "trunc8s_k8"})
    want = on.run()
    many = [axgen.Multiplier.from_table(np.zeros((256, 256), int), name=f"t{i}") for i in range(70)]
    narrow = axgen.Multiplier.from_table(np.zeros((4, 4), int))
    for bad in ({"conv1": "exact8s", "conv2": [0, 1]}, {"conv1": "exact8s", "nowhere": 0}, {"conv1": "roup8s_p1_c7", "pool1": 0},
                {"conv1": 5}, {"conv1": 300}, {"conv1": [-1] * 6}, {"conv1": True}, {"conv1": "exact8s", "conv2": narrow},
                {"conv1": many[:6], "fc1": [many[i % 70] for i in range(120)]}, {"conv1": "exact8s", "fc3": "nothing"}):
        with pytest.raises((TypeError, ValueError, KeyError)):
            on.assign(bad)
        assert on.run() == want, bad
    on.assign({"default": "exact8s"})
    assert on.run() == net.evaluate(data[0][:50], data[1][:50])


def test_names_are_not_tables_names(net, data):
    zero = axgen.Multiplier.from_table(np.zeros((256, 256), int), name="exact8s")
    both = net.logits(data[0][:5], {"conv1": zero, "conv2": "exact8s"})
    assert np.array_equal(both, net.logits(data[0][:5], {"conv1": zero}))
    named = axgen.Multiplier.from_table(ROUNDED, name="mine")
    on = net.evaluator(data[0][:5], multipliers=[named])
    on.assign({"conv1": "mine"})
    assert np.array_equal(on.logits(), net.logits(data[0][:5], {"conv1": named}))


def test_ranges(net, data):
    on = net.evaluator(data[0][:5])
    for first, count in ((0, -1), (5, None), (0, 6), (0, 10**15), (0, 10**30), (-1, 2)):
        for f in (on.run, on.logits):
            with pytest.raises(ValueError, match="the evaluator has 5"):
                f(first, count)
    assert on.logits(np.int64(2), np.uint8(3)).shape == (3, 10)


def test_threads_share_an_evaluator(net, data):
    on = net.evaluator(*data)
    names = ["exact8s", "trunc8s_k8", "roup8s_p1_c7", "trunc8s_k5"]
    bad = []

    def work(i):
        try:
            for k in range(3):
                on.assign({"conv1": names[(i + k) % 4]})
                on.run(0, 50)
        except Exception as error:  # noqa: BLE001
            bad.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not bad


def test_a_progress_function_cannot_use_what_it_watches(net, data, root):
    on = net.evaluator(np.concatenate([data[0]] * 20))
    for use in (lambda: on.assign({"conv1": "trunc8s_k8"}), lambda: on.run(0, 5)):
        with pytest.raises(RuntimeError, match="at work"):
            on.run(progress=lambda *now: use())
    config = os.path.join(root, "flows/lenet5-dataflow.yaml")
    with pytest.raises(axgen.InputError, match="running in this thread"):
        axgen.run("eval", config, reference=True, images=300, progress=lambda *now: axgen.run("mul", "show", "exact8s"))


def test_a_verb_that_waits_can_be_stopped(root):
    config = os.path.join(root, "flows/lenet5-dataflow.yaml")
    second = []

    def wait():
        try:
            axgen.run("mul", "show", "exact8s", progress=lambda *now: False)
        except axgen.Stopped as error:
            second.append(error)

    def start(*_now):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(20)
        return not second

    with pytest.raises(axgen.Stopped):
        axgen.run("eval", config, reference=True, images=300, progress=start)
    assert second


def child(work):
    """What `work` returns in a forked process, or None where that does not end."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(into, repr(work()).encode())
        os._exit(0)
    os.close(into)
    for _ in range(300):
        if os.waitpid(pid, os.WNOHANG)[0]:
            break
        time.sleep(0.1)
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    said = os.read(out, 1000).decode()
    os.close(out)
    return said


def test_fork(net, data, root):
    images, labels = data[0][:100], data[1][:100]
    config = os.path.join(root, "flows/lenet5-dataflow.yaml")
    correct = net.evaluate(images, labels).correct
    top1 = axgen.run("eval", config, images=100)["top1"]
    assert child(lambda: net.evaluate(images, labels).correct) == repr(correct)
    assert child(lambda: axgen.run("eval", config, images=100, jobs=2)["top1"]) == repr(top1)


def test_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert axgen.run("mul", "show", "exact8s")["exact"]


def test_explore_own_tables(net, data, tmp_path, monkeypatch):
    """Tables, by whatever name, and files: explored as what they are; their folder's name is of any characters."""
    monkeypatch.chdir(tmp_path)
    images, labels = data[0][:60], data[1][:60]
    np.save("my, 'own'.npy", ROUNDED.astype(np.int32))
    zero = axgen.Multiplier.from_table(np.zeros((256, 256), int), name="exact8s")
    muls = ["exact8s", axgen.Multiplier.from_table(ROUNDED, name='é 😀 "x"'), "my, 'own'.npy", axgen.Multiplier("my, 'own'.npy"), zero]
    output = "-o 'a\" é😀"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = axgen.explore(net, muls, (images, labels), level="layer", method="exhaustive", max_evaluations=10,
                              cost=[10, 8, 7, 7, 1], freeze={"conv2": "M4", "conv1": "M1", "fc1": "M2", "fc2": "M3"},
                              max_loss=0.99, output=output)
        one = axgen.eval_config(found["points"][-1]["config"])
    assert one["top1"] == found["points"][-1]["validation"]["top1"] < 0.5  # conv2's products are 0
    with pytest.raises(TypeError, match="several"):
        axgen.explore(net, "exact8s", (images, labels))


def test_explore_prices_the_design(net, data):
    """The whole accelerator's price counts what multipliers do not change: it saves less than they do."""
    images, labels = data[0][:60], data[1][:60]
    saved = {}
    for price in ("multipliers", "design"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = axgen.explore(net, ["exact8s", "trunc8s_k8"], (images, labels), level="layer", method="exhaustive", max_loss=0.99,
                                  freeze={n: "M1" for n in ("conv2", "fc1", "fc2", "fc3")}, target={"kind": "dataflow", "fps": 1000},
                                  price=price)
        saved[price] = found["points"][-1]["saving"]
    assert 0 < saved["design"] < saved["multipliers"]
    with pytest.raises(axgen.Error, match="price"):
        axgen.explore(net, ["exact8s", "trunc8s_k8"], (images, labels), price="silver")


def test_explore_for_two_figures(net, data):
    """Two objectives in one word or in a sequence are the same search; of what there is one only, several are an error."""
    images, labels = data[0][:60], data[1][:60]
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for objective in ("energy,area", ("energy", "area"), ["energy", "area"]):
            found.append(axgen.explore(net, ["exact8s", "trunc8s_k8"], (images, labels), level="layer", max_evaluations=4, max_loss=0.99,
                                       objective=objective, target={"kind": "dataflow", "fps": 1000}))
    assert [f["objective"] for f in found] == ["energy,area"] * 3
    assert [[p["savings"] for p in f["points"]] for f in found[1:]] == [[p["savings"] for p in found[0]["points"]]] * 2
    for word in ("level", "method", "price"):
        with pytest.raises(TypeError, match=f"{word}: expected one"):
            axgen.explore(net, ["exact8s", "trunc8s_k8"], (images, labels), **{word: ["layer", "filter"]})


def test_explore_refused_leaves_what_was_there(net, data, tmp_path):
    images, labels = data[0][:60], data[1][:60]
    fine = {"validation": (images, labels), "calibration": (images, labels), "test": (images, labels), "level": "layer",
            "max_evaluations": 3}
    bad = dict(fine, validation=(images[:30], labels[:30]))
    with pytest.raises(axgen.InputError):
        axgen.explore(net, ["exact8s", "nothing"], output=tmp_path / "new", **fine)
    assert not (tmp_path / "new").exists()
    axgen.explore(net, ["exact8s", "roup8s_p1_c7"], output=tmp_path / "out", **fine)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    for call in (lambda: axgen.explore(net, ["exact8s", "nothing"], output=tmp_path / "out", **bad),
                 lambda: axgen.explore(net, ["exact8s", "roup8s_p1_c7"], output=tmp_path / "out", no_such_option=1, **bad)):
        with pytest.raises(axgen.Error):
            call()
        assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_paths_are_no_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for f in (axgen.rtl, axgen.sim, axgen.synth, axgen.eval_config):
        with pytest.raises(axgen.InputError, match="-x.yaml"):
            f("-x.yaml")
    with pytest.raises(axgen.InputError, match="No such file"):
        axgen.run("eval", "x.yaml", n=3)
