#!/bin/bash
# Makes the requests of this folder with the programs that people use.
#   tests/objects/requests/make_requests.sh [FOLDER]   default: this one
# Each file is MAKER-KEY.csr, as the maker wrote it (PEM or DER), for the name
# MAKER-KEY.example.org. The keys are thrown away. The committed files are the
# ones the tests use; a new run makes other keys, so it is a change of its own.
# Needs openssl, certtool, keytool, certutil, python3-cryptography and node with
# npm (the package of node is fetched into a temporary folder).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:-$here}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=/usr/bin/python3
export JAVA_TOOL_OPTIONS=

with_openssl() {
    local key=$1 name=openssl-$1.example.org algorithm
    case $key in
    rsa*) algorithm="rsa:${key#rsa}" ;;
    p*) algorithm="ec -pkeyopt ec_paramgen_curve:P-${key#p}" ;;
    ed25519) algorithm=ed25519 ;;
    esac
    # shellcheck disable=SC2086
    openssl req -new -nodes -newkey $algorithm -keyout key.pem \
        -subj "/O=Chancery Tests/CN=$name" -addext "subjectAltName=DNS:$name" \
        -out "$out/openssl-$key.csr" 2>/dev/null
}

with_certtool() {
    local key=$1 name=certtool-$1.example.org kind
    case $key in
    rsa*) kind="--key-type=rsa --bits=${key#rsa}" ;;
    p256) kind="--key-type=ecdsa --curve=secp256r1" ;;
    p384) kind="--key-type=ecdsa --curve=secp384r1" ;;
    p521) kind="--key-type=ecdsa --curve=secp521r1" ;;
    ed25519) kind="--key-type=ed25519" ;;
    esac
    # shellcheck disable=SC2086
    certtool --generate-privkey $kind --outfile key.pem 2>/dev/null
    cat >template <<END
organization = "Chancery Tests"
cn = "$name"
dns_name = "$name"
END
    certtool --generate-request --load-privkey key.pem --template template \
        --no-text --outfile "$out/certtool-$key.csr" 2>/dev/null
}

with_keytool() {
    local key=$1 name=keytool-$1.example.org kind
    case $key in
    rsa*) kind="-keyalg RSA -keysize ${key#rsa}" ;;
    p*) kind="-keyalg EC -groupname secp${key#p}r1" ;;
    ed25519) kind="-keyalg Ed25519" ;;
    esac
    rm -f store.p12
    # shellcheck disable=SC2086
    keytool -genkeypair -alias key $kind -dname "CN=$name, O=Chancery Tests" \
        -keystore store.p12 -storetype pkcs12 -storepass changeit >/dev/null 2>&1
    keytool -certreq -alias key -ext "san=dns:$name" -keystore store.p12 \
        -storepass changeit -file "$out/keytool-$key.csr" 2>/dev/null
}

with_certutil() {
    local key=$1 name=certutil-$1.example.org kind
    case $key in
    rsa*) kind="-k rsa -g ${key#rsa}" ;;
    p*) kind="-k ec -q nistp${key#p}" ;;
    ed25519) return 0 ;; # not in this certutil
    esac
    rm -rf nss && mkdir nss && : >password
    head -c 64 /dev/urandom >noise
    certutil -N -d sql:nss --empty-password
    # shellcheck disable=SC2086
    certutil -R -d sql:nss $kind -s "CN=$name,O=Chancery Tests" -8 "$name" \
        -z noise -f password -o "$out/certutil-$key.csr" >/dev/null 2>&1
}

with_python() {
    "$python" - "$1" "$out/python-$1.csr" <<'END'
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

key, path = sys.argv[1:]
name = f"python-{key}.example.org"
curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
if key in curves:
    private = ec.generate_private_key(curves[key])
elif key == "ed25519":
    private = ed25519.Ed25519PrivateKey.generate()
else:
    private = rsa.generate_private_key(65537, int(key[3:]))
request = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Chancery Tests"),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    .sign(private, None if key == "ed25519" else hashes.SHA256()))
with open(path, "wb") as file:
    file.write(request.public_bytes(serialization.Encoding.DER))
END
}

with_node() {
    if [ ! -d node_modules ]; then
        npm install --silent --no-audit --no-fund @peculiar/x509@1.12.3 \
            reflect-metadata >/dev/null
    fi
    cat >make.cjs <<'END'
require("reflect-metadata");
const x509 = require("@peculiar/x509");
const { webcrypto } = require("crypto");
const { writeFileSync } = require("fs");

async function make(key, path) {
    const name = `node-${key}.example.org`;
    const algorithm = key === "ed25519" ? { name: "Ed25519" }
        : key.startsWith("p")
            ? { name: "ECDSA", namedCurve: "P-" + key.slice(1), hash: "SHA-256" }
            : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256",
                modulusLength: Number(key.slice(3)),
                publicExponent: new Uint8Array([1, 0, 1]) };
    x509.cryptoProvider.set(webcrypto);
    const keys = await webcrypto.subtle.generateKey(
        algorithm, true, ["sign", "verify"]);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
        name: `CN=${name}, O=Chancery Tests`, keys,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension(
            [{ type: "dns", value: name }])],
    });
    writeFileSync(path, request.toString("pem") + "\n");
}
make(process.argv[2], process.argv[3]).catch(e => { console.error(e); process.exit(1); });
END
    node make.cjs "$1" "$out/node-$1.csr"
}

for key in rsa2048 rsa3072 rsa4096 p256 p384 p521 ed25519; do
    for maker in openssl certtool keytool certutil python node; do
        "with_$maker" "$key" || {
            echo "$maker could not make a request for $key" >&2
            exit 1
        }
    done
done
chmod 644 "$out"/*.csr
