#include "server/admin/blast.h"

#include <string.h>

#include "base/clock.h"
#include "server/admin/certificate.h"
#include "x509/certificate.h"
#include "x509/extension.h"

struct measuring {
    struct blast *blast;
    const struct certificate_row *row;
    struct certificate certificate;
    struct bytes names; /* value of the alternative names; length 0: none */
    int64_t authority;  /* whose certificate it is; 0 */
};

/* The contents of the extension, whose order is the request's. */
static bool names_of(const struct certificate *certificate,
    struct der_reader *names, bool *found, struct failure *why)
{
    struct extension extension = {0};

    if (!extensions_find(certificate->tbs.extensions, OID_SUBJECT_ALT_NAME,
            &extension, found, why))
        return false;
    return !*found || extension_general_names(extension.value, names, why);
}

static bool has_name(struct bytes names, const struct general_name *wanted,
    bool *has, struct failure *why)
{
    struct der_reader reader = der_reader_of(names);

    *has = false;
    while (!der_at_end(&reader) && !*has) {
        struct general_name name = {0};

        if (!general_name_next(&reader, &name, why))
            return false;
        *has =
            name.kind == wanted->kind && bytes_equal(name.value, wanted->value);
    }
    return true;
}

static bool shares_name(const struct measuring *measuring,
    const struct certificate *other, bool *shares, struct failure *why)
{
    struct der_reader names = {0};
    bool found = false;

    *shares = false;
    if (measuring->names.length == 0)
        return true;
    if (!names_of(other, &names, &found, why))
        return false;
    while (found && !der_at_end(&names) && !*shares) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, why) ||
            !has_name(measuring->names, &name, shares, why))
            return false;
    }
    return true;
}

static void note(struct blast *blast, const struct certificate *other,
    size_t *count, const char *what)
{
    (*count)++;
    if (blast->other_count == BLAST_SHOWN)
        return;
    serial_print(other->tbs.serial, blast->others[blast->other_count].serial);
    blast->others[blast->other_count++].what = what;
}

/* A certificate that is good and not the one that is meant. */
static bool compare(struct measuring *measuring,
    const struct certificate_row *row, struct failure *why)
{
    struct blast *blast = measuring->blast;
    struct certificate other = {0};
    bool shares = false;

    if (!certificate_read(row->der, &other, why) ||
        !shares_name(measuring, &other, &shares, why))
        return false;
    if (bytes_equal(other.tbs.key.whole, measuring->certificate.tbs.key.whole))
        note(blast, &other, &blast->same_key, "the same key");
    else if (shares)
        note(blast, &other, &blast->same_name, "one of the names");
    return true;
}

static bool visit(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct measuring *measuring = context;

    if (row->id == measuring->row->id || !row->sealed ||
        row->status != CERTIFICATE_VALID || row->not_after < clock_now())
        return true;
    if (measuring->authority != 0 && row->authority == measuring->authority)
        measuring->blast->below++;
    return compare(measuring, row, why);
}

static bool begin(struct measuring *measuring,
    const struct authority *authority, struct failure *why)
{
    const struct authority_issuer *own =
        certificate_authority(authority, measuring->row);
    struct der_reader names = {0};
    bool found = false;

    measuring->blast->is_authority = own != NULL;
    measuring->authority = own == NULL ? 0 : own->id;
    if (!certificate_read(measuring->row->der, &measuring->certificate, why) ||
        !names_of(&measuring->certificate, &names, &found, why))
        return false;
    if (found)
        measuring->names = der_remaining(&names);
    return true;
}

/* Ids are given one after the other, so the newest are those behind. */
bool blast_measure(struct exchange *exchange, const struct certificate_row *row,
    struct blast *blast, struct failure *why)
{
    struct measuring measuring = {.blast = blast, .row = row};
    struct certificate_filter filter = {.limit = BLAST_ROWS_MAX};
    int64_t count = 0;

    *blast = (struct blast){0};
    if (!row->sealed)
        return true;
    if (!begin(&measuring, exchange->authority, why) ||
        !store_count_certificates(exchange->store, &count, why))
        return false;
    blast->is_cut = count > BLAST_ROWS_MAX;
    filter.after_id = blast->is_cut ? count - BLAST_ROWS_MAX : 0;
    return store_list_certificates(
        exchange->store, &filter, visit, &measuring, why);
}
