# SPDX-License-Identifier: MIT
"""What a run shows on a terminal: one line that is redrawn, at 40, 80 and 200 columns and when the width changes on the way.

    check.py NNC

A program runs in a pseudo-terminal; what it writes is shown by a terminal of our own, which wraps what is too wide and, like
most terminals, wraps anew what it shows when its width changes.
"""
import atexit
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = """
layer Net {
    param w: float[64] = 1
    fn forward[B](x: float[B, 64]) -> float[B, 64] { return w * x }
}
model net = Net()
train fit[B](batch=64, steps=100000000, log_every=20000, save=none, log="none") {
    x = randn([B, 64])
    loss = mean(net(x) ** 2)
    minimize loss over net using sgd(lr=0.000001)
    report loss, first_measure = loss * 2, second_measure = loss * 3, third_measure = loss * 4, fourth_measure = loss * 5
}
data points { x: float[64] = csv("points.csv", columns=0..64) }
eval measure[B](ex in points.all) { report size = mean(net(ex.x) ** 2), far = sum(float(randn([200000]) > 9)) }
eval drawn[B](batch=1, steps=2000) { report far = sum(float(randn([200000]) > 9)) }
data kinds { kind: int<2> = csv("points.csv", column=0, labels=["no", "1"]) }
export fn kind(x: int<2>[2]) -> int<2>[2] as kinds.kind { return x }
data marks { mark: int<2> = csv("marks.csv", column=0, labels=["a\\nb", "1\u009b"]) }
data windows { mark: int<2>[2] = csv("points.csv", column=0, labels=["a\\tb", "1"], window=2, stride=1) }
data letters { text: int<256>[4] = bytes("points.csv", stride=4) }
export fn mark(x: int<2>[2]) -> int<2>[2] as marks.mark { return x }
export fn window(x: int<2>[2]) -> int<2>[2] as windows.mark { return x }
export fn scores[B](x: float[B, 2]) -> float[B, 2] as marks.mark { return x }
export fn letter(x: int<256>[4]) -> int<256>[4] as letters.text { return x }
eval marked[B](ex in marks.all, batch=8) { report confusion(eye(2)[ex.mark], ex.mark) }
"""


class Screen:
    """Rows of text from the top; a row that is wrapped goes on in the next one."""

    def __init__(self, columns):
        self.columns, self.rows, self.wraps, self.row, self.column = columns, [""], [False], 0, 0

    def new_row(self, wraps):
        self.wraps[self.row] = wraps
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.rows):
            self.rows.append("")
            self.wraps.append(False)

    def put(self, c):
        if self.column == self.columns:
            self.new_row(True)
        row = self.rows[self.row]
        self.rows[self.row] = row[:self.column].ljust(self.column) + c + row[self.column + 1:]
        self.column += 1

    def clear_below(self):
        self.rows[self.row] = self.rows[self.row][:self.column]
        self.wraps[self.row] = False
        del self.rows[self.row + 1:], self.wraps[self.row + 1:]

    def show(self, text):
        for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.|\n|\r", text, re.S):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.new_row(False)
            elif part == "\x1b[J":
                self.clear_below()
            elif part[0] == "\x1b":
                fail(f"unknown control sequence {part!r}")
            else:
                self.put(part)

    def lines(self):
        """Rows that go on in others joined."""
        lines = [""]
        for row, wraps in zip(self.rows, self.wraps):
            lines[-1] += row
            if not wraps:
                lines.append("")
        return lines[:-1]

    def resize(self, columns):
        """The cursor stays at the character it is at."""
        lines, first = self.lines(), self.row
        while first and self.wraps[first - 1]:
            first -= 1
        at = sum(not wraps for wraps in self.wraps[:first]), sum(map(len, self.rows[first:self.row])) + self.column
        self.rows, self.wraps, self.columns = [], [], columns
        for i, line in enumerate(lines):
            pieces = [line[k:k + columns] for k in range(0, len(line), columns)] or [""]
            if i == at[0]:
                self.row, self.column = len(self.rows) + at[1] // columns, at[1] % columns
            self.rows += pieces
            self.wraps += [True] * (len(pieces) - 1) + [False]


def fail(text):
    print("FAIL", text)
    sys.exit(1)


def set_width(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def read_for(terminal, seconds):
    end, found = time.time() + seconds, b""
    while (left := end - time.time()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                found += os.read(terminal, 65536)
            except OSError:
                break
    return found


def redraws(text):
    return [part[1:] for part in re.findall(r"\r[^\r\n\x1b]+(?=\x1b\[J\r)", text)]


def live(screen):
    """Lines that are none of those that stay."""
    return [line for line in screen.lines() if line and not re.match(r"step \d+/\d+: loss |stopped by a signal", line)]


class Run:
    """A run in a pseudo-terminal and the screen that shows it. The screen is looked at while the run is stopped, so that nothing
    depends on how busy the machine is."""

    def __init__(self, columns):
        self.terminal, other = pty.openpty()
        set_width(self.terminal, columns)
        self.process = subprocess.Popen(["./live", "fit", "--threads", "1"], stdin=other, stdout=other, stderr=other,
                                        env=dict(os.environ, TERM="xterm", COLUMNS="33"))
        os.close(other)
        atexit.register(self.process.kill)
        self.screen = Screen(columns)

    def show(self, seconds):
        text = read_for(self.terminal, seconds).decode()
        self.screen.show(text)
        return text

    def stop(self):
        """What it wrote before."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)
        text = ""
        while more := self.show(0.1):
            text += more
        return text

    def resize(self, columns):
        self.stop()
        set_width(self.terminal, columns)
        self.screen.resize(columns)
        self.process.send_signal(signal.SIGCONT)

    def watch(self, columns):
        """The last text of the redrawn line at this width, after checks of the screen."""
        self.resize(columns)
        text, begin, drawn, settled = "", time.monotonic(), [], False
        while not (settled and len(drawn) >= 6):  # stopped between a line that stays and the next redraw, it is not settled
            if time.monotonic() - begin > 40:
                fail(f"{columns} columns: beside the last of {drawn[-2:]} there are {live(self.screen)}; the screen ends with\n" +
                     "\n".join(self.screen.rows[-8:]))
            text += self.show(0.4) + self.stop()
            drawn = redraws(text)
            settled = drawn and live(self.screen) == [drawn[-1]] and self.screen.row + 1 == len(self.screen.rows)
            self.process.send_signal(signal.SIGCONT)
        seconds = time.monotonic() - begin
        if len(drawn) > 11 * seconds + 3:
            fail(f"{columns} columns: {len(drawn)} redraws in {seconds:.1f} seconds")
        if max(len(line) for line in drawn[2:]) >= columns:
            fail(f"{columns} columns: a line is too wide: {drawn}")
        return drawn[-1]

    def end(self):
        self.process.terminate()
        self.show(60)  # it ends with the run
        if self.process.wait() != 143 or live(self.screen) or not any(line.startswith("stopped by a signal") for line in self.screen.lines()):
            fail("the end:\n" + "\n".join(self.screen.rows[-4:]))


def watch(widths):
    """Runs, and changes the width: the texts of the redrawn line at each width."""
    run = Run(widths[0])
    seen = [run.watch(columns) for columns in widths]
    run.end()
    return seen


def has(line, *words):
    for word in words:
        if not re.search(word, line):
            fail(f"{word} is not in: {line}")


def plain(*flags, **variables):
    """Off a terminal: whole lines, no control character."""
    done = subprocess.run(["./live", "fit", "--steps", "400", "--log_every", "200", *flags], stdout=subprocess.PIPE, env=dict(os.environ, **variables), check=True)
    if re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout):
        fail(f"control characters in a pipe: {done.stdout[:300]}")
    return done.stdout.decode()


def on_terminal(*command, **variables):
    terminal, other = pty.openpty()
    run = subprocess.Popen(["./live", *command], stdout=other, env=dict(os.environ, **variables))
    os.close(other)
    text = read_for(terminal, 100).decode()
    if run.wait():
        fail(f"{command} ended with {run.returncode}")
    return text


def evaluation(name, result):
    """The batches that are done and what is left, then the result alone."""
    screen, text = Screen(80), on_terminal(name, "--load", "net.safetensors", "--batch", "1", "--threads", "1", TERM="xterm")
    screen.show(text)
    drawn = redraws(text)
    done = [int(re.fullmatch(name + r" batch (\d+)/2000, left [\d:dh ]+", line)[1]) for line in drawn]
    if not done or sorted(set(done)) != done or done[0] < 1 or done[-1] > 2000:
        fail(f"of an evaluation: {drawn}")
    if [line for line in screen.lines() if line] != [f"{name} on all, 2000 examples: {result}"]:
        fail(f"of an evaluation stays: {screen.lines()}")


def evaluations():
    with open("points.csv", "w", encoding="utf-8") as f:
        f.write((",".join(["1"] * 64) + "\n") * 2000)
    subprocess.run(["./live", "fit", "--steps", "1", "--quiet", "--save", "net.safetensors"], check=True)
    evaluation("measure", "size 1.00000, far 0")
    evaluation("drawn", "far 0")


def texts_of_data():
    """What is read from a file stands in its line, and JSON is JSON."""
    with open("marks.csv", "w", encoding="utf-8") as f:
        f.write('"a\nb"\n1\u009b\n')
    for command, wanted in ((("mark", "0,1"), "a\\nb\n1\\xc2\\x9b\n"), (("window", "--x=0,1"), "a\\tb\t1\n"), (("letter", "97,10,27,98"), "a\n\\x1bb\n"),
                            (("scores", "1,2"), "a\\nb,1\\xc2\\x9b\n1,2\n")):
        if (text := on_terminal(*command).replace("\r", "")) != wanted:
            fail(f"{command} shows {text!r}")
    for command, wanted in ((("mark", "0,1", "--json"), ["a\nb", "1\u009b"]), (("marked", "--json", "--load", "net.safetensors"), {"confusion": ["a\nb", "1\u009b"]})):
        text = on_terminal(*command)
        if "\u009b" in text or text.count("\n") != 1:
            fail(f"{command} shows {text!r}")
        if (found := json.loads(text)).get("labels", found.get("results", [None])[0]) != wanted:
            fail(f"{command} has {found}")


def main():
    nnc = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("live.nn", "w", encoding="utf-8") as f:
            f.write(PROGRAM)
        subprocess.run([nnc, "live.nn", "-o", "live"], check=True)
        narrow, = watch([40])
        has(narrow, r"^step \d+/100000000, loss \d")
        middle, = watch([80])
        has(middle, r"^step .*, loss .*, left [0-9:dh ]+, \d+ examples/s")
        wide, = watch([200])
        has(wide, "examples/s, first_measure", "third_measure", "fourth_measure")
        watch([200, 80, 40, 120, 7])
        lines = plain("--progress=bar", TERM="xterm")
        if lines != plain() or lines.count("\n") != 2:
            fail(f"off a terminal: {lines}")
        if plain("--quiet") or plain("--progress=none"):
            fail("quiet runs are not quiet")
        for flags, kind, bar in ((["--progress=plain"], "xterm", False), ([], "dumb", False), (["--progress=bar"], "dumb", True), ([], "xterm", True),
                                 (["--progress=none"], "xterm", False)):
            if bool(redraws(on_terminal("fit", "--steps", "100000", *flags, TERM=kind))) != bar:
                fail(f"{flags} with TERM={kind}: {'no ' if bar else 'a '}redrawn line")
        evaluations()
        if (words := on_terminal("kind", "0,1")) != "no\r\n1\r\n":
            fail(f"an export writes {words!r}")
        texts_of_data()
    print("PASS")


main()
