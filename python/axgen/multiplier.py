# SPDX-License-Identifier: Apache-2.0
"""Multipliers: product tables, error figures, Verilog."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import numpy as np

from . import _library as c


def _codes(values: np.ndarray, bits: int, signed: bool, what: str) -> np.ndarray:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    values = np.asarray(values)
    if values.dtype.kind not in "iu":
        raise TypeError(f"{what}: expected integers, found {values.dtype}")
    if values.size and (values.min() < low or values.max() > high):
        raise ValueError(f"{what}: expected {low} to {high}, found {values.min()} to {values.max()}")
    return values.astype(np.int64) & ((1 << bits) - 1)


def is_table(name: Any) -> bool:
    """Whether it is a file with a product table."""
    return os.fsdecode(name).endswith((".bin", ".h", ".c", ".txt", ".hex", ".npy"))


def _absolute(name: Any) -> str:
    text = os.fsdecode(name)
    return os.path.abspath(text) if os.sep in text or text.endswith(".net") or is_table(text) else text


def _unpickle(table: np.ndarray, a_signed: bool, b_signed: bool, name: str) -> "Multiplier":
    return Multiplier.from_table(table, a_signed=a_signed, b_signed=b_signed, name=name)


def configured(folder: Path, number: int, m: Any) -> Any:
    """The multiplier as a config in `folder` has it; a table is written there, with what its indices mean."""
    if not isinstance(m, Multiplier):
        c.text(m, "multiplier")
        return _absolute(m)
    if m._source is not None:
        return m._source
    file = folder / f"table{number}.npy"
    np.save(file, m.table)
    signs = {(True, True): "signed", (False, False): "unsigned", (False, True): "us", (True, False): "su"}
    return {"file": str(file), "index": signs[m.a_signed, m.b_signed]}


class Multiplier:
    """A multiplier f(a, b): a the activation, b the weight.

    ``Multiplier("roup8s_p1_c7")`` by name (docs/multipliers.md), or from a file: a product table (.bin, .h, .c, .npy, .txt,
    .hex) or a netlist (.net). Raises InputError where there is no such multiplier. It does not change: a copy is itself;
    pickled, a table goes with its products.
    """

    def __init__(self, name: str | os.PathLike[str]):
        self._handle = c.call("axgen_mul_new", c.text(name, "multiplier"))
        # What it is made from again: its name, its netlist's path; None: its table.
        self._source = None if is_table(name) else _absolute(name)
        self._read()

    @classmethod
    def from_table(cls, table: Any, *, a_signed: bool = True, b_signed: bool = True, name: str = "table") -> "Multiplier":
        """From all products: an integer array [2**a_bits, 2**b_bits] whose indices are codes (two's complement where
        signed: row 255 is a = -1), 2 to 14 bits each, 16 together."""
        table = np.asarray(table)
        if table.ndim != 2 or table.dtype.kind not in "iu":
            raise TypeError(f"table: expected integers in two dimensions, found {table.dtype} {table.shape}")
        bits = [max(size.bit_length() - 1, 0) for size in table.shape]
        if any(size != 1 << n for size, n in zip(table.shape, bits)):
            raise ValueError(f"table: expected [2**a_bits, 2**b_bits], found {table.shape}")
        products = np.ascontiguousarray(table, dtype=np.int32)
        if not np.array_equal(products, table):
            raise ValueError("table: products of more than 32 bits")
        made = cls.__new__(cls)
        signature = c.Signature(bits[0], bits[1], 0, a_signed, b_signed, False, False)
        made._handle = c.call("axgen_mul_from_table", c.text(name, "name"), ctypes.byref(signature), products.ctypes.data)
        made._source = None
        made._read()
        return made

    @classmethod
    def _of(cls, handle: object) -> "Multiplier":
        """Of a handle from elsewhere: by its name where that is the same."""
        made = cls.__new__(cls)
        made._handle, made._source = handle, None
        made._read()
        try:
            named = cls(made.name)
        except c.InputError:
            return made
        same = (named.a_bits, named.b_bits, named.a_signed, named.b_signed) == (made.a_bits, made.b_bits, made.a_signed, made.b_signed)
        wide = made.a_bits + made.b_bits > 16
        return named if same and (wide or np.array_equal(named.table, made.table)) else made

    def __copy__(self) -> "Multiplier":
        return self

    def __deepcopy__(self, _memo: object) -> "Multiplier":
        return self

    def __reduce__(self) -> Any:
        if self._source is not None:
            return Multiplier, (self._source,)
        return _unpickle, (np.array(self.table), self.a_signed, self.b_signed, self.name)

    def _read(self) -> None:
        signature = c.lib.axgen_mul_signature(self._handle)
        self.name: str = c.lib.axgen_mul_name(self._handle).decode(errors="replace")
        self.a_bits: int = signature.a_bits
        self.b_bits: int = signature.b_bits
        self.p_bits: int = signature.p_bits
        self.a_signed: bool = signature.a_signed
        self.b_signed: bool = signature.b_signed
        self.p_signed: bool = signature.p_signed
        self.exact: bool = signature.exact

    def __del__(self, _free: Any = c.lib.axgen_mul_free) -> None:
        if getattr(self, "_handle", None):
            _free(self._handle)

    def __repr__(self) -> str:
        return f"Multiplier({self.name!r})"

    @property
    def table(self) -> np.ndarray:
        """All products, int32 [2**a_bits, 2**b_bits], read-only, not copied; indices are codes as in from_table. Raises
        ValueError where there would be more than 2**16."""
        pointer = c.lib.axgen_mul_table(self._handle)
        if not pointer:
            raise ValueError(f"{self.name}: a table of 2**{self.a_bits + self.b_bits} products")
        size = (1 << self.a_bits) << self.b_bits

        class Memory:  # keeps the multiplier as long as the array
            owner = self
            __array_interface__ = {"shape": (1 << self.a_bits, 1 << self.b_bits), "typestr": "<i4", "version": 3,
                                   "data": (ctypes.addressof(pointer.contents), True)}

        assert size > 0
        return np.asarray(Memory())

    def __call__(self, a: Any, b: Any) -> np.ndarray:
        """f(a, b) of integers or arrays of them, which are broadcast; int64. Raises ValueError for values out of range."""
        a, b = np.asarray(a), np.asarray(b)
        a_code = _codes(a, self.a_bits, self.a_signed, "a")
        b_code = _codes(b, self.b_bits, self.b_signed, "b")
        if self.a_bits + self.b_bits <= 16:
            return self.table[a_code, b_code].astype(np.int64)
        product = np.frompyfunc(lambda x, y: c.lib.axgen_mul_product(self._handle, int(x), int(y)), 2, 1)
        return np.asarray(product(a, b)).astype(np.int64)

    @property
    def errors(self) -> dict[str, float]:
        """mae, wce, mse, variance, bias (mean of f - a * b), error_probability, mre: over all pairs of operands, equally
        likely (up to 12 x 12 bits; beyond, of seeded random ones)."""
        figures = c.lib.axgen_mul_errors(self._handle)
        return {field: getattr(figures, field) for field, _ in c.Errors._fields_}

    def verilog(self) -> str:
        """The module, Verilog-2005."""
        return c.take_text(c.call("axgen_mul_verilog", self._handle))

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Its product table as a file: "bin" (TFApprox's words of 16 bits), "h" (AdaPT's header), "npy" (int32), "hex", or "c",
        a C function (of any width); by default as the name ends. Raises InputError where the format cannot hold it."""
        c.call("axgen_mul_write", self._handle, c.text(path, "path"), None if format is None else c.text(format, "format"))
