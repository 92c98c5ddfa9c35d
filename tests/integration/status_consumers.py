"""Programs that answer whether a certificate is revoked, and that ask."""
import contextlib

from consumers import say
from serving import free_port, served


def index_of(asked, work):
    """The list of openssl ca that holds one certificate in good standing."""
    _, serial = say("openssl", "x509", "-in", asked.leaf, "-noout", "-serial")
    path = work / "index.txt"
    path.write_text(f"V\t491231235959Z\t\t{serial.strip().split('=')[1]}\t"
                    "unknown\t/CN=asked\n")
    (work / "index.txt.attr").write_text("unique_subject = no\n")
    return path


@contextlib.contextmanager
def responder(holder, asked, work):
    """openssl ocsp with the holder's certificate; asked is what it knows."""
    port = free_port()
    with served(port, work / "responder.out", "openssl", "ocsp", "-index",
                index_of(asked, work), "-port", port, "-rsigner", holder.leaf,
                "-rkey", holder.key, "-CA", asked.between[0], "-ndays", 1):
        yield f"http://127.0.0.1:{port}/"


def openssl_asks(asked):
    def ask(holder, work):
        issuer = asked.between[0]
        with responder(holder, asked, work) as url:
            done, words = say(
                "openssl", "ocsp", "-issuer", issuer, "-cert", asked.leaf,
                "-url", url, "-CAfile", holder.root, "-verify_other", issuer)
        return done and "Response verify OK" in words, words
    return ask


def gnutls_asks(asked):
    def ask(holder, work):
        issuer = asked.between[0]
        with responder(holder, asked, work) as url:
            done, words = say(
                "ocsptool", f"--ask={url}", "--load-issuer", issuer,
                "--load-cert", asked.leaf, "--load-trust", issuer)
        return done and "Certificate Status: good" in words, words
    return ask


def java_asks(java, asked):
    def ask(holder, work):
        with responder(holder, asked, work) as url:
            return java.run("revocation", url, asked.root, asked.leaf,
                            *asked.between)
    return ask
