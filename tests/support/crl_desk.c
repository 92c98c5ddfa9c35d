#include "support/crl_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* CN=Example Authority */
static const uint8_t issuer[] = {0x30, 0x1c, 0x31, 0x1a, 0x30, 0x18, 0x06, 0x03,
    0x55, 0x04, 0x03, 0x0c, 0x11, 'E', 'x', 'a', 'm', 'p', 'l', 'e', ' ', 'A',
    'u', 't', 'h', 'o', 'r', 'i', 't', 'y'};
static const uint8_t ecdsa_with_sha256[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t key[20] = "the issuer's key 123";

struct crl_plan crl_good_plan(void)
{
    return (struct crl_plan){.issuer = {issuer, sizeof(issuer)},
        .algorithm = {ecdsa_with_sha256, sizeof(ecdsa_with_sha256)},
        .this_update = CRL_THIS_UPDATE,
        .next_update = CRL_NEXT_UPDATE,
        .number = 1767225600000,
        .key_identifier = {key, sizeof(key)}};
}

int crl_new_file(void)
{
    int descriptor = memfd_create("crl", MFD_CLOEXEC);

    assert_true(descriptor >= 0);
    return descriptor;
}

void crl_add_entries(struct crl_writer *writer, size_t count,
    size_t serial_length, uint32_t first)
{
    static const int reasons[] = {CRL_REASON_ABSENT, CRL_UNSPECIFIED,
        CRL_KEY_COMPROMISE, CRL_SUPERSEDED, CRL_AA_COMPROMISE};
    uint8_t serial[CRL_SERIAL_MAX] = {0x7a};
    struct failure why = {0};

    for (size_t i = 0; i < count; i++) {
        size_t number = first + i;

        for (size_t j = 0; j < 4; j++)
            serial[serial_length - 1 - j] = (uint8_t)(number >> 8 * j);
        assert_true(
            crl_writer_add(writer, (struct bytes){serial, serial_length},
                CRL_THIS_UPDATE - (int64_t)(i % 1000) * 77777, reasons[i % 5],
                &why));
    }
}

void crl_take_span(
    int descriptor, const struct crl_span *span, struct buffer *bytes)
{
    struct failure why = {0};

    assert_true(buffer_reserve(bytes, span->length, &why));
    assert_int_equal(pread(descriptor, bytes->start + bytes->length,
                         span->length, (off_t)span->offset),
        span->length);
    bytes->length += span->length;
}

static void write_body(const struct crl_plan *plan, size_t count,
    int descriptor, struct crl_span *tbs)
{
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct failure why = {0};

    assert_true(crl_writer_new(descriptor, &writer, &why));
    crl_add_entries(writer, count, 17, 0);
    assert_true(crl_writer_finish(writer, plan, tbs, &why));
}

void crl_write_body(
    const struct crl_plan *plan, size_t count, struct buffer *body)
{
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    struct crl_span tbs = {0};

    write_body(plan, count, descriptor, &tbs);
    crl_take_span(descriptor, &tbs, body);
}

void crl_write_list(
    const struct crl_plan *plan, size_t count, struct buffer *list)
{
    static const uint8_t signature[] = {
        0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    struct crl_span tbs = {0};
    struct crl_span whole = {0};
    struct failure why = {0};

    write_body(plan, count, descriptor, &tbs);
    assert_true(crl_seal(descriptor, &tbs, plan->algorithm,
        (struct bytes){signature, sizeof(signature)}, &whole, &why));
    crl_take_span(descriptor, &whole, list);
}
