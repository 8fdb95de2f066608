# SPDX-License-Identifier: MIT
"""data.py: files for the data blocks of a program, drawn: what its manifest (`info --json`) says they must be."""
import os
import random
import struct


def npy(path, kind, shape, values):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }" % (kind, ", ".join(map(str, shape)))
    head += " " * (63 - (len(head) + 10) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values.tobytes())


def draw(field, rows):
    from array import array
    shape, n = [rows] + field["dims"], rows
    for d in field["dims"]:
        n *= d
    if field["elem"] == "int":
        return "<i4", shape, array("i", (random.randrange(field["bound"]) for _ in range(n)))
    return "<f4", shape, array("f", (random.gauss(0, 1) for _ in range(n)))


def write(manifest, folder, rows):
    """The NPY files of all data blocks, in `folder`, from which the program reads them."""
    random.seed(1)
    for block in manifest["data"]:
        for field in block["fields"]:
            path = os.path.join(folder, field["readers"][0]["path"][0])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            npy(path, *draw(field, rows))
