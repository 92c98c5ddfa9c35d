#!/usr/bin/env python3
"""Writes the cases of boringssl-revocation.tar.xz, a line for each.

    extract_revocation.py SUITES_FOLDER OUTPUT

A line is: crl|ocsp NAME EXPECTED TIME STATUS ISSUER CERTIFICATE, the last three
the DER in base64.
"""

import json
import pathlib
import re
import sys
import tarfile

PEM_BLOCK = re.compile(
    r"-----BEGIN ([^-]+)-----(.*?)-----END \1-----", re.DOTALL)
LABELS = {"crl": "CRL", "ocsp": "OCSP RESPONSE"}


def blocks_of(archive, path):
    text = archive.extractfile(path).read().decode("ascii", "replace")
    return {label: "".join(body.split())
            for label, body in PEM_BLOCK.findall(text)}


def cases_of(archive, kind):
    folder = f"revocation/{kind}/"
    expected = json.load(archive.extractfile(folder + "expected.json"))
    for case in expected["cases"]:
        blocks = blocks_of(archive, folder + case["file"])
        yield " ".join((
            kind, case["file"].removesuffix(".pem"),
            case.get("expected") or case["status"],
            str(case.get("time", expected["verify_time"])),
            blocks[LABELS[kind]], blocks["CA CERTIFICATE"],
            blocks["CERTIFICATE"]))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[1]) / "boringssl-revocation.tar.xz"
    with tarfile.open(path) as archive:
        lines = [line for kind in LABELS for line in cases_of(archive, kind)]
    if not lines:
        sys.exit(f"{path}: no cases in it")
    pathlib.Path(sys.argv[2]).write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases of {path}")


if __name__ == "__main__":
    main()
