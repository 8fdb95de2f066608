# SPDX-License-Identifier: MIT
# SPDX-License-Identifier: MIT
# Messages as JSON, programs from standard input, and the layout compared.
if ! command -v python3 >/dev/null; then echo "skipped: there is no python3"; exit 77; fi
cat >part.nn <<'END'
fn of_part(x: float[4]) -> float[4] { return nothing }
END
printf 'import "part.nn" as part\n# "\360\237\230\200" and \303\251: characters of two units of UTF-16, and of one\nfn f(x: float[4]) -> float[4] { assert false, "\360\237\230\200\303\251"; return sofmax(x) }\nfn g(x: float[4]) -> float[4] {\n    y = x && x\n    return y\n}\n' >wrong.nn
"$NNC" check --json wrong.nn >wrong.json 2>err
[ $? = 1 ] || broken "status of check --json"
[ -s err ] && broken "check --json writes to standard error"
cat >look.py <<'END'
import json, os, sys
said = json.load(open("wrong.json"))
assert (said["errors"], said["warnings"], len(said["diagnostics"])) == (3, 0, 3), said
first, second, third = sorted(said["diagnostics"], key=lambda d: (d["file"], d["range"]["start"]["line"]))
assert first["file"].endswith("part.nn") and first["code"] == "E0101" and first["helps"] == [], first
line = open("wrong.nn", encoding="utf-8").read().split("\n")
def text(d, where):
    """What stands at a range of one line."""
    units = line[where["start"]["line"]].encode("utf-16-le")
    return units[2 * where["start"]["character"]:2 * where["end"]["character"]].decode("utf-16-le")
assert second["code"] == "E0101" and text(second, second["range"]) == "sofmax", second
assert second["helps"][0]["edit"]["newText"] == "softmax" and text(second, second["helps"][0]["edit"]["range"]) == "sofmax", second
assert second["severity"] == 1 and second["source"] == "nnc" and second["message"] == "unknown name `sofmax`", second
assert third["code"] == "E0206" and text(third, third["helps"][0]["edit"]["range"]) == "&&", third
END
gives "" python3 look.py

# the edits carried out: nothing is left but the other file's mistake
cat >carry.py <<'END'
import json
said = json.load(open("wrong.json"))
lines = open("wrong.nn", encoding="utf-8").read().split("\n")
for d in said["diagnostics"]:
    for help in d["helps"]:
        if d["file"] != "wrong.nn" or "edit" not in help:
            continue
        at, n = help["edit"]["range"]["start"], help["edit"]["range"]["end"]["character"]
        units = lines[at["line"]].encode("utf-16-le")
        lines[at["line"]] = (units[:2 * at["character"]] + help["edit"]["newText"].encode("utf-16-le") + units[2 * n:]).decode("utf-16-le")
print("\n".join(lines), end="")
END
python3 carry.py >mended.nn || broken "edits"
sed -i 's/ = x and x/ = x/' mended.nn
printf 'fn of_part(x: float[4]) -> float[4] { return x }\n' >part.nn
gives '{"errors":0,"warnings":0,"diagnostics":[]}' "$NNC" check --json mended.nn

# a label in another line has a place of its own
printf 'layer Net {\n    layer a = Dense(4, 8)\n    layer b = Dense(5, 2)\n    fn forward[B](x: float[B, 4]) -> float[B, 2] { return b(a(x)) }\n}\nmodel net = Net()\nexport fn f[B](x: float[B, 4]) -> float[B, 2] { return net(x) }\n' >trail.nn
"$NNC" check --json trail.nn >trail.json
python3 -c 'import json; d = json.load(open("trail.json"))["diagnostics"][0]; r = d["relatedInformation"]
assert r and all(i["location"]["uri"].startswith("file:///") and i["location"]["uri"].endswith("/trail.nn") for i in r), d' || broken "$(cat trail.json)"

# standard input
shows "<stdin>:1:1: error E0206" sh -c 'echo "import torch
x = torch.zeros(3)" | "$NNC" check -; [ $? = 1 ]'
gives "const x = 1" sh -c 'printf "const x=1\n" | "$NNC" fmt -'
gives '{"errors":0,"warnings":0,"diagnostics":[]}' sh -c '"$NNC" check --json - <mended.nn'
fails 1 "m.nn:2: not in canonical layout (nnc fmt)" sh -c 'printf "const x = 1\nconst  y = 2\n" >m.nn; "$NNC" fmt --check m.nn'
gives "" sh -c '"$NNC" fmt m.nn -o m.nn; "$NNC" fmt --check m.nn'
fails 1 "<stdin>:2: not in canonical layout" sh -c 'printf "const x = 1\n\n\n" | "$NNC" fmt --check -'
fails 1 "E0201" sh -c 'echo "const" | "$NNC" fmt --check -'
fails 3 "none.nn: cannot read" "$NNC" check --json none.nn
[ "$(grep -c diagnostics out)" = 0 ] || broken "an object for a file that cannot be read"
fails 3 "<stdin>: cannot read" sh -c '"$NNC" check - <.'
