# SPDX-License-Identifier: Apache-2.0
import os
import signal
import threading

import axgen
import numpy as np
import pytest


def test_layers(net):
    assert net.quantised and net.input_shape == (1, 28, 28) and net.outputs == 10
    conv2 = net.layer("conv2")
    assert (conv2.filters, conv2.kernels) == (16, 96) and conv2.multiplications > 0 and conv2.op == "conv"


def test_as_the_program(net, data, tmp_path, root):
    images, labels = data
    config = tmp_path / "config.yaml"
    config.write_text(f"""network: {root}/models/lenet5-fashion/net.yaml
multipliers: {{E: exact8s, R: roup8s_p1_c7}}
assignment: {{default: E, conv2: {{filters: {{"0-7": R}}}}}}
dataset: {{format: idx, images: /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz,
  labels: /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz}}
""")
    said = axgen.eval_config(config, images=600, logits=tmp_path / "logits.npy")
    assignment = {"default": "exact8s", "conv2": ["roup8s_p1_c7"] * 8 + ["exact8s"] * 8}
    assert np.array_equal(net.logits(images, assignment), np.load(tmp_path / "logits.npy"))
    result = net.evaluate(images, labels, assignment)
    assert result.top1 == said["top1"] and result.images == 600


def test_assignments(net, data):
    images, labels = data
    e = net.evaluator(images, labels, multipliers=["exact8s", "trunc8s_k8"])
    exact = e.run()
    e.assign({"conv2": "trunc8s_k8"})
    by_layer, logits = e.run(), e.logits()
    assert by_layer.correct < exact.correct
    # The same at every level, by numbers and by names.
    for value in (np.ones(16, int), np.ones((16, 6), np.uint8), np.ones((16, 6, 5, 5), int), [["trunc8s_k8"] * 6] * 16,
                  axgen.Multiplier("trunc8s_k8")):
        e.assign({"conv2": value})
        assert np.array_equal(e.logits(), logits)
    e.assign({})
    assert e.run() == exact
    e.assign({"default": "roup8s_p1_c7"})  # a multiplier that is new
    assert e.run() == net.evaluate(images, labels, {"default": "roup8s_p1_c7"})
    assert np.array_equal(e.logits(100, 50), e.logits()[100:150])


def test_real(net, data):
    images, labels = data
    e = net.evaluator(images, labels)
    real = e.real(e.logits())
    loss = -np.log(np.exp(real - real.max(1, keepdims=True)) / np.exp(real - real.max(1, keepdims=True)).sum(1, keepdims=True))
    assert e.run().loss == pytest.approx(loss[np.arange(600), labels].mean())


def test_save(net, data, tmp_path):
    net.save(tmp_path / "copy")
    copy = axgen.Network.load(tmp_path / "copy" / "net.yaml")
    assert np.array_equal(copy.logits(data[0][:50]), net.logits(data[0][:50]))


def test_images_are_not_copied(net, data):
    images = np.ascontiguousarray(data[0][:10, None])
    assert np.shares_memory(net.evaluator(images)._pixels, images)
    assert np.array_equal(net.logits(images[:, :, ::-1][:, :, ::-1]), net.logits(images))


def test_threads(net, data):
    found = {}

    def work(name):
        found[name] = net.evaluate(*data, {"conv1": name}).correct

    threads = [threading.Thread(target=work, args=(name,)) for name in ("trunc8s_k8", "roup8s_p1_c7", "exact8s")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == {name: net.evaluate(*data, {"conv1": name}).correct for name in found}


@pytest.mark.parametrize("change, error, says", [
    ({"nowhere": "exact8s"}, KeyError, "nowhere"),
    ({"conv2": ["exact8s"] * 15}, ValueError, "16 by filter"),
    ({"conv2": [[["exact8s"]]]}, ValueError, "by kernel"),
    ({"conv2": "exact4s"}, axgen.InputError, "exact4s|4"),
    ({"conv2": 7}, ValueError, "7|number"),
    ({"conv2": 1.5}, TypeError, "Multiplier"),
    ({"pool1": "exact8s"}, (ValueError, axgen.InputError), "pool1|multipl"),
])
def test_refused(net, data, change, error, says):
    with pytest.raises(error, match=says):
        net.evaluate(*data, change)


def test_refused_images(net, data):
    images, labels = data
    for bad, error in ((images.astype(float), TypeError), (images[:, :27], ValueError), (images[:0], axgen.InputError)):
        with pytest.raises(error):
            net.logits(bad)
    for bad in (labels[:-1], labels.astype(float), labels.astype(int) + 300, labels.astype(int) + 100):
        with pytest.raises(ValueError):
            net.evaluate(images, bad)


def test_quantize(root, data, tmp_path):
    model = os.path.join(root, "models/lenet5-fashion/float.onnx")
    images, labels = data
    float_net = axgen.Network.load(model)
    assert not float_net.quantised
    with pytest.raises(axgen.InputError, match="not quantised"):
        float_net.evaluate(images, labels)
    narrow = float_net.quantize(images[:200], weight_bits=4)
    wide = float_net.quantize(images[:200])
    del float_net  # whose layers' names they have
    assert wide.evaluate(images, labels).correct > 500
    assert narrow.layers[1].name == wide.layers[1].name
    with pytest.raises(axgen.Error):
        wide.quantize(images[:200])


def test_progress_and_ctrl_c(net, data, root):
    config = os.path.join(root, "flows/lenet5-dataflow.yaml")
    seen = []
    axgen.run("eval", config, reference=True, images=300, progress=lambda *now: seen.append(now))
    assert seen and all(0 <= done <= total for _, done, total in seen if total)
    with pytest.raises(axgen.Stopped):
        axgen.run("eval", config, reference=True, progress=lambda *now: False)
    with pytest.raises(ZeroDivisionError):
        axgen.run("eval", config, reference=True, progress=lambda *now: 1 / 0)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        axgen.run("eval", config, reference=True)
    timer.join()
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler  # as it was found
    assert axgen.run("eval", config, images=100)["images"] == 100


def test_verbs(root):
    with pytest.raises(axgen.UsageError, match="bogus"):
        axgen.run("eval", "config.yaml", bogus=1)
    with pytest.raises(axgen.UsageError, match="no verb"):
        axgen.run("evil")
    assert axgen.run("mul", "show", "exact8s")["exact"] is True


def test_explore(net, data, tmp_path):
    images, labels = data
    mine = axgen.Multiplier.from_table(axgen.Multiplier("trunc8s_k8").table)
    found = axgen.explore(net, {"E": "exact8s", "R": "roup8s_p1_c7", "T": "trunc8s_k5"}, (images[:200], labels[:200]),
                          calibration=(images[200:400], labels[200:400]), test=(images[400:], labels[400:]), level="layer",
                          max_evaluations=6, output=tmp_path / "out")
    best = found["points"][-1]
    assert found["evaluations"] <= 6 and 0 < best["saving"] < 1 and best["test"]["images"] == 200
    # A point's config has the corrected network and the test images, and gives what was reported.
    assert axgen.eval_config(best["config"])["top1"] == best["test"]["top1"]
    assert mine.name == "table"


@pytest.mark.parametrize("qonnx", [False, True])
def test_export(net, data, tmp_path, qonnx):
    images = data[0][:50]
    net.export(tmp_path / "net.onnx", qonnx)
    back = axgen.Network.load(tmp_path / "net.onnx")
    assert back.quantised and np.array_equal(back.logits(images), net.logits(images))
    assignment = {"default": "trunc8s_k8"}
    net.export(tmp_path / "corrected.onnx", qonnx, assignment=assignment, images=data[0][:200])
    back = axgen.Network.load(tmp_path / "corrected.onnx")
    want = net.corrected(assignment, data[0][:200])
    assert np.array_equal(back.logits(images, assignment), want.logits(images, assignment))


def test_export_refused(net, data, root, tmp_path):
    float_net = axgen.Network.load(os.path.join(root, "models/lenet5-fashion/float.onnx"))
    for call, error, says in ((lambda: net.export(tmp_path / "net.yaml"), axgen.InputError, "FILE.onnx"),
                              (lambda: float_net.export(tmp_path / "net.onnx"), axgen.InputError, "quantise|floating"),
                              (lambda: net.export(tmp_path / "net.onnx", assignment={"default": "exact8s"}), TypeError, "images"),
                              (lambda: net.export(tmp_path / "no" / "net.onnx"), axgen.InputError, "no")):
        with pytest.raises(error, match=says):
            call()
    assert not list(tmp_path.iterdir())


def test_corrected(net, data):
    """What a search finds of one assignment, and better than what it corrects."""
    images, labels = data
    assignment = {"default": "trunc8s_k8", "conv1": "exact8s"}
    on = net.evaluator(images, labels, assignment=assignment)
    better = on.corrected(300)
    plain, corrected = on.run(300), better.evaluate(images[300:], labels[300:], assignment)
    assert corrected.correct > plain.correct + 20
    assert np.array_equal(better.weights("conv2"), net.weights("conv2"))
    same = net.corrected({"default": "exact8s"}, images[:50])
    assert np.array_equal(same.logits(images[:50]), net.logits(images[:50]))
    with pytest.raises(ValueError, match="600"):
        on.corrected(601)
    found = axgen.explore(net, ["exact8s", "trunc8s_k8"], (images[:300], labels[:300]), calibration=(images[:300], labels[:300]),
                          level="layer", method="exhaustive", freeze={n: "M1" for n in ("conv2", "fc1", "fc2", "fc3")} | {"conv1": "M0"},
                          max_loss=0.99)
    assert found["points"][-1]["validation"]["top1"] == pytest.approx(better.evaluate(images[:300], labels[:300], assignment).top1)


def test_quantize_is_watched(root, data):
    net = axgen.Network.load(os.path.join(root, "models/lenet5-fashion/float.onnx"))
    many = np.concatenate([data[0]] * 5)
    seen = []
    net.quantize(many, progress=lambda *now: seen.append(now))
    assert any("calibrating" in label and total == len(many) for label, _, total in seen)
    with pytest.raises(axgen.Stopped):
        net.quantize(many, progress=lambda *now: False)


def test_activations_of_nine_bits(root, data, tmp_path):
    """Of which those that occur are 256 codes: an evaluator computes what `axgen eval` does, whose plans are others."""
    images, labels = data[0][:20], data[1][:20]
    net = axgen.Network.load(os.path.join(root, "models/lenet5-fashion/float.onnx")).quantize(images, act_bits=9)
    net.save(tmp_path / "net")
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "labels.npy", labels)
    (tmp_path / "config.yaml").write_text("network: net/net.yaml\nmultipliers: {T: trunc9x8s_k4}\nassignment: {default: T}\n"
                                          "dataset: {format: npy, images: images.npy, labels: labels.npy}\n")
    axgen.eval_config(tmp_path / "config.yaml", logits=tmp_path / "logits.npy")
    assert np.array_equal(net.logits(images, {"default": "trunc9x8s_k4"}), np.load(tmp_path / "logits.npy").reshape(20, 10))
