#include <stdlib.h>

#include "x509/crl.h"
#include "x509/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* What the answer was read with is read again, and ends where it does. */
static void walk_singles(const struct ocsp_response *response)
{
    struct der_reader singles = response->singles;
    struct ocsp_single single = {0};
    struct failure why = {0};
    size_t count = 0;

    for (; !der_at_end(&singles); count++) {
        expect(ocsp_next_single(&singles, &single, &why));
        expect(single.id.serial.length > 0);
        expect(single.status == OCSP_REVOKED ||
               single.reason == CRL_REASON_ABSENT);
    }
    expect(count <= OCSP_SINGLES_MAX);
}

static void walk_certificates(const struct ocsp_response *response)
{
    struct der_reader certificates = response->certificates;
    struct bytes certificate = {0};
    struct failure why = {0};

    while (!der_at_end(&certificates))
        expect(ocsp_next_certificate(&certificates, &certificate, &why));
}

/* A body by itself, as the status signer reads what it is to sign: it fills
 * its bytes, and is the one within a response. */
static void read_body_alone(struct bytes der)
{
    struct ocsp_response alone = {0};
    struct failure why = {0};

    if (!ocsp_body_read(der, &alone, &why)) {
        expect(why.kind == FAILURE_MALFORMED);
        return;
    }
    expect(bytes_equal(alone.body, der));
    walk_singles(&alone);
}

static void read_body_again(const struct ocsp_response *response)
{
    struct ocsp_response alone = {0};
    struct failure why = {0};

    expect(ocsp_body_read(response->body, &alone, &why));
    expect(alone.produced_at == response->produced_at);
    expect(bytes_equal(alone.nonce, response->nonce));
    expect(bytes_equal(alone.responder_key, response->responder_key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = {.start = data, .length = size};
    struct ocsp_response response = {0};
    struct failure why = {0};

    read_body_alone(der);
    if (!ocsp_response_read(der, &response, &why)) {
        expect(why.kind == FAILURE_MALFORMED);
        return 0;
    }
    expect(ocsp_response_status_name(response.status) != NULL);
    if (response.status != OCSP_SUCCESSFUL)
        return 0;
    walk_singles(&response);
    walk_certificates(&response);
    read_body_again(&response);
    return 0;
}
