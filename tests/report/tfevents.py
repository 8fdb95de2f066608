#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tfevents.py NNC: the event files of --tfevents, read back by a reader of its own: records with right checksums, in them the numbers of
the log. The format: TFRecord (a length, its checksum, bytes, their checksum), and Event of TensorFlow's event.proto."""
import glob
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

LONG = "far" + 126 * "r"
PROGRAM = """
data d {
    x: float[1] = csv("d.csv", columns=0..1)
    split(train=0.75, test=0.25)
}
model net = chain(Dense(1, 1))
train fit[B](ex in d.train, batch=3, epochs=2, log_every=3, validate=d.test, save="p.safetensors", log="run") {
    loss = mse(net(ex.x), 2 * ex.x)
    minimize loss over net using sgd(lr=0.05)
    report loss, LONG = max(abs(net(ex.x)))
}
""".replace("LONG", LONG)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    v = shift = 0
    while True:
        byte = data[at]
        v |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return v, at


def fields(data):
    """(number, value) of a message: integers, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            n, at = varint(data, at)
            value, at = data[at:at + n], at + n
            assert len(value) == n
        else:
            n = {1: 8, 5: 4}[key & 7]
            value, at = data[at:at + n], at + n
        yield key >> 3, value


def records(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        n, of_length = struct.unpack_from("<QI", data, at)
        assert of_length == masked(data[at:at + 8]), "the checksum of a length"
        body = data[at + 12:at + 12 + n]
        assert struct.unpack_from("<I", data, at + 12 + n)[0] == masked(body), "the checksum of a record"
        yield body
        at += n + 16


def events(path):
    """The first event, then steps with their numbers; {} where earlier files are void from that step on."""
    out = []
    for body in records(path):
        event = dict(fields(body))
        assert abs(struct.unpack("<d", event[1])[0] - time.time()) < 600
        if 3 in event:
            assert not out and event[3] == b"brain.Event:2", event
            out.append("begins")
        elif 7 in event:
            assert list(fields(event[7])) == [(1, 1)], event
            out.append((event[2], {}))
        else:
            values = {}
            for number, value in fields(event[5]):
                value = dict(fields(value))
                values[value[1].decode()] = struct.unpack("<f", value[2])[0]
                assert number == 1 and set(value) == {1, 2}
            out.append((event[2], values))
    assert out.pop(0) == "begins"
    return out


def logged(kind, after=0):
    single = lambda v: struct.unpack("<f", struct.pack("<f", v))[0]
    rows = [json.loads(line) for line in open("run.fit.jsonl", encoding="utf-8")]
    return [(r["step"], {k: single(r[k]) for k in ("loss", LONG)}) for r in rows if r["event"] == kind and r["step"] > after]


def files(folder):
    return sorted(glob.glob(f"tb/{folder}/events.out.tfevents.*"))


def run(*command, status=0):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == status, f"{command}: {done.returncode}: {done.stderr}"
    return done.stderr


def main():
    nnc = os.path.abspath(sys.argv[1])
    assert crc32c(b"123456789") == 0xE3069283
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("d.csv", "w", encoding="utf-8") as f:
            f.writelines(f"{i / 40}\n" for i in range(40))
        with open("p.nn", "w", encoding="utf-8") as f:
            f.write(PROGRAM)
        run(nnc, "p.nn", "-o", "p")
        run("./p", "fit", "--quiet", "--tfevents", "tb")
        assert len(files("train")) == len(files("validation")) == 1 and sorted(os.listdir("tb")) == ["train", "validation"]
        train = events(files("train")[0])
        assert len(train) == 8 and train == logged("train"), train
        assert len(logged("validate")) == 2 and events(files("validation")[0]) == logged("validate")
        run("./p", "fit", "--quiet", "--tfevents", "tb", "--resume", "--epochs", "130")
        assert len(files("train")) == 2
        more = events(files("train")[1])
        assert more[0] == (21, {}) and more[1:] == logged("train", 20) and more[-1][0] == 1300, more[:3]
        run("./p", "fit", "--quiet", "--tfevents", "alone", "--log", "none", "--validate", "none", "--save", "none")
        assert os.listdir("alone") == ["train"] and len(events(glob.glob("alone/train/*")[0])) == 8
        run("./p", "fit", "--quiet")
        assert len(files("train")) == 2
        run("./p", "fit", "--dry-run", "--tfevents", "dry")
        assert not os.path.exists("dry")
        assert "--tfevents" not in run("./p", "eval", "--help")
        with open("file", "w", encoding="utf-8"):
            pass
        assert "file: cannot write event files: Not a directory" in run("./p", "fit", "--tfevents", "file", status=3)
        os.chdir("/")


main()
