"""Programs that sign other programs, and stamp when they were signed."""
import contextlib
import subprocess
import zipfile

from consumers import CLEAN, say
from holder import PASSWORD
from mail_consumers import in_turn, letter
from portable_executable import portable_executable
from serving import Quiet, free_port, http_served

STAMPING = """[tsa]
default_tsa = stamps
[stamps]
serial = {work}/serial
crypto_device = builtin
signer_cert = {leaf}
certs = {above}
signer_key = {key}
signer_digest = sha256
ess_cert_id_alg = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""


# --- stamps -------------------------------------------------------------------

def stamper(holder, work):
    """The settings of openssl ts with this certificate."""
    path = work / "ts.cnf"
    (work / "serial").write_text("01\n")
    path.write_text(STAMPING.format(
        work=work, leaf=holder.leaf, key=holder.key, above=holder.above(work)))
    return path


def openssl_stamps(holder, work):
    query, stamp = work / "query.tsq", work / "stamp.tsr"
    return in_turn(
        ["openssl", "ts", "-query", "-data", letter(work), "-sha256", "-cert",
         "-out", query],
        ["openssl", "ts", "-reply", "-config", stamper(holder, work),
         "-queryfile", query, "-out", stamp],
        ["openssl", "ts", "-verify", "-queryfile", query, "-in", stamp,
         "-CAfile", holder.root])


@contextlib.contextmanager
def stamping_server(holder, work):
    """RFC 3161 over HTTP by openssl ts."""
    settings, port = stamper(holder, work), free_port()

    class Stamps(Quiet):
        def do_POST(self):
            query = work / "asked.tsq"
            query.write_bytes(self.rfile.read(
                int(self.headers["Content-Length"])))
            done = subprocess.run(
                ["openssl", "ts", "-reply", "-config", settings, "-queryfile",
                 query], env=CLEAN, capture_output=True)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(done.stdout)))
            self.end_headers()
            self.wfile.write(done.stdout)

    with http_served(port, Stamps):
        yield f"http://127.0.0.1:{port}/"


# --- programs for Windows -----------------------------------------------------

def windows_verify(signer, stamp_root, signed):
    return ["osslsigncode", "verify", "-CAfile", signer.root, "-TSA-CAfile",
            stamp_root, "-ignore-crl", "-in", signed]


def windows_sign(signer, work, *more):
    program, signed = work / "program.exe", work / "signed.exe"
    program.write_bytes(portable_executable())
    return signed, ["osslsigncode", "sign", "-certs", signer.chain(work),
                    "-key", signer.key, "-h", "sha256", "-in", program, "-out",
                    signed, *more]


def windows_code(holder, work):
    signed, sign = windows_sign(holder, work)
    return in_turn(sign, windows_verify(holder, holder.root, signed))


def windows_stamps(signer):
    """The stamp of the holder on a program that signer signed."""
    def ask(holder, work):
        own = work / "signer"
        own.mkdir()
        signed, sign = windows_sign(
            signer, own, "-TSA-certs", holder.chain(work), "-TSA-key",
            holder.key)
        return in_turn(sign, windows_verify(signer, holder.root, signed))
    return ask


# --- archives of Java ---------------------------------------------------------

QUICK = ["-J-Xshare:auto", "-J-XX:TieredStopAtLevel=1"]


def key_store(holder, work):
    """The holder's key, and the root as what is trusted."""
    store = holder.packed(work)
    done, words = say("keytool", *QUICK, "-importcert", "-noprompt", "-alias",
                      "root", "-file", holder.root, "-storetype", "PKCS12",
                      "-keystore", store, "-storepass", PASSWORD)
    assert done, words
    return store


def java_archive(signer, work, *more):
    archive, store = work / "program.jar", key_store(signer, work)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("letter.txt"), "the answer is yes\n")
    return in_turn(
        ["jarsigner", *QUICK, "-keystore", store, "-storetype", "PKCS12",
         "-storepass", PASSWORD, *more, archive, "leaf"],
        ["jarsigner", *QUICK, "-verify", "-strict", "-verbose", "-certs",
         "-keystore", store, "-storepass", PASSWORD, archive])


def java_code(holder, work):
    return java_archive(holder, work)


def java_stamps(signer):
    def ask(holder, work):
        own = work / "signer"
        own.mkdir()
        with stamping_server(holder, work) as url:
            done, words = java_archive(signer, own, "-tsa", url)
        return done and "Timestamped by" in words, words
    return ask
