#ifndef CRYPTO_KEY_INVENTORY_H
#define CRYPTO_KEY_INVENTORY_H

#include <stddef.h>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "crypto/digest.h"

/*
 * Every key this machine holds, where it lives, and whether it is usable: a
 * signature was made and verified in this call and, where it has a
 * certificate, with that certificate's key.  What can't be read, is cut, is
 * locked or does not match is listed as unusable with the reason, and is never
 * offered (Q235964, kb 17).
 *
 * The inventory holds facts, never a private key.
 */
enum key_home { KEY_HOME_FILE, KEY_HOME_PKCS11, KEY_HOME_TPM };

enum { KEY_LABEL_ROOM = 128 };

struct key_record {
    char sha256[SHA256_TEXT]; /* of the SubjectPublicKeyInfo; "" when unknown */
    const struct key_algorithm *algorithm; /* NULL when unknown */
    enum key_home home;
    char label[KEY_LABEL_ROOM]; /* the file's path below the key folder */
    bool usable;
    char why[FAILURE_REASON_ROOM]; /* "" when usable */
    /* SHA-256 of each certificate of this key that was found. */
    char (*certificates)[SHA256_TEXT];
    size_t certificate_count;
    char (*used_by)[64]; /* names of authorities */
    size_t used_by_count;
    char (*copies)[KEY_LABEL_ROOM]; /* labels of the further files */
    size_t copy_count;
};

struct key_inventory;

struct key_inventory *key_inventory_new(void);
void key_inventory_free(struct key_inventory *inventory); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(key_inventory, key_inventory_free)

/*
 * Copies the record.  The same usable key twice is one record with the first
 * label, and the second is FAILURE_CONFLICT.  Records of one key tell each
 * other's labels as copies (kb 29), and so does a second of a usable one.  A
 * record that says usable without hash and algorithm, or unusable without why,
 * is FAILURE_INTERNAL.
 */
MUST_CHECK bool key_inventory_add(struct key_inventory *inventory,
    const struct key_record *record, struct failure *why);

/* Joins a certificate (its SHA-256) or a user to the key with this SPKI hash,
 * to the usable record where there is one; what is joined already stays as it
 * is.  A key that is not here is FAILURE_NOT_FOUND. */
MUST_CHECK bool key_inventory_add_certificate(struct key_inventory *inventory,
    const char *spki_sha256, const char *certificate_sha256,
    struct failure *why);
MUST_CHECK bool key_inventory_add_user(struct key_inventory *inventory,
    const char *spki_sha256, const char *name, struct failure *why);

/* Its bytes can be had with its passphrase: a file of a known key (kb 29). */
bool key_is_exportable(const struct key_record *record);

/* In the order they were added.  A record belongs to the inventory and lives
 * until the next change. */
size_t key_inventory_count(const struct key_inventory *inventory);
const struct key_record *key_inventory_at(
    const struct key_inventory *inventory, size_t index);

/* The usable key with this hash, or NULL. */
const struct key_record *key_inventory_find_usable(
    const struct key_inventory *inventory, const char *spki_sha256);

#endif
