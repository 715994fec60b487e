# SPDX-License-Identifier: GPL-2.0-only
"""An emulator with a QMP socket, and its state as a file; TAP."""

import json
import os
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))

failed = 0
number = 0


def check(name, good, why=""):
    global failed, number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    if not good:
        failed += 1
        print(f"# {why}", flush=True)


class Emulator:
    """One process, ended by end(); its sockets are in a directory."""

    def __init__(self, qemu, directory, name, args, incoming=None):
        self.name = os.path.join(directory, name)
        args = [qemu, "-M", "q35", "-nodefaults", "-display", "none",
                "-L", os.path.join(os.path.dirname(qemu), "pc-bios"),
                "-L", "/usr/share/seabios", "-L", "/usr/share/qemu",
                "-qmp", f"unix:{self.path('qmp')},server=on,wait=off"] + args
        if incoming:
            args += ["-incoming", f"exec:cat {incoming}"]
        self.log = open(self.path("log"), "w+")
        self.process = subprocess.Popen(args, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        self.qmp_file = self.connect(self.path("qmp"))
        try:
            self.qmp_file.readline()
            self.qmp("qmp_capabilities")
        except (OSError, ValueError, AttributeError):
            pass                # it has ended, the exit code tells how

    def path(self, kind):
        return f"{self.name}.{kind}"

    def connect(self, path):
        """None if the emulator has ended before."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(path)
                sock.settimeout(60)
                return sock.makefile("rw")
            except OSError:
                time.sleep(0.05)
        return None

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.log.seek(0)
        return self.log.read()

    def qmp(self, command, **args):
        json.dump({"execute": command, "arguments": args}, self.qmp_file)
        self.qmp_file.write("\n")
        self.qmp_file.flush()
        while True:
            answer = json.loads(self.qmp_file.readline())
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]


def migrate(machine, path):
    machine.qmp("migrate", uri=f"exec:cat > {path}")
    end = time.monotonic() + 120
    while time.monotonic() < end:
        status = machine.qmp("query-migrate").get("status")
        if status in ("completed", "failed"):
            return status
        time.sleep(0.1)
    return "too slow"


def wait_loaded(machine):
    """Its state after loading: a run state, or the exit code."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        code = machine.process.poll()
        if code is not None:
            return code
        try:
            status = machine.qmp("query-status")["status"]
        except (OSError, ValueError, AttributeError):
            time.sleep(0.05)
            continue
        if status != "inmigrate":
            return status
        time.sleep(0.05)
    return "too slow"


def qemu_path():
    return os.environ.get("QLGE_QEMU") or subprocess.check_output(
        [os.path.join(HERE, "../emulator/qemu.sh")], text=True).strip()


def done():
    print(f"1..{number}")
    return 1 if failed else 0
