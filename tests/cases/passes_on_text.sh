# SPDX-License-Identifier: MIT
# nnc runs passes on a graph in text form, and says where the text is wrong. A definition without a value is a text, not 0.
cat >twice.tir <<'TEXT'
graph @0 f(%1: f32[N] input "x" 0) -> (%4 "y") {
  %2 = const {f0} : f32[N]
  %3 = add %1, %2 : f32[N]
  %4 = add %3, %3 : f32[N]
}
TEXT
gives 'graph @1 f(%1: f32[N] input "x" 0) -> (%3 "y") {
  %3 = add %1, %1 : f32[N]
}' "$NNC" twice.tir --passes=simplify
printf 'graph @0 f(%%1: f32[N] input "x" 0) -> (%%2 "y") {\n  %%2 = add %%1, %%9 : f32[N]\n}\n' >open.tir
fails 1 "open.tir: line 2: %9 is not defined" "$NNC" open.tir --passes=simplify
fails 2 "there is no pass \`nothing\`" "$NNC" twice.tir --passes=nothing
fails 3 "none.tir: cannot read" "$NNC" none.tir --passes=simplify

cat >size.nn <<'TEXT'
const n = 3
export fn f(x: float[n]) -> float { return sum(x) }
TEXT
gives "" "$NNC" check size.nn -D n=4
fails 1 "did you mean \`n\`?" "$NNC" check size.nn -D nn=4
fails 1 'a size has to be an integer, not the text ""' "$NNC" check size.nn -D n=
fails 1 'a size has to be an integer, not the text "4x"' "$NNC" check size.nn -D n=4x
