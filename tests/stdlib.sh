#!/bin/sh
# SPDX-License-Identifier: MIT
# stdlib.sh ROOT NNC: the reference of the standard library is the one its comments give; every definition has a comment and an example,
# which compiles, and every one is checked by tests/run/layers_*.nn; layers in a program that compares all derivatives, which unit.library
# runs too.
set -u
root=$1 nnc=$2 bad=0
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
# Examples of the reference: from a program, or of the comment. Those of a function compile with its own parameters.
awk '/^```$/ { code = !code; wanted = !code; next }
     code { if (!last) signature = $0; last = 1; next }
     { last = 0 }
     wanted && NF { if (!/^`/) print signature; wanted = 0 }' "$root/docs/stdlib.md" >"$work/bare"
[ ! -s "$work/bare" ] || wrong "docs/stdlib.md: no example of: $(cat "$work/bare")"
cat >"$work/examples.nn" <<'TEXT'
import "std/vision.nn" as vision
import "std/sequence.nn" as seq
import "std/sound.nn" as sound
import "std/volume.nn" as volume
TEXT
awk 'function take(line) {
         signature = signature " " line
         if (line !~ /\{/) return
         sub(/ *\{.*/, "", signature)
         open = 0
         if (signature !~ /^ *((minimize|maximize) )?fn /) return
         sub(/^ *((minimize|maximize) )?fn [A-Za-z0-9_]+/, "fn example_" ++n, signature)
         at = index(signature, " -> ")
         needs = substr(signature, at)
         needs = (k = index(needs, " requires ")) ? substr(needs, k) : ""
         print substr(signature, 1, at) "-> int" needs " {\n    " example "\n    return 0\n}"
         example = ""
     }
     open { take($0); next }
     /^#    / { example = $0; sub(/^# +/, "", example); next }
     /^(layer|((minimize|maximize) )?fn) / && example != "" {
         if (/^layer/) { print "layer Example_" ++n " { " example " }"; example = "" }
         else { signature = ""; open = 1; take($0) }
     }
     /^metric / && example != "" {
         print "eval example_" ++n "[B](batch=2) {\n    p = zeros(B)\n    x = p\n    t = p\n    logits = zeros(B, 3)\n    label = argmax(logits, axis=-1)"
         print "    boxes = zeros(B, 2, 4)\n    scores = zeros(B, 2)\n    kind = argmax(zeros(B, 2, 3), axis=-1)\n    true_boxes = boxes\n    true_kind = kind\n    on = full(true, B, 2)"
         print "    " example "\n}"
         example = ""
     }' "$root"/stdlib/*.nn "$root"/stdlib/prelude/*.nn >>"$work/examples.nn"
"$nnc" check "$work/examples.nn" >"$work/out" 2>&1 || wrong "an example does not compile: $(cat "$work/out")"
[ "$(grep -c example_ "$work/examples.nn")" -gt 50 ] || wrong "examples are not found"
exit $bad
