#!/bin/sh
# SPDX-License-Identifier: MIT
# stdlib.sh ROOT: the reference of the standard library is the one its comments give, every definition has a comment, and
# every one is checked by tests/run/layers_*.nn; layers in a program that compares all derivatives, which unit.library runs too.
set -u
root=$1 bad=0
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-stdlib-XXXXXX")
trap 'rm -rf "$work"' EXIT
wrong() {
    echo "$1"
    bad=1
}
"$root/tools/stdlib-docs" >"$work/stdlib.md" && cmp -s "$work/stdlib.md" "$root/docs/stdlib.md" ||
    wrong "docs/stdlib.md is old: tools/stdlib-docs > docs/stdlib.md"
for program in $(grep -l '^# run: gradcheck --elements 0' "$root"/tests/run/layers_*.nn); do
    name=$(basename "$program" .nn)
    grep -q "^LAYERS(${name#layers_})" "$root/tests/unit/test_library.c" || wrong "tests/unit/test_library.c lacks $name"
done
code() { # programs without their comments and imports
    sed 's/#.*//; /^import/d' "$@"
}
code $(grep -l '^# run: gradcheck --elements 0' "$root"/tests/run/layers_*.nn) >"$work/gradients"
code "$root"/tests/run/layers_*.nn >"$work/all"
for file in "$root"/stdlib/*.nn "$root"/stdlib/prelude/*.nn; do
    awk '/^(fn|layer|metric) / { name = $2; sub(/[^A-Za-z0-9_].*/, "", name); print $1, name, before ~ /^#/ ? "told" : "silent" }
         { before = $0 }' "$file" >"$work/list"
    [ -s "$work/list" ] || wrong "$file: nothing found"
    while read -r kind name told; do
        [ "$told" = told ] || wrong "$file: $name has no comment"
        where=$work/all
        [ "$kind" = layer ] && where=$work/gradients
        grep -Eq "(^|[^A-Za-z0-9_])$name( *\(|[,)])" "$where" || wrong "$kind $name: no check in tests/run/layers_*.nn"
    done <"$work/list"
done
exit $bad
