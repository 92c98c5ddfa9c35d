#!/bin/bash
# Makes src/server/watch/self_test.pem anew: what the keeper's self-test judges.
# usage: tools/self_test_objects.sh > src/server/watch/self_test.pem
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() { # NAME SUBJECT
    new_key "$1"
    openssl req -new -x509 -key "$1.key" -subj "/CN=$2" -sha256 -days 36500 \
        -addext 'basicConstraints=critical,CA:TRUE' \
        -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$1.crt"
}
leaf() { # NAME SUBJECT ISSUER SERIAL
    new_key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' \
        'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' \
        'authorityKeyIdentifier=keyid' > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" \
        -set_serial "0x$4" -sha256 -days 36499 -extfile "$1.ext" \
        -out "$1.crt" 2> "$1.said"
}
list() { # NAME
    cat > "$1.cnf" <<CONFIG
[ca]
default_ca=it
[it]
database=$folder/$1.index
crlnumber=$folder/$1.number
default_md=sha256
default_crl_days=36499
crl_extensions=extensions
[extensions]
authorityKeyIdentifier=keyid
CONFIG
    touch "$1.index"
    echo 01 > "$1.number"
    openssl ca -config "$1.cnf" -cert "$1.crt" -keyfile "$1.key" \
        -revoke revoked.crt -crl_reason keyCompromise 2> "$1.said"
    openssl ca -config "$1.cnf" -cert "$1.crt" -keyfile "$1.key" -gencrl \
        -out "$1.crl" 2>> "$1.said"
}

authority listed 'Self-test with a list'
authority listless 'Self-test without a list'
leaf good 'good.self-test.invalid' listed 1001
leaf revoked 'revoked.self-test.invalid' listed 1002
leaf unreachable 'unreachable.self-test.invalid' listless 1003
list listed
for name in listed.crt listless.crt good.crt revoked.crt unreachable.crt \
    listed.crl; do
    cat "$name"
done
