# SPDX-License-Identifier: Apache-2.0
import gc

import axgen
import numpy as np
import pytest

A = np.arange(256).astype(np.int8).astype(np.int64)  # what the codes stand for


def test_table_is_the_function():
    m = axgen.Multiplier("roup8s_p1_c7")
    assert m.table.shape == (256, 256) and m.table.dtype == np.int32
    assert np.array_equal(m(A[:, None], A[None, :]), m.table)
    assert m.errors["mae"] == pytest.approx(np.abs(m.table - A[:, None] * A[None, :]).mean())
    assert not m.exact and axgen.Multiplier("exact8s").exact


def test_table_is_not_copied_and_outlives_its_handle():
    m = axgen.Multiplier("exact8s")
    table = m.table
    assert np.shares_memory(table, m.table)
    with pytest.raises(ValueError):
        table[0, 0] = 1
    del m
    gc.collect()
    assert np.array_equal(table, A[:, None] * A[None, :])


def test_from_table(tmp_path):
    table = (A[:, None] * A[None, :]) & ~7
    m = axgen.Multiplier.from_table(table, name="floor8")
    assert np.array_equal(m.table, table) and m.name == "floor8" and m(-1, 1) == -8
    np.save(tmp_path / "floor8.npy", table.astype(np.int32))
    assert np.array_equal(axgen.Multiplier(tmp_path / "floor8.npy").table, table)
    narrow = axgen.Multiplier.from_table(np.arange(16).reshape(2 ** 2, 2 ** 2), a_signed=False, b_signed=False)
    assert (narrow.a_bits, narrow.b_bits) == (2, 2) and narrow(3, 3) == 15


def test_wide():
    m = axgen.Multiplier("exact12s")
    assert m([2000, -2048], 2047).tolist() == [2000 * 2047, -2048 * 2047]
    with pytest.raises(ValueError):
        m.table


def test_verilog():
    assert "module mul_exact8s" in axgen.Multiplier("exact8s").verilog()


@pytest.mark.parametrize("call, error, says", [
    (lambda: axgen.Multiplier("nix"), axgen.InputError, "nix"),
    (lambda: axgen.Multiplier("/nowhere/table.npy"), axgen.InputError, "/nowhere/table.npy"),
    (lambda: axgen.Multiplier("exact8s")(128, 0), ValueError, "-128 to 127"),
    (lambda: axgen.Multiplier("exact8s")(0.5, 0), TypeError, "integers"),
    (lambda: axgen.Multiplier.from_table(np.zeros((3, 4), int)), ValueError, "2\\*\\*a_bits"),
    (lambda: axgen.Multiplier.from_table(np.zeros((4, 4))), TypeError, "integers"),
    (lambda: axgen.Multiplier.from_table(np.zeros(16, int)), TypeError, "two dimensions"),
    (lambda: axgen.Multiplier.from_table(np.full((4, 4), 2 ** 40)), ValueError, "32 bits"),
    (lambda: axgen.Multiplier.from_table(np.zeros((4, 4), int), name="a\nb"), axgen.InputError, "name"),
])
def test_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("ending", ["bin", "h", "npy", "c", "hex"])
def test_save(ending, tmp_path):
    m = axgen.Multiplier("roup8s_p1_c7")
    m.save(tmp_path / f"m.{ending}")
    m.save(tmp_path / "by_name", format=ending)
    assert (tmp_path / "by_name").read_bytes() == (tmp_path / f"m.{ending}").read_bytes()
    if ending == "c":  # a function, of which axgen makes gates
        axgen.run("mul", "import", tmp_path / "m.c", output=tmp_path / "gates", name="back")
        assert np.array_equal(axgen.Multiplier(tmp_path / "gates" / "back.net").table, m.table)
    else:
        assert np.array_equal(axgen.Multiplier(tmp_path / f"m.{ending}").table, m.table)


def test_save_refused(tmp_path):
    wide, m = axgen.Multiplier("exact12s"), axgen.Multiplier("exact8s")
    wide.save(tmp_path / "wide.c")
    before = sorted(tmp_path.iterdir())
    for call, says in ((lambda: wide.save(tmp_path / "wide.npy"), r"2\^24"), (lambda: m.save(tmp_path / "m.txt"), "expected bin, h"),
                       (lambda: m.save(tmp_path / "m"), "expected a name"), (lambda: m.save(tmp_path / "no" / "m.bin"), "no"),
                       (lambda: m.save(tmp_path / "m", format="xls"), "xls")):
        with pytest.raises(axgen.InputError, match=says):
            call()
    assert sorted(tmp_path.iterdir()) == before
