#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends a frame several times and says what arrived.

Each line of the input is a command with the arguments below, and each line of
the output the answer: to start an interpreter takes longer than the test.

FRAME is "v4", "v6" or "other": a frame with a payload that marks it. On WATCH
frames with that payload are collected until COUNT have come or SECONDS are
over. The answer is JSON: the frame expected, which is the one sent with the
changes of --swap, --head and --tail, and the frames seen with their number.
"""
import argparse
import collections
import json
import socket
import struct
import sys
import time

SRC_MAC = bytes.fromhex("020000000001")
DST_MAC = bytes.fromhex("020000000002")
MARK = b"qlge-frame-with-a-mark"
PAYLOAD = MARK + bytes(range(64))       # the end may be cut off
ETH_P_ALL = 3
PACKET_OUTGOING = 4


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def build(kind, swap, pad):
    payload = PAYLOAD + bytes(i * 7 & 255 for i in range(pad))
    src, dst = (2, 1) if swap else (1, 2)
    macs = SRC_MAC + DST_MAC if swap else DST_MAC + SRC_MAC
    udp = struct.pack("!HHHH", 4000, 5000, 8 + len(payload), 0) + payload
    if kind == "v4":
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64,
                           17, 0, bytes([192, 0, 2, src]),
                           bytes([192, 0, 2, dst]))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return macs + b"\x08\x00" + head + udp
    if kind == "v6":
        net = bytes.fromhex("20010db8") + bytes(11)
        head = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64)
        return (macs + b"\x86\xdd" + head + net + bytes([src]) + net +
                bytes([dst]) + udp)
    return macs + b"\x88\xb5" + payload


def adjusted(frame, head, tail):
    rest = bytes(max(0, -head)) + frame[14 + max(0, head):]
    rest = rest[:tail] if tail < 0 else rest + bytes(tail)
    return frame[:14] + rest


def packet_socket(dev):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    sock.bind((dev, ETH_P_ALL))
    return sock


def collect(sock, count, seconds):
    seen = collections.Counter()
    end = time.monotonic() + seconds
    while sum(seen.values()) < count:
        sock.settimeout(max(0.001, end - time.monotonic()))
        try:
            data, addr = sock.recvfrom(65536)
        except socket.timeout:
            break
        # A socket on the sender's device sees what is sent, too.
        if addr[2] != PACKET_OUTGOING and MARK in data:
            seen[data.hex()] += 1
    return seen


def answer(opt):
    with packet_socket(opt.watch) as watcher, \
            packet_socket(opt.send) as sender:
        for _ in range(opt.count):
            sender.send(build(opt.frame, False, opt.pad))
        seen = collect(watcher, opt.count, opt.seconds)
    expected = adjusted(build(opt.frame, opt.swap, opt.pad), opt.head,
                        opt.tail)
    return {"expected": expected.hex(), "seen": seen}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--swap", action="store_true")
    parser.add_argument("--head", type=int, default=0)
    parser.add_argument("--tail", type=int, default=0)
    parser.add_argument("--pad", type=int, default=0,
                        help="more bytes of payload")
    parser.add_argument("send")
    parser.add_argument("watch")
    parser.add_argument("frame", choices=["v4", "v6", "other"])
    for line in sys.stdin:
        try:
            print(json.dumps(answer(parser.parse_args(line.split()))),
                  flush=True)
        except (OSError, SystemExit) as error:
            print(json.dumps({"error": str(error)}), flush=True)


main()
