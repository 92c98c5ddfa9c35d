"""The smallest program for Windows that is well formed: it can be signed."""
import struct

SECTION = 0x200


def portable_executable():
    stub = struct.pack("<2s58xI", b"MZ", 0x40)
    file_header = struct.pack("<4s2H3I2H", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240,
                              0x22)
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20b, 14, 0, SECTION, 0, 0, 0x1000,
        0x1000, 0x140000000, 0x1000, SECTION, 6, 0, 0, 0, 6, 0, 0, 0x2000,
        SECTION, 0, 3, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    directories = bytes(16 * 8)
    section = struct.pack("<8s6I2HI", b".text", 1, 0x1000, SECTION, SECTION, 0,
                          0, 0, 0, 0x60000020)
    headers = stub + file_header + optional + directories + section
    return headers.ljust(SECTION, b"\0") + b"\xc3".ljust(SECTION, b"\0")
