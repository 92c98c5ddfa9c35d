#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "crypto/openssl_scoped.h"
#include "support/certificate_inputs.h"
#include "support/disagreement.h"
#include "support/x509v3_scoped.h"
#include "x509/certificate.h"

/*
 * A second opinion: over every certificate at hand, what our views show is what
 * OpenSSL's X509 shows.  Inputs: tests/objects/certificates, the machine's
 * trust store, and, where CHANCERY_SUITES names a file that
 * tests/support/extract_suites.py wrote, the outside suites.
 */

#define TRUST_STORE "/etc/ssl/certs/ca-certificates.crt"
#define OBJECTS PROJECT_FOLDER "/tests/objects/certificates"

/* --- field by field ------------------------------------------------------ */

static bool is_same(struct bytes ours, const void *theirs, int length)
{
    return length >= 0 && bytes_equal(ours, (struct bytes){.start = theirs,
                                                .length = (size_t)length});
}

static bool is_same_string(struct bytes ours, const ASN1_STRING *theirs)
{
    return is_same(
        ours, ASN1_STRING_get0_data(theirs), ASN1_STRING_length(theirs));
}

/* OpenSSL keeps a magnitude: its encoding has ours behind a head. */
static bool is_same_integer(struct bytes ours, const ASN1_INTEGER *theirs)
{
    SCOPED(openssl_bytes) *encoding = NULL;
    int length = i2d_ASN1_INTEGER(theirs, &encoding);

    return length > 0 && (size_t)length > ours.length &&
           is_same(ours, encoding + length - ours.length, (int)ours.length) &&
           length - (int)ours.length == (ours.length < 0x80 ? 2 : 3);
}

static bool is_same_algorithm(struct bytes ours, const X509_ALGOR *theirs)
{
    SCOPED(openssl_bytes) *encoding = NULL;
    int length = i2d_X509_ALGOR(theirs, &encoding);

    return is_same(ours, encoding, length);
}

static bool is_same_name(struct bytes ours, const X509_NAME *theirs)
{
    const unsigned char *encoding = NULL;
    size_t length = 0;

    return X509_NAME_get0_der(theirs, &encoding, &length) == 1 &&
           is_same(ours, encoding, (int)length);
}

static bool is_same_time(int64_t ours, const ASN1_TIME *theirs)
{
    struct tm parts = {0};

    return ASN1_TIME_to_tm(theirs, &parts) == 1 && timegm(&parts) == ours;
}

static bool is_same_key(const struct spki *ours, const X509 *theirs)
{
    X509_PUBKEY *key = X509_get_X509_PUBKEY(theirs);
    X509_ALGOR *algorithm = NULL;
    const unsigned char *bits = NULL;
    int length = 0;
    SCOPED(openssl_bytes) *encoding = NULL;
    int encoding_length = i2d_X509_PUBKEY(key, &encoding);

    return X509_PUBKEY_get0_param(NULL, &bits, &length, &algorithm, key) == 1 &&
           is_same(ours->whole, encoding, encoding_length) &&
           is_same(ours->bits, bits, length) &&
           is_same_algorithm(ours->algorithm, algorithm);
}

static void compare_fields(struct opinions opinions)
{
    const struct certificate *ours = opinions.ours;
    const struct tbs_certificate *tbs = &ours->tbs;
    const X509 *theirs = opinions.theirs;
    const ASN1_BIT_STRING *signature = NULL;
    const X509_ALGOR *algorithm = NULL;

    X509_get0_signature(&signature, &algorithm, theirs);
    judge(X509_get_version(theirs) == (long)tbs->version, opinions, "version");
    judge(is_same_integer(tbs->serial, X509_get0_serialNumber(theirs)),
        opinions, "serial");
    judge(is_same_algorithm(
              tbs->signature_algorithm, X509_get0_tbs_sigalg(theirs)),
        opinions, "inner signature algorithm");
    judge(is_same_name(tbs->issuer, X509_get_issuer_name(theirs)), opinions,
        "issuer");
    judge(is_same_time(tbs->not_before, X509_get0_notBefore(theirs)), opinions,
        "notBefore");
    judge(is_same_time(tbs->not_after, X509_get0_notAfter(theirs)), opinions,
        "notAfter");
    judge(is_same_name(tbs->subject, X509_get_subject_name(theirs)), opinions,
        "subject");
    judge(is_same_key(&tbs->key, theirs), opinions, "public key");
    judge(is_same_algorithm(ours->signature_algorithm, algorithm), opinions,
        "signature algorithm");
    judge(is_same_string(ours->signature, signature), opinions, "signature");
}

/* --- what extensions say ------------------------------------------------- */

static void compare_key_usage(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(ASN1_BIT_STRING) *theirs =
        d2i_ASN1_BIT_STRING(NULL, &start, ASN1_STRING_length(data));
    uint32_t ours = 0;
    uint32_t bits = 0;
    struct failure why = {0};
    bool is_read = extension_key_usage(value, &ours, &why);

    judge(is_read == (theirs != NULL), opinions, "keyUsage is read");
    if (!is_read || theirs == NULL)
        return;
    for (int i = 0; i < 32; i++) {
        if (ASN1_BIT_STRING_get_bit(theirs, i))
            bits |= 1u << i;
    }
    judge(ours == bits, opinions, "keyUsage");
}

static void compare_purposes(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(EXTENDED_KEY_USAGE) *theirs =
        d2i_EXTENDED_KEY_USAGE(NULL, &start, ASN1_STRING_length(data));
    struct der_reader ours = {0};
    struct bytes purpose = {0};
    struct failure why = {0};
    bool is_read = extension_purposes(value, &ours, &why);
    bool agrees = true;
    int count = 0;

    judge(is_read == (theirs != NULL), opinions, "extKeyUsage is read");
    if (!is_read || theirs == NULL)
        return;
    for (; !der_at_end(&ours); count++) {
        const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(theirs, count);
        agrees =
            agrees && der_read_oid(&ours, &purpose, &why) && object != NULL &&
            is_same(purpose, OBJ_get0_data(object), (int)OBJ_length(object));
        if (!agrees)
            break;
    }
    judge(
        agrees && count == sk_ASN1_OBJECT_num(theirs), opinions, "extKeyUsage");
}

static void compare_basic_constraints(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(BASIC_CONSTRAINTS) *theirs =
        d2i_BASIC_CONSTRAINTS(NULL, &start, ASN1_STRING_length(data));
    struct basic_constraints ours = {0};
    struct failure why = {0};
    bool is_read = extension_basic_constraints(value, &ours, &why);

    judge(is_read == (theirs != NULL), opinions, "basicConstraints is read");
    if (!is_read || theirs == NULL)
        return;
    judge(ours.is_authority == (theirs->ca != 0), opinions, "cA");
    judge(ours.has_path_length == (theirs->pathlen != NULL) &&
              (theirs->pathlen == NULL ||
                  ASN1_INTEGER_get(theirs->pathlen) == (long)ours.path_length),
        opinions, "pathLenConstraint");
}

static void compare_key_identifier(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(ASN1_OCTET_STRING) *theirs =
        d2i_ASN1_OCTET_STRING(NULL, &start, ASN1_STRING_length(data));
    struct bytes ours = {0};
    struct failure why = {0};
    bool is_read = extension_key_identifier(value, &ours, &why);

    judge(
        is_read == (theirs != NULL), opinions, "subjectKeyIdentifier is read");
    if (is_read && theirs != NULL)
        judge(is_same_string(ours, theirs), opinions, "subjectKeyIdentifier");
}

static int count_names(struct der_reader names)
{
    struct general_name name = {0};
    struct failure why = {0};
    int count = 0;

    while (!der_at_end(&names) && general_name_next(&names, &name, &why))
        count++;
    return der_at_end(&names) ? count : -1;
}

static bool is_same_authority_key(
    const struct authority_key_identifier *ours, const AUTHORITY_KEYID *theirs)
{
    struct der_reader issuer = der_reader_of(ours->issuer);
    int names =
        theirs->issuer == NULL ? 0 : sk_GENERAL_NAME_num(theirs->issuer);
    bool has_key = theirs->keyid != NULL;
    bool has_serial = theirs->serial != NULL;

    return (has_key ? is_same_string(ours->identifier, theirs->keyid)
                    : ours->identifier.length == 0) &&
           (has_serial ? is_same_integer(ours->serial, theirs->serial)
                       : ours->serial.length == 0) &&
           count_names(issuer) == names;
}

static void compare_authority_key_identifier(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(AUTHORITY_KEYID) *theirs =
        d2i_AUTHORITY_KEYID(NULL, &start, ASN1_STRING_length(data));
    struct authority_key_identifier ours = {0};
    struct failure why = {0};
    bool is_read = extension_authority_key_identifier(value, &ours, &why);

    judge(is_read == (theirs != NULL), opinions,
        "authorityKeyIdentifier is read");
    if (is_read && theirs != NULL)
        judge(is_same_authority_key(&ours, theirs), opinions,
            "authorityKeyIdentifier");
}

static bool is_same_general_name(
    const struct general_name *ours, const GENERAL_NAME *theirs)
{
    int type = -1;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(theirs, &type);

    if (type != (int)ours->kind)
        return false;
    if (type == GEN_EMAIL || type == GEN_DNS || type == GEN_URI ||
        type == GEN_IPADD)
        return is_same_string(ours->value, value);
    return type != GEN_DIRNAME ||
           is_same_name(ours->value, theirs->d.directoryName);
}

static void compare_names(
    struct opinions opinions, struct bytes value, const ASN1_OCTET_STRING *data)
{
    const unsigned char *start = ASN1_STRING_get0_data(data);
    SCOPED(GENERAL_NAMES) *theirs =
        d2i_GENERAL_NAMES(NULL, &start, ASN1_STRING_length(data));
    struct der_reader ours = {0};
    struct general_name name = {0};
    struct failure why = {0};
    bool is_read = extension_general_names(value, &ours, &why);
    bool agrees = true;

    judge(is_read == (theirs != NULL), opinions, "subjectAltName is read");
    if (!is_read || theirs == NULL)
        return;
    for (int i = 0; agrees && i < sk_GENERAL_NAME_num(theirs); i++)
        agrees = !der_at_end(&ours) && general_name_next(&ours, &name, &why) &&
                 is_same_general_name(&name, sk_GENERAL_NAME_value(theirs, i));
    judge(agrees && der_at_end(&ours), opinions, "subjectAltName");
}

static void compare_value(struct opinions opinions,
    const struct extension *ours, const ASN1_OCTET_STRING *data)
{
    static const struct {
        enum oid type;
        void (*compare)(
            struct opinions, struct bytes, const ASN1_OCTET_STRING *);
    } types[] = {
        {OID_KEY_USAGE, compare_key_usage},
        {OID_EXTENDED_KEY_USAGE, compare_purposes},
        {OID_BASIC_CONSTRAINTS, compare_basic_constraints},
        {OID_SUBJECT_KEY_IDENTIFIER, compare_key_identifier},
        {OID_AUTHORITY_KEY_IDENTIFIER, compare_authority_key_identifier},
        {OID_SUBJECT_ALT_NAME, compare_names},
        {OID_ISSUER_ALT_NAME, compare_names},
    };

    opinions.extension = ours;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (types[i].type == ours->type)
            types[i].compare(opinions, ours->value, data);
    }
}

static bool is_same_extension(
    const struct extension *ours, X509_EXTENSION *theirs)
{
    const ASN1_OBJECT *type = X509_EXTENSION_get_object(theirs);

    return is_same(ours->type_contents, OBJ_get0_data(type),
               (int)OBJ_length(type)) &&
           ours->critical == (X509_EXTENSION_get_critical(theirs) == 1) &&
           is_same_string(ours->value, X509_EXTENSION_get_data(theirs));
}

static void compare_extensions(struct opinions opinions)
{
    struct der_reader ours = opinions.ours->tbs.extensions;
    struct extension extension = {0};
    struct failure why = {0};

    for (int i = 0; i < X509_get_ext_count(opinions.theirs); i++) {
        X509_EXTENSION *theirs = X509_get_ext(opinions.theirs, i);

        if (der_at_end(&ours) || !extension_next(&ours, &extension, &why)) {
            judge(false, opinions, "count of extensions");
            return;
        }
        judge(is_same_extension(&extension, theirs), opinions, "extension");
        compare_value(opinions, &extension, X509_EXTENSION_get_data(theirs));
    }
    judge(der_at_end(&ours), opinions, "count of extensions");
}

/* --- over all inputs ----------------------------------------------------- */

static X509 *read_with_openssl(struct bytes der)
{
    const unsigned char *start = der.start;
    SCOPED(X509) *theirs = d2i_X509(NULL, &start, (long)der.length);

    return start == der.start + der.length ? KEEP(X509, &theirs) : NULL;
}

static bool compare(struct bytes der)
{
    size_t before = disagreements_unexplained();
    struct certificate ours = {0};
    struct failure why = {0};
    bool is_read = certificate_read(der, &ours, &why);
    SCOPED(X509) *theirs = read_with_openssl(der);
    struct opinions opinions = {
        .ours = is_read ? &ours : NULL, .theirs = theirs};

    judge(is_read == (theirs != NULL), opinions,
        is_read ? "a certificate that OpenSSL refuses" : why.reason);
    if (is_read && theirs != NULL) {
        compare_fields(opinions);
        compare_extensions(opinions);
    }
    return before == disagreements_unexplained();
}

/* False: none are at hand. */
static bool add_suites(struct certificate_inputs *inputs)
{
    const char *path = getenv("CHANCERY_SUITES");

    if (path == NULL || path[0] == '\0') {
        print_message("inputs: no suites (CHANCERY_SUITES is not set)\n");
        return false;
    }
    size_t count = inputs_add_records(inputs, path);
    print_message("inputs: %zu of %s\n", count, path);
    assert_true(count > 0);
    return true;
}

static void assert_each_reason_has_a_case(void)
{
    const char *idle = disagreement_without_case();

    if (idle != NULL)
        fail_msg("no disagreement has this reason, delete it: %s", idle);
}

static void our_views_agree_with_openssl_field_by_field(void **state)
{
    RELEASED(certificate_inputs) inputs = {0};

    (void)state;
    size_t objects = inputs_add_folder(&inputs, OBJECTS);
    print_message("inputs: %zu of tests/objects/certificates\n", objects);
    print_message("inputs: %zu of %s\n",
        inputs_add_bundle(&inputs, TRUST_STORE), TRUST_STORE);
    bool with_suites = add_suites(&inputs);

    for (size_t i = 0; i < inputs.count; i++) {
        if (!compare(inputs.certificates[i]))
            print_error("... in certificate %zu\n", i);
    }
    print_message("%zu certificates compared\n", inputs.count);
    disagreements_print();
    assert_true(objects > 0);
    assert_int_equal(disagreements_unexplained(), 0);
    if (with_suites)
        assert_each_reason_has_a_case();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_views_agree_with_openssl_field_by_field),
    };

    return cmocka_run_group_tests_name("differential", tests, NULL, NULL);
}
