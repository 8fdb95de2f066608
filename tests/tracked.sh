#!/bin/sh
# SPDX-License-Identifier: MIT
# tracked.sh SOURCE: nothing that a compiler or linker wrote is under version control. Without a repository (77) there is nothing to ask.
set -eu
cd "$1"
[ -e .git ] && command -v git >/dev/null || exit 77
built=$(git ls-files -z | LC_ALL=C xargs -0 grep -laP '\A(\x7fELF|!<arch>)' 2>/dev/null || true)
[ -z "$built" ] || { echo "under version control, but built:" $built; exit 1; }
