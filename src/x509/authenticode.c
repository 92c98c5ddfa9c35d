#include "x509/authenticode.h"

#include "x509/indirect_data.h"
#include "x509/pkcs7_attribute.h"
#include "x509/pkcs7_oid.h"

/* One in one: nobody nests them deeper. */
#define NESTED_DEPTH_MAX 2

/* --- the program and its digest ------------------------------------------- */

static bool compare_digest(const struct pe *pe,
    const struct indirect_data *data, struct signed_notes *notes)
{
    const struct cms_digest *digest = cms_digest_of(data->digest.oid);
    struct bytes parts[PE_PARTS] = {0};
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    struct bytes found = {.start = value};
    struct failure why = {0};

    if (digest == NULL)
        return note_fail(notes, RULE_SIGNATURE_ALGORITHM,
            VERDICT_ALGORITHM_REFUSED,
            "the program is hashed with something that is not known here");
    pe_signed_parts(pe, parts);
    if (!cms_digest_compute(
            digest, parts, PE_PARTS, value, &found.length, &why))
        return note_failure(notes, RULE_CONTENT, VERDICT_MALFORMED, &why);
    if (!bytes_equal(found, data->value))
        return note_fail(notes, RULE_CONTENT, VERDICT_CONTENT_ALTERED,
            "the program's %s is not the one that was signed", digest->name);
    if (digest->is_broken)
        return note_fail(notes, RULE_SIGNATURE_ALGORITHM,
            VERDICT_ALGORITHM_REFUSED,
            "the program is hashed with %s, for which other content with the "
            "same value can be made",
            digest->name);
    note_pass(
        notes, RULE_CONTENT, "the program has the signed %s", digest->name);
    return true;
}

static bool check_program(
    const struct pe *pe, const struct pkcs7 *pkcs7, struct signed_notes *notes)
{
    struct indirect_data data = {0};
    struct failure why = {0};

    if (!bytes_equal(pkcs7->content_type, SPC_INDIRECT_DATA) ||
        !pkcs7->has_content || pkcs7->content_tag != DER_SEQUENCE)
        return note_fail(notes, RULE_CONTENT, VERDICT_MALFORMED,
            "what is signed is no digest of a program");
    if (!indirect_data_read(pkcs7->content, &data, &why))
        return note_failure(notes, RULE_CONTENT, VERDICT_MALFORMED, &why);
    if (!bytes_equal(data.type, SPC_PE_IMAGE_DATA))
        return note_fail(notes, RULE_CONTENT, VERDICT_MALFORMED,
            "what is signed is the digest of something else than a program");
    return compare_digest(pe, &data, notes);
}

/* Notes that end a signature before its signer was looked at. */
static bool add_refused(const struct signed_notes *notes,
    struct signature_list *list, struct failure *why)
{
    struct signature_verdict *signature = NULL;

    if (notes->is_undecided) {
        *why = notes->undecided;
        return false;
    }
    if (!signature_list_add(list, SIGNATURE_OF_PROGRAM, &signature, why))
        return false;
    signature->notes = *notes;
    signature_conclude(signature, "the program");
    return true;
}

/* --- one SignedData ------------------------------------------------------- */

/* The program's digest goes in front of what the signer's check noted. */
static void add_in_front(
    const struct signed_notes *first, struct signed_notes *notes)
{
    struct signed_notes joined = *notes;

    joined.count = 0;
    for (size_t i = 0; i < first->count; i++)
        joined.notes[joined.count++] = first->notes[i];
    for (size_t i = 0; i < notes->count && joined.count < SIGNED_NOTES_MAX; i++)
        joined.notes[joined.count++] = notes->notes[i];
    *notes = joined;
}

static bool verify_signers(const struct pe *pe, const struct pkcs7 *pkcs7,
    const struct chain_question *question, struct signature_list *list,
    struct failure *why)
{
    const struct cms_content content = {
        .type = pkcs7->content_type, .readings = {pkcs7->content}, .count = 1};
    struct signed_notes notes = {0};
    size_t first = list->count;

    if (!check_program(pe, pkcs7, &notes))
        return add_refused(&notes, list, why);
    if (!cms_verify(pkcs7, &content, question, SIGNATURE_OF_PROGRAM,
            "the program's signature", list, why))
        return false;
    for (size_t i = first; i < list->count; i++)
        add_in_front(&notes, &list->all[i]->notes);
    return true;
}

/* 1.3.6.1.4.1.311.2.4.1, an unsigned attribute: further SignedData over the
 * same program. */
static bool nested_of(const struct pkcs7 *pkcs7, struct der_reader *values)
{
    struct der_reader signers = pkcs7->signers;
    struct pkcs7_signer signer = {0};
    struct failure unreadable = {0};
    bool found = false;

    return !der_at_end(&signers) &&
           pkcs7_next_signer(&signers, &signer, &unreadable) &&
           pkcs7_attribute_find(signer.unsigned_attributes,
               SPC_NESTED_SIGNATURE, "a nested signature", values, &found,
               &unreadable) &&
           found;
}

static bool read_signed_data(struct bytes der, struct pkcs7 *pkcs7,
    struct signature_list *list, bool *is_read, struct failure *why)
{
    struct signed_notes notes = {0};
    struct failure unreadable = {0};

    *is_read = pkcs7_read(der, pkcs7, &unreadable);
    if (*is_read)
        return true;
    (void)note_failure(&notes, RULE_SIGNED, VERDICT_MALFORMED, &unreadable);
    return add_refused(&notes, list, why);
}

/* A stack of what is still to be looked at: nested ones go on top. */
struct pending {
    struct der_reader values[NESTED_DEPTH_MAX];
    size_t depth;
};

static bool verify_one(const struct pe *pe, struct bytes der,
    const struct chain_question *question, struct pending *pending,
    struct signature_list *list, struct failure *why)
{
    struct pkcs7 pkcs7 = {0};
    struct der_reader values = {0};
    bool is_read = false;

    if (!read_signed_data(der, &pkcs7, list, &is_read, why))
        return false;
    if (!is_read)
        return true;
    if (!verify_signers(pe, &pkcs7, question, list, why))
        return false;
    if (pending->depth < NESTED_DEPTH_MAX && nested_of(&pkcs7, &values))
        pending->values[pending->depth++] = values;
    return true;
}

static bool verify_with_nested(const struct pe *pe, struct bytes der,
    const struct chain_question *question, struct signature_list *list,
    struct failure *why)
{
    struct pending pending = {0};
    struct der_reader inside = {0};
    struct bytes nested = {0};
    struct failure unreadable = {0};
    uint8_t tag = 0;

    if (!verify_one(pe, der, question, &pending, list, why))
        return false;
    while (pending.depth > 0) {
        struct der_reader *values = &pending.values[pending.depth - 1];

        if (der_at_end(values) ||
            !der_read_any(values, &tag, &inside, &nested, &unreadable)) {
            pending.depth--;
            continue;
        }
        if (!verify_one(pe, nested, question, &pending, list, why))
            return false;
    }
    return true;
}

/* --- the table ------------------------------------------------------------ */

/* An entry's SignedData ends before at most 7 zeros: anything else there would
 * be carried by a signed program without being signed (MS13-098). */
static bool cut_padding(
    struct bytes contents, struct bytes *der, struct failure *why)
{
    struct der_reader reader = der_reader_of(contents);
    struct der_reader inside = {0};
    uint8_t tag = 0;

    if (!der_read_any(&reader, &tag, &inside, der, why))
        return false;
    if (reader.end - reader.position > 7)
        return fail_because(why, FAILURE_MALFORMED,
            "behind the signature the certificate table carries %zu bytes "
            "(MS13-098)",
            reader.end - reader.position);
    for (; reader.position < reader.end; reader.position++) {
        if (contents.start[reader.position] != 0)
            return fail_because(why, FAILURE_MALFORMED,
                "the certificate table is padded with other bytes than zeros "
                "(MS13-098)");
    }
    return true;
}

static bool verify_entry(const struct pe *pe,
    const struct pe_certificate *entry, const struct chain_question *question,
    struct signature_list *list, struct failure *why)
{
    struct signed_notes notes = {0};
    struct failure unreadable = {0};
    struct bytes der = {0};

    if (entry->type != PE_PKCS_SIGNED_DATA) {
        (void)note_fail(&notes, RULE_SIGNED, VERDICT_NO_SIGNATURE,
            "an entry of the certificate table is of type %u; 2 is SignedData",
            entry->type);
        return add_refused(&notes, list, why);
    }
    if (!cut_padding(entry->contents, &der, &unreadable)) {
        (void)note_failure(&notes, RULE_SIGNED, VERDICT_MALFORMED, &unreadable);
        return add_refused(&notes, list, why);
    }
    return verify_with_nested(pe, der, question, list, why);
}

static bool tell_unsigned(struct signature_list *list, struct failure *why)
{
    struct signature_verdict *signature = NULL;

    if (!signature_list_add(list, SIGNATURE_NONE, &signature, why))
        return false;
    (void)note_fail(&signature->notes, RULE_SIGNED, VERDICT_NO_SIGNATURE,
        "it has no certificate table");
    signature_conclude(signature, "the program");
    return true;
}

static bool add_damage(const struct failure *damage,
    struct signature_list *list, struct failure *why)
{
    struct signed_notes notes = {0};

    (void)note_failure(&notes, RULE_SIGNED, VERDICT_MALFORMED, damage);
    return add_refused(&notes, list, why);
}

bool authenticode_verify(const struct pe *pe,
    const struct chain_question *question, struct signature_list *list,
    struct failure *why)
{
    struct pe_certificate entry = {0};
    struct failure damage = {0};
    size_t position = 0;
    bool found = false;

    if (pe->table_length == 0)
        return tell_unsigned(list, why);
    for (size_t i = 0; i < PE_CERTIFICATES_MAX; i++) {
        if (!pe_next_certificate(pe, &position, &entry, &found, &damage))
            return add_damage(&damage, list, why);
        if (!found)
            return true;
        if (!verify_entry(pe, &entry, question, list, why))
            return false;
    }
    return fail_because(why, FAILURE_UNSUITABLE,
        "the program's certificate table has more than %d entries",
        PE_CERTIFICATES_MAX);
}
