#!/usr/bin/env python3
"""Writes every certificate of the outside suites into one file.

    extract_suites.py SUITES_FOLDER OUTPUT

The output is one record after another: a length of 4 bytes, big-endian, then
the DER.  Each certificate is in it once, in the order of first appearance.
"""

import base64
import binascii
import lzma
import pathlib
import re
import struct
import sys
import tarfile

CASE_FILES = ("limbo", "bettertls", "pkits", "boringssl-chain", "x509test")
ARCHIVES = ("zlint", "openssl-verify")
CERTIFICATE_LINE = re.compile(rb"^(?:TRUST|INTER|LEAF) (\S+)$", re.MULTILINE)
PEM_BLOCK = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----(.*?)"
    rb"-----END (?:X509 )?CERTIFICATE-----", re.DOTALL)


def of_cases(path):
    with lzma.open(path) as cases:
        for match in CERTIFICATE_LINE.finditer(cases.read()):
            yield base64.b64decode(match.group(1))


def of_archive(path):
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".pem"):
                continue
            text = archive.extractfile(member).read()
            for match in PEM_BLOCK.finditer(text):
                yield base64.b64decode(match.group(1))


def all_of(folder):
    for name in CASE_FILES:
        path = folder / (name + ".cases.xz")
        if path.exists():
            yield from of_cases(path)
    for name in ARCHIVES:
        path = folder / (name + ".tar.xz")
        if path.exists():
            yield from of_archive(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    seen = set()
    with open(sys.argv[2], "wb") as output:
        try:
            for der in all_of(pathlib.Path(sys.argv[1])):
                if der in seen:
                    continue
                seen.add(der)
                output.write(struct.pack(">I", len(der)) + der)
        except (binascii.Error, lzma.LZMAError, tarfile.TarError) as wrong:
            sys.exit(f"{sys.argv[1]}: {wrong}")
    if not seen:
        sys.exit(f"{sys.argv[1]}: no certificates in it")
    print(f"{len(seen)} certificates of {sys.argv[1]}")


if __name__ == "__main__":
    main()
