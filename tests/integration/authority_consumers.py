"""Programs that build a path through the holder: a server's certificate that
openssl makes with the holder's key is what they are asked about."""
import dataclasses

from consumers import say
from holder import NAME

BELOW = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{name}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def server_below(holder, work):
    """A server whose certificate the holder has signed, as a holder."""
    key, request = work / "below.key", work / "below.csr"
    leaf, extensions = work / "below.pem", work / "below.cnf"
    extensions.write_text(BELOW.format(name=NAME))
    digest = [] if holder.kind == "ed25519" else ["-sha256"]
    for command in (
            ["req", "-new", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}",
             "-keyout", key, "-out", request],
            ["x509", "-req", "-in", request, "-CA", holder.leaf, "-CAkey",
             holder.key, "-extfile", extensions, "-days", 30, *digest, "-out",
             leaf]):
        done, words = say("openssl", *command)
        assert done, words
    return dataclasses.replace(holder, leaf=leaf, key=key,
                               between=(holder.leaf, *holder.between))


def below(consumer, *more):
    """The consumer of servers, asked about a server below the holder."""
    def ask(holder, work):
        return consumer(server_below(holder, work), *more, work)
    return ask
