# SPDX-License-Identifier: Apache-2.0
"""files.py AXGEN NET FOLDER: .npy files that hold no positions or order of conv2 of NET, and what axgen says of each. Ends with 1 if it
says anything else."""
import os
import struct
import subprocess
import sys

axgen, net, folder = sys.argv[1:]
GIB = "'shape': more values than a file of 1 GiB holds"


def npy(shape="(2, 3)", values=b"\0\1\0\1\0\1", dtype="|u1", fortran=False, magic=b"\x93NUMPY\1\0"):
    head = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (dtype, fortran, shape)
    head += " " * (-(11 + len(head)) % 64) + "\n"
    return magic + struct.pack("<H", len(head)) + head.encode() + values


POSITIONS = [  # title, the file, what is said
    ("empty", b"", "not a .npy file"),
    ("text", b"0 1 0\n1 0 1\n", "not a .npy file"),
    ("version 9", npy(magic=b"\x93NUMPY\11\0"), "unknown .npy version"),
    ("header cut", npy()[:40], "the header is longer than the file: truncated?"),
    ("values cut", npy()[:-2], "truncated?"),
    ("values too many", npy(values=b"\0" * 9), "trailing data"),
    ("huge", npy("(2147483647, 2147483647)"), GIB),
    ("huge product", npy("(65536, 65536, 65536, 65536)"), GIB),
    ("beyond 64 bits", npy("(99999999999999999999999999, 3)"), GIB),
    ("wide values", npy("(268435456, 3)", dtype="<i8"), GIB),
    ("no values", npy("(0, 3)", b""), "'shape': expected 1 to 4 sizes of at least 1"),
    ("negative size", npy("(-2, 3)"), "'shape': expected 1 to 4 sizes of at least 1"),
    ("scalar", npy("()", b"\0"), "'shape': expected 1 to 4 sizes of at least 1"),
    ("rank 5", npy("(1, 1, 1, 2, 3)"), "'shape': expected 1 to 4 sizes of at least 1"),
    ("rank 1", npy("(6,)"), "its shape is [6]; expected [2, 3], the PEs and lanes of layer `conv2`"),
    ("turned", npy("(3, 2)"), "its shape is [3, 2]; expected [2, 3]"),
    ("Fortran", npy(fortran=True), "Fortran order; expected C order"),
    ("floats", npy(values=struct.pack("<6f", *[float("nan")] * 6), dtype="<f4"), "expected little endian integers"),
    ("objects", npy(values=b"\x80\4K\0.", dtype="|O"), "expected little endian integers"),
    ("big endian", npy(values=b"\0" * 12, dtype=">i2"), "expected little endian integers"),
    ("negative", npy(values=b"\0\1\0\1\0\xff", dtype="|i1"), "element [1, 2] is -1; expected 0 to 1"),
    ("too large", npy(values=struct.pack("<6Q", 0, 1, 2**64 - 1, 0, 0, 0), dtype="<u8"), "element [0, 2] is 9223372036854775807"),
]
FILTERS = [
    ("too short", npy("(4,)", bytes([3, 2, 1, 0])), "its shape is [4]; expected [6], the filters of layer `conv2`"),
    ("a matrix", npy("(1, 6)", bytes(range(6))), "its shape is [1, 6]; expected [6]"),
    ("twice", npy("(6,)", bytes([0, 1, 2, 3, 4, 2])), "element [5] is 2, which stands before it; expected each of the filters 0 to 5"),
    ("outside", npy("(6,)", bytes([0, 1, 2, 3, 4, 6])), "element [5] is 6; expected 0 to 5"),
    ("negative", npy("(6,)", struct.pack("<6i", 0, 1, 2, 3, 4, -5), "<i4"), "element [5] is -5; expected 0 to 5"),
    ("NaN", npy("(6,)", struct.pack("<6d", *[float("nan")] * 6), "<f8"), "expected little endian integers"),
]


def write(name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def said(more):
    """Exit status and what axgen says of at.npy, with `more` beside it."""
    write("c.yaml", ("network: %s\nmultipliers: {E: exact8s, L: roup8s_p0_c4}\nassignment:\n  default: E\n"
                     "  conv2: {positions: {file: at.npy, multipliers: [E, L]%s}}\n"
                     "target: {kind: dataflow, folding: {conv2: {pe: 2, simd: 3}}}\noutput: out\n" % (net, more)).encode())
    run = subprocess.run([axgen, "rtl", folder + "/c.yaml"], capture_output=True, text=True, errors="replace", timeout=60)
    return run.returncode, run.stderr


wrong = 0
for rows, name, more in ((POSITIONS, "at.npy", ""), (FILTERS, "order.npy", ", filters: order.npy")):
    write("at.npy", npy())
    for title, data, expected in rows:
        write(name, data)
        status, text = said(more)
        column = "c.yaml:5:" in text and text.count("error:") == 1
        if status != 1 or expected not in text or not column or os.path.exists(folder + "/out"):
            print("%s, %s: exit %d, %s" % (name, title, status, text))
            wrong += 1
write("at.npy", npy())  # and good ones are taken
write("order.npy", npy("(6,)", bytes([5, 4, 3, 2, 1, 0])))
wrong += said(", filters: order.npy, channels: [1, 0, 3, 2]")[0] != 0
sys.exit(wrong != 0)
