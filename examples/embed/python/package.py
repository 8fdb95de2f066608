# SPDX-License-Identifier: MIT
"""package.py A B C D: a model through the package that `nnc --python` wrote."""
import sys

import iris
import numpy

x = numpy.array([sys.argv[1:5]], dtype=numpy.float32)
print(",".join(str(p) for p in iris.Model().predict(x)[0]))
