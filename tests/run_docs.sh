#!/bin/sh
# SPDX-License-Identifier: MIT
# run_docs.sh NNC REPOSITORY FILE.md: the code blocks of a document are what the compiler says they are.
#
#   ```nn            a program, or a fragment: the hidden comment <!-- before: ... --> above it holds the lines in front of it and
#                    <!-- after: ... --> those behind it. Lines with `# error` get an error, no other line does.
#   ```nn            below <!-- part of: FILE -->: an excerpt of a file of the repository; indentation does not count.
#   ```nn            below <!-- model NAME.nn -->: a program by that name, for the dumps after it
#   ```text          below <!-- gives NAME.nn: ... -->: what `nnc` says about the hidden program
#                    <!-- gives NAME.nn: FILE with THIS as THAT -->: the program is a file of the repository with a change
#   ```LANGUAGE      below <!-- dump NAME.nn FLAGS -->: what `nnc NAME.nn FLAGS` prints, for a CPU that all tests know; a line "..."
#                    stands for any lines
#   ```LANGUAGE      anything else. Every block has a language.
#
# NNC_UPDATE=1 writes the messages of today into the document.
set -u
nnc=$1 top=$2 doc=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-docs-XXXXXX")
trap 'rm -rf "$work"' EXIT
TOP=$top awk -v work="$work" -v doc="$doc" '
function flush() { before = after = part = gives = hidden = model = dump = ""; }
hide != "" {
    if ($0 == "-->") hide = ""
    else if (hide == "before") before = before $0 "\n"
    else if (hide == "after") after = after $0 "\n"
    else hidden = hidden $0 "\n"
    next
}
/^<!-- before:$/ { hide = "before"; next }
/^<!-- after:$/ { hide = "after"; next }
/^<!-- gives .*: .* with .* as .* -->$/ { # NAME.nn: FILE with TEXT as TEXT
    gives = $3; sub(/:$/, "", gives)
    file = ENVIRON["TOP"] "/" $4; from = to = $0
    sub(/^.* with /, "", from); sub(/ as .*$/, "", from); sub(/^.* as /, "", to); sub(/ -->$/, "", to)
    for (hidden = ""; (getline text < file) > 0; hidden = hidden text "\n")
        if (at = index(text, from)) text = substr(text, 1, at - 1) to substr(text, at + length(from))
    close(file)
    next
}
/^<!-- gives .*:$/ { gives = $3; sub(/:$/, "", gives); hide = "gives"; next }
/^<!-- part of: .* -->$/ { part = $4; next }
/^<!-- model .* -->$/ { model = $3; next }
/^<!-- dump .* -->$/ { dump = $0; sub(/^<!-- dump /, "", dump); sub(/ -->$/, "", dump); next }
/^```/ && !open {
    open = 1; line = NR; language = substr($0, 4); block = ""
    if (language == "") { print "none", NR > (work "/index"); }
    next
}
/^```$/ {
    open = 0
    base = work "/" line
    if (language == "nn" && part != "") { print "part", line, part > (work "/index"); printf "%s", block > (base ".nn") }
    else if (language == "nn") {
        print "check", line, gsub(/\n/, "\n", before) > (work "/index")
        printf "%s%s%s", before, block, after > (base ".nn")
        if (model != "") { printf "%s", block > (work "/" model); close(work "/" model) }
    } else if (dump != "") {
        print "dump", line, dump > (work "/index")
        printf "%s", block > (base ".wanted")
    } else if (gives != "") {
        print "gives", line, gives > (work "/index")
        printf "%s", hidden > (base ".source"); printf "%s", block > (base ".wanted")
    } else
        print "other", line > (work "/index")
    close(base ".nn"); close(base ".source"); close(base ".wanted")
    flush()
    next
}
open { block = block $0 "\n"; next }
NF { flush() }
END { if (hide != "" || open) { print "FAIL " doc ": the last comment or block does not end"; exit 1 } }
' "$doc" || exit 1
[ -f "$work/index" ] || { echo "FAIL $doc: has no blocks"; exit 1; }
failed=0
fail() {
    echo "FAIL $doc:$1"
    failed=1
}
strip() { sed 's/^[[:space:]]*//; s/[[:space:]]*$//' "$1"; }
check() { # the lines with errors are those that say so
    "$nnc" check "$work/$1.nn" >"$work/out" 2>&1
    status=$?
    [ $status -le 1 ] || fail "$1: status $status"
    grep -n '# error' "$work/$1.nn" | cut -d: -f1 >"$work/wanted"
    grep ': error E' "$work/out" | sed 's/^[^:]*:\([0-9]*\):.*/\1/' | sort -nu >"$work/found"
    cmp -s "$work/wanted" "$work/found" && return
    fail "$1: errors of the block, whose first line is line $(($2 + 1)) here:"
    cat "$work/out"
}
part() { # a run of the lines of a file
    strip "$top/$2" >"$work/whole"
    strip "$work/$1.nn" | awk -v whole="$work/whole" '
        { want[++n] = $0 }
        END {
            while ((getline line < whole) > 0) have[++m] = line
            for (i = 0; i + n <= m; i++) {
                for (k = 1; k <= n && have[i + k] == want[k]; k++);
                if (k > n) exit 0
                if (k > best) { best = k; at = i + k }
            }
            print "differs first at: " want[best] "\nwhich there is:   " have[at]
            exit 1
        }' >"$work/out" || { fail "$1: is no part of $2"; cat "$work/out"; }
}
gives() {
    mkdir "$work/$1.d"
    cp "$work/$1.source" "$work/$1.d/$2"
    (cd "$work/$1.d" && "$nnc" -c --stop-after=transform "$2" -o x.o) >"$work/$1.is" 2>&1
    cmp -s "$work/$1.is" "$work/$1.wanted" && return
    [ -n "${NNC_UPDATE:-}" ] && return
    fail "$1: $2 gives"
    cat "$work/$1.is"
}
dump() { # the lines of the block, in runs between lines of dots, stand there in this order
    # shellcheck disable=SC2086
    (cd "$work" && "$nnc" -march=x86-64-v3 --stop-after=llvm $2) >"$work/$1.is" 2>&1
    awk -v is="$work/$1.is" '
        { want[++n] = $0 }
        END {
            while ((getline line < is) > 0) have[++m] = line
            for (begin = 1; begin <= n; begin = end + 1) {
                for (end = begin; end <= n && want[end] != "..."; end++);
                for (; ; at++) {
                    for (k = begin; k < end && have[at + k - begin + 1] == want[k]; k++);
                    if (k == end) break
                    if (k >= best) best = k
                    if (at + end - begin >= m) { print "is not there, in this order: " want[best]; exit 1 }
                }
                at += end - begin
            }
        }' "$work/$1.wanted" >"$work/out" || { [ -n "${NNC_UPDATE:-}" ] || { fail "$1: \`nnc $2\`"; cat "$work/out"; }; }
    if grep -qx '\.\.\.' "$work/$1.wanted"; then rm "$work/$1.is"; fi # an excerpt is brought up to date by hand
}
while read -r kind line more; do
    case $kind in
    other) ;;
    none) fail "$line: a block without a language" ;;
    *) "$kind" "$line" "$more" ;;
    esac
done <"$work/index"
if [ -n "${NNC_UPDATE:-}" ]; then
    awk -v work="$work" '
        skip && /^```$/ { skip = 0 }
        !skip { print }
        /^```[a-z]/ { f = work "/" NR ".is"; while ((getline text < f) > 0) { print text; skip = 1 } close(f) }
    ' "$doc" >"$work/new" && cat "$work/new" >"$doc"
fi
exit $failed
