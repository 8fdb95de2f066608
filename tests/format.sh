#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh SOURCE: the sources are as .clang-format says. To make them so: clang-format-19 -i FILES.
cd "$1" || exit 2
command -v clang-format-19 >/dev/null || { echo "format: skipped: there is no clang-format-19"; exit 77; }
find compiler runtime grammar tests tools bench examples -name '*.[ch]' | sort | xargs clang-format-19 --dry-run -Werror
