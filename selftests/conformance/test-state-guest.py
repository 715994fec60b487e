#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A guest whose driver carries TCP between two cards is saved in the middle of
it, loaded into another emulator and goes on there, several times.  The argument
is the guest's kernel: stock, with the driver under test, or old, with the last
one of the kernel.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from emulator import HERE, Emulator, check, done, migrate, qemu_path, wait_loaded

# How often it is saved, every how many rounds, and all rounds.
SAVES, EVERY, ROUNDS = 2, 2, 4
# Ethernet, IPv4, TCP with time stamps
HEADERS = 66
VM = os.path.join(HERE, "../vm")


def output(*args):
    return subprocess.check_output(args, text=True).strip()


class Guest(Emulator):
    def __init__(self, directory, name, kernel, rounds, incoming=None):
        self.name = os.path.join(directory, name)
        args = ["-m", "256", "-smp", "2", "-accel", "tcg,thread=multi",
                "-cpu", "max,erms=off,fsrm=off,smap=off,la57=off",
                "-kernel", kernel["image"], "-initrd", kernel["initrd"],
                "-serial", f"file:{self.path('console')}", "-append",
                "console=ttyS0 net.ifnames=0 no_timer_check panic=-1 loglevel=6"
                " mitigations=off watchdog_thresh=60 tsc=reliable rdinit=/init"
                f" rounds={rounds}"]
        for n in 0, 1:
            args += ["-netdev", f"hubport,id=p{n},hubid=0",
                     "-device", f"pcie-root-port,id=rp{n},chassis={n + 1},slot={n + 1}",
                     "-device", f"qlge,id=nic{n},netdev=p{n},bus=rp{n},"
                     f"mac=52:54:00:12:34:0{n},romfile="]
        if incoming:
            args += ["-incoming", "defer"]
        super().__init__(qemu_path(), directory, name, args)
        if incoming:
            # The announcements of a moved guest would be frames of ours.
            self.qmp("migrate-set-parameters", **{"announce-rounds": 0})
            self.qmp("migrate-incoming", uri=f"exec:cat {incoming}")

    def console(self):
        try:
            with open(self.path("console"), errors="replace") as f:
                return f.read().replace("\r", "")
        except OSError:
            return ""

    def wait_for(self, pattern, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if re.search(pattern, self.console()):
                return True
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        return bool(re.search(pattern, self.console()))


def find_kernel(which):
    values = dict(line.split("=", 1) for line in
                  output(f"{VM}/kernels.sh", which).splitlines())
    modules = ["qlge"]
    if which != "old":
        modules = [output(f"{VM}/module.sh", which).splitlines()[-1]]
    return {"image": values["KERNEL_IMAGE"],
            "initrd": output(f"{VM}/initramfs.sh", values["KERNEL_RELEASE"],
                             values["KERNEL_MODROOT"], f"{HERE}/state-init",
                             *modules)}


def counters(log):
    """One dictionary per port for each time that the guest told them."""
    rows = []
    for line in re.findall(r"state: counters \S+ (.*)", log):
        words = line.split()
        half = len(words) // 2
        rows.append([dict(zip(w[::2], map(int, w[1::2])))
                     for w in (words[:half], words[half:])])
    return rows


def carried(counts, way, whole):
    """What went one way: packets, or what was in them where the driver counts
    a large send as one."""
    packets = counts[f"{way}_packets"]
    return packets if whole else counts[f"{way}_bytes"] - HEADERS * packets


def judge(log, which, count):
    rounds = re.findall(r"state: end (\d+) (\w+) (.*)", log)
    bad = [r for r in rounds if r[2] != "good"]
    check("every stream arrived as it was sent", rounds and not bad, bad)
    begun = len(re.findall(r"state: begin", log))
    check("all rounds were run, none twice", begun == len(rounds) == 2 * count and
          len(set(rounds)) == len(rounds), (begun, len(rounds)))
    rows = counters(log)
    back = [(n, was, now) for a, b in zip(rows, rows[1:]) for was, now in zip(a, b)
            for n in was if now[n] < was[n]]
    check("no counter goes back", len(rows) == count + 1 and not back, (len(rows), back))
    # From the first time on: while the links came up frames may be lost.
    grown = [{n: now[n] - was[n] for n in was} for was, now in
             zip(rows[0], rows[-1])] if rows else [{}, {}]
    wrong = [n for row in grown for n, v in row.items()
             if v and n.endswith(("errors", "dropped"))]
    check("no error was counted", rows and not wrong, wrong)
    check("what one port has sent the other has received",
          rows and grown[0]["tx_packets"] > 100 and grown[1]["tx_packets"] > 100 and
          all(carried(grown[n], "tx", which != "old") ==
              carried(grown[1 - n], "rx", which != "old") for n in (0, 1)), grown)
    with open(f"{VM}/deny.list") as f:
        deny = [line.rstrip("\n") for line in f
                if line.strip() and not line.startswith("#")]
    hits = [line for line in log.splitlines()
            if any(re.search(p.replace("[[:space:]]", r"\s"), line) for p in deny)]
    hits += re.findall(r".*qlge.*(?:resetting|timed out|does not|restart).*", log)
    check("nothing on the console that must not be there", not hits, hits[:5])
    check("the driver can be unloaded", "state: unloaded" in log,
          log.splitlines()[-5:])


def main():
    which = sys.argv[1] if len(sys.argv) > 1 else "stock"
    kernel = find_kernel(which)
    saves, every, rounds = SAVES, EVERY, ROUNDS
    directory = tempfile.mkdtemp(prefix="qlge-state.")
    log = ""
    guest = None
    try:
        guest = Guest(directory, "guest0", kernel, rounds)
        for n in range(1, saves + 1):
            stream = os.path.join(directory, f"stream{n}")
            way = ("up", "down")[n % 2]
            began = guest.wait_for(f"state: begin {every * n} {way}")
            check(f"traffic before save {n}", began,
                  guest.console().splitlines()[-5:])
            if not began:
                return done()
            time.sleep(0.5)
            # Else the stream would go on, and end, while memory is saved.
            guest.qmp("stop")
            status = migrate(guest, stream)
            console = guest.console()
            check(f"save {n} in the middle of a stream", status == "completed" and
                  f"end {every * n} {way}" not in console, status)
            log += console
            print("".join("# " + line for line in
                          guest.end().splitlines(True)[-3:]), end="")
            guest = Guest(directory, f"guest{n}", kernel, rounds, stream)
            status = wait_loaded(guest)
            check(f"load {n}", status == "paused", status)
            guest.qmp("cont")
        guest.wait_for("state: done")
        log += guest.console()
        judge(log, which, rounds)
    finally:
        if guest:
            guest.end()
        keep = os.environ.get("OUT")
        if keep:
            with open(os.path.join(keep, "console.log"), "w") as f:
                f.write(log)
        shutil.rmtree(directory)
    return done()


if __name__ == "__main__":
    sys.exit(main())
