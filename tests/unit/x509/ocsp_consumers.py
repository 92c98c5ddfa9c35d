"""python-cryptography reads an answer: ocsp_consumers.py ANSWER CERTIFICATE"""
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp


def main(answer, responder):
    with open(answer, "rb") as file:
        read = ocsp.load_der_ocsp_response(file.read())
    print("response", read.response_status.name)
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return
    with open(responder, "rb") as file:
        key = x509.load_pem_x509_certificate(file.read()).public_key()
    key.verify(read.signature, read.tbs_response_bytes,
               ec.ECDSA(hashes.SHA256()))
    print("status", read.certificate_status.name)
    print("reason", read.revocation_reason and read.revocation_reason.value)
    print("serial", read.serial_number)
    print("hash", read.hash_algorithm.name)
    print("produced", read.produced_at.isoformat())
    print("ends", read.next_update.isoformat())
    print("enclosed", len(read.certificates))
    nonces = [each.value.nonce.hex() for each in read.extensions
              if isinstance(each.value, x509.OCSPNonce)]
    print("nonce", *nonces)


main(*sys.argv[1:])
