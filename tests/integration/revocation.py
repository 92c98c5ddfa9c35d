"""Revoked certificates and published lists, for the tests of revocation."""
import pathlib
import subprocess

from cryptography import x509

from consumers import CLEAN, joined, say
from waiting import database

DAY = 86400


def issue(authority, folder, number=1, profile="server"):
    """Files with certificates of new keys."""
    files = []
    for _ in range(number):
        place = folder / f"{authority.directory.name}{len(list(folder.iterdir()))}"
        authority.run("issue", "--profile", profile, "--san",
                      f"{place.name}.example.org", "--key-out",
                      place.with_suffix(".key"), "--out",
                      place.with_suffix(".pem"))
        files.append(place.with_suffix(".pem"))
    return files


def certificate(file):
    return x509.load_pem_x509_certificate(pathlib.Path(file).read_bytes())


def serial(file):
    """As the program shows it."""
    digits = f"{certificate(file).serial_number:x}"
    return digits if len(digits) % 2 == 0 else "0" + digits


def path_of(authority, name="issuing"):
    return authority.directory / "publish" / "crl" / f"{name}.crl"


def published(authority, name="issuing"):
    return x509.load_der_x509_crl(path_of(authority, name).read_bytes())


def number_of(crl):
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def listed(crl):
    """{serial: reason} of a list."""
    found = {}
    for entry in crl:
        try:
            reason = entry.extensions.get_extension_for_class(
                x509.CRLReason).value.reason.value
        except x509.ExtensionNotFound:
            reason = "unspecified"
        found[entry.serial_number] = reason
    return found


def holds(crl, *files):
    return set(listed(crl)) == {certificate(file).serial_number
                                for file in files}


def anchors(authority, folder):
    """(root, issuing), files."""
    found = []
    for name in ("root", "issuing"):
        found.append(folder / f"{name}.anchor")
        authority.run("ca show", "--ca", name, "--out", found[-1], "--force")
    return found


def as_pem(folder, *crls):
    """One file for openssl, which takes lists as PEM."""
    parts = []
    for index, path in enumerate(crls):
        parts.append(folder / f"list{index}.crl.pem")
        subprocess.run(["openssl", "crl", "-inform", "DER", "-in", path, "-out",
                        parts[-1]], check=True, env=CLEAN)
    return joined(parts, folder / "lists.pem")


def openssl_says(authority, folder, file, crls, *more):
    """(accepted, words) of openssl verify with these lists alone."""
    root, issuing = anchors(authority, folder)
    return say("openssl", "verify", "-CAfile", root, "-untrusted", issuing,
               "-crl_check", "-CRLfile", as_pem(folder, *crls), *more, file)


def events(authority, kind):
    with database(authority) as store:
        return store.execute("SELECT object, detail FROM journal WHERE kind = ?"
                             " ORDER BY seq", (kind,)).fetchall()


def revoke_many(authority, count, first, shards=1):
    """Rows as the store would have them, all in one transaction."""
    with database(authority) as store, store:
        owner, der, now = store.execute(
            "SELECT authority.id, certificate.der, certificate.issued_at"
            " FROM authority, certificate WHERE authority.name = 'issuing'"
            " ORDER BY certificate.id DESC LIMIT 1").fetchone()
        last = store.execute("SELECT max(id) FROM certificate").fetchone()[0]
        change = store.execute("SELECT coalesce(max(value), 0) FROM number"
                               " WHERE name = 'status-change'").fetchone()[0]
        serials = [b"\x02" + (first + i).to_bytes(16, "big")
                   for i in range(count)]
        store.executemany(
            "INSERT INTO certificate (id, serial, authority, profile, issued_at,"
            " not_after, status, revoked_at, reason, sealed, der) VALUES"
            " (?, ?, ?, 'server', ?, ?, 1, ?, 4, 1, ?)",
            ((last + 1 + i, serial, owner, now, now + 90 * DAY, now, der)
             for i, serial in enumerate(serials)))
        store.executemany(
            "INSERT INTO revocation VALUES (?, ?, ?, ?, ?, 4, ?, ?)",
            ((last + 1 + i, owner, int.from_bytes(serial[-4:], "big") % shards,
              serial, now, now + 90 * DAY, change + 1 + i)
             for i, serial in enumerate(serials)))
        store.execute("INSERT OR REPLACE INTO number VALUES ('status-change',"
                      " ?)", (change + count,))
