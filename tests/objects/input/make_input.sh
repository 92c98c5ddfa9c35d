#!/bin/bash
# Makes the files of this folder: one small chain in the encodings that programs
# write, renewals, and what people give by mistake.
#   tests/objects/input/make_input.sh [FOLDER]   default: this one
# The keys are thrown away but for the ones that are files here, which protect
# nothing. The committed files are the ones the tests use; a new run makes other
# keys, so it is a change of its own. Needs openssl, certtool, keytool, certutil,
# pk12util, iconv.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:-$here}" && pwd)
work=$(mktemp -d)
trap 'status=$?; [ $status -eq 0 ] || tail -n 5 log; rm -rf "$work"' EXIT
cd "$work"
unset JAVA_TOOL_OPTIONS
exec 2>"$work/log"

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

issue() { # NAME ISSUER EXTENSIONS
    openssl req -new -key "$1.key" -subj "/O=Chancery Tests/CN=input $1" \
        -out "$1.req"
    printf '%b' "$3" >extensions
    openssl x509 -req -in "$1.req" -CA "$2.crt" -CAkey "$2.key" -days 7300 \
        -extfile extensions -out "$1.crt"
}

chain() {
    local authority='basicConstraints=critical,CA:TRUE\n'
    for name in root inter leaf other; do new_key $name; done
    openssl req -x509 -new -key root.key -days 7300 \
        -subj "/O=Chancery Tests/CN=input root" -out root.crt
    issue inter root "$authority"
    issue leaf inter 'subjectKeyIdentifier=hash\nsubjectAltName=DNS:leaf.example\n'
    issue other inter 'subjectAltName=DNS:other.example\n'
    cat leaf.crt inter.crt root.crt >"$out/chain.pem"
    cat inter.crt root.crt >above.pem
    cp other.crt "$out/other.pem"
    touch index.txt
    cat >ca.conf <<END
[ca]
default_ca=a
[a]
database=index.txt
default_md=sha256
END
    openssl ca -config ca.conf -gencrl -crldays 7300 -cert inter.crt \
        -keyfile inter.key -out "$out/inter.crl.pem"
    openssl crl -in "$out/inter.crl.pem" -outform DER -out "$out/inter.crl"
}

encodings() {
    openssl x509 -in leaf.crt -out "$out/openssl.pem"
    openssl x509 -in leaf.crt -outform DER -out "$out/openssl.der"
    openssl x509 -in leaf.crt -text -out "$out/openssl-text.pem"
    openssl x509 -in leaf.crt -trustout -addtrust serverAuth \
        -out "$out/openssl-trusted.pem"
    certtool -i --infile leaf.crt --outfile "$out/certtool-text.pem"
    keytool -importcert -noprompt -alias leaf -file leaf.crt \
        -keystore store.p12 -storepass changeit >/dev/null
    keytool -exportcert -rfc -alias leaf -keystore store.p12 \
        -storepass changeit >"$out/keytool.pem"
    keytool -exportcert -alias leaf -keystore store.p12 -storepass changeit \
        >"$out/keytool.der"
    mkdir nss
    certutil -N -d nss --empty-password
    certutil -A -d nss -n leaf -t ,, -i leaf.crt
    certutil -L -d nss -n leaf -a >"$out/certutil.pem"
    certutil -L -d nss -n leaf -r >"$out/certutil.der"
    iconv -t UTF-16 leaf.crt >"$out/iconv-utf16.pem"
    iconv -t UTF-16LE leaf.crt >"$out/iconv-utf16le.pem"
    iconv -t UTF-16BE leaf.crt >"$out/iconv-utf16be.pem"
    openssl crl2pkcs7 -nocrl -certfile leaf.crt -out "$out/one.p7b"
    openssl crl2pkcs7 -nocrl -certfile leaf.crt -outform DER -out "$out/one.p7c"
    sed '/-----/d' "$out/openssl.pem" >"$out/bare.b64"
}

containers() {
    openssl crl2pkcs7 -in "$out/inter.crl.pem" -certfile "$out/chain.pem" \
        -out "$out/openssl-chain.p7b"
    openssl crl2pkcs7 -in "$out/inter.crl.pem" -certfile "$out/chain.pem" \
        -outform DER -out "$out/openssl-chain.p7c"
    certtool --p7-generate --load-certificate "$out/chain.pem" \
        --load-crl "$out/inter.crl.pem" --outfile "$out/certtool-chain.p7b"
}

sign() { # PROGRAM FILE KEY OPTIONS...
    local program=$1 file=$2 key=$3
    shift 3
    openssl "$program" -sign -nodetach -binary -signer "$key.crt" \
        -inkey "$key.key" -in request.der -out "$out/$file" "$@"
}

renewals() {
    new_key new
    openssl req -new -key new.key -subj "/CN=renewed.example" -outform DER \
        -out request.der
    cp request.der "$out/request.der"
    openssl req -inform DER -in request.der -out "$out/request.pem"
    sign cms cms.p7m leaf
    sign smime smime.p7m leaf
    sign cms cms.der leaf -outform DER
    sign smime smime.der leaf -outform DER
    sign cms cms.pem leaf -outform PEM
    sign smime smime.pem leaf -outform PEM
    sign cms cms-chain.der leaf -outform DER -certfile above.pem
    sign cms cms-keyid.der leaf -outform DER -keyid
    sign cms cms-noattr.der leaf -outform DER -noattr
    sign cms cms-nocerts.der leaf -outform DER -nocerts
    sign cms cms-sha384.der leaf -outform DER -md sha384
    sign cms cms-sha1.der leaf -outform DER -md sha1
    sign cms cms-ber.der leaf -outform DER -stream
    sign cms cms-cmc.der leaf -outform DER -econtent_type 1.3.6.1.5.5.7.12.2
    sign cms cms-two-signers.der leaf -outform DER -signer other.crt \
        -inkey other.key
    openssl cms -sign -binary -signer leaf.crt -inkey leaf.key -in request.der \
        -outform DER -out "$out/cms-detached.der"
    openssl cms -sign -nodetach -binary -signer leaf.crt -inkey leaf.key \
        -in "$out/request.pem" -outform DER -out "$out/cms-around-pem.der"
    openssl cms -encrypt -binary -in request.der -outform DER \
        -out "$out/cms-enveloped.der" leaf.crt
    openssl req -x509 -newkey rsa -nodes -keyout rsa.key -days 7300 \
        -subj "/CN=old rsa" -out rsa.crt
    sign cms cms-rsa.der rsa -outform DER
    sign smime smime-rsa.der rsa -outform DER
    sign cms cms-rsa-pss.der rsa -outform DER -keyopt rsa_padding_mode:pss \
        -keyopt rsa_pss_saltlen:digest
}

mistakes() {
    cp leaf.key "$out/key-sec1.pem"
    openssl pkcs8 -topk8 -nocrypt -in leaf.key -out "$out/key-pkcs8.pem"
    openssl pkcs8 -topk8 -nocrypt -in leaf.key -outform DER \
        -out "$out/key-pkcs8.der"
    openssl pkcs8 -topk8 -in leaf.key -passout pass:x -out "$out/key-encrypted.pem"
    openssl ec -in leaf.key -aes128 -passout pass:x -out "$out/key-proc-type.pem"
    openssl rsa -in rsa.key -traditional -outform DER -out "$out/key-rsa.der"
    openssl ec -in leaf.key -pubout -out "$out/public.pem"
    openssl pkcs12 -export -in leaf.crt -inkey leaf.key -passout pass:x \
        -name leaf -out "$out/openssl.p12"
    pk12util -i "$out/openssl.p12" -d nss -W x -K ''
    pk12util -o "$out/nss.p12" -n leaf -d nss -W x -K ''
    openssl ecparam -name prime256v1 -out "$out/parameters.pem"
    cat "$out/parameters.pem" leaf.key leaf.crt >"$out/key-and-certificate.pem"
}

chain
encodings
containers
renewals
mistakes
