#!/bin/sh
# SPDX-License-Identifier: MIT
# run_transcript.sh CMAKE BUILD FILE.md [FLAG]: a document is followed as its reader would, in an empty folder, with nothing of nnc but what
# `cmake --install` copies. FLAG is what the library was built with.
#
#   any block below <!-- file: NAME -->   is written into the file
#   ```console                            lines `$ COMMAND` are run; what follows is what they print (both outputs), where a line "..." stands for
#                                         any lines. A command may fail if the block says so: `$ COMMAND    # status 1`
#
# /usr/local in a command is where nnc is installed. NNC_UPDATE=1 writes the output of today into blocks without "...".
#
# From the environment: INSTALLED=PREFIX, an installation that is there already (CMAKE and BUILD do not count); SECTIONS="A|B", only the sections with these headings; NEEDS="TOOL ... python3:MODULE", skipped where one of them is missing.
set -u
cmake=$1 build=$2 doc=$3
flag=${4:-}
for tool in ${NEEDS:-}; do
    case $tool in
    python3:*) python3 -c "import ${tool#*:}" 2>/dev/null ;;
    *) command -v "$tool" >/dev/null ;;
    esac || { echo "skipped: there is no $tool"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/nnc-transcript-XXXXXX")
trap 'rm -rf "$work"' EXIT
# without fused multiply-add the last digits are others
if [ "$(uname -m)" = x86_64 ] && ! grep -qw fma /proc/cpuinfo; then exit 77; fi
mkdir "$work/steps" "$work/home"
usr=${INSTALLED:-$work/usr}
[ -n "${INSTALLED:-}" ] || "$cmake" --install "$build" --prefix "$usr" >/dev/null || exit 1
# the steps: LINE.file (name, then contents), LINE.command with LINE.wanted
awk -v steps="$work/steps" -v sections="${SECTIONS:-}" '
/^## / && !open { left_out = sections != "" && !index("|" sections "|", "|" substr($0, 4) "|") }
left_out { next }
/^<!-- file: .* -->$/ { name = $3; next }
/^```/ && !open { open = 1; console = $0 == "```console"; line = NR; file = name; name = ""; if (file != "") print file > (steps "/" line ".file"); next }
/^```$/ { open = 0; if (file != "") close(steps "/" line ".file"); next }
open && console && /^\$ / { line = NR; print substr($0, 3) > (steps "/" line ".command"); printf "" > (steps "/" line ".wanted"); next }
open && console { print > (steps "/" line ".wanted") }
open && file != "" { print > (steps "/" line ".file") }
NF { if (!open) name = "" }
' "$doc" || exit 1
cd "$work/home" || exit 1
if [ -z "${INSTALLED:-}" ]; then
    PATH=$usr/bin:$PATH
    PKG_CONFIG_PATH=$(find "$usr" -name pkgconfig)
    export PKG_CONFIG_PATH
fi
failed=0
matches() { # the output, and what is wanted
    awk -v is="$1" '
        { want[++n] = $0 }
        END {
            while ((getline line < is) > 0) have[++m] = line
            for (at = i = 1; i <= n; i++) {
                if (want[i] == "...") { dots = 1; continue }
                while (dots && at <= m && have[at] != want[i]) at++
                if (at > m || have[at] != want[i]) { print "wanted: " want[i]; print "found:  " (at > m ? "the end" : have[at]); exit 1 }
                at++
                dots = 0
            }
            if (at <= m && !dots) { print "found, but not wanted: " have[at]; exit 1 }
        }' "$2"
}
for step in $(ls "$work/steps" | grep -v wanted | sort -n); do
    line=${step%.*} path=$work/steps/$step
    case $step in
    *.file)
        name=$(head -1 "$path")
        tail -n +2 "$path" >"$name"
        continue
        ;;
    esac
    sed "s|/usr/local|$usr|g; s|-lnnrt|& $flag|" "$path" >"$work/command"
    sh "$work/command" >"$work/steps/$line.is" 2>&1
    status=$? wanted=$(sed -n 's/.*# status \([0-9]*\)$/\1/p' "$path")
    [ $status -eq "${wanted:-0}" ] || { echo "FAIL $doc:$line: status $status: $(cat "$path")"; cat "$work/steps/$line.is"; exit 1; }
    [ -n "${INSTALLED:-}" ] || sed -i "s|$usr|/usr/local|g" "$work/steps/$line.is"
    [ -n "${NNC_UPDATE:-}" ] && ! grep -qx '\.\.\.' "$work/steps/$line.wanted" && continue
    matches "$work/steps/$line.is" "$work/steps/$line.wanted" >"$work/difference" && continue
    echo "FAIL $doc:$line: $(cat "$path")"
    cat "$work/difference"
    failed=1
done
if [ -n "${NNC_UPDATE:-}" ]; then
    awk -v steps="$work/steps" '
        skip && (/^```$/ || /^\$ /) { skip = 0 }
        !skip { print }
        /^\$ / {
            dots = 0
            while ((getline text < (steps "/" NR ".wanted")) > 0) if (text == "...") dots = 1
            if (dots) next
            while ((getline text < (steps "/" NR ".is")) > 0) print text
            skip = 1
        }' "$doc" >"$work/new" && cat "$work/new" >"$doc"
fi
exit $failed
