#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "x509/certificate.h"

/*
 * Our full walk of a leaf beside OpenSSL's d2i_X509, in one run.
 *
 *     der_bench [CERTIFICATE.der]      without one a usual P-256 leaf is made
 *
 * Prints nanoseconds of both and their ratio; exit 1 when it is below 15.
 */

#define ROUNDS 5
#define ROUND_NANOSECONDS INT64_C(200000000)
#define CALLS_BETWEEN_CLOCKS 64
#define RATIO_WANTED 15.0

static int64_t cpu_nanoseconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void end_unless(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "der_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

static void walk(struct bytes der)
{
    struct certificate certificate;
    struct failure why;

    if (!certificate_read(der, &certificate, &why))
        end_unless(false, why.reason);
}

static void parse_with_openssl(struct bytes der)
{
    const uint8_t *place = der.start;
    X509 *certificate = d2i_X509(NULL, &place, (long)der.length);

    end_unless(certificate != NULL, "OpenSSL can't read the certificate");
    X509_free(certificate);
}

/* CPU time of one call, over a round. */
static double time_round(void (*parse)(struct bytes), struct bytes der)
{
    int64_t start = cpu_nanoseconds();
    int64_t taken = 0;
    int64_t calls = 0;

    while (taken < ROUND_NANOSECONDS) {
        for (size_t i = 0; i < CALLS_BETWEEN_CLOCKS; i++)
            parse(der);
        calls += CALLS_BETWEEN_CLOCKS;
        taken = cpu_nanoseconds() - start;
    }
    return (double)taken / (double)calls;
}

static void add_extension(
    X509 *certificate, X509V3_CTX *issuing, int type, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, issuing, type, value);

    end_unless(
        extension != NULL && X509_add_ext(certificate, extension, -1) == 1,
        "an extension can't be made");
    X509_EXTENSION_free(extension);
}

/* What a server's certificate of a public authority carries. */
static void add_extensions(X509 *certificate)
{
    X509V3_CTX issuing;
    CONF *empty = NCONF_new(NULL);

    /* Policies are refused without a configuration, even an empty one. */
    end_unless(empty != NULL, "no memory");
    X509V3_set_ctx(&issuing, certificate, certificate, NULL, NULL, 0);
    X509V3_set_nconf(&issuing, empty);
    add_extension(
        certificate, &issuing, NID_key_usage, "critical,digitalSignature");
    add_extension(
        certificate, &issuing, NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(
        certificate, &issuing, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, &issuing, NID_subject_key_identifier, "hash");
    add_extension(
        certificate, &issuing, NID_authority_key_identifier, "keyid:always");
    add_extension(certificate, &issuing, NID_info_access,
        "OCSP;URI:http://pki.example/ocsp,"
        "caIssuers;URI:http://pki.example/ca/issuing.cer");
    add_extension(certificate, &issuing, NID_subject_alt_name,
        "DNS:www.example.org,DNS:example.org,IP:192.0.2.1");
    add_extension(certificate, &issuing, NID_crl_distribution_points,
        "URI:http://pki.example/crl/issuing.crl");
    add_extension(
        certificate, &issuing, NID_certificate_policies, "2.23.140.1.2.2");
    NCONF_free(empty);
}

static void add_name(X509_NAME *name, const char *type, const char *value)
{
    end_unless(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
                   (const uint8_t *)value, -1, -1, 0) == 1,
        "a name can't be made");
}

static void add_names(X509 *certificate)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME *issuer = X509_get_issuer_name(certificate);

    add_name(subject, "C", "DE");
    add_name(subject, "O", "Example Organisation");
    add_name(subject, "CN", "www.example.org");
    add_name(issuer, "C", "DE");
    add_name(issuer, "O", "Example Organisation");
    add_name(issuer, "CN", "Example Issuing Authority");
}

/* The encoding is OpenSSL's to free, when the program ends. */
static struct bytes make_leaf(void)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    SCOPED(X509) *certificate = X509_new();
    uint8_t *der = NULL;

    end_unless(key != NULL && certificate != NULL, "no key can be made");
    end_unless(
        X509_set_version(certificate, 2) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate),
                UINT64_C(0x7a5b3c2d1e0f9a8b)) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
            X509_gmtime_adj(X509_getm_notAfter(certificate), 7776000) != NULL &&
            X509_set_pubkey(certificate, key) == 1,
        "a certificate can't be filled");
    add_names(certificate);
    add_extensions(certificate);
    end_unless(X509_sign(certificate, key, EVP_sha256()) > 0,
        "a certificate can't be signed");
    int length = i2d_X509(certificate, &der);
    end_unless(length > 0, "a certificate can't be encoded");
    return (struct bytes){.start = der, .length = (size_t)length};
}

static struct bytes read_leaf(const char *path)
{
    static uint8_t room[CERTIFICATE_MAX];
    FILE *file = fopen(path, "rb");

    end_unless(file != NULL, "the certificate can't be opened");
    size_t length = fread(room, 1, sizeof(room), file);
    (void)fclose(file);
    return (struct bytes){.start = room, .length = length};
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

int main(int count, char **words)
{
    struct bytes leaf = count > 1 ? read_leaf(words[1]) : make_leaf();

    walk(leaf);
    parse_with_openssl(leaf);
    double ours = time_round(walk, leaf);
    double theirs = time_round(parse_with_openssl, leaf);
    for (int i = 1; i < ROUNDS; i++) {
        ours = lesser(ours, time_round(walk, leaf));
        theirs = lesser(theirs, time_round(parse_with_openssl, leaf));
    }
    (void)printf("leaf of %zu bytes: certificate_read %.0f ns, d2i_X509 and "
                 "X509_free %.0f ns, ratio %.1f (at least %.0f is wanted)\n",
        leaf.length, ours, theirs, theirs / ours, RATIO_WANTED);
    return theirs / ours >= RATIO_WANTED ? EXIT_SUCCESS : EXIT_FAILURE;
}
