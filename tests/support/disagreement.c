#include "support/disagreement.h"

#include <stdio.h>

/*
 * Reasons for a disagreement with OpenSSL, each judged on what OpenSSL has
 * read, not on what our reader said.
 */
#define REASONS_MAX 12

/* RFC 5280, 4.1.1.2; OpenSSL looks at it when it verifies. */
static bool the_two_algorithms_differ(const struct opinions *opinions)
{
    const X509_ALGOR *outer = NULL;

    if (opinions->ours != NULL || opinions->theirs == NULL)
        return false;
    X509_get0_signature(NULL, &outer, opinions->theirs);
    return X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(opinions->theirs)) != 0;
}

/* RFC 5280, 4.2; OpenSSL keeps both. */
static bool an_extension_is_there_twice(const struct opinions *opinions)
{
    const X509 *theirs = opinions->theirs;

    if (opinions->ours != NULL || theirs == NULL)
        return false;
    for (int i = 0; i < X509_get_ext_count(theirs); i++) {
        const ASN1_OBJECT *type =
            X509_EXTENSION_get_object(X509_get_ext(theirs, i));
        if (X509_get_ext_by_OBJ(theirs, type, i) >= 0)
            return true;
    }
    return false;
}

static bool is_time_of_rfc5280(const ASN1_TIME *time)
{
    int digits = ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 12 : 14;

    return ASN1_STRING_length(time) == digits + 1 &&
           ASN1_STRING_get0_data(time)[digits] == 'Z';
}

/* RFC 5280, 4.1.2.5: seconds and Z; OpenSSL reads any text. */
static bool a_time_has_no_seconds_or_no_z(const struct opinions *opinions)
{
    return opinions->ours == NULL && opinions->theirs != NULL &&
           !(is_time_of_rfc5280(X509_get0_notBefore(opinions->theirs)) &&
               is_time_of_rfc5280(X509_get0_notAfter(opinions->theirs)));
}

/* A signature is whole bytes; OpenSSL drops the count. */
static bool the_signature_has_spare_bits(const struct opinions *opinions)
{
    const ASN1_BIT_STRING *signature = NULL;

    if (opinions->ours != NULL || opinions->theirs == NULL)
        return false;
    X509_get0_signature(&signature, NULL, opinions->theirs);
    return (signature->flags & 7) != 0;
}

/* RFC 5280, 4.2.1.6 and 4.2.1.12: SIZE (1..MAX); incident 4. */
static bool a_list_of_an_extension_is_empty(const struct opinions *opinions)
{
    static const uint8_t empty_list[] = {DER_SEQUENCE, 0x00};

    return opinions->extension != NULL &&
           bytes_equal(
               opinions->extension->value, (struct bytes){.start = empty_list,
                                               .length = sizeof(empty_list)});
}

static struct reason {
    const char *name;
    bool (*holds)(const struct opinions *opinions);
    size_t count;
} reasons[] = {
    {"the two algorithms differ", the_two_algorithms_differ, 0},
    {"an extension is there twice", an_extension_is_there_twice, 0},
    {"a time has no seconds or no Z", a_time_has_no_seconds_or_no_z, 0},
    {"the signature has spare bits", the_signature_has_spare_bits, 0},
    {"a list of an extension is empty", a_list_of_an_extension_is_empty, 0},
};

#define REASON_COUNT (sizeof(reasons) / sizeof(*reasons))
_Static_assert(REASON_COUNT <= REASONS_MAX, "too many reasons to disagree");

static bool is_explained(const struct opinions *opinions)
{
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (!reasons[i].holds(opinions))
            continue;
        reasons[i].count++;
        return true;
    }
    return false;
}

static size_t unexplained;

void judge(bool agrees, struct opinions opinions, const char *field)
{
    if (agrees || is_explained(&opinions))
        return;
    unexplained++;
    (void)fprintf(stderr, "no reason for a disagreement over %s\n", field);
}

size_t disagreements_unexplained(void)
{
    return unexplained;
}

const char *disagreement_without_case(void)
{
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (reasons[i].count == 0)
            return reasons[i].name;
    }
    return NULL;
}

void disagreements_print(void)
{
    for (size_t i = 0; i < REASON_COUNT; i++)
        (void)printf(
            "%4zu disagreements: %s\n", reasons[i].count, reasons[i].name);
}
