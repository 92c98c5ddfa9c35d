"""A chain made by the openssl command: a reference to hold consumers to."""
import subprocess

from consumers import CLEAN

KINDS = {
    "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "rsa2048": ["-newkey", "rsa:2048"],
    "rsa3072": ["-newkey", "rsa:3072"],
    "rsa4096": ["-newkey", "rsa:4096"],
    "ed25519": ["-newkey", "ed25519"],
}
AUTHORITY = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext",
             "keyUsage=critical,keyCertSign,cRLSign"]


def command(*words):
    subprocess.run(["openssl", *map(str, words)], env=CLEAN, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def make_chain(kind, name, folder):
    """(leaf, [issuing], root), files with keys of one kind."""
    root, issuing, leaf = (folder / f"{part}.pem"
                           for part in ("root", "issuing", "leaf"))
    # NSS wants keyEncipherment of an RSA server; RFC 8813 forbids it for EC.
    usage = "digitalSignature"
    usage += ",keyEncipherment" if kind.startswith("rsa") else ""
    new = ["req", "-x509", "-nodes", "-days", "2", *KINDS[kind]]
    command(*new, "-subj", f"/CN=Reference {kind}", *AUTHORITY,
            "-keyout", folder / "root.key", "-out", root)
    command(*new, "-subj", "/CN=Reference Issuing", *AUTHORITY,
            "-CA", root, "-CAkey", folder / "root.key",
            "-keyout", folder / "issuing.key", "-out", issuing)
    command(*new, "-subj", f"/CN={name}",
            "-addext", f"subjectAltName=DNS:{name}",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", f"keyUsage=critical,{usage}",
            "-addext", "extendedKeyUsage=serverAuth",
            "-CA", issuing, "-CAkey", folder / "issuing.key",
            "-keyout", folder / "leaf.key", "-out", leaf)
    return leaf, [issuing], root
