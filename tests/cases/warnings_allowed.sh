# SPDX-License-Identifier: MIT
# A comment silences the warning of a line, and is itself reported where it silences nothing.
printf '1,2,3,4\n5,6,7,8\n' >a.csv
write() {
    cat >w.nn <<TEXT
data d { x: float[4] = csv("a.csv", columns=0..4) }
layer Net {
    layer a = Dense(4, 4)
    layer unused = Dense(4, 4)
    fn forward[B](x: float[B, 4]) -> float[B, 4] { return a(x) }
}
model m = Net()
train fit[B](ex in d.all, epochs=3) {
    loss = mean(m(ex.x) ** 2)
    $1
    minimize loss over m using sgd(lr=0.1 * float(step // steps)) $2
    report loss
}
TEXT
}
write "" ""
shows "to silence it, here or on the line above: # nnc: allow W0705" "$NNC" check w.nn
shows "W0511" "$NNC" -c w.nn -o w.o
write "" "# nnc: allow W0705, W0511 both are meant"
gives "" "$NNC" -c w.nn -o w.o
lacks "nnc: allow" "$NNC" -c w.nn -o w.o
lacks "W0" "$NNC" check w.nn
write "# nnc: allow W0511

    # the size is chosen elsewhere  # nnc: allow W0705" "# and here"
lacks "W0" "$NNC" -c w.nn -o w.o
write 'name = "# nnc: allow W0705"' ""
shows "warning W0705" "$NNC" -c w.nn -o w.o
write "# nnc: allow W0510" "# nnc: allow W0705 W0511"
shows "w.nn:10:18: warning W0202: this silences nothing" "$NNC" check w.nn
shows "there is no warning W0510 on line 11" "$NNC" -c w.nn -o w.o
write "# nnc: allow E0301" "# nnc: allow W0705 W0511"
shows "\`E0301\` is no warning" "$NNC" check w.nn
write "# nnc: alow W0705" "# nnc: allow W0705 W0511"
shows "this comment for nnc is not understood" "$NNC" check w.nn
fmt=$("$NNC" fmt w.nn) || broken "fmt fails"
case $fmt in *"# nnc: alow W0705"*"# nnc: allow W0705 W0511"*) ;; *) broken "fmt loses a comment" ;; esac
