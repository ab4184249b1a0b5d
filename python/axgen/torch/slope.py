# SPDX-License-Identifier: Apache-2.0
"""The slopes of multipliers: how a product changes with each operand near a pair of operands."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np
import torch
from torch import Tensor

from ..multiplier import Multiplier

Terms = list[tuple[Tensor, Tensor]]

#: Terms of a slope are left out where that changes it by less than this part of its norm.
PRECISION = 0.01


def differences(values: np.ndarray, half: int) -> np.ndarray:
    """Along the first axis: the mean slope between `half` places before and after, fewer at the ends."""
    at = np.arange(len(values))
    before, after = np.maximum(at - half, 0), np.minimum(at + half, len(values) - 1)
    return (values[after] - values[before]) / (after - before).reshape(-1, *[1] * (values.ndim - 1))


def slopes_of(m: Multiplier) -> tuple[np.ndarray, np.ndarray]:
    """df/da and df/db of a multiplier, [a][b] with operands from the least to the greatest: differences over a sixteenth of
    the operand's range to either side. Raises ValueError for one that is too wide for a table."""
    table = m.table.astype(np.float64)
    for axis, signed in enumerate((m.a_signed, m.b_signed)):
        if signed:
            table = np.roll(table, table.shape[axis] // 2, axis)
    a, b = (max(size // 16, 1) for size in table.shape)
    return differences(table, a), differences(table.T, b).T


def terms(table: np.ndarray, precision: float = PRECISION) -> list[tuple[np.ndarray, np.ndarray]]:
    """The fewest products u[a] * v[b] whose sum is the table, but for so much of its norm."""
    u, s, v = np.linalg.svd(table, full_matrices=False)
    left = np.sqrt(np.append(np.cumsum((s**2)[::-1])[::-1], 0))
    count = int(np.argmax(left <= precision * left[0] + 1e-12))
    return [(u[:, i] * s[i], v[i]) for i in range(count)]


class Slopes:
    """Of a layer's multipliers, for its activation codes and weight codes (both from the least to the greatest), with what
    zero points take off. numbers: which multiplier is where; of_input, of_weight: terms of each, by activation, by weight."""

    def __init__(self, multipliers: Sequence[Multiplier], numbers: Any, codes: tuple[int, int], weights: tuple[int, int], zero: int,
                 weight_zero: int, precision: float = PRECISION) -> None:
        self.low, self.zero, self.weight_low, self.numbers = codes[0], zero, weights[0], numbers
        self.of_input: list[Terms] = []
        self.of_weight: list[Terms] = []
        for m in multipliers:
            first_a = -(1 << (m.a_bits - 1)) if m.a_signed else 0
            first_b = -(1 << (m.b_bits - 1)) if m.b_signed else 0
            rows = slice(codes[0] - first_a, codes[1] - first_a + 1)
            columns = slice(weights[0] - first_b, weights[1] - first_b + 1)
            of_a, of_b = (table[rows, columns] for table in slopes_of(m))
            self.of_input.append(self._tensors(terms(of_a - weight_zero, precision)))
            self.of_weight.append(self._tensors(terms(of_b - zero, precision)))

    @staticmethod
    def _tensors(pairs: list[tuple[np.ndarray, np.ndarray]]) -> Terms:
        return [(torch.from_numpy(u).float(), torch.from_numpy(v.copy())) for u, v in pairs]

    def places(self, x: Tensor) -> Tensor:
        """Where in a term the values of an input (codes less their zero) stand."""
        return (x + (self.zero - self.low)).long()

    @staticmethod
    def at(u: Tensor, places: Tensor) -> Tensor:
        return u[places]

    def of_weights(self, v: Tensor, codes: Tensor) -> Tensor:
        return v[(codes - self.weight_low).long()]
