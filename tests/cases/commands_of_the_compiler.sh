# SPDX-License-Identifier: MIT
# The command line of nnc: what it takes and refuses; help, the man page and the completions tell of all of it.
printf 'export fn twice[B](x: float[B]) -> float[B] { return 2 * x }\n' >m.nn
cp m.nn check.nn

# commands wherever they stand
shows "usage: nnc check" "$NNC" check --help
shows "usage: nnc check" "$NNC" --help check
shows "usage: nnc check" "$NNC" help check
shows "usage: nnc [build]" "$NNC" help build
shows "nnc check iris.nn" "$NNC" check -h
shows "[f32]" "$NNC" check --help
lacks "--depfile" "$NNC" check --help
gives "" "$NNC" m.nn check
gives "" "$NNC" --color=never check m.nn
gives "" "$NNC" m.nn --color never check
gives "" "$NNC" check -- m.nn
gives "" "$NNC" check.nn check
gives "" "$NNC" build m.nn -c -o build.o
gives "" "$NNC" -cobuild.o m.nn
[ -s build.o ] || broken "no build.o"
gives "$("$NNC" version)" "$NNC" check m.nn --version
gives "$("$NNC" explain E0304)" "$NNC" --explain=E0304
gives "$("$NNC" check m.nn --shapes)" "$NNC" check m.nn --shape
case $("$NNC" version --json) in '{"nnc":"'*'"}') ;; *) broken "version --json" ;; esac
case $("$NNC" --json explain E0304) in '{"code":"E0304","text":"E0304: '*'"}') ;; *) broken "explain --json" ;; esac

# what is refused, with the flag and what was meant
fails 2 "there is no command and no file chek; did you mean check?" "$NNC" chek m.nn
fails 2 "there is no command and no file m; did you mean m.nn?" "$NNC" m
fails 2 "there is no flag --flaot; did you mean --float?" "$NNC" --flaot=f32 m.nn
fails 2 "there is no flag --nonesuch" "$NNC" --nonesuch m.nn
fails 2 "there is no flag -marhc; did you mean -march?" "$NNC" -marhc=native m.nn
fails 2 "there is no flag -x" "$NNC" -x m.nn
fails 2 "there is no flag -z in -cz" "$NNC" -cz m.nn
fails 2 "--float is \`f16\`, but must be one of f32|f64|bf16" "$NNC" --float=f16 m.nn
fails 2 "--color is \`blue\`" "$NNC" --color=blue m.nn
fails 2 "--time takes no value" "$NNC" --time=1 m.nn
fails 2 "--target needs a value: TRIPLE" "$NNC" m.nn --target
fails 2 "check has no flag --depfile; build has it" "$NNC" check m.nn --depfile=x
fails 2 "fmt has no flag --json" "$NNC" fmt m.nn --json
fails 2 "build reads no standard input; check and fmt do" "$NNC" -
fails 2 "--check writes nothing" "$NNC" fmt --check m.nn -o m.nn
fails 2 "one command at a time: check and fmt" "$NNC" check fmt m.nn
fails 2 "one program at a time; this is the second: check.nn" "$NNC" m.nn check.nn
fails 2 "explain needs CODE, as in: nnc explain E0304" "$NNC" explain
fails 2 "no page for this code: E9999" "$NNC" explain E9999
fails 2 "there is no command: nope" "$NNC" help nope
fails 2 "one word too many" "$NNC" version 1
fails 2 "bash, zsh or fish" "$NNC" completion tcsh
fails 2 "no program given" "$NNC" check
fails 2 "-static is for programs" "$NNC" -static -c m.nn
fails 2 "--lean is for programs" "$NNC" --lean -c m.nn
fails 2 "-c or --shared: one thing is made at a time" "$NNC" -c --shared m.nn
fails 2 "--python or -c: one thing is made at a time" "$NNC" --python m.nn -c
fails 2 "-S is for objects, not with --shared" "$NNC" -S --shared m.nn
gives "" "$NNC" -S -c m.nn -o twice.s

# a library that is not there
echo 'export fn dark(x: float[28, 28]) -> float { return mean(x) }' >picture.nn
fails 1 "this program can read PNG: that takes libpng (Debian: libpng-dev)" "$NNC" --cc=false picture.nn -o picture

# programs without shared libraries; another command that links
if [ -z "$sanitize" ]; then # those are shared
    gives "" "$NNC" -static m.nn -o still
    gives "2
4" ./still twice 1,2
    if command -v readelf >/dev/null; then
        lacks "NEEDED" readelf -d still
        lacks "INTERP" readelf -l still
    fi
fi
printf '#!/bin/sh\necho "linked with: $0" >&2\nexec cc "$@"\n' >linker && chmod +x linker
shows "linked with: ./linker" "$NNC" --cc=./linker m.nn -o other
gives "2
4" ./other twice 1,2
fails 3 'cannot start `./nothing`' "$NNC" --cc=./nothing m.nn -o other
fails 3 "./nothing/libnnrt.a: cannot read" "$NNC" --runtime=./nothing m.nn -o other
rm m.nn

# five texts, one table: every command and every flag of it is in all of them
table=$SOURCE/compiler/command/commands.def
"$NNC" --help >help && "$NNC" help --man >nnc.1 && "$NNC" completion bash >nnc.bash && "$NNC" completion zsh >_nnc &&
    "$NNC" completion fish >nnc.fish || broken "a text cannot be made"
sed 's/\\-/-/g; s/\\f.//g' nnc.1 >nnc.plain
flags=$(sed -n 's/^FLAG("\(-[^"]*\)".*/\1/p' "$table")
verbs=$(sed -n 's/^VERB(\([a-z]*\),.*/\1/p' "$table")
[ "$(echo "$flags" | wc -w)" -ge 28 ] && [ "$(echo "$verbs" | wc -w)" -ge 8 ] || broken "the table is not read"
told() { grep -qE -e "$2" "$1" || broken "$1 does not tell of $3"; }
for flag in $flags; do
    told help "^  $flag( |=|\$)" "$flag"
    told nnc.plain "^$flag( |=|\$)" "$flag"
    told nnc.bash "[' ]$flag(=?[' ])" "$flag"
    told _nnc "'[*]?$flag(=|[+])?\[" "$flag"
    case $flag in --*) as="-l ${flag#--}" ;; -?) as="-s ${flag#-}" ;; *) as="-o ${flag#-}" ;; esac
    told nnc.fish " $as " "$flag"
done
for verb in $verbs; do
    told help "^  $verb " "$verb"
    told nnc.plain "^$verb( |\$)" "$verb"
    told nnc.bash "^    $verb\) flags=" "$verb"
    told _nnc "^    \($verb\) flags=" "$verb"
    told nnc.fish " -a $verb -d " "$verb"
    shows "usage: nnc " "$NNC" help "$verb"
    shows "Example:" "$NNC" help "$verb"
done

# the man pages, where there is a checker
if command -v mandoc >/dev/null; then
    gives "" mandoc -T lint nnc.1
    gives "" mandoc -T lint "$SOURCE/tools/make-data/nnc-make-data.1"
fi

# the shells, those that are there
: >m.nn
in_bash() {
    bash --norc -c '. ./nnc.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nnc; echo "${COMPREPLY[*]}"' bash "$@" 2>/dev/null
}
gives "--float=" in_bash nnc --flo
gives "f32 f64" in_bash nnc --float = f
gives "f32 f64 bf16" in_bash nnc --float =
gives "strict" in_bash nnc --fp s
gives "gradcheck" in_bash nnc gr
gives "m.nn" in_bash nnc check m
gives "" in_bash nnc check gr
gives "" in_bash nnc check --dep
gives "--shapes" in_bash nnc check --sh
gives "bash zsh fish" in_bash nnc completion ""
gives "explain" in_bash nnc help e
gives "m.nn" in_bash nnc -o m.nn
: >curves.csv
gives "curves.csv" in_bash nnc plot cu
if command -v fish >/dev/null; then
    in_fish() { HOME=$PWD XDG_CONFIG_HOME=$PWD/x XDG_DATA_HOME=$PWD/x fish --no-config -c "source nnc.fish; complete -C '$1'" | cut -f 1 | tr '\n' ' '; }
    gives "--float " in_fish "nnc --flo"
    gives "--float=bf16 --float=f32 --float=f64 " in_fish "nnc --float="
    gives "gradcheck " in_fish "nnc gr"
    gives "m.nn " in_fish "nnc check m"
    gives "--shapes " in_fish "nnc check --sh"
    gives "" in_fish "nnc check --dep"
    gives "bash fish zsh " in_fish "nnc completion "
fi
if command -v zsh >/dev/null; then
    in_zsh() { ZDOTDIR=$PWD HOME=$PWD TERM=dumb timeout 60 zsh -f "$SOURCE/tests/complete.zsh" nnc false "$@"; }
    gives "--float
--float=f32
gradcheck
check --shapes
check --dep
check m.nn
completion fish
--float=f64 check m.nn
plot curves.csv
check gr" in_zsh --flo --float=f3 gr "check --sh" "check --dep" "check m" "completion f" "--float=f64 check m" "plot cu" "check gr"
fi

# The pages that documents name are there.
for code in $(grep -oh 'explain [EW][0-9]*' "$SOURCE"/README.md "$SOURCE"/docs/*.md | sed 's/explain //' | sort -u); do
    shows "$code: " "$NNC" explain "$code"
done
