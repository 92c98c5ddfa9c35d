#!/usr/bin/env python3
"""Writes every revocation list of the outside suites into one file.

    extract_crls.py SUITES_FOLDER OUTPUT

The records are those of extract_suites.py: a length of 4 bytes, big-endian,
then the DER, each once, in the order of first appearance.
"""

import base64
import binascii
import lzma
import pathlib
import re
import struct
import sys
import tarfile

CASE_FILES = ("limbo", "pkits", "boringssl-chain", "x509test")
ARCHIVES = ("boringssl-revocation", "openssl-verify", "zlint")
CRL_LINE = re.compile(rb"^CRL (\S+)$", re.MULTILINE)
PEM_BLOCK = re.compile(
    rb"-----BEGIN X509 CRL-----(.*?)-----END X509 CRL-----", re.DOTALL)


def of_cases(path):
    with lzma.open(path) as cases:
        for match in CRL_LINE.finditer(cases.read()):
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
        sys.exit(f"{sys.argv[1]}: no revocation lists in it")
    print(f"{len(seen)} revocation lists of {sys.argv[1]}")


if __name__ == "__main__":
    main()
