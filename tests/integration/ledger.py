"""What an authority remembers, read past the program: the sign log, the store
and its journal, and whether the three tell the same story."""
import dataclasses
import hashlib
import pathlib
import shutil
import sqlite3
import struct
import tempfile

STARTED, INTENT, SIGNED, REFUSED_DRAFT, CHECKPOINT = 1, 2, 3, 4, 5
FRAME_BYTES = 4 + 1 + 32 + 4
VALID, REVOKED = 0, 1


# --- the sign log -----------------------------------------------------------

@dataclasses.dataclass
class Record:
    kind: int
    payload: bytes
    start: int
    end: int


def der_element(der, place):
    """(tag, where the contents begin, where they end)."""
    tag, length, place = der[place], der[place + 1], place + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(der[place:place + count], "big")
        place += count
    return tag, place, place + length


def serial_of_draft(draft):
    _, place, _ = der_element(draft, 0)
    tag, start, end = der_element(draft, place)
    if tag == 0xA0:  # the version
        tag, start, end = der_element(draft, end)
    assert tag == 0x02
    return draft[start:end]


def sign_log(directory):
    """The records, whose chain is checked; a torn tail is none of them."""
    log = (pathlib.Path(directory) / "sign.log").read_bytes()
    records, place, before = [], 0, bytes(32)
    while place + FRAME_BYTES <= len(log):
        length, kind = struct.unpack_from(">IB", log, place)
        end = place + FRAME_BYTES + length
        if end > len(log):
            break
        payload = log[place + 5:place + 5 + length]
        stated = log[end - 36:end - 4]
        before = hashlib.sha256(
            before + bytes([kind]) + payload).digest()
        assert stated == before, f"the sign log's chain breaks at {place}"
        records.append(Record(kind, payload, place, end))
        place = end
    return records


def intents(records):
    """The serials of all drafts that were about to be signed."""
    return [serial_of_draft(record.payload[40:])
            for record in records if record.kind == INTENT]


# --- the store --------------------------------------------------------------

def read_store(directory):
    """(certificates as {serial: status}, journal rows): of a copy, so that the
    store stays as the program left it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("chancery.db", "chancery.db-wal"):
            path = pathlib.Path(directory) / name
            if path.exists():
                shutil.copy(path, folder)
        store = sqlite3.connect(pathlib.Path(folder) / "chancery.db")
        try:
            rows = store.execute(
                "SELECT serial, status FROM certificate").fetchall()
            journal = store.execute(
                "SELECT seq, at_ms, kind, actor, object, detail, hash"
                " FROM journal ORDER BY seq").fetchall()
            sound = store.execute("PRAGMA integrity_check").fetchone()
        finally:
            store.close()
    assert sound == ("ok",), sound
    return {bytes(serial): status for serial, status in rows}, journal


def check_journal(journal):
    """The hash chain from its first event to its last."""
    before = bytes(32)
    for number, row in enumerate(journal, 1):
        seq, at_ms, *texts, stated = row
        assert seq == number, f"event {number} of the journal is missing"
        told = b"".join(
            struct.pack(">I", len(text.encode())) + text.encode()
            for text in texts)
        before = hashlib.sha256(
            before + struct.pack(">qq", seq, at_ms) + told).digest()
        assert before == stated, f"the journal's chain breaks at {seq}"


# --- all three --------------------------------------------------------------

def check(directory):
    """{serial: status}, once nothing runs any more: every draft that was about
    to be signed has its one certificate; it is valid where the journal says
    that it was issued, and revoked where it says that it was recovered or
    revoked."""
    certificates, journal = read_store(directory)
    check_journal(journal)
    logged = intents(sign_log(directory))
    assert len(set(logged)) == len(logged), "a serial was used twice"
    assert set(logged) == set(certificates), (
        f"in the log alone: {set(logged) - set(certificates)}, in the store "
        f"alone: {set(certificates) - set(logged)}")
    told = {VALID: [], REVOKED: []}
    for _, _, kind, _, named, _, _ in journal:
        if kind in ("issued", "established"):
            told[VALID].append(bytes.fromhex(named))
        elif kind == "recovered":
            told[REVOKED].append(bytes.fromhex(named))
        elif kind == "revoked":
            told[VALID].remove(bytes.fromhex(named))
            told[REVOKED].append(bytes.fromhex(named))
    for status in (VALID, REVOKED):
        held = [serial for serial, is_of in certificates.items()
                if is_of == status]
        assert sorted(told[status]) == sorted(held), (
            f"journal {told[status]}, store {held}")
    return certificates
