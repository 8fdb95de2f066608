# SPDX-License-Identifier: MIT
"""child.py: a program that measures when it is asked: a line in, a line of JSON out. While it waits it does nothing."""
import json
import os
import resource
import select
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


class ChildError(Exception):
    pass


class Child:
    def __init__(self, argv, env=None, log=None):
        errors = open(log, "w") if log else subprocess.DEVNULL
        self.log, self.argv = log, argv
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=env)

    def ask(self, question, limit=600):
        """The answer; a child that takes longer than `limit` seconds is ended."""
        try:
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()
            if not select.select([self.process.stdout], [], [], limit)[0]:
                self.process.kill()
                raise ChildError("%s: %s: more than %d s" % (os.path.basename(self.argv[-1]), question, limit))
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            raise ChildError("%s: %s: %s" % (os.path.basename(self.argv[-1]), question, self.last_words())) from None

    def last_words(self):
        try:
            self.process.wait(timeout=2)
            with open(self.log) as f:
                return f.read().strip().split("\n")[-1] or "ended"
        except (OSError, TypeError, subprocess.TimeoutExpired):
            return "no answer"

    def cpu(self):
        """Seconds of the processor that it used so far, with its threads."""
        try:
            with open("/proc/%d/stat" % self.process.pid) as f:
                part = f.read().rsplit(")", 1)[1].split()
            return (int(part[11]) + int(part[12])) / TICKS
        except OSError:
            return 0.0

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.stdout.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def own_cpu():
    """Of this process and of the children that have ended."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in parts)
