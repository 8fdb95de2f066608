# SPDX-License-Identifier: MIT
"""main.py LIBRARY CHECKPOINT A B C D: a model through ctypes, with nothing but Python's own library."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
handle, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64
numbers = ctypes.POINTER(ctypes.c_float)
library.iris_new.argtypes, library.iris_new.restype = [ctypes.c_uint64], handle
library.iris_load.argtypes = [handle, text]
library.iris_predict.argtypes = [handle, size, numbers, numbers]
library.iris_error.restype = text
library.iris_free.argtypes, library.iris_free.restype = [handle], None


def check(code):
    if code:
        sys.exit(library.iris_error().decode())


def shortest(v):
    """The shortest text that is read as the same number of single precision."""
    return next(t for t in ("%.*g" % (n, v) for n in range(1, 18)) if ctypes.c_float(float(t)).value == v)


model = library.iris_new(0)
check(model is None)
check(library.iris_load(model, sys.argv[2].encode()))
x = (ctypes.c_float * 4)(*map(float, sys.argv[3:7]))
p = (ctypes.c_float * 3)()
check(library.iris_predict(model, 1, x, p))
print(",".join(map(shortest, p)))
library.iris_free(model)
