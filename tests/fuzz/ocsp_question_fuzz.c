#include <stdlib.h>

#include "x509/ocsp_question.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void expect_within(struct bytes part, struct bytes whole)
{
    expect(part.start >= whole.start &&
           part.length <= whole.length - (size_t)(part.start - whole.start));
}

/* Every view lies in the request, every hash has its algorithm's length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = {.start = data, .length = size};
    struct ocsp_question question = {0};
    struct failure why = {0};

    if (!ocsp_question_read(der, &question, &why)) {
        expect(why.kind == FAILURE_MALFORMED);
        return 0;
    }
    expect(question.id_count > 0 && question.id_count <= OCSP_QUESTION_IDS_MAX);
    expect(question.nonce.length <= OCSP_NONCE_MAX);
    for (size_t i = 0; i < question.id_count; i++) {
        const struct ocsp_question_id *id = &question.ids[i];

        expect_within(id->whole, der);
        expect_within(id->id.name_hash, id->whole);
        expect_within(id->id.key_hash, id->whole);
        expect_within(id->id.serial, id->whole);
        expect(id->id.serial.length > 0);
        expect(
            id->hash == OCSP_ID_OTHER ||
            id->id.name_hash.length == (id->hash == OCSP_ID_SHA1 ? 20u : 32u));
    }
    return 0;
}
