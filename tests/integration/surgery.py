"""Certificates taken apart, changed and put together again, byte by byte: what
no library would make.  Nothing here is checked; that is the point."""
import dataclasses

SEQUENCE, SET, OCTETS, BITS, OID = 0x30, 0x31, 0x04, 0x03, 0x06
BOOLEAN, INTEGER, UTC, GENERALIZED = 0x01, 0x02, 0x17, 0x18


def length_of(count, is_long=False):
    if count < 128 and not is_long:
        return bytes([count])
    body = count.to_bytes((count.bit_length() + 7) // 8 or 1, "big")
    return bytes([0x80 | len(body)]) + body


def tlv(tag, *parts):
    body = b"".join(parts)
    return bytes([tag]) + length_of(len(body)) + body


def split(encoded):
    """(tag, contents, rest) of the first element."""
    count, at = encoded[1], 2
    if count & 0x80:
        width = count & 0x7F
        count = int.from_bytes(encoded[2:2 + width], "big")
        at += width
    return encoded[0], encoded[at:at + count], encoded[at + count:]


def elements(contents):
    """The encoded elements, one after another."""
    found = []
    while contents:
        rest = split(contents)[2]
        found.append(contents[:len(contents) - len(rest)])
        contents = rest
    return found


def oid(dotted):
    first, second, *others = map(int, dotted.split("."))
    body = bytearray([first * 40 + second])
    for arc in others:
        digits = [arc & 0x7F]
        while arc > 0x7F:
            arc >>= 7
            digits.append(0x80 | (arc & 0x7F))
        body += bytes(reversed(digits))
    return tlv(OID, bytes(body))


def name(common, tag=0x0C):
    return tlv(SEQUENCE, tlv(SET, tlv(SEQUENCE, oid("2.5.4.3"),
                                      tlv(tag, common.encode()))))


def moment(time, is_general=None):
    """A datetime as UTCTime, from 2050 on as GeneralizedTime."""
    if is_general is None:
        is_general = time.year >= 2050
    if is_general:
        return tlv(GENERALIZED, time.strftime("%Y%m%d%H%M%SZ").encode())
    return tlv(UTC, time.strftime("%y%m%d%H%M%SZ").encode())


@dataclasses.dataclass
class Extension:
    type: str
    value: bytes
    critical: bool = False

    def encode(self):
        return tlv(SEQUENCE, oid(self.type),
                   tlv(BOOLEAN, b"\xff") if self.critical else b"",
                   tlv(OCTETS, self.value))


@dataclasses.dataclass
class Body:
    """What is signed, each part encoded; damage comes last."""
    serial: bytes
    issuer: bytes
    validity: bytes
    subject: bytes
    key: bytes
    extensions: list
    algorithm: bytes
    version: bytes = tlv(0xA0, tlv(INTEGER, b"\x02"))
    identifiers: bytes = b""
    outer: bytes = None  # another algorithm beside the signature
    damage: list = dataclasses.field(default_factory=list)

    def encode(self):
        tail = b""
        if self.extensions is not None:
            tail = tlv(0xA3, tlv(SEQUENCE, *(extension.encode() for extension
                                             in self.extensions)))
        body = tlv(SEQUENCE, self.version, self.serial, self.algorithm,
                   self.issuer, self.validity, self.subject, self.key,
                   self.identifiers, tail)
        for change in self.damage:
            body = change(body)
        return body

    def sign(self, signer):
        body = self.encode()
        return tlv(SEQUENCE, body, self.outer or self.algorithm,
                   tlv(BITS, b"\0" + signer(body)))


def flip(encoded, bit):
    changed = bytearray(encoded)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_nest(tag):
    return tag & 0x20 != 0


def walk(encoded, trail=()):
    """The trails of all elements: places among their siblings."""
    yield trail
    tag, contents, _ = split(encoded)
    if is_nest(tag):
        for place, item in enumerate(elements(contents)):
            yield from walk(item, trail + (place,))


def edit(encoded, trail, change):
    """With the element at a trail replaced by change(element); every length
    above fits."""
    if not trail:
        return change(encoded)
    tag, contents, _ = split(encoded)
    items = elements(contents)
    items[trail[0]] = edit(items[trail[0]], trail[1:], change)
    return tlv(tag, *items)


def deform(encoded, chance):
    """One element anywhere dropped, doubled, emptied, given another tag, a
    longer length or another content; what is no DER already loses its end."""
    try:
        trail = chance.choice([found for found in walk(encoded) if found])
    except IndexError:
        return encoded[:-1]

    def change(item):
        tag, contents, _ = split(item)
        way = chance.randrange(7)
        if way == 0:
            return b""
        if way == 1:
            return item + item
        if way == 2:
            return tlv(tag)
        if way == 3:
            return bytes([chance.choice([2, 3, 4, 5, 6, 12, 19, 22, 48, 49,
                                         160, 163])]) + item[1:]
        if way == 4:
            return bytes([tag]) + length_of(len(contents), True) + contents
        if way == 5 and contents:
            place = chance.randrange(len(contents) * 8)
            return tlv(tag, flip(contents, place))
        return tlv(tag, contents, chance.randbytes(2))

    return edit(encoded, trail, change)
