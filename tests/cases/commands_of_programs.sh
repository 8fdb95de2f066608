# SPDX-License-Identifier: MIT
# The command line of a program: commands wherever they stand, help, JSON of every command, the man page, completions.
printf '1,0\n2,1\n3,0\n4,1\n' >t.csv
program m <<'END'
option rate: float = 0.5 "step size"
data d {
    x: float[1] = csv("t.csv", columns=0..1)
    y: int<2> = csv("t.csv", column=1)
    split(train=0.5, test=0.5)
}
layer Net {
    layer fc = Dense(1, 2)
    fn forward[B](x: float[B, 1]) -> float[B, 2] { return fc(x) }
}
model net = Net()
train fit[B](ex in d.train, batch=2, log="none") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=rate)
    report loss
}
eval test[B](ex in d.test) { report loss = cross_entropy(net(ex.x), ex.y) }
export fn scores[B](x: float[B, 1], t: float = 1) -> float[B, 2] { return net(x) / t }
export fn words(n: dim) -> int[n] { return range(n) }
END
gives "" ./m fit --quiet
# `--` ends the flags
printf '5\n' >./--x
gives "$(./m scores 5)" ./m scores -- --x
fails 2 "fit takes no word --quiet" ./m fit -- --quiet
fails 2 "needs a value" ./m fit --threads
for line in "fit --threads 1" "--threads 1 fit" "--threads=1 fit --quiet" "--quiet fit --threads 1" "--on train --quiet fit" "train fit" "train --quiet fit" \
    "--quiet train --threads 1 fit" "--json --no-shuffle train"; do
    ./m $line >out 2>&1 || broken "\`./m $line\` ends with $?"
done
shows "test on test, 2 examples" ./m --threads 1 eval
shows "test on test, 2 examples" ./m eval --threads 1 test
shows "fit on test, 2 examples" ./m eval --on test fit
shows "rows per second" ./m bench --threads 1 scores --B 4
gives "0
1
2" ./m words 3
gives "0
1
2" ./m --n 3 words

# help of commands, with what holds where a flag is not given, and an example that runs
for name in fit test scores words train eval info summary graph check-data bench profile gradcheck export help version completion; do
    shows "usage: m $name" ./m help $name
    shows "example:" ./m $name --help
    shows "example:" ./m --help $name
    shows '{"command":"'$name'","help":"' ./m $name --help --json
done
shows "step size [0.5]" ./m help fit
shows "Numbers in CSV, NPY and IDX files are taken as they are stored." ./m scores --help
lacks "Numbers in CSV" ./m fit --help
shows "lists the flags of a command" ./m --help
shows "lists the flags of a command" ./m -h
fails 2 "a command is needed" ./m
fails 2 "there is no command fti; did you mean fit?" ./m fti
fails 2 "there is no command fti; did you mean fit?" ./m --quiet fti
fails 2 "there is no command fti; did you mean fit?" ./m help fti
fails 2 "there is no entry point scors; did you mean scores?" ./m bench scors
fails 2 "there is no entry point scors; did you mean scores?" ./m bench --threads 1 scors
fails 2 "there is no entry point scors; did you mean scores?" ./m bench --B 4 scors
fails 2 "bench needs the name of an entry point" ./m --threads 1 bench
fails 2 "fit takes no word x" ./m fit x
fails 2 "a command is needed: fit is the value of --resume here" ./m --resume fit
fails 2 "there is no flag --nonsense here" ./m bench --nonsense 5
fails 2 "there is no flag --nonsense here" ./m bench --nonsense
fails 2 "there is no flag --sed here; did you mean --seed?" ./m train --sed 5
fails 2 "there is no flag --nonsense here" ./m eval --nonsense 5
fails 2 "there is no flag --nonsense here" ./m graph --nonsense 5
fails 2 "there is no flag --treads here; did you mean --threads?" ./m fit --treads 2
fails 2 "--batch is 0, but must be at least 1" ./m fit --batch 0
fails 2 "--batch needs a value (N)" ./m fit --batch
fails 2 "--on nope: data d has no such part; its parts are all, train, test" ./m fit --on nope
fails 2 "--validate nope: data d has no such part, and there is no eval of this name" ./m fit --validate nope
./m fit --on all --validate test --save none >out 2>&1 || broken "all is a part, and test an eval"
sed 's/^train fit/eval first[B](ex in d.train) { report loss = cross_entropy(net(ex.x), ex.y) }\n&/' m.nn >front.nn
"$NNC" front.nn -o front >out 2>&1 || broken "front.nn does not compile"
shows "validation: loss" ./front fit --validate first --epochs 1 --save none --progress plain
./m eval fit --on all >out 2>&1 || broken "all is a part"

# --json: an object a line, whatever the command
if command -v python3 >/dev/null; then
    for line in "fit" "test" "scores 1" "words 2" "train" "eval" "info" "summary" "graph" "check-data" "bench words --n 2" "profile words --n 2" \
        "export --out w" "help" "help fit" "version"; do
        ./m $line --json >out 2>err || broken "\`$line --json\` ends with $?: $(cat err)"
        python3 -c 'import json; [json.loads(line) for line in open("out")][0]' 2>err || broken "\`$line --json\` is no JSON: $(cat err)"
    done
    "$NNC" --float=f64 m.nn -o m64 && ./m64 gradcheck --json >out 2>/dev/null && python3 -c 'import json; assert json.load(open("out"))["wrong"] == 0' ||
        broken "gradcheck --json"
fi
gives '{"files":["w/net.fc.w.npy","w/net.fc.b.npy"]}' ./m export --out w --json
case $(./m version --json) in '{"program":"m","nnc":"'*'","hash":"'*'"}') ;; *) broken "version --json" ;; esac

# every flag that help names is in the man page, in the JSON, and in what completes
./m help --man >m.1
if command -v mandoc >/dev/null; then gives "" mandoc -T lint m.1; fi
for name in fit test scores words bench export; do
    flags=$(./m help $name | sed -n 's/^  --\([a-z_]*\).*/\1/p')
    [ "$(echo "$flags" | wc -w)" -gt 3 ] || broken "help $name lists no flags"
    for flag in $flags; do
        ./m help $name --json | grep -q "{\"name\":\"$flag\"," || broken "help $name --json lacks $flag"
        ./m completion words $name -- | grep -q "^--$flag" || broken "completion of $name lacks $flag"
        sed 's/\\-/-/g' m.1 | grep -q "fB--$flag\\\\" || broken "the man page lacks $flag"
    done
done
gives "" ./m completion words fit --save ""
gives "bash	
zsh	
fish	" ./m completion words completion ""
fails 2 "completion needs a shell" ./m completion tcsh
./m completion bash >m.bash
in_bash() { bash --norc -c '. ./m.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nnc_program "$1" "${!#}"; echo "${COMPREPLY[*]}"' bash "$@"; }
gives "--epochs" in_bash ./m fit --ep
gives "bench" in_bash ./m be
gives "scores" in_bash ./m bench sc
gives "--out" in_bash ./m --threads 2 scores --ou
gives "" in_bash ./m fit --save m
if command -v fish >/dev/null; then
    ./m completion fish >m.fish
    in_fish() { HOME=$PWD XDG_CONFIG_HOME=$PWD/x XDG_DATA_HOME=$PWD/x fish --no-config -c "source m.fish; complete -C '$1'" | cut -f 1 | tr '\n' ' '; }
    gives "--epochs " in_fish "./m fit --ep"
    gives "bench " in_fish "./m ben"
    gives "scores " in_fish "./m bench sc"
fi
if command -v zsh >/dev/null; then
    ./m completion zsh >_m
    in_zsh() { ZDOTDIR=$PWD HOME=$PWD TERM=dumb timeout 60 zsh -f "$SOURCE/tests/complete.zsh" m ./m "$@"; }
    gives "fit --epochs
bench
bench scores" in_zsh "fit --ep" ben "bench sc"
fi

# an entry point of that name is in front
program n <<'END'
export fn completion(n: dim) -> int[n] { return range(n) }
END
gives "0
1" ./n completion 2
