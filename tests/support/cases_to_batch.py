#!/usr/bin/env python3
"""Turns cases of the outside suites into lines for `chancery verify --batch`.

    cases_to_batch.py SUITE.cases[.xz]|openssl-verify.tar.xz >LINES

Each line's id is the case's name. As a module: read_suite() gives the cases,
with what the suite expects.
"""

import base64
import json
import lzma
import pathlib
import re
import sys
import tarfile

PURPOSES = {"SERVER": "server", "CLIENT": "client", "ANY": None}
NAME_KINDS = {"HOST": "dns", "IP": "ip", "EMAIL": "email"}
OTHER_KINDS = {"DNS": "dns", "IP": "ip", "RFC822": "email", "EMAIL": "email"}
# By the first part of a case's name.  x509test's are rules for who issues.
PROFILES = {"rfc5280": "rfc5280", "webpki": "webpki", "crl": "rfc5280",
            "x509test": "rfc5280"}


class Case:
    """One case: its line (a dict) and whether the suite wants it valid."""

    def __init__(self, name):
        self.expects_valid = False
        self.is_soft = False
        self.wants_status = False
        self.line = {"id": name, "leaf": None, "untrusted": [], "roots": [],
                     "crls": [], "names": [], "extended_key_usage": [],
                     "key_usage": [], "policies": {"initial": []}}

    @property
    def name(self):
        return self.line["id"]

    def finish(self):
        line = self.line
        if line["crls"] or self.wants_status:
            line["revocation"] = "hard"
        profile = line["id"].split("::")[0]
        if profile in PROFILES:
            line["profile"] = PROFILES[profile]
        return self


def take(case, word, value):
    line = case.line
    if word == "EXPECT":
        case.expects_valid = value.startswith("SUCCESS")
        case.is_soft = value.endswith("?")
    elif word == "KIND":
        line["purpose"] = PURPOSES[value]
    elif word == "TIME":
        line["time"] = int(value)
    elif word in NAME_KINDS:
        line["names"].append({"kind": NAME_KINDS[word], "value": value})
    elif word == "NAMES":
        kind, name = value.split(" ", 1)
        line["names"].append({"kind": OTHER_KINDS[kind], "value": name})
    elif word == "EKU":
        line["extended_key_usage"].append(value)
    elif word == "KU":
        line["key_usage"].append(value)
    elif word == "DEPTH":
        line["max_depth"] = int(value)
    elif word == "CRLCHECK":
        case.wants_status = True
    elif word in ("XPOL", "IMAP", "IANY"):
        key = {"XPOL": "require_explicit", "IMAP": "inhibit_mapping",
               "IANY": "inhibit_any"}[word]
        line["policies"][key] = True
    elif word == "POL":
        line["policies"]["initial"].append(value)
    elif word in ("TRUST", "INTER", "CRL"):
        key = {"TRUST": "roots", "INTER": "untrusted", "CRL": "crls"}[word]
        line[key].append(value)
    elif word == "LEAF":
        line["leaf"] = value
    elif word != "FEAT":
        sys.exit(f"{case.name}: there is no word {word}")


def read_cases(text):
    case = None
    for row in text.splitlines():
        word, _, value = row.partition(" ")
        if word == "CASE":
            case = Case(value)
        elif word == "END":
            yield case.finish()
        else:
            take(case, word, value)


# --- OpenSSL's own calls ------------------------------------------------------

PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END ", re.DOTALL)


def certificate_of(text):
    """The certificate alone: a "TRUSTED CERTIFICATE" has OpenSSL's settings
    behind it, which are no part of it."""
    der = base64.b64decode(PEM_BLOCK.search(text).group(2))
    head = der[1] & 0x7f if der[1] & 0x80 else 0
    length = int.from_bytes(der[2:2 + head], "big") if head else der[1]
    return base64.b64encode(der[:2 + head + length]).decode()


def take_options(line, options):
    options = list(options)
    while options:
        word = options.pop(0)
        if word == "-verify_depth":
            line["max_depth"] = int(options.pop(0))
        elif word == "-attime":
            line["time"] = int(options.pop(0))
        elif word == "-policy":
            line["policies"]["initial"].append(options.pop(0))
        elif word == "-explicit_policy":
            line["policies"]["require_explicit"] = True
        elif word == "-auth_level":
            options.pop(0)


def read_openssl(archive):
    with tarfile.open(archive) as files:
        texts = {pathlib.PurePath(member.name).name:
                 files.extractfile(member).read().decode("latin-1")
                 for member in files if member.isfile()}
    for place, call in enumerate(json.loads(texts["cases.json"])):
        case = Case(f"openssl::{place}::{call['desc']}")
        case.expects_valid = call["expect"]
        line = case.line
        line["leaf"] = certificate_of(texts[call["cert"] + ".pem"])
        line["roots"] = [certificate_of(texts[name + ".pem"])
                         for name in call["trusted"]]
        line["untrusted"] = [certificate_of(texts[name + ".pem"])
                             for name in call["untrusted"]]
        line["purpose"] = {"sslserver": "server", "sslclient": "client",
                           "": None}[call["purpose"]]
        take_options(line, call["opts"])
        yield case.finish()


def read_suite(path):
    path = pathlib.Path(path)
    if path.name.startswith("openssl-verify"):
        return list(read_openssl(path))
    if path.suffix == ".xz":
        with lzma.open(path, "rt") as text:
            return list(read_cases(text.read()))
    return list(read_cases(path.read_text()))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for case in read_suite(sys.argv[1]):
        print(json.dumps(case.line))


if __name__ == "__main__":
    main()
