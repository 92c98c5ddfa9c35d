#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "crypto/signature.h"
#include "x509/chain/chain.h"

/*
 * Chains of three (P-256: leaf, intermediate, root in the pool; host name and
 * purpose asked) beside the signature arithmetic of the same run.
 *
 *     chain_bench [FOLDER]
 *
 * cold: leaf and intermediate are read each time, nothing is remembered; the
 * limit is two verifications with held keys.  cached: the intermediate's
 * signature is remembered, the leaf is a new one each time; the limit is one.
 * Beside both X509_verify_cert.  FOLDER: the chain is left there in PEM, for
 * bench/chain_peer.go.  Exit 1 when a ratio is below 0.8.
 */

#define LEAVES 6000 /* more than a cache holds: each is a new one */
#define ROUNDS 5
#define RATIO_WANTED 0.8
#define HOST "www.example.org"

struct scene {
    EVP_PKEY *root_key, *issuer_key, *leaf_key;
    X509 *root_object;
    struct bytes root, issuer, leaves[LEAVES];
    struct chain_pool *roots, *issuers;
    struct reference_name host;
    struct chain_question question;
};

static void end_unless(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "chain_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

static double cpu_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the certificates ---------------------------------------------------- */

static void add(X509 *made, X509 *issuer, int type, const char *value)
{
    X509_EXTENSION *extension = NULL;
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, made, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
    end_unless(extension != NULL && X509_add_ext(made, extension, -1) == 1,
        "an extension can't be made");
    X509_EXTENSION_free(extension);
}

static X509 *make(const char *name, EVP_PKEY *key, X509 *issuer,
    EVP_PKEY *signer, long serial)
{
    X509 *made = X509_new();
    X509 *above = issuer == NULL ? made : issuer;
    bool is_leaf = strcmp(name, HOST) == 0;

    end_unless(made != NULL && X509_set_version(made, 2) &&
                   ASN1_INTEGER_set(X509_get_serialNumber(made), serial) &&
                   X509_gmtime_adj(X509_getm_notBefore(made), -3600) != NULL &&
                   X509_gmtime_adj(X509_getm_notAfter(made), 864000) != NULL &&
                   X509_set_pubkey(made, key) &&
                   X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN",
                       MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0),
        "a certificate can't be made");
    end_unless(X509_set_issuer_name(made, X509_get_subject_name(above)),
        "an issuer can't be named");
    add(made, above, NID_subject_key_identifier, "hash");
    add(made, above, NID_authority_key_identifier, "keyid");
    add(made, above, NID_key_usage,
        is_leaf ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign");
    add(made, above, NID_basic_constraints,
        is_leaf ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (is_leaf) {
        add(made, above, NID_ext_key_usage, "serverAuth");
        add(made, above, NID_subject_alt_name, "DNS:" HOST);
    }
    end_unless(X509_sign(made, signer, EVP_sha256()) > 0, "signing fails");
    return made;
}

static struct bytes encode(X509 *made)
{
    unsigned char *encoded = NULL;
    int length = i2d_X509(made, &encoded);

    end_unless(length > 0, "a certificate can't be encoded");
    return (struct bytes){encoded, (size_t)length};
}

static void leave(const char *folder, const char *name, struct bytes der)
{
    char path[512];
    FILE *file = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
    file = fopen(path, "we");
    end_unless(file != NULL &&
                   PEM_write(file, "CERTIFICATE", "", der.start,
                       (long)der.length) > 0 &&
                   fclose(file) == 0,
        "the folder can't be written");
}

static void set_up(struct scene *scene, const char *folder)
{
    X509 *issuer = NULL;
    struct failure why = {0};

    scene->root_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    scene->issuer_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    scene->leaf_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    scene->root_object =
        make("Bench Root", scene->root_key, NULL, scene->root_key, 1);
    scene->root = encode(scene->root_object);
    issuer = make("Bench Issuing", scene->issuer_key, scene->root_object,
        scene->root_key, 2);
    scene->issuer = encode(issuer);
    for (long i = 0; i < LEAVES; i++) {
        X509 *leaf =
            make(HOST, scene->leaf_key, issuer, scene->issuer_key, 1000 + i);

        scene->leaves[i] = encode(leaf);
        X509_free(leaf);
    }
    X509_free(issuer);
    end_unless(
        chain_pool_new(&scene->roots, &why) &&
            chain_pool_add(scene->roots, scene->root, "roots", &why) &&
            chain_pool_new(&scene->issuers, &why) &&
            chain_pool_add(scene->issuers, scene->issuer, "issuers", &why) &&
            reference_name_read(
                REFERENCE_DNS, bytes_of_text(HOST), &scene->host, &why),
        why.reason);
    scene->question = (struct chain_question){.roots = scene->roots,
        .time = (int64_t)time(NULL),
        .purpose = CHAIN_SERVER,
        .names = &scene->host,
        .name_count = 1};
    if (folder == NULL)
        return;
    leave(folder, "root", scene->root);
    leave(folder, "issuer", scene->issuer);
    leave(folder, "leaf", scene->leaves[0]);
}

/* --- what is measured: seconds of CPU for all leaves --------------------- */

static void ask(struct chain_question *question, struct bytes leaf)
{
    RELEASED(verdict) verdict = {0};
    struct failure why = {0};

    question->leaf = leaf;
    end_unless(chain_verify(question, &verdict, &why), why.reason);
    end_unless(verdict.valid, verdict.sentence);
}

static double measure_cold(const struct scene *scene)
{
    double started = cpu_seconds();

    for (size_t i = 0; i < LEAVES; i++) {
        SCOPED_STRUCT(chain_pool) *untrusted = NULL;
        struct chain_question question = scene->question;
        struct failure why = {0};

        end_unless(
            chain_pool_new(&untrusted, &why) &&
                chain_pool_add(untrusted, scene->issuer, "issuers", &why),
            why.reason);
        question.untrusted = untrusted;
        ask(&question, scene->leaves[i]);
    }
    return cpu_seconds() - started;
}

static double measure_cached(
    const struct scene *scene, struct signature_cache *cache)
{
    double started = cpu_seconds();

    for (size_t i = 0; i < LEAVES; i++) {
        struct chain_question question = scene->question;

        question.untrusted = scene->issuers;
        question.cache = cache;
        ask(&question, scene->leaves[i]);
    }
    return cpu_seconds() - started;
}

static double measure_limit(const struct scene *scene)
{
    SCOPED_STRUCT(signature_operation) *operation = NULL;
    struct certificate leaf = {0};
    struct failure why = {0};
    double started = 0;

    end_unless(certificate_read(scene->leaves[0], &leaf, &why) &&
                   signature_operation_new(scene->issuer_key,
                       signature_algorithm_of(leaf.signature_algorithm),
                       SIGNATURE_VERIFY, &operation, &why),
        why.reason);
    started = cpu_seconds();
    for (size_t i = 0; i < LEAVES; i++)
        end_unless(signature_operation_verify(
                       operation, leaf.tbs.whole, leaf.signature, &why),
            why.reason);
    return cpu_seconds() - started;
}

static X509 *decode(struct bytes der)
{
    const unsigned char *start = der.start;
    X509 *read = d2i_X509(NULL, &start, (long)der.length);

    end_unless(read != NULL, "OpenSSL can't read a certificate");
    return read;
}

static double measure_openssl(const struct scene *scene)
{
    SCOPED(X509_STORE) *store = X509_STORE_new();
    double started = 0;

    end_unless(X509_STORE_add_cert(store, scene->root_object) == 1,
        "OpenSSL takes no root");
    started = cpu_seconds();
    for (size_t i = 0; i < LEAVES; i++) {
        SCOPED(X509) *leaf = decode(scene->leaves[i]);
        SCOPED(X509_STORE_CTX) *context = X509_STORE_CTX_new();
        STACK_OF(X509) *untrusted = sk_X509_new_null();
        X509_VERIFY_PARAM *wanted = NULL;

        end_unless(
            sk_X509_push(untrusted, decode(scene->issuer)) == 1 &&
                X509_STORE_CTX_init(context, store, leaf, untrusted) == 1,
            "OpenSSL can't begin");
        wanted = X509_STORE_CTX_get0_param(context);
        end_unless(X509_VERIFY_PARAM_set1_host(wanted, HOST, 0) == 1 &&
                       X509_STORE_CTX_set_purpose(
                           context, X509_PURPOSE_SSL_SERVER) == 1 &&
                       X509_verify_cert(context) == 1,
            "OpenSSL refuses the chain");
        sk_X509_pop_free(untrusted, X509_free);
    }
    return cpu_seconds() - started;
}

/* --- the report ---------------------------------------------------------- */

static double least(double a, double b)
{
    return a < b ? a : b;
}

static void tell(const char *what, double seconds)
{
    (void)printf("%-18s %9.0f /s   %7.1f us\n", what, LEAVES / seconds,
        seconds / LEAVES * 1e6);
}

int main(int count, char **words)
{
    static struct scene scene;
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    double cold = 1e9, cached = 1e9, limit = 1e9, peer = 1e9;
    struct failure why = {0};

    set_up(&scene, count > 1 ? words[1] : NULL);
    end_unless(signature_cache_new(&cache, &why), why.reason);
    for (int round = 0; round < ROUNDS; round++) {
        limit = least(limit, measure_limit(&scene));
        cold = least(cold, measure_cold(&scene));
        cached = least(cached, measure_cached(&scene, cache));
        peer = least(peer, measure_openssl(&scene));
    }
    tell("one verification", limit);
    tell("cold", cold);
    tell("cached", cached);
    tell("X509_verify_cert", peer);
    (void)printf("ratio: cold %.2f, cached %.2f, X509_verify_cert %.2f\n",
        2 * limit / cold, limit / cached, 2 * limit / peer);
    return 2 * limit / cold >= RATIO_WANTED && limit / cached >= RATIO_WANTED
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
