# SPDX-License-Identifier: Apache-2.0
"""tables.py FOLDER: choices of multipliers for conv1 and conv2 of LeNet-5 as .npy files: at.npy by (PE, lane), each.npy by weight
what at.npy implies with 8 PEs of 10 lanes; taps.npy and channels.npy with one weight or channel of another multiplier."""
import random
import sys


def npy(name, shape, values):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % ", ".join(map(str, shape))
    head += " " * (-(11 + len(head)) % 64) + "\n"
    with open(sys.argv[1] + "/" + name, "wb") as file:
        file.write(b"\x93NUMPY\1\0" + bytes([len(head) % 256, len(head) // 256]) + head.encode() + bytes(values))


random.seed(7)
at = [[random.randrange(2) for lane in range(10)] for pe in range(8)]
npy("at.npy", (8, 10), sum(at, []))
npy("each.npy", (16, 6, 5, 5),
    [at[f % 8][x * 2 + c % 2] for f in range(16) for c in range(6) for y in range(5) for x in range(5)])
npy("taps.npy", (6, 1, 5, 5), [1] + [0] * 149)
npy("channels.npy", (16, 6), ([1] + [0] * 5) * 16)
