#!/bin/sh
# SPDX-License-Identifier: MIT
# license.sh SOURCE: every source and script names its license, and `reuse lint` finds nothing (.reuse/dep5 speaks for data, programs
# and documents). Without a repository or `reuse` (77) only what is there is looked at.
set -u
cd "$1" || exit 2
[ -e .git ] && command -v git >/dev/null || exit 77
bare=$(git ls-files -z '*.c' '*.h' '*.l' '*.y' '*.def' '*.sh' '*.py' '*.cmake' '*/CMakeLists.txt' tools bench/run bench/kernels bench/int8 ':!*.json' |
    xargs -0 grep -L 'SPDX-[L]icense-Identifier: MIT')
[ -z "$bare" ] || { echo "no license named in:" $bare; exit 1; }
command -v reuse >/dev/null || exit 77
reuse lint
