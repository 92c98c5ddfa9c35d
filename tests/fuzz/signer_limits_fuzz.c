#include <stdint.h>
#include <stdlib.h>

#include "authority/signer_limits.h"

/*
 * The first two bytes divide the input: a message of limits, and a draft that
 * is held against them.  Limits that are read are written back as they are.
 */
#define NOW INT64_C(1767225660)

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void read_again(const struct signer_limits *limits)
{
    RELEASED(buffer) message = BUFFER("limits", 1024 * 1024);
    struct signer_limits again = {0};
    struct failure why = {0};

    insist(signer_limits_write(limits, &message, &why));
    insist(signer_limits_read(buffer_view(&message), &again, &why));
    insist(bytes_equal(again.issuer, limits->issuer));
    insist(bytes_equal(again.own_key, limits->own_key));
    insist(bytes_equal(again.key_identifier, limits->key_identifier));
    insist(again.purpose_count == limits->purpose_count);
    insist(again.key_usage == limits->key_usage);
    insist(again.name_kinds == limits->name_kinds);
    insist(again.not_after == limits->not_after);
    insist(again.may_make_authorities == limits->may_make_authorities);
    insist(again.may_sign_itself == limits->may_sign_itself);
    insist(again.signs_lists_only == limits->signs_lists_only);
    insist(again.has_path_length == limits->has_path_length);
    insist(again.path_length == limits->path_length);
}

static void check_authority(const struct signer_limits *limits,
    const struct basic_constraints *constraints)
{
    insist(limits->may_make_authorities || limits->may_sign_itself);
    if (!limits->has_path_length)
        return;
    insist(constraints->has_path_length);
    /* A root's successor may be what the root is; others end sooner. */
    insist(limits->may_sign_itself
               ? constraints->path_length <= limits->path_length
               : constraints->path_length < limits->path_length);
}

/* What is allowed is within, found by other means than the check's own. */
static void check_allowed(
    const struct signer_limits *limits, const struct tbs_certificate *draft)
{
    struct extension extension = {0};
    struct basic_constraints constraints = {0};
    struct failure why = {0};
    bool found = false;

    if (limits->signs_lists_only) {
        insist(extensions_find(
            draft->extensions, OID_OCSP_NO_CHECK, &extension, &found, &why));
        insist(found);
    }
    insist(bytes_equal(draft->issuer, limits->issuer));
    insist(extensions_find(
        draft->extensions, OID_BASIC_CONSTRAINTS, &extension, &found, &why));
    insist(!found ||
           extension_basic_constraints(extension.value, &constraints, &why));
    if (constraints.is_authority)
        check_authority(limits, &constraints);
    else
        insist(
            draft->not_after - draft->not_before <= limits->longest_lifetime_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signer_limits limits = {0};
    struct tbs_certificate draft = {0};
    struct failure why = {0};
    size_t first;

    if (size < 2)
        return 0;
    first = (size_t)data[0] << 8 | data[1];
    if (first > size - 2)
        first = size - 2;
    if (!signer_limits_read((struct bytes){data + 2, first}, &limits, &why))
        return 0;
    read_again(&limits);
    if (!tbs_certificate_read(
            (struct bytes){data + 2 + first, size - 2 - first}, &draft, &why))
        return 0;
    if (signer_limits_allow(
            &limits, &draft, draft.signature_algorithm, NOW, &why))
        check_allowed(&limits, &draft);
    else
        insist(why.kind != FAILURE_NONE);
    return 0;
}
