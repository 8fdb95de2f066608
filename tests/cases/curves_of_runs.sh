# SPDX-License-Identifier: MIT
# nnc plot: the logs of runs as SVG.
awk 'BEGIN { for (i = 0; i < 30; i++) print i / 10 "," i / 5 }' >points.csv
program line <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    split(train=0.8, test=0.2)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.train, batch=4, epochs=9, log_every=2, validate=points.test, save="none", log="run") {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using adam(lr=0.05)
    report loss, far = max(abs(net(ex.x) - ex.y))
}
PROGRAM
lacks error ./line fit --threads 1
count() { grep -o -e "$1" "$2" | wc -l; }

# both forms of a log give the same picture, to the file and to standard output
gives "" "$NNC" plot run.fit.jsonl -o json.svg
"$NNC" plot run.fit.csv >csv.svg || broken "a CSV log"
cmp -s json.svg csv.svg || broken "the logs of one run are drawn otherwise"
"$NNC" plot - <run.fit.csv | cmp -s - csv.svg || broken "standard input"
n=$(grep -c '^validate' run.fit.csv)
[ "$n" = 9 ] && [ "$(count '<title>step' csv.svg)" = $((2 * n)) ] || broken "$(count '<title>step' csv.svg) dots for $n validations of two measures"
[ "$(count '<path fill="none"' csv.svg)" = 4 ] || broken "not a line for each measure and kind"
points=$(grep -c '^train' run.fit.csv)
[ "$(grep -o ' d="M[^"]*' csv.svg | head -n 1 | tr -cd 'ML' | wc -c)" = "$points" ] || broken "not $points points"
last=$(grep '^validate' run.fit.csv | tail -n 1 | cut -d , -f 7)
grep -q "<title>step 54: loss $(printf '%.6g' "$last" | sed 's/e-0*/e-/')</title>" csv.svg || broken "the last validation is not $last"
shows ">loss (logarithmic)<" "$NNC" plot run.fit.csv --scale log
lacks ">far" "$NNC" plot run.fit.csv --measure loss
shows ">seconds</text>" "$NNC" plot run.fit.csv --over seconds

# several runs; names that are the same become paths
mkdir a b
cp run.fit.csv a/run.csv
cp run.fit.csv b/run.csv
"$NNC" plot a/run.csv b/run.csv >two.svg || broken "two logs"
grep -q '>a/run</text>' two.svg && grep -q '>b/run</text>' two.svg || broken "runs of one name are not told apart"
[ "$(count '<path fill="none"' two.svg)" = 8 ] || broken "not the lines of two runs"

# what is not finite breaks the line; texts are escaped; a line that is still being written is left
cat >odd.csv <<'CSV'
event,entry,step,epoch,examples,seconds,<i>&"x"
train,fit,1,1,1,0.1,1
train,fit,2,1,1,0.2,2
train,fit,3,1,1,0.3,nan
train,fit,4,1,1,0.4,-inf
train,fit,5,1,1,0.5,4
train,fit,6,1,1,0.6,4.5
validate,fit,6,1,1,0.6,3
train,fit,7,1,1,0.7,5
train,fit,8,1,1,0.05,6
CSV
printf 'train,fit,9' >>odd.csv
"$NNC" plot odd.csv >odd.svg || broken "odd.csv"
[ "$(count 'not finite</text>' odd.svg)" = 1 ] && [ "$(count '>step 3: ' odd.svg)" = 1 ] || broken "a number that is not finite"
grep -q 'step 3: &lt;i&gt;&amp;&quot;x&quot; not a number<' odd.svg || broken "not told what it is"
grep -q 'step 4: .* -inf<' odd.svg || broken "-inf"
[ "$(count '<path fill="none"' odd.svg)" = 2 ] || broken "the line is not broken"
! grep -q '<i>' odd.svg || broken "a name is markup"
if command -v python3 >/dev/null; then
    for file in json two odd; do
        python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' $file.svg >out 2>&1 || broken "$file.svg is no XML"
    done
fi
printf '{"event":"train","entry":"fit","step":1,"epoch":1,"examples":1,"seconds":0.1,"a\\u00e4\\ud83d\\ude00\\udcff":1,"c":[1,2],"d":"e"}\n' >one.jsonl
"$NNC" plot one.jsonl >one.svg || broken "one.jsonl"
grep -q '>aä😀�</text>' one.svg && [ "$(count '<circle' one.svg)" = 1 ] || broken "a single point"
awk 'BEGIN { print "event,entry,step,epoch,examples,seconds,loss"; for (i = 1; i <= 100000; i++) print "train,fit," i ",1,1," i / 10 "," 1 / i }' >long.csv
"$NNC" plot long.csv >long.svg || broken "long.csv"
[ "$(wc -c <long.svg)" -lt 40000 ] || broken "a long log makes a file of $(wc -c <long.svg) bytes"
grep -q '>loss (logarithmic)<' long.svg || broken "a loss that falls by powers is not logarithmic"
lacks "logarithmic" "$NNC" plot long.csv --scale linear

# numbers that differ in their last digits only
awk 'BEGIN { print "event,entry,step,epoch,examples,seconds,high"; for (i = 1; i <= 9; i++) print "train,fit," i ",1,1,1,1000000.00000" i }' >high.csv
"$NNC" plot high.csv >high.svg || broken "high.csv"
grep -q '>high (from 1000000 on)<' high.svg && grep -q '>+0<' high.svg && grep -q '>+2e-6<' high.svg || broken "the ticks are not told apart"

# mistakes
fails 2 "plot needs LOG ..., as in: nnc plot iris.fit.jsonl" "$NNC" plot
fails 3 "nowhere.csv: cannot read" "$NNC" plot nowhere.csv
fails 1 "line.nn: this is no log of a run" "$NNC" plot line.nn
fails 1 "--measure: the logs have no los, but loss, far" "$NNC" plot run.fit.csv --measure los
fails 2 "plot has no flag --float" "$NNC" plot run.fit.csv --float=f64
fails 3 "nowhere/a.svg" "$NNC" plot run.fit.csv -o nowhere/a.svg
printf '%s\n' '{"event":"train","step":1}' '{"event":"train",}' >bad.jsonl
fails 1 "bad.jsonl:2: this is no line of a log" "$NNC" plot bad.jsonl
printf 'event,entry,step,epoch,examples,seconds,loss\ntrain,fit,1,1,1,0.1\n' >bad.csv
fails 1 "bad.csv:2: this is no line of a log: it has another number of cells" "$NNC" plot bad.csv
printf 'event,entry,step,epoch,examples,seconds,loss\ntrain,fit,1,1,1,0.1,low\n' >bad.csv
fails 1 'bad.csv:2: this is no line of a log: "low" is no number' "$NNC" plot bad.csv
printf 'event,entry,step,epoch,examples,seconds\ntrain,fit,1,1,1,0.1\n' >bad.csv
fails 1 "no number was logged" "$NNC" plot bad.csv

# numbers that lie close together far from 0, and as far apart as numbers can
for pair in 1e17,1.00000000000000016e17 -1.7e308,1.7e308 5e-324,1e-323 123456789012,123456789013; do
    printf 'event,entry,step,epoch,examples,seconds,loss\ntrain,fit,1,1,1,0.1,%s\ntrain,fit,2,1,1,0.2,%s\n' "${pair%,*}" "${pair#*,}" >far.csv
    for scale in linear auto log; do
        within 5 "$NNC" plot far.csv --scale $scale -o far.svg
        ! grep -qE '"[^"]*(nan|inf)[^"]*"' far.svg || broken "$pair: a place is no number"
    done
done

# What is read is not written over, and neither is what other names stand for; a file without an end is none.
mkdir kept
printf '{"event":"train","step":1,"loss":2}\n{"event":"train","step":2,"loss":1}\n' >kept/a.jsonl
ln kept/a.jsonl other.svg
cp kept/a.jsonl same
fails 2 "-o: other.svg: this would overwrite kept/a.jsonl, which is read" "$NNC" plot kept/a.jsonl -o other.svg
fails 2 "-o: b.nn: this is the name of a program's source" "$NNC" plot kept/a.jsonl -o b.nn
fails 2 "-o: kept/a.jsonl: this is the name of a log" "$NNC" report kept -o kept/a.jsonl
fails 2 "-o: m.safetensors: this is the name of a checkpoint" "$NNC" report kept -o m.safetensors
cmp kept/a.jsonl same || broken "the log is another one"
fails 3 "/dev/zero: cannot read: there is more of it than 128 MB" "$NNC" plot /dev/zero

# A pipe is read to its end; one that nobody writes to is not waited for, and in a folder it is passed over.
mkfifo kept/pipe.jsonl
within 5 "$NNC" plot kept/pipe.jsonl
fails 3 "kept/pipe.jsonl: cannot read: nobody writes to this pipe" "$NNC" plot kept/pipe.jsonl
fails 3 "kept/pipe.jsonl: cannot read: nobody writes to this pipe" "$NNC" report kept/pipe.jsonl -o page.html
within 5 "$NNC" report kept -o page.html
[ -s page.html ] || broken "no report of a folder with a pipe"
sh -c 'cat same | "$NNC" plot /dev/stdin -o piped.svg' && [ -s piped.svg ] || broken "a log from a pipe"
sh -c '"$NNC" plot same -o /dev/stdout | cmp - piped.svg' || broken "a picture to a pipe"
