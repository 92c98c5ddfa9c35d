/*
 * What nobody who issues can go below, in microseconds of CPU: a P-256
 * signature, its verification, and a TLS record of 2 KiB (AES-256-GCM).
 *
 *     arithmetic [SECONDS]
 *
 * On held keys and contexts, digests ready.  It prints one JSON object.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#define CALLS_BETWEEN_CLOCKS 32
#define RECORD_BYTES 2048

static struct {
    EVP_PKEY_CTX *signing, *verifying;
    EVP_CIPHER_CTX *sealing;
    unsigned char signature[80];
    size_t length;
} held;

static const unsigned char digest[32] = {1, 2, 3};

static double cpu_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool sign(void)
{
    held.length = sizeof(held.signature);
    return EVP_PKEY_sign(held.signing, held.signature, &held.length, digest,
               sizeof(digest)) == 1;
}

static bool verify(void)
{
    return EVP_PKEY_verify(held.verifying, held.signature, held.length, digest,
               sizeof(digest)) == 1;
}

static bool seal(void)
{
    static unsigned char nonce[12], plain[RECORD_BYTES], sealed[RECORD_BYTES];
    unsigned char tag[16];
    int count = 0;

    nonce[0]++;
    return EVP_EncryptInit_ex2(held.sealing, NULL, NULL, nonce, NULL) == 1 &&
           EVP_EncryptUpdate(
               held.sealing, sealed, &count, plain, RECORD_BYTES) == 1 &&
           EVP_EncryptFinal_ex(held.sealing, sealed, &count) == 1 &&
           EVP_CIPHER_CTX_ctrl(
               held.sealing, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag) == 1;
}

static double cost_of(bool (*call)(void), double seconds)
{
    double begun = cpu_seconds(), end = begun;
    unsigned int count = 0;

    while (end - begun < seconds) {
        for (int i = 0; i < CALLS_BETWEEN_CLOCKS; i++) {
            if (!call())
                exit(9);
            count++;
        }
        end = cpu_seconds();
    }
    return (end - begun) / count * 1e6;
}

static bool prepare(EVP_PKEY *key)
{
    static const unsigned char secret[32] = {7};

    held.signing = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    held.verifying = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    held.sealing = EVP_CIPHER_CTX_new();
    return held.signing != NULL && held.verifying != NULL &&
           held.sealing != NULL && EVP_PKEY_sign_init(held.signing) == 1 &&
           EVP_PKEY_verify_init(held.verifying) == 1 &&
           EVP_EncryptInit_ex2(
               held.sealing, EVP_aes_256_gcm(), secret, NULL, NULL) == 1;
}

int main(int argument_count, char **arguments)
{
    double seconds = argument_count > 1 ? strtod(arguments[1], NULL) : 1.0;
    EVP_PKEY *key = EVP_EC_gen("P-256");

    if (key == NULL || !prepare(key) || !sign())
        return 9;
    (void)printf("{\"sign\":%.2f", cost_of(sign, seconds));
    (void)printf(",\"verify\":%.2f", cost_of(verify, seconds));
    (void)printf(",\"record\":%.2f}\n", cost_of(seal, seconds));
    EVP_CIPHER_CTX_free(held.sealing);
    EVP_PKEY_CTX_free(held.verifying);
    EVP_PKEY_CTX_free(held.signing);
    EVP_PKEY_free(key);
    return 0;
}
