#include "x509/chain/signature_parameters.h"

#include "x509/chain/algorithm_policy.h"

static const uint8_t mask_function_1[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08};

/* RFC 4055, 2.1: NULL or nothing behind the hash, and both are read. */
static bool read_hash(
    struct der_reader *reader, const char **digest, struct failure *why)
{
    struct algorithm_identifier hash = {0};
    char name[OID_TEXT] = "";

    if (!algorithm_identifier_read(reader, &hash, why))
        return false;
    *digest = digest_of_oid(hash.oid);
    algorithm_name_print(hash.oid, name);
    if (*digest == NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "RSASSA-PSS has the hash %s, which is none of RFC 4055's", name);
    return hash.parameters.length == 0 ||
           (hash.parameters.length == 2 &&
               hash.parameters.start[0] == DER_NULL) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the hash of RSASSA-PSS has parameters");
}

static bool read_mask(
    struct der_reader *reader, const char **digest, struct failure *why)
{
    struct algorithm_identifier mask = {0};

    if (!algorithm_identifier_read(reader, &mask, why))
        return false;
    if (!bytes_equal(
            mask.oid, (struct bytes){mask_function_1, sizeof(mask_function_1)}))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the mask of RSASSA-PSS is not made by MGF1 (RFC 4055, 2.2)");
    struct der_reader inside = der_reader_of(mask.parameters);
    return read_hash(&inside, digest, why);
}

typedef bool read_one(struct der_reader *inside, struct pss_parameters *found,
    struct failure *why);

static bool read_digest(struct der_reader *inside, struct pss_parameters *found,
    struct failure *why)
{
    return read_hash(inside, &found->digest, why);
}

static bool read_mask_digest(struct der_reader *inside,
    struct pss_parameters *found, struct failure *why)
{
    return read_mask(inside, &found->mask_digest, why);
}

static bool read_salt(struct der_reader *inside, struct pss_parameters *found,
    struct failure *why)
{
    return der_read_small_integer(inside, &found->salt_length, why);
}

static bool read_trailer(struct der_reader *inside,
    struct pss_parameters *found, struct failure *why)
{
    uint32_t trailer = 0;

    (void)found;
    return der_read_small_integer(inside, &trailer, why) &&
           (trailer == 1 ||
               fail_because(why, FAILURE_UNSUITABLE,
                   "the trailer of RSASSA-PSS is not 1 (RFC 4055, 3.1)"));
}

bool pss_parameters_read(
    struct bytes parameters, struct pss_parameters *found, struct failure *why)
{
    static read_one *const readers[] = {
        read_digest, read_mask_digest, read_salt, read_trailer};
    struct pss_parameters read = {"SHA1", "SHA1", 20};
    struct der_reader reader = der_reader_of(parameters);
    struct der_reader contents = {0}, inside = {0};
    bool present = false;

    if (parameters.length > 0 &&
        !der_read(&reader, DER_SEQUENCE, &contents, why))
        return false;
    for (unsigned int i = 0; i < 4; i++) {
        if (!der_read_optional(
                &contents, DER_CONTEXT_HOLDING(i), &inside, &present, why))
            return false;
        if (present && (!readers[i](&inside, &read, why) ||
                           !der_finish(&inside, "the parameters", why)))
            return false;
    }
    if (!der_finish(&contents, "the parameters of RSASSA-PSS", why))
        return false;
    *found = read;
    return true;
}
