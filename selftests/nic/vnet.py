#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends one IPv4 frame with an offload request of the sender's choice.

vnet.py IFACE DST_MAC tcp PAYLOAD MSS    TCP, to be cut into pieces of MSS
vnet.py IFACE DST_MAC PROTOCOL OFFSET    checksum of another protocol, whose
                                         field is at OFFSET of its header
"""
import socket
import struct
import sys

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM, GSO_NONE, GSO_TCPV4 = 1, 0, 1
SRC, DST = bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2])


def fold(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def main():
    iface, mac, kind = sys.argv[1:4]
    gso, size, offset, proto = GSO_NONE, 0, 16, 6
    if kind == "tcp":
        payload, size = int(sys.argv[4]), int(sys.argv[5])
        gso = GSO_TCPV4
        l4 = bytearray(struct.pack("!HHIIBBHHH", 9, 9, 1, 1, 5 << 4, 0x10,
                                   1000, 0, 0))
    else:
        payload, proto, offset = 100, int(kind), int(sys.argv[4])
        l4 = bytearray(20)
    length = len(l4) + payload
    struct.pack_into("!H", l4, offset,
                     fold(SRC + DST + struct.pack("!HH", proto, length)))
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 1, 0, 64, proto, 0,
                     SRC, DST)
    ip = ip[:10] + struct.pack("!H", fold(ip) ^ 0xffff) + ip[12:]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.bind((iface, 0x800))
    src = sock.getsockname()[4]
    frame = (bytes.fromhex(mac.replace(":", "")) + src + b"\x08\x00" + ip +
             l4 + bytes(i & 255 for i in range(payload)))
    sock.send(struct.pack("=BBHHHH", NEEDS_CSUM, gso, 34 + len(l4), size, 34,
                          offset) + frame)


main()
