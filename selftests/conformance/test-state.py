#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
The emulated card is saved in the middle of its work and loaded into another
emulator, which has to go on with it.  There is no guest: this program is the
driver, through QEMU's qtest socket (ports and memory) and QMP.  A stream with
wrong bytes must be refused or loaded, but never kill the emulator.
"""

import os
import random
import re
import shutil
import socket
import struct
import sys
import tempfile
import time

import emulator
from emulator import Emulator, check, migrate, qemu_path, wait_loaded

SLOT = 4
BASE = 0x1000000
ICB, RING0, RING1, WQ = BASE, BASE + 0x10000, BASE + 0x20000, BASE + 0x30000
SHADOW, TABLE = BASE + 0x1000, BASE + 0x2000
SBQ, LBQ, SMALL = BASE + 0x40000, BASE + 0x41000, BASE + 0x100000
LARGE, TXDATA, MSG = BASE + 0x200000, BASE + 0x400000, BASE + 0x500000
SPAN = 0x600000
MACS = [b"\x52\x54\0\x12\x34\0", b"\x52\x54\0\x12\x34\1"]


class Machine(Emulator):
    """One emulator without guest: its lines of qtest, and the wire."""

    def __init__(self, qemu, directory, name, incoming=None):
        self.name = os.path.join(directory, name)
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(self.path("wire"))
        self.wire.settimeout(10)
        self.far = self.path("nic")
        args = ["-accel", "qtest", "-m", "64", "-qtest-log", "/dev/null",
                "-qtest", f"unix:{self.path('qtest')},server=on,wait=off",
                "-netdev", f"dgram,id=n0,local.type=unix,local.path={self.far}"
                f",remote.type=unix,remote.path={self.path('wire')}",
                "-netdev", "hubport,id=n1,hubid=1"]
        for fn in 0, 1:
            args += ["-device", f"qlge,id=fn{fn},netdev=n{fn},addr={SLOT}.{fn},"
                     f"multifunction=on,mac=52:54:00:12:34:0{fn},romfile="]
        super().__init__(qemu, directory, name, args, incoming)
        self.qtest = self.connect(self.path("qtest"))

    def end(self):
        self.wire.close()
        return super().end()

    def get(self, fn, name):
        return self.qmp("qom-get", path=f"/machine/peripheral/fn{fn}",
                        property=name)

    def set(self, fn, name, value):
        self.qmp("qom-set", path=f"/machine/peripheral/fn{fn}",
                 property=name, value=value)

    def refused(self, fn, name, value):
        try:
            self.set(fn, name, value)
        except RuntimeError as err:
            return str(err)
        return None

    def do(self, line):
        self.qtest.write(line + "\n")
        self.qtest.flush()
        while True:
            answer = self.qtest.readline().split()
            if not answer or answer[0] != "IRQ":
                break
        if not answer or answer[0] != "OK":
            raise RuntimeError(f"{line}: {answer}")
        return answer[1] if len(answer) > 1 else None

    def step(self, us):
        self.do(f"clock_step {us * 1000}")

    def read(self, addr, size):
        return bytes.fromhex(self.do(f"read {addr:#x} {size}")[2:])

    def write(self, addr, data):
        self.do(f"write {addr:#x} {len(data)} 0x{data.hex()}")

    def read32(self, addr):
        return int(self.do(f"readl {addr:#x}"), 16)

    def config(self, fn, reg, value=None):
        self.do(f"outl 0xcf8 {0x80000000 | SLOT << 11 | fn << 8 | reg:#x}")
        if value is None:
            return int(self.do("inl 0xcfc"), 16)
        self.do(f"outl 0xcfc {value:#x}")
        return value

    def reg(self, fn, off, value=None):
        addr = 0xfe000000 + fn * 0x400000 + off
        if value is None:
            return self.read32(addr)
        self.do(f"writel {addr:#x} {value:#x}")
        return value

    def bell(self, fn, page, off, value=None):
        addr = 0xfe200000 + fn * 0x400000 + page * 4096 + off
        if value is None:
            return self.read32(addr)
        self.do(f"writel {addr:#x} {value:#x}")
        return value

    def load_block(self, fn, trigger, queue, block):
        self.write(ICB, block)
        self.reg(fn, 0x20, ICB)
        self.reg(fn, 0x24, 0)
        self.reg(fn, 0x28, 0x7f000000 | trigger << 16 | queue << 8 | trigger)

    def proc(self, fn, addr, value=None):
        if value is None:
            self.reg(fn, 0x00, addr | 0x40000000)
            return self.reg(fn, 0x04)
        self.reg(fn, 0x04, value)
        self.reg(fn, 0x00, addr)
        return value

    def send(self, i):
        self.wire.sendto(frame(i), self.far)

    def wait(self, condition):
        end = time.monotonic() + 30
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)

    def bring_up(self):
        """Both functions on the bus; function 0 with queues, as a driver."""
        for fn in 0, 1:
            low = 0xfe000000 + fn * 0x400000
            self.config(fn, 0x14, low)
            self.config(fn, 0x18, 0)
            self.config(fn, 0x1c, low + 0x200000)
            self.config(fn, 0x20, 0)
            self.config(fn, 0x04, 0x06)
        # vector 0 is a word in memory, where it can be seen
        table = 0xfe002000
        for off, val in (0, MSG), (4, 0), (8, 0x4d), (12, 0):
            self.do(f"writel {table + off:#x} {val:#x}")
        self.config(0, 0x70, self.config(0, 0x70) | 0x80000000)
        self.reg(0, 0x10, 0x87ff82e3)
        self.write(TABLE, struct.pack("<2Q", SBQ, LBQ))
        self.write(SBQ, struct.pack("<512Q", *(SMALL + i * 256
                                               for i in range(512))))
        self.write(LBQ, struct.pack("<512Q", *(LARGE + i * 2048
                                               for i in range(512))))
        self.load_block(0, 0x40, 0, struct.pack(
            "<4B2H2Q2HQ2HQ2H", 0, 0, 0, 0xf8, 0x110, 0, RING0, SHADOW, 1000,
            3000, TABLE + 8, 2048, 512, TABLE, 256, 512))
        self.load_block(0, 0x40, 1, struct.pack(
            "<4B2H2Q2HQ2HQ2H", 0, 0, 0, 0xc8, 0x110, 0, RING1, SHADOW + 8, 1000,
            3000, 0, 0, 0, 0, 0, 0))
        self.load_block(0, 0x01, 0, struct.pack(
            "<4H2Q", 0x110, 0xf000, 1, 0, WQ, SHADOW + 16))
        words = (int.from_bytes(MACS[0][2:], "big"),
                 int.from_bytes(MACS[0][:2], "big"), 1)
        for i, word in enumerate(words):
            self.reg(0, 0xa8, i)
            self.reg(0, 0xac, word)
        self.reg(0, 0xe4, 0x08120c00)
        self.reg(0, 0xe8, 0x80)
        self.bell(0, 128, 0x1c, 16)
        self.bell(0, 128, 0x18, 496)
        self.reg(0, 0x34, 0x40004000)
        self.reg(0, 0x34, 0x237f2100)

    def state(self):
        """All that can be seen of it without changing it."""
        regs = [[self.reg(fn, off) for off in range(0, 0x100, 4)]
                for fn in (0, 1)]
        config = [[self.config(fn, off) for off in range(0, 0x100, 4)]
                  for fn in (0, 1)]
        bells = [self.bell(0, page, off) for page in (0, 128, 129)
                 for off in (0, 4, 0x18, 0x1c)]
        counters = [self.get(fn, name) for fn in (0, 1) for name in
                    ("rx-frames", "tx-frames", "interrupts", "fault-irq-lost",
                     "wol-mode", "led", "fault-mpi", "fifo-drops")]
        return {"registers": regs, "configuration": config, "doorbells": bells,
                "counters": counters,
                "vectors": self.read(0xfe002000, 0x200),
                "memory": self.read(BASE, SPAN)}


def frame(i):
    return MACS[0] + MACS[1] + b"\x88\xb5" + bytes([i]) * 86


def setters(m):
    """The faults as the monitor sees them."""
    for name, value in (("fault-tx-hold", True), ("fault-tx-hold", False),
                        ("fault-tx-rate", 7), ("fault-tx-rate", 0),
                        ("fault-mpi", 3), ("fault-mpi", 0),
                        ("fault-irq-lost", 9), ("fault-irq-lost", 0),
                        ("fault-sem", 0x3000), ("fault-sem", 0),
                        ("fault-flap", 2), ("fault-flap", 0)):
        m.set(1, name, value)
        if m.get(1, name) != value:
            return f"{name} is {m.get(1, name)}, not {value}"
    for name, value in (("fault-event", 7), ("fault-aen", "x"),
                        ("fault-mpi", 4), ("fault-cqe", "lens"),
                        ("fault-flap", 2000000), ("led", 1)):
        if not m.refused(1, name, value):
            return f"{name} = {value} was not refused"
    return None


def gone(m):
    m.set(1, "fault-gone", True)
    seen = [m.config(1, 0), m.config(1, 0x10c), m.reg(1, 0x30), m.reg(1, 0x800),
            m.reg(1, 0x2000), m.bell(1, 128, 0)]
    m.config(1, 0x04, 0)
    m.set(1, "fault-gone", False)
    if seen != [0xffffffff] * len(seen):
        return [hex(v) for v in seen]
    back = [m.config(1, 0), m.config(1, 0x04) & 6, m.reg(1, 0x30) & 0xc0,
            m.reg(1, 0x2000)]
    return back if back != [0x80001077, 6, 0x40, 0] else None


def go_on(m):
    """What was under way at the source ends here."""
    why = m.reg(0, 0x64), m.reg(1, 0x64)
    check("function 1 still holds its semaphore", why == (0, 0x100), why)
    before = m.read32(MSG)
    m.step(3000)
    after = m.read32(MSG)
    check("the delay that ran ends with the interrupt",
          (before, after) == (0, 0x4d), (before, after))
    m.bell(0, 128, 0x1c, 496)
    m.bell(0, 128, 0x00, 16)
    data = [m.read(SMALL + i * 256, 100) for i in range(20)]
    why = m.read32(SHADOW), m.reg(0, 0x30)
    check("what waited in the FIFO arrives", data == [frame(i) for i in range(20)]
          and why[0] == 20 and why[1] & 0x1000, why)
    words = []
    for _ in range(3):
        words.append(m.proc(0, 0x1190) if m.reg(0, 0x30) & 2 else 0)
        m.reg(0, 0x14, 0xa0000000)
    check("the events come in their order", words == [0x8131, 0x8130, 0], words)
    m.set(0, "fault-tx-hold", False)
    sent = None
    try:
        # it has announced itself to the switch, too
        while sent != frame(99):
            sent = m.wire.recv(2000)
    except OSError as err:
        sent = err
    check("the request that was held is sent", sent == frame(99) and
          m.read32(SHADOW + 8) == 1, sent)
    m.send(50)
    m.wait(lambda: m.read32(SHADOW) == 21)
    check("reception goes on", m.read(SMALL + 20 * 256, 100) == frame(50))


def main():
    qemu = qemu_path()
    directory = tempfile.mkdtemp(prefix="qlge-state.")
    stream = os.path.join(directory, "stream")
    machines = []

    def start(name, incoming=None):
        machines.append(Machine(qemu, directory, name, incoming))
        return machines[-1]

    try:
        src = start("source")
        src.bring_up()
        why = setters(src)
        check("properties of the card", not why, why)
        why = gone(src)
        check("a card that is gone reads as ones, and comes back", not why, why)
        for i in range(20):
            src.send(i)
        # 16 have found a buffer, 4 wait
        src.wait(lambda: src.qmp("qom-get", path="/machine/peripheral/fn0",
                                 property="rx-frames") == 16)
        src.wait(lambda: not src.reg(0, 0x30) & 0x1000)
        time.sleep(0.5)
        src.set(0, "fault-tx-hold", True)
        src.write(TXDATA, frame(99))
        src.write(WQ, struct.pack("<BBBBQHHII", 1, 0, 0, 0, 0, 100, 0, 0, 0)
                  + bytes(4) + struct.pack("<HH", 0, 0)
                  + struct.pack("<QI", TXDATA, 100 | 0x80000000) + bytes(84))
        src.bell(0, 0, 0, 1)
        src.reg(1, 0x64, 0x03000100)
        src.set(0, "fault-aen", "8131 1")
        src.set(0, "fault-aen", "8130 2")
        src.set(1, "fault-irq-lost", 3)
        before = src.state()
        check("16 frames delivered, 4 in the FIFO, one request held",
              before["counters"][0] == 16 and
              not before["registers"][0][0x30 // 4] & 0x1000 and
              before["doorbells"][0] == 1, before["counters"])
        status = migrate(src, stream)
        check("saved", status == "completed", status)
        size = os.path.getsize(stream)

        dst = start("target", stream)
        status = wait_loaded(dst)
        check("loaded", status in ("running", "paused"), status)
        after = dst.state()
        for part, was in before.items():
            check(f"same {part}", after[part] == was,
                  [(i, a, b) for i, (a, b) in
                   enumerate(zip(was, after[part])) if a != b][:3])
        go_on(dst)

        # wrong bytes in the part that is the card's
        data = open(stream, "rb").read()
        starts = [m.start() for m in re.finditer(b"/qlge", data)]
        check("the stream has the card's state", len(starts) >= 2 and
              size > 200000, (len(starts), size))
        rng = random.Random(1)
        ends = {}
        for i in range(16):
            bad = bytearray(data)
            for _ in range(1 + i % 4 * 20):
                at = starts[i & 1] + 300 + rng.randrange(100000)
                if at < len(bad):
                    bad[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff))
            if i == 15:
                del bad[starts[1] + 5000:]
            path = os.path.join(directory, "bad")
            with open(path, "wb") as f:
                f.write(bad)
            victim = start(f"bad{i}", path)
            status = wait_loaded(victim)
            if isinstance(status, str) and status != "too slow":
                for fn in 0, 1:
                    victim.qmp("qom-get", path=f"/machine/peripheral/fn{fn}",
                               property="rx-frames")
                    victim.reg(fn, 0x30)
                victim.step(10000)
                status = "loaded"
            ends[status] = ends.get(status, 0) + 1
            machines.pop().end()
        check("a damaged stream is refused or loaded, never fatal",
              set(ends) <= {"loaded", 1} and ends.get(1, 0) >= 1, ends)
    finally:
        for m in machines:
            out = m.end()
            if emulator.failed:
                print("\n".join("# " + line for line in out.splitlines()[-10:]))
        shutil.rmtree(directory)
    return emulator.done()


if __name__ == "__main__":
    sys.exit(main())
