"""Chains of certificates with something wrong in them, or nothing: questions
for every verifier at once.  The same plan makes the same faults; the keys are
new each time."""
import base64
import copy
import dataclasses
import datetime
import hashlib
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from surgery import (INTEGER, OCTETS, SEQUENCE, Body, Extension, deform, edit,
                     flip, length_of, moment, name, oid, split, tlv)

NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
HOST = "www.example.org"
NULL = b"\x05\x00"
SHA256, SHA384 = hashes.SHA256(), hashes.SHA384()
ALGORITHMS = {
    "p256": tlv(SEQUENCE, oid("1.2.840.10045.4.3.2")),
    "p384": tlv(SEQUENCE, oid("1.2.840.10045.4.3.3")),
    "rsa2048": tlv(SEQUENCE, oid("1.2.840.113549.1.1.11"), NULL),
    "ed25519": tlv(SEQUENCE, oid("1.3.101.112")),
}
OTHER_ALGORITHMS = [*ALGORITHMS.values(),
                    tlv(SEQUENCE, oid("1.2.840.10045.4.3.2"), NULL),
                    tlv(SEQUENCE, oid("1.2.840.113549.1.1.11")),
                    tlv(SEQUENCE, oid("1.2.840.113549.1.1.5"), NULL),
                    tlv(SEQUENCE, oid("1.2.840.113549.1.1.10")),
                    tlv(SEQUENCE, oid("1.2.3.4"))]

BASIC, USAGE, PURPOSES, NAMES = ("2.5.29.19", "2.5.29.15", "2.5.29.37",
                                 "2.5.29.17")
CONSTRAINTS, POLICIES, MAPPINGS = "2.5.29.30", "2.5.29.32", "2.5.29.33"
REQUIRE, INHIBIT, AUTHORITY_KEY, OWN_KEY = ("2.5.29.36", "2.5.29.54",
                                            "2.5.29.35", "2.5.29.14")
SERVER, CLIENT, ANY = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"


def sequence(*parts):
    return tlv(SEQUENCE, *parts)


def general(tag, value):
    return bytes([tag]) + length_of(len(value)) + value


def dns(host):
    return general(0x82, host.encode())


def subtrees(permitted=(), excluded=()):
    return sequence(*(tlv(tag, *(sequence(base) for base in bases))
                      for tag, bases in ((0xA0, permitted), (0xA1, excluded))
                      if bases))


def policies(*dotted):
    return sequence(*(sequence(oid(one)) for one in dotted))


# What an extension may be changed into; most are well made, all are odd.
VALUES = {
    BASIC: ["3000", "30030101ff", "30060101ff020100", "30060101ff020101",
            "30060101ff0201ff", "3003020100", "3003010100", "3003010101",
            "30030101ff0500", "30080101ff0203010000", "0500", ""],
    USAGE: ["03020780", "03020204", "03020106", "030205a0", "030100",
            "03020106ff", "0303070080", "030206c0", "03020780", "0500"],
    PURPOSES: [sequence(oid(SERVER)), sequence(oid(CLIENT)),
               sequence(oid(ANY)), sequence(oid(SERVER), oid(CLIENT)),
               sequence(oid(SERVER), oid(SERVER)), sequence(),
               sequence(oid("1.3.6.1.5.5.7.3.8")), sequence(oid("1.2.3.4")),
               sequence(oid("1.3.6.1.4.1.311.10.3.3"))],
    NAMES: [sequence(dns(HOST)), sequence(dns("other.example.org")),
            sequence(dns("*.example.org")), sequence(dns("*.org")),
            sequence(dns("*")), sequence(dns("*.*.org")),
            sequence(dns("w*.example.org")), sequence(dns("WWW.Example.ORG")),
            sequence(dns(HOST + ".")), sequence(dns(".example.org")),
            sequence(dns(HOST + "\0.evil.test")), sequence(dns("")),
            sequence(dns(HOST), dns("a b")), sequence(dns(HOST), dns("_x.test")),
            sequence(general(0x87, b"\xc0\0\2\1")), sequence(),
            sequence(dns(HOST), general(0x87, b"\1\2\3")),
            sequence(general(0x81, b"who@example.org")),
            sequence(general(0x86, b"https://www.example.org/")),
            sequence(dns(HOST), general(0x86, b"no uri")),
            sequence(dns(HOST), general(0x81, b"no mailbox")),
            sequence(dns(HOST), dns("www.elsewhere.test")),
            sequence(dns(HOST), general(0x88, b"\x2a\x03"))],
    CONSTRAINTS: [subtrees([dns("example.org")]), subtrees([dns(HOST)]),
                  subtrees([dns(".example.org")]), subtrees([dns("test")]),
                  subtrees([dns("")]), subtrees([], [dns("")]),
                  subtrees([], [dns("example.org")]), subtrees([], [dns("x")]),
                  subtrees([dns("xample.org")]), subtrees([dns("EXAMPLE.org")]),
                  subtrees([general(0x87, b"\xc0\0\2\0\xff\xff\xff\0")]),
                  subtrees([general(0x87, b"\xc0\0\2\0\xff\0\xff\0")]),
                  subtrees([general(0x87, b"\xc0\0\2\0")]),
                  subtrees([general(0x81, b"example.org")]),
                  subtrees([general(0x86, b"example.org")]),
                  subtrees([tlv(0xA4, name("Leaf"))]),
                  subtrees([tlv(0xA4, sequence())]),
                  subtrees([], [tlv(0xA4, name("Leaf"))]),
                  subtrees([general(0x88, b"\x2a\x03")]),
                  subtrees([dns("example.org")], [dns(HOST)]), sequence(),
                  sequence(tlv(0xA0, sequence(dns("example.org"),
                                              b"\x80\x01\x01")))],
    POLICIES: [policies("2.5.29.32.0"), policies("1.2.3"), sequence(),
               policies("1.2.3", "1.2.3"), policies("1.2.3", "1.2.4")],
    MAPPINGS: [sequence(sequence(oid("1.2.3"), oid("1.2.4"))), sequence(),
               sequence(sequence(oid("2.5.29.32.0"), oid("1.2.4")))],
    REQUIRE: ["3003800100", "3003810100", "3006800100810100", "3000",
              "30038001ff", "3003800101"],
    INHIBIT: ["020100", "020105", "0201ff"],
    AUTHORITY_KEY: ["3000", "3006800401020304", sequence(
        tlv(0xA1, tlv(0xA4, name("Nobody"))), general(0x82, b"\x01")),
                    sequence(general(0x82, b"\x01"))],
    OWN_KEY: ["0400", "04020102", "0500"],
    "2.5.29.18": [sequence(dns("issuer.example.org")), sequence()],
    "2.5.29.9": ["3000"],
    "2.5.29.16": ["3011800f32303230303130313030303030305a"],
    "2.5.29.31": ["3000", sequence(sequence(tlv(0xA0, tlv(0xA0, general(
        0x86, b"http://crl.example.org/"))))), "3002 3000"],
    "2.5.29.46": ["3000", "0500"],
    "1.3.6.1.5.5.7.1.1": ["3000", sequence(sequence(
        oid("1.3.6.1.5.5.7.48.1"), general(0x86, b"http://o.example.org")))],
    "1.3.6.1.5.5.7.1.11": ["3000"],
    "1.3.6.1.5.5.7.1.24": ["3003020105", "3000"],
    "1.3.6.1.4.1.11129.2.4.3": ["0500"],
    "1.3.6.1.5.5.7.48.1.5": ["0500"],
    "2.16.840.1.113730.1.1": ["03020640", "03020204", "03020780"],
    "1.2.3.4.5": ["0500", ""],
}


@dataclasses.dataclass
class Pair:
    kind: str
    private: object

    @property
    def public(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message):
        if self.kind == "rsa2048":
            return self.private.sign(message, padding.PKCS1v15(), SHA256)
        if self.kind == "ed25519":
            return self.private.sign(message)
        digest = SHA256 if self.kind == "p256" else SHA384
        return self.private.sign(message, ec.ECDSA(digest))


def new_pair(kind):
    if kind == "rsa2048":
        return Pair(kind, rsa.generate_private_key(65537, 2048))
    if kind == "ed25519":
        return Pair(kind, ed25519.Ed25519PrivateKey.generate())
    curve = ec.SECP256R1() if kind == "p256" else ec.SECP384R1()
    return Pair(kind, ec.generate_private_key(curve))


@dataclasses.dataclass
class Place:
    """A certificate of a chain that is being made: root first."""
    subject: str
    body: Body
    signer: Pair
    spoil: object = None  # of the whole, signed one


@dataclasses.dataclass
class Plan:
    """What is asked, before it is made: a part of its faults can be made, too."""
    kind: str
    between: int  # authorities between root and leaf
    faults: list  # (name of a way, place in the chain, seed)

    def each(self):
        """The same chain with one of the faults."""
        return [dataclasses.replace(self, faults=[fault])
                for fault in self.faults]


@dataclasses.dataclass
class Question:
    plan: Plan
    what: str  # is wrong
    leaf: bytes
    roots: list
    untrusted: list
    time: int = int(NOW.timestamp())
    host: str = HOST

    @property
    def line(self):
        def text(der):
            return base64.b64encode(der).decode()

        return {"leaf": text(self.leaf), "roots": [*map(text, self.roots)],
                "untrusted": [*map(text, self.untrusted)], "time": self.time,
                "names": [{"kind": "dns", "value": self.host}],
                "purpose": "server"}


def usual(pair, signer, subject, issuer, role):
    """role: "root", "issuing" or "leaf"."""
    own = hashlib.sha1(pair.public).digest()
    above = hashlib.sha1(signer.public).digest()
    extensions = [Extension(OWN_KEY, tlv(OCTETS, own)),
                  Extension(AUTHORITY_KEY, sequence(general(0x80, above)))]
    if role == "leaf":
        extensions += [
            Extension(BASIC, sequence(), True),
            Extension(USAGE, bytes.fromhex("03020780" if pair.kind != "rsa2048"
                                           else "030205a0"), True),
            Extension(PURPOSES, sequence(oid(SERVER))),
            Extension(NAMES, sequence(dns(HOST)))]
    else:
        extensions += [Extension(BASIC, bytes.fromhex("30030101ff"), True),
                       Extension(USAGE, bytes.fromhex("03020106"), True)]
    serial = hashlib.sha256(subject.encode() + own).digest()[:16]
    return Body(tlv(INTEGER, b"\x01" + serial), name(issuer),
                sequence(moment(NOW - 30 * DAY), moment(NOW + 60 * DAY)),
                name(subject), pair.public, extensions,
                ALGORITHMS[signer.kind])


WAYS = {
    "nothing": 2, "spoil_bit": 4, "spoil_element": 3, "spoil_end": 1,
    "damage_bit": 5, "damage_element": 8, "drop_extension": 3,
    "double_extension": 2, "shuffle_extensions": 2, "change_extension": 14,
    "add_extension": 8, "toggle_critical": 4, "change_dates": 6, "rename": 4,
    "rename_both": 4, "change_serial": 3, "change_version": 3,
    "change_algorithm": 3, "change_key": 2, "wrong_signer": 3,
    "no_extensions": 1, "add_identifier": 1}


def plan(chance):
    between = chance.choice([0, 1, 1, 1, 2, 3])
    last = between + 1
    ways = chance.choices([*WAYS], [*WAYS.values()],
                          k=chance.choice([1, 1, 1, 1, 2, 2, 3]))
    return Plan(chance.choice([*ALGORITHMS]), between, [
        (way, chance.choice([0, *range(last + 1), last, last]),
         chance.getrandbits(64)) for way in ways])


class Workshop:
    """Makes what is planned; its keys are made once."""

    def __init__(self):
        self.chance = None
        self.pairs = {kind: [new_pair(kind) for _ in range(5)]
                      for kind in ALGORITHMS}

    def chain(self, kind, between):
        pairs = self.pairs[kind]
        subjects = ["Root", *(f"Issuing {i}" for i in range(between)), "Leaf"]
        places = []
        for i, subject in enumerate(subjects):
            role = ("root" if i == 0 else
                    "leaf" if subject == "Leaf" else "issuing")
            above = max(i - 1, 0)
            body = usual(pairs[i], pairs[above], subject, subjects[above], role)
            places.append(Place(subject, body, pairs[above]))
        return places

    def make(self, planned):
        places = self.chain(planned.kind, planned.between)
        what = []
        for way, at, seed in planned.faults:
            self.chance = random.Random(seed)
            told = getattr(self, way)(places, at)
            what.append(f"{way} of {places[at].subject} {told or ''}".strip())
        made = []
        for place in places:
            whole = place.body.sign(place.signer.sign)
            made.append(place.spoil(whole) if place.spoil else whole)
        return Question(planned, f"{planned.kind}: {'; '.join(what)}",
                        made[-1], [made[0]], made[1:-1][::-1])

    # --- what may be wrong: each changes one certificate, and tells what ------

    def nothing(self, places, at):
        pass

    def spoil_bit(self, places, at):
        """Not signed again."""
        seed = self.chance.random()
        places[at].spoil = lambda whole: flip(
            whole, int(seed * len(whole) * 8))

    def spoil_element(self, places, at):
        chance = copy.copy(self.chance)
        self.chance.random()
        places[at].spoil = lambda whole: deform(whole, chance)

    def spoil_end(self, places, at):
        cut = self.chance.choice([-40, -1, 0])
        places[at].spoil = lambda whole: whole[:cut] if cut else whole + b"\0"
        return cut

    def damage_bit(self, places, at):
        """Signed again by the right key."""
        seed = self.chance.random()
        places[at].body.damage.append(
            lambda body: flip(body, int(seed * len(body) * 8)))

    def damage_element(self, places, at):
        chance = copy.copy(self.chance)
        self.chance.random()
        places[at].body.damage.append(lambda body: deform(body, chance))

    def any_extension(self, body):
        return self.chance.choice(body.extensions) if body.extensions else None

    def drop_extension(self, places, at):
        body = places[at].body
        gone = self.any_extension(body)
        if gone:
            body.extensions.remove(gone)
            return gone.type

    def double_extension(self, places, at):
        body = places[at].body
        again = self.any_extension(body)
        if again:
            body.extensions.append(copy.copy(again))
            return again.type

    def shuffle_extensions(self, places, at):
        self.chance.shuffle(places[at].body.extensions or [])

    def value(self, type_):
        value = self.chance.choice(VALUES[type_])
        return bytes.fromhex(value) if isinstance(value, str) else value

    def change_extension(self, places, at):
        changed = self.any_extension(places[at].body)
        if changed:
            changed.value = self.value(changed.type)
            return f"{changed.type}={changed.value.hex()}"

    def add_extension(self, places, at):
        body = places[at].body
        type_ = self.chance.choice(list(VALUES))
        added = Extension(type_, self.value(type_),
                          self.chance.random() < 0.4)
        body.extensions = [*(body.extensions or []), added]
        body.extensions = [one for one in body.extensions
                           if one is added or one.type != type_]
        return f"{type_}={added.value.hex()} critical {added.critical}"

    def toggle_critical(self, places, at):
        changed = self.any_extension(places[at].body)
        if changed:
            changed.critical = not changed.critical
            return f"{changed.type} {changed.critical}"

    def change_dates(self, places, at):
        begin, end = self.chance.choice([
            (-9, -1), (1, 9), (0, 60), (-60, 0), (-1, 1), (9, -9),
            (-30000, 30000), (-30, 2500000), (-9, 9)])
        one = datetime.timedelta(seconds=self.chance.choice([0, 0, 1, -1]))
        from_ = NOW + begin * DAY + one
        until = NOW + end * DAY + one
        general = self.chance.choice([None, None, None, True, False])
        places[at].body.validity = self.chance.choice([
            sequence(moment(from_, general), moment(until, general))] * 4 + [
                sequence(tlv(23, b"260101000000+0100"), moment(until)),
                sequence(tlv(23, b"2601010000Z"), moment(until)),
                sequence(moment(from_), tlv(24, b"20270101000000.5Z")),
                sequence(moment(from_), tlv(24, b"99991231235959Z")),
                sequence(moment(from_), tlv(23, b"271332000000Z"))])
        return f"{begin} {end} {one} {general}"

    def odd_name(self):
        return self.chance.choice([
            name("Elsewhere"), sequence(), name("leaf"), name("Root"),
            name("Root", 0x13), name("ROOT"), name(" Root  "),
            name("Issuing 0", 0x13), name("issuing  0"), name("Leaf", 0x13),
            name("Root", 0x16), name("Root", 0x14), name("R\0oot"),
            sequence(*[name("Leaf")[2:]] * 2)])

    def rename(self, places, at):
        made = self.odd_name()
        if self.chance.random() < 0.5:
            places[at].body.subject = made
        else:
            places[at].body.issuer = made
        return made.hex()

    def rename_both(self, places, at):
        """... and whoever it issued says the same."""
        made = self.odd_name()
        places[at].body.subject = made
        if at == 0:
            places[0].body.issuer = made
        if at + 1 < len(places):
            places[at + 1].body.issuer = made
        return made.hex()

    def change_serial(self, places, at):
        made = self.chance.choice(["020100", "0201ff", "02020001", "0200",
                                   "0215" + "7f" * 21, "0214" + "7f" * 20,
                                   "0240" + "01" * 64, "020105", "040105"])
        places[at].body.serial = bytes.fromhex(made)
        return made

    def change_version(self, places, at):
        made = self.chance.choice(["", "a003020100", "a003020101",
                                   "a003020103", "a0030201ff", "a00402020002"])
        places[at].body.version = bytes.fromhex(made)
        if self.chance.random() < 0.4:
            places[at].body.extensions = None
        return made

    def change_algorithm(self, places, at):
        made = self.chance.choice(OTHER_ALGORITHMS)
        if self.chance.random() < 0.4:
            places[at].body.algorithm = made
        else:
            places[at].body.outer = made
        return made.hex()

    def change_key(self, places, at):
        body = places[at].body
        way = self.chance.randrange(3)
        if way == 0:
            body.key = self.chance.choice(self.pairs["p256"]).public
        elif way == 1:
            body.key = flip(body.key, self.chance.randrange(len(body.key) * 8))
        else:
            _, contents, _ = split(body.key)
            body.key = edit(body.key, (0,), lambda item: tlv(
                SEQUENCE, split(item)[1], NULL))
        return way

    def wrong_signer(self, places, at):
        place = places[at]
        place.signer = self.chance.choice(self.pairs[place.signer.kind])

    def no_extensions(self, places, at):
        places[at].body.extensions = self.chance.choice([None, []])

    def add_identifier(self, places, at):
        places[at].body.identifiers = self.chance.choice([
            tlv(0x81, b"\0\1"), tlv(0x82, b"\0\1"), tlv(0x81, b"\7\1")])
