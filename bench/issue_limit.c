#include "issue_bench.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "crypto/openssl_scoped.h"

#define DIGEST_BYTES 32
#define SIGNATURE_ROOM 1024
#define THREADS_MAX 64
#define CALLS_BETWEEN_CLOCKS 16

/* A key with what is held ready for it.  The contexts are NULL for keys that
 * hash by themselves: theirs are begun for each message. */
struct held_key {
    EVP_PKEY *key;
    EVP_PKEY_CTX *signing, *verifying;
    uint8_t signature[SIGNATURE_ROOM];
    size_t length;
};

/* What a thread does, and what it took. */
struct toil {
    pthread_t thread;
    struct held_key request, authority;
    double seconds, cost;
};

static const uint8_t digest[DIGEST_BYTES] = {1, 2, 3};

static double thread_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static EVP_PKEY *make_key(const char *algorithm)
{
    if (strcmp(algorithm, "ed25519") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (strcmp(algorithm, "rsa2048") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return EVP_EC_gen("P-256");
}

static void begin(struct held_key *held)
{
    const EVP_MD *hash = EVP_sha256();

    if (EVP_PKEY_is_a(held->key, "ED25519"))
        return;
    held->signing = EVP_PKEY_CTX_new_from_pkey(NULL, held->key, NULL);
    held->verifying = EVP_PKEY_CTX_new_from_pkey(NULL, held->key, NULL);
    give_up_unless(held->signing != NULL && held->verifying != NULL &&
                       EVP_PKEY_sign_init(held->signing) > 0 &&
                       EVP_PKEY_verify_init(held->verifying) > 0 &&
                       EVP_PKEY_CTX_set_signature_md(held->signing, hash) > 0 &&
                       EVP_PKEY_CTX_set_signature_md(held->verifying, hash) > 0,
        "a context can't be made ready");
}

static bool sign_raw(struct held_key *held)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    return EVP_DigestSignInit_ex(
               context, NULL, NULL, NULL, NULL, held->key, NULL) > 0 &&
           EVP_DigestSign(context, held->signature, &held->length, digest,
               sizeof(digest)) > 0;
}

static bool verify_raw(struct held_key *held)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    return EVP_DigestVerifyInit_ex(
               context, NULL, NULL, NULL, NULL, held->key, NULL) > 0 &&
           EVP_DigestVerify(context, held->signature, held->length, digest,
               sizeof(digest)) == 1;
}

static void sign(struct held_key *held)
{
    held->length = sizeof(held->signature);
    give_up_unless(held->signing == NULL
                       ? sign_raw(held)
                       : EVP_PKEY_sign(held->signing, held->signature,
                             &held->length, digest, sizeof(digest)) > 0,
        "a signature can't be made");
}

static void verify(struct held_key *held)
{
    give_up_unless(held->verifying == NULL
                       ? verify_raw(held)
                       : EVP_PKEY_verify(held->verifying, held->signature,
                             held->length, digest, sizeof(digest)) == 1,
        "a signature does not match");
}

static void hold(struct held_key *held, const char *algorithm)
{
    held->key = make_key(algorithm);
    give_up_unless(held->key != NULL, "a key can't be made");
    begin(held);
    sign(held);
}

static void let_go(struct held_key *held)
{
    EVP_PKEY_CTX_free(held->signing);
    EVP_PKEY_CTX_free(held->verifying);
    EVP_PKEY_free(held->key);
}

static void *run(void *context)
{
    struct toil *toil = context;
    double begun = thread_seconds();
    double until = wall_seconds() + toil->seconds;
    unsigned int count = 0;

    while (wall_seconds() < until) {
        for (int i = 0; i < CALLS_BETWEEN_CLOCKS; i++) {
            verify(&toil->request);
            sign(&toil->authority);
            verify(&toil->authority);
            count++;
        }
    }
    toil->cost = (thread_seconds() - begun) / count;
    return NULL;
}

double limit_cost(const char *algorithm, size_t threads, double seconds)
{
    struct toil toils[THREADS_MAX] = {0};
    double cost = 0;

    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    for (size_t i = 0; i < threads; i++) {
        hold(&toils[i].request, "p256");
        hold(&toils[i].authority, algorithm);
        toils[i].seconds = seconds;
    }
    for (size_t i = 0; i < threads; i++)
        give_up_unless(
            pthread_create(&toils[i].thread, NULL, run, &toils[i]) == 0,
            "a thread can't be started");
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(toils[i].thread, NULL);
        cost += toils[i].cost / (double)threads;
        let_go(&toils[i].request);
        let_go(&toils[i].authority);
    }
    return cost;
}
