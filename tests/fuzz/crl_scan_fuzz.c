#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "x509/crl.h"
#include "x509/crl_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIST_MAX (1024 * 1024)

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static bool collect(void *context, struct bytes piece, struct failure *why)
{
    return buffer_append(context, piece, why);
}

static int new_file(void)
{
    int descriptor = memfd_create("crl", MFD_CLOEXEC);

    expect(descriptor >= 0);
    return descriptor;
}

/* From a file the same comes out, and the sink saw every byte once. */
static void expect_same_from_file(
    struct bytes body, bool passes, const struct crl_facts *facts)
{
    RELEASED(buffer) seen = BUFFER("seen", LIST_MAX);
    SCOPED_DESCRIPTOR int descriptor = new_file();
    struct crl_span span = {.length = body.length};
    struct crl_facts found = {0};
    struct failure why = {0};

    if (body.length > 0)
        expect(
            write(descriptor, body.start, body.length) == (ssize_t)body.length);
    expect(crl_scan(descriptor, &span, collect, &seen, &found, &why) == passes);
    if (!passes)
        return;
    expect(bytes_equal(buffer_view(&seen), body));
    expect(memcmp(&found, facts, sizeof(found)) == 0);
}

/* What passes is a list to crl_body_read, and says the same there. */
static void expect_same_views(struct bytes body, const struct crl_facts *facts)
{
    struct crl crl = {0};
    struct crl_entry entry = {0};
    struct failure why = {0};
    uint64_t count = 0;

    expect(crl_body_read(body, &crl, &why));
    expect(crl.version == 1 && !crl.has_unknown_critical);
    expect(crl.this_update == facts->this_update);
    expect(crl.next_update == facts->next_update);
    expect(bytes_equal(
        crl.issuer, (struct bytes){facts->issuer, facts->issuer_length}));
    expect(bytes_equal(crl.body_algorithm,
        (struct bytes){facts->algorithm, facts->algorithm_length}));
    for (; !der_at_end(&crl.entries); count++)
        expect(crl_next_entry(&crl.entries, &entry, &why));
    expect(count == facts->entries);
}

/* An invalidityDate, which we let pass and don't write; 1970 reads as none. */
static bool has_date(const struct crl_entry *entry)
{
    struct der_reader extensions = entry->extensions;
    struct extension extension = {0};
    struct failure why = {0};

    while (!der_at_end(&extensions)) {
        expect(extension_next(&extensions, &extension, &why));
        if (extension.type == OID_INVALIDITY_DATE)
            return true;
    }
    return false;
}

static bool add_entries(struct crl_writer *writer, struct der_reader entries,
    bool is_delta, bool *has_dates)
{
    struct crl_entry entry = {0};
    struct failure why = {0};

    while (!der_at_end(&entries)) {
        if (!crl_next_entry(&entries, &entry, &why) ||
            (entry.reason == CRL_REMOVE_FROM_CRL && !is_delta) ||
            !crl_writer_add(
                writer, entry.serial, entry.revoked_at, entry.reason, &why))
            return false;
        *has_dates = *has_dates || has_date(&entry);
    }
    return true;
}

/* Written anew from views and facts it is the same bytes. */
static bool is_what_we_write(struct bytes body, const struct crl *crl,
    const struct crl_facts *facts, bool *has_dates)
{
    RELEASED(buffer) written = BUFFER("written", LIST_MAX);
    SCOPED_DESCRIPTOR int descriptor = new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_plan plan = {.issuer = crl->issuer,
        .algorithm = crl->body_algorithm,
        .this_update = crl->this_update,
        .next_update = crl->next_update,
        .number = facts->number,
        .base_number = facts->base_number,
        .key_identifier = {facts->key_identifier, facts->key_identifier_length},
        .distribution_point = facts->distribution_point[0] == '\0'
                                  ? NULL
                                  : facts->distribution_point,
        .freshest = facts->freshest[0] == '\0' ? NULL : facts->freshest};
    struct crl_span tbs = {0};
    struct failure why = {0};

    expect(crl_writer_new(descriptor, &writer, &why));
    if (!add_entries(writer, crl->entries, plan.base_number != 0, has_dates) ||
        !crl_writer_finish(writer, &plan, &tbs, &why) ||
        !buffer_reserve(&written, tbs.length, &why))
        return false;
    expect(pread(descriptor, written.start, tbs.length, (off_t)tbs.offset) ==
           (ssize_t)tbs.length);
    written.length = tbs.length;
    return bytes_equal(buffer_view(&written), body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes body = {.start = data, .length = size};
    struct crl_facts facts = {0};
    struct crl crl = {0};
    struct failure why = {0};
    bool has_dates = false;
    bool passes = crl_scan_bytes(body, &facts, &why);

    if (size > LIST_MAX)
        return 0;
    expect_same_from_file(body, passes, &facts);
    if (!passes)
        return 0;
    expect_same_views(body, &facts);
    expect(crl_body_read(body, &crl, &why));
    expect(is_what_we_write(body, &crl, &facts, &has_dates) || has_dates);
    return 0;
}
