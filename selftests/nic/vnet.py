#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends one frame with an offload request of the sender's choice.

vnet.py IFACE DST_MAC tcp PAYLOAD MSS    TCP, to be cut into pieces of MSS
vnet.py IFACE DST_MAC PROTOCOL OFFSET    checksum of another protocol of IPv4,
                                         whose field is at OFFSET of its header
vnet.py IFACE DST_MAC udp6 OPTIONS       checksum of UDP over IPv6, behind 8
                                         bytes of hop-by-hop options or none
"""
import socket
import struct
import sys

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM, GSO_NONE, GSO_TCPV4 = 1, 0, 1
SRC, DST = bytes([198, 18, 0, 1]), bytes([198, 18, 0, 2])
SRC6, DST6 = bytes([253] + [0] * 14 + [1]), bytes([253] + [0] * 14 + [2])


def fold(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def main():
    iface, mac, kind = sys.argv[1:4]
    gso, size, offset, proto = GSO_NONE, 0, 16, 6
    src, dst, options, ethertype = SRC, DST, b"", 0x800
    if kind == "udp6":
        payload, proto, offset = 100, 17, 6
        src, dst, ethertype = SRC6, DST6, 0x86dd
        if int(sys.argv[4]):
            options = bytes([proto, 0, 1, 4, 0, 0, 0, 0])
        l4 = bytearray(struct.pack("!HHHH", 9, 9, 8 + payload, 0))
    elif kind == "tcp":
        payload, size = int(sys.argv[4]), int(sys.argv[5])
        gso = GSO_TCPV4
        l4 = bytearray(struct.pack("!HHIIBBHHH", 9, 9, 1, 1, 5 << 4, 0x10,
                                   1000, 0, 0))
    else:
        payload, proto, offset = 100, int(kind), int(sys.argv[4])
        l4 = bytearray(20)
    length = len(l4) + payload
    struct.pack_into("!H", l4, offset,
                     fold(src + dst + struct.pack("!HH", proto, length)))
    if kind == "udp6":
        ip = struct.pack("!IHBB", 6 << 28, len(options) + length,
                         0 if options else proto, 64) + src + dst + options
    else:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0, 64, proto,
                         0) + src + dst
        ip = ip[:10] + struct.pack("!H", fold(ip) ^ 0xffff) + ip[12:]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.bind((iface, ethertype))
    head = (bytes.fromhex(mac.replace(":", "")) + sock.getsockname()[4] +
            struct.pack("!H", ethertype) + ip)
    sock.send(struct.pack("=BBHHHH", NEEDS_CSUM, gso, len(head) + len(l4), size,
                          len(head), offset) + head + l4 +
              bytes(i & 255 for i in range(payload)))


main()
