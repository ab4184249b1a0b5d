# SPDX-License-Identifier: Apache-2.0
"""Least squares with figures that cannot be negative, for a handful of them."""


def solve(matrix, right):
    """Gauss-Jordan; a column without a pivot gets 0."""
    n = len(right)
    rows = [row[:] + [value] for row, value in zip(matrix, right)]
    for i in range(n):
        best = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        if abs(rows[i][i]) < 1e-12:
            rows[i] = [0.0] * (n + 1)
            rows[i][i] = 1.0
            continue
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for k in range(n):
            if k != i and rows[k][i]:
                factor = rows[k][i]
                rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i])]
    return [row[-1] for row in rows]


def nonnegative(rows, names, weight):
    """{name: figure}, none below 0, with which sum(figure * row[0][name]) is nearest to row[1], squares weighted by
    weight(row[1]) (Lawson and Hanson's active sets, on the normal equations)."""
    count = len(names)
    normal = [[0.0] * count for _ in names]
    right = [0.0] * count
    for sizes, value in rows:
        w = weight(value)
        held = [(i, sizes[name]) for i, name in enumerate(names) if sizes.get(name)]
        for i, x in held:
            right[i] += w * x * value
            for k, y in held:
                normal[i][k] += w * x * y
    scale = [normal[i][i] ** 0.5 or 1.0 for i in range(count)]
    normal = [[normal[i][k] / scale[i] / scale[k] for k in range(count)] for i in range(count)]
    right = [right[i] / scale[i] for i in range(count)]
    figure, passive = [0.0] * count, []
    while True:
        slope = [right[i] - sum(normal[i][k] * figure[k] for k in range(count)) for i in range(count)]
        rest = [i for i in range(count) if i not in passive]
        entering = max(rest, key=lambda i: slope[i], default=None)
        if entering is None or slope[entering] < 1e-9 * (abs(right[entering]) + 1e-30):
            break
        passive.append(entering)
        while True:
            found = solve([[normal[i][k] for k in passive] for i in passive], [right[i] for i in passive])
            bad = [(figure[i] / (figure[i] - x), i) for i, x in zip(passive, found) if x <= 0 and figure[i] > x]
            step = min(bad)[0] if bad else 1.0
            for i, x in zip(passive, found):
                figure[i] += step * (x - figure[i])
            if not bad:
                break
            out = min(bad)[1]
            figure[out] = 0.0
            passive.remove(out)
    return {name: figure[i] / scale[i] for i, name in enumerate(names)}


def errors(pairs):
    """Mean and largest relative error of (guess, value)."""
    each = [abs(guess / value - 1) for guess, value in pairs if value]
    return sum(each) / len(each), max(each)
