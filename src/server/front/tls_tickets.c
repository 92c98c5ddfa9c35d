#include "server/front/tls_tickets.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "base/random.h"
#include "crypto/openssl_failure.h"

#define NAME_BYTES 16
#define CIPHER_BYTES 32
#define MAC_BYTES 32

/* Within the secret: the name, the key of the cipher, the key of the MAC. */
#define KEY_BYTES (NAME_BYTES + CIPHER_BYTES + MAC_BYTES)

struct ticket_key {
    struct secret bytes; /* not mapped: there is none */
    int64_t made_ms;
};

struct tls_tickets {
    struct ticket_key newest, before;
    EVP_CIPHER *cipher;
    int64_t added_ms;
};

static int64_t ticket_time(const struct tls_tickets *tickets)
{
    return clock_monotonic_ms() + tickets->added_ms;
}

static const uint8_t *name_of(const struct ticket_key *key)
{
    return key->bytes.start;
}

static const uint8_t *cipher_key_of(const struct ticket_key *key)
{
    return key->bytes.start + NAME_BYTES;
}

static uint8_t *mac_key_of(const struct ticket_key *key)
{
    return key->bytes.start + NAME_BYTES + CIPHER_BYTES;
}

static bool make_key(
    struct tls_tickets *tickets, struct ticket_key *key, struct failure *why)
{
    if (!secret_new(&key->bytes, KEY_BYTES, why))
        return false;
    random_fill(key->bytes.start, KEY_BYTES);
    key->made_ms = ticket_time(tickets);
    return true;
}

/* Keys that are too old are gone, also when nobody came for days. */
static bool rotate(struct tls_tickets *tickets, struct failure *why)
{
    const int64_t age = ticket_time(tickets) - tickets->newest.made_ms;
    struct ticket_key made = {0};

    if (age < TICKET_KEY_MS)
        return true;
    if (!make_key(tickets, &made, why))
        return false;
    secret_free(&tickets->before.bytes);
    tickets->before = tickets->newest;
    tickets->newest = made;
    if (age >= 2 * TICKET_KEY_MS)
        secret_free(&tickets->before.bytes);
    return true;
}

bool tls_tickets_new(struct tls_tickets **tickets, struct failure *why)
{
    SCOPED_STRUCT(tls_tickets) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (made->cipher == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing tickets");
    if (!make_key(made, &made->newest, why))
        return false;
    *tickets = KEEP(tls_tickets, &made);
    return true;
}

void tls_tickets_free(struct tls_tickets *tickets)
{
    if (tickets == NULL)
        return;
    secret_free(&tickets->newest.bytes);
    secret_free(&tickets->before.bytes);
    EVP_CIPHER_free(tickets->cipher);
    free(tickets);
}

void tls_tickets_age(struct tls_tickets *tickets, int64_t ms)
{
    tickets->added_ms += ms;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(
            OSSL_MAC_PARAM_KEY, mac_key_of(key), MAC_BYTES),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static int seal(struct tls_tickets *tickets, unsigned char name[NAME_BYTES],
    unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    const struct ticket_key *key = &tickets->newest;

    random_fill(iv, (size_t)EVP_CIPHER_get_iv_length(tickets->cipher));
    if (EVP_EncryptInit_ex2(
            cipher, tickets->cipher, cipher_key_of(key), iv, NULL) != 1 ||
        !set_mac(mac, key))
        return -1;
    memcpy(name, name_of(key), NAME_BYTES);
    return 1;
}

static bool is_named(const struct ticket_key *key, const unsigned char *name)
{
    return key->bytes.start != NULL &&
           memcmp(name_of(key), name, NAME_BYTES) == 0;
}

/* 0: a full handshake; 1: taken; 2: taken, and another is to be sent. */
static int open_ticket(struct tls_tickets *tickets, const unsigned char *name,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    const struct ticket_key *key = &tickets->newest;

    if (!is_named(key, name))
        key = &tickets->before;
    if (!is_named(key, name))
        return 0;
    if (EVP_DecryptInit_ex2(
            cipher, tickets->cipher, cipher_key_of(key), iv, NULL) != 1 ||
        !set_mac(mac, key))
        return -1;
    return key == &tickets->before ? 2 : 1;
}

static int use_key(SSL *session, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_new)
{
    struct tls_tickets *tickets =
        SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));
    struct failure why = {0};

    if (!rotate(tickets, &why))
        return -1;
    return is_new ? seal(tickets, name, iv, cipher, mac)
                  : open_ticket(tickets, name, iv, cipher, mac);
}

bool tls_tickets_use(
    struct tls_tickets *tickets, SSL_CTX *context, struct failure *why)
{
    if (!SSL_CTX_set_app_data(context, tickets) ||
        !SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_key))
        return fail_in_openssl(why, FAILURE_INTERNAL, "preparing tickets");
    (void)SSL_CTX_set_timeout(context, TICKET_KEY_MS / 1000);
    return true;
}
