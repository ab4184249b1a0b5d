# SPDX-License-Identifier: Apache-2.0
"""docs/numerics.md a second time, in NumPy's plain loops: a layer's integers, and the slopes of its accumulators."""
import numpy as np


def windows(about, zero, a):
    """The codes under each window of one image, [rows][columns] of [C, kh, kw]; the border is the zero code."""
    top, bottom, left, right = about["pads"]
    a = np.pad(a, ((0, 0), (top, bottom), (left, right)), constant_values=zero)
    (kh, kw), (sh, sw) = about["kernel"], about["stride"]
    _, rows, columns = about["shape"]
    for y in range(rows):
        for x in range(columns):
            yield y, x, a[:, y * sh:y * sh + kh, x * sw:x * sw + kw]


def table_of(multiplier, exact_bits=8):
    """f[a + offset_a, b + offset_b] and the offsets."""
    if multiplier is None:
        return None
    table = multiplier.table.astype(np.int64)
    offsets = []
    for axis, signed in enumerate((multiplier.a_signed, multiplier.b_signed)):
        half = table.shape[axis] // 2 if signed else 0
        table = np.roll(table, half, axis)
        offsets.append(half)
    return table, offsets


def product(table, a, w):
    if table is None:
        return a * w
    f, (a0, b0) = table
    return f[a + a0, w + b0]


def conv(about, source, weights, bias, codes, multipliers):
    """Accumulators [N, F, H, W]. multipliers: of each weight, an array of tables or None."""
    zero, weight_zero = source["codes"]["zero"], about["weights"]["zero"]
    out = np.zeros((len(codes), *about["shape"]), np.int64)
    filters, channels = len(weights), weights.shape[1]
    for n, image in enumerate(codes):
        for y, x, a in windows(about, zero, image):
            for f in range(filters):
                group = f // (filters // about["groups"])
                part = a[group * channels:(group + 1) * channels]
                w = weights[f].astype(np.int64)
                total = 0
                for place in np.ndindex(w.shape):
                    total += product(multipliers[(f, *place)], part[place], w[place])
                out[n, f, y, x] = (bias[f] + total - weight_zero * part.sum() - zero * w.sum() + w.size * zero * weight_zero)
    return out


def requantised(about, accumulators):
    m = np.array(about["multiplier"], np.int64).reshape(-1, 1, 1)
    s = about["shift"]
    y = ((accumulators * m + (1 << (s - 1))) >> s) + about["codes"]["zero"]
    return np.clip(y, *about["clamp"])


def gradients(about, source, weights, codes, g, slope_a, slope_w):
    """Of sum(g * accumulators) by the input's and the weights' codes; slope_a(f, place, a, w): of that product."""
    zero = source["codes"]["zero"]
    top, _, left, _ = about["pads"]
    filters, channels = len(weights), weights.shape[1]
    (sh, sw), (_, height, width) = about["stride"], codes.shape[1:]
    of_a, of_w = np.zeros(codes.shape), np.zeros(weights.shape)
    for n, image in enumerate(codes):
        for y, x, a in windows(about, zero, image):
            for f in range(filters):
                first = f // (filters // about["groups"]) * channels
                for c, i, j in np.ndindex(weights.shape[1:]):
                    code, w = a[first + c, i, j], weights[f, c, i, j]
                    row, column = y * sh + i - top, x * sw + j - left
                    if 0 <= row < height and 0 <= column < width:
                        of_a[n, first + c, row, column] += g[n, f, y, x] * slope_a(f, code, w)
                    of_w[f, c, i, j] += g[n, f, y, x] * slope_w(f, code, w)
    return of_a, of_w
