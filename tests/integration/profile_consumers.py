"""Which programs of the world each profile is for: the rows of
docs/consumers.md.

Each row makes, from what the tests have (java, go, and holders to meet), the
function that asks: it takes a holder and an empty folder and returns
(accepted, what the program said)."""
import dataclasses
import typing

import authority_consumers as authorities
import code_consumers as code
import mail_consumers as mail
import path_consumers as paths
import status_consumers as status
import tls_consumers as tls

# What a certificate must have, and who needs it (kb 46).
NEEDED = {"server": ("serverAuth", "a TLS server"),
          "client": ("clientAuth", "a TLS client"),
          "email": ("emailProtection", "mail"),
          "code-signing": ("codeSigning", "programs"),
          "time-stamping": ("timeStamping", "stamps of time"),
          "ocsp": ("OCSPSigning", "a responder")}

OPENSSL = "unsuitable certificate purpose"
GNUTLS = "does not match the intended purpose"
NSS = "Certificate type not approved for application"
JAVA = "Extended key usage does not permit|KeyUsage does not allow"
GO = "incompatible key usage"
# An authority has no purposes and another issuer: its key usage may be what is
# named, that a responder is below another, or that what
# it signed is no signature.
AUTHORITY = ("[Kk]ey usage|is either not parsable or not verifiable|"
             "root ca not trusted|Unable to verify OCSP Response|"
             "Responder's certificate")


@dataclasses.dataclass(frozen=True)
class Consumer:
    profile: str
    name: str
    make: typing.Callable
    reason: str  # its own words for a certificate of another purpose
    kind: str = "p256"  # of the keys of certificates of other purposes

    @property
    def title(self):
        return f"{self.profile}: {self.name}"


def plain(function, *words):
    """Asks a function that needs nothing of the tests."""
    def make(_):
        return lambda holder, work: function(holder, *words, work)
    return make


def java_path(side):
    return lambda world: lambda holder, work: world.java(holder, side, work)


def go_path(purpose):
    return lambda world: lambda holder, work: world.go(holder, purpose, work)


def of_paths(profile, purpose, usage):
    """Openssl, certtool, certutil and Go; None: it knows no such purpose."""
    if purpose:
        yield Consumer(profile, f"openssl verify -purpose {purpose}",
                       plain(paths.openssl, purpose), OPENSSL)
    yield Consumer(profile, "certtool --verify --verify-purpose",
                   plain(paths.gnutls, profile), GNUTLS)
    if usage:
        yield Consumer(profile, f"certutil -V -u {usage} (NSS)",
                       plain(paths.nss, usage), NSS)
    yield Consumer(profile, "Go crypto/x509", go_path(profile), GO)


SERVER = [
    Consumer("server", "nginx + curl", plain(tls.nginx_and_curl), OPENSSL),
    Consumer("server", "openssl s_server + s_client", plain(tls.openssl_both),
             OPENSSL),
    Consumer("server", "nginx + gnutls-cli", plain(tls.nginx_and_gnutls),
             GNUTLS),
    Consumer("server", "nginx + tstclnt (NSS)", plain(tls.nginx_and_nss), NSS),
    Consumer("server", "nginx + Java",
             lambda world: tls.nginx_and_java(world.java), JAVA),
    Consumer("server", "nginx + Go", lambda world: tls.nginx_and_go(world.go),
             GO + "|Common Name|not valid for any names"),
    Consumer("server", "nginx + Python ssl", plain(tls.nginx_and_python),
             OPENSSL),
    *of_paths("server", "sslserver", "V"),
]
CLIENT = [
    Consumer("client", "curl + nginx ssl_verify_client",
             lambda world: tls.nginx_for_clients(world.server), OPENSSL),
    Consumer("client", "curl + openssl s_server -Verify",
             lambda world: tls.openssl_for_clients(world.server), OPENSSL),
    Consumer("client", "curl + gnutls-serv --require-client-cert",
             lambda world: tls.gnutls_for_clients(world.server), GNUTLS),
    Consumer("client", "curl + selfserv -r -r (NSS)",
             lambda world: tls.nss_for_clients(world.server), NSS),
    Consumer("client", "Java trust manager", java_path("client"), JAVA),
    *of_paths("client", "sslclient", "C"),
]
EMAIL = [
    Consumer("email", "openssl cms -sign, -verify", plain(mail.openssl_signs),
             OPENSSL),
    Consumer("email", "openssl cms -encrypt, -decrypt",
             plain(mail.openssl_encrypts), OPENSSL),
    Consumer("email", "certtool --p7-sign, --p7-verify",
             plain(mail.gnutls_signs), "signature verification has failed"),
    Consumer("email", "cmsutil -S, -D (NSS)", plain(mail.nss_signs),
             "problem signing"),
    Consumer("email", "cmsutil -E, -D (NSS)", plain(mail.nss_encrypts),
             "problem enveloping", "rsa2048"),
    Consumer("email", "openssl verify -purpose smimeencrypt",
             plain(paths.openssl, "smimeencrypt"), OPENSSL),
    Consumer("email", "certutil -V -u R (NSS)", plain(paths.nss, "R"), NSS),
    *of_paths("email", "smimesign", "S"),
]
CODE = [
    Consumer("code-signing", "osslsigncode sign, verify",
             plain(code.windows_code), "Signature verification: failed"),
    Consumer("code-signing", "jarsigner, -verify -strict",
             plain(code.java_code), "doesn't allow code signing"),
    *of_paths("code-signing", None, "J"),
]
STAMPS = [
    Consumer("time-stamping", "openssl ts -reply, -verify",
             plain(code.openssl_stamps), "invalid signer certificate purpose"),
    Consumer("time-stamping", "osslsigncode -TSA-certs",
             lambda world: code.windows_stamps(world.signer),
             "Unsupported TSA signer's certificate purpose"),
    Consumer("time-stamping", "jarsigner -tsa",
             lambda world: code.java_stamps(world.signer),
             "unable to sign jar"),
    *of_paths("time-stamping", "timestampsign", None),
]
OCSP = [
    Consumer("ocsp", "openssl ocsp", lambda world:
             status.openssl_asks(world.server), "missing ocspsigning usage"),
    Consumer("ocsp", "ocsptool (GnuTLS)", lambda world:
             status.gnutls_asks(world.server), "Signer cert is not trusted"),
    Consumer("ocsp", "Java PKIXRevocationChecker", lambda world:
             status.java_asks(world.java, world.server),
             "not valid for signing OCSP responses"),
    *of_paths("ocsp", None, "O"),
]
BELOW = [
    Consumer("subordinate", "openssl verify",
             plain(authorities.below(paths.openssl, "sslserver")),
             "invalid CA certificate"),
    Consumer("subordinate", "nginx + curl",
             plain(authorities.below(tls.nginx_and_curl)),
             "invalid CA certificate"),
    Consumer("subordinate", "certtool --verify",
             plain(authorities.below(paths.gnutls, "server")),
             GNUTLS + "|violates the signer's constraints"),
    Consumer("subordinate", "certutil -V -u V (NSS)",
             plain(authorities.below(paths.nss, "V")),
             "issuer is not recognized"),
    Consumer("subordinate", "Java trust manager", lambda world:
             lambda holder, work: authorities.below(world.java, "server")(
                 holder, work), "keyCertSign bit is not set"),
    Consumer("subordinate", "Go crypto/x509", lambda world:
             lambda holder, work: authorities.below(world.go, "server")(
                 holder, work), "cannot sign this kind of certificate"),
]
CONSUMERS = SERVER + CLIENT + EMAIL + CODE + STAMPS + OCSP + BELOW
