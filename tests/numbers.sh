#!/bin/sh
# SPDX-License-Identifier: MIT
# numbers.sh SOURCE: the runtime reads numbers by number_read (base/number.h) only. What it is part of may have a locale with a decimal
# comma, in which strtod stops at the point.
set -u
cd "$1/runtime" || exit 2
found=$(grep -rnEw 'strtod|strtof|strtold|atof' --include='*.c' . | grep -vE '^\./base/number\.c:')
[ -z "$found" ] || { echo "number_read reads numbers in every locale:"; echo "$found"; exit 1; }
