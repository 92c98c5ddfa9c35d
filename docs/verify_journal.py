#!/usr/bin/env python3
"""Verifies an export of the journal (chancery audit export) without Chancery:
verify_journal.py journal.jsonl [CERTIFICATE.pem].  With the authority's
certificate, the signatures of checkpoints too (by openssl).  docs/journal.md."""
import hashlib, json, struct, subprocess, sys, tempfile

WORDS = b"chancery checkpoint 1\n"

def signed(statement, signature, certificate):
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("key", "statement", "signature")]
        key = subprocess.run(["openssl", "x509", "-noout", "-pubkey", "-in",
                              certificate], check=True, capture_output=True).stdout
        for file, content in zip(files, (key, statement, signature)):
            with open(file, "wb") as opened:
                opened.write(content)
        kind = subprocess.run(["openssl", "pkey", "-pubin", "-noout", "-text",
                               "-in", files[0]], capture_output=True).stdout
        digest = [] if b"25519" in kind else ["-digest", "sha384" if b"(384"
                                              in kind else "sha256"]
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-rawin",
                               *digest, "-inkey", files[0], "-in", files[1],
                               "-sigfile", files[2]], capture_output=True).returncode == 0

def verify(lines, certificate=None):
    hashes, checkpoints = [bytes(32)], 0
    for line in lines:
        event = json.loads(line)
        if event["seq"] != len(hashes):
            return f"event {len(hashes)} is missing"
        texts = [event[name].encode() for name in ("kind", "actor", "object", "detail")]
        told = b"".join(struct.pack(">I", len(text)) + text for text in texts)
        hashes.append(hashlib.sha256(hashes[-1] + struct.pack(
            ">qq", event["seq"], event["at_ms"]) + told).digest())
        if hashes[-1].hex() != event["hash"]:
            return f"event {event['seq']} does not fit the chain"
        if event["kind"] == "checkpoint" and certificate:
            detail = json.loads(event["detail"])
            statement = bytes.fromhex(detail["statement"])
            seq, head = struct.unpack(">8xq32s", statement[len(WORDS):][:48])
            if not statement.startswith(WORDS) or hashes[seq] != head or not signed(
                    statement, bytes.fromhex(detail["signature"]), certificate):
                return f"event {event['seq']} is a checkpoint that does not hold"
            checkpoints += 1
    return f"whole: {len(hashes) - 1} events, {checkpoints} checkpoints verified"

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as opened:
        answer = verify(opened, *sys.argv[2:3])
    print(answer)
    sys.exit(0 if answer.startswith("whole") else 1)
