#!/bin/sh
# SPDX-License-Identifier: MIT
# cookbook.sh SOURCE: every folder of examples/ is in a table of docs/cookbook.md, with a link to it; and every program by its name,
# where that is another one.
cd "$1" || exit 2
bad=0
set -- examples/*/*.nn
[ $# -gt 30 ] || { echo "cookbook: found only: $*"; exit 1; }
for path; do
    folder=$(basename "$(dirname "$path")") program=$(basename "$path")
    row=$(grep -F "| [$folder] |" docs/cookbook.md) || { echo "docs/cookbook.md has no row for [$folder]"; bad=1; }
    grep -qxF "[$folder]: ../examples/$folder" docs/cookbook.md || { echo "docs/cookbook.md does not say where [$folder] is"; bad=1; }
    [ "$program" = "$folder.nn" ] || echo "$row" | grep -qF "\`$program\`" || { echo "docs/cookbook.md: the row of [$folder] lacks $program"; bad=1; }
done
exit $bad
