#include <stdio.h>
#include <string.h>

#include "cli/init_plan.h"
#include "cli/keys_output.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "server/founding.h"

bool keys_read(struct call *call, const char *directory,
    struct key_inventory **inventory, struct failure *why)
{
    SCOPED_STRUCT(key_inventory) *found = key_inventory_new();
    SCOPED_DESCRIPTOR int passphrase = -1;

    if (found == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!passphrase_given(call, "passphrase-file", &passphrase, why) ||
        !list_keys(directory, NULL, passphrase, found, why))
        return false;
    *inventory = KEEP(key_inventory, &found);
    return true;
}

/* --- output -------------------------------------------------------------- */

static const char *home_name(enum key_home home)
{
    switch (home) {
    case KEY_HOME_FILE:
        return "file";
    case KEY_HOME_PKCS11:
        return "pkcs11";
    case KEY_HOME_TPM:
        return "tpm";
    }
    return "unknown";
}

static json_t *certificates_to_json(const struct key_record *key)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < key->certificate_count; i++)
        (void)json_array_append_new(array, json_string(key->certificates[i]));
    return array;
}

static json_t *users_to_json(const struct key_record *key)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < key->used_by_count; i++)
        (void)json_array_append_new(array, json_string(key->used_by[i]));
    return array;
}

static json_t *copies_to_json(const struct key_record *key)
{
    json_t *array = json_pack("[s]", key->label);

    for (size_t i = 0; array != NULL && i < key->copy_count; i++)
        (void)json_array_append_new(array, json_string(key->copies[i]));
    return array;
}

static json_t *key_to_json(const struct key_record *key)
{
    bool is_known = key->algorithm != NULL;

    return json_pack(
        "{s:s?, s:s?, s:o, s:s, s:o, s:b, s:o, s:o, s:o, s:b, s:o}", "sha256",
        *key->sha256 == 0 ? NULL : key->sha256, "algorithm",
        is_known ? key->algorithm->name : NULL, "bits",
        is_known ? json_integer(key->algorithm->bits) : json_null(), "home",
        home_name(key->home), "label", json_of_text(key->label), "usable",
        (int)key->usable, "why", json_of_text(key->why), "certificates",
        certificates_to_json(key), "used_by", users_to_json(key), "exportable",
        (int)key_is_exportable(key), "copies", copies_to_json(key));
}

/* Before the day it is needed: whether a key can leave, and where else it is
 * (kb 29). */
static bool print_copies(const struct key_record *key, struct failure *why)
{
    if (!key_is_exportable(key))
        return true;
    (void)printf("\n    can be exported; %s keys/",
        key->copy_count == 0 ? "the only copy here is" : "copies here are");
    if (!print_shown(key->label, why))
        return false;
    for (size_t i = 0; i < key->copy_count; i++) {
        (void)printf(" and keys/");
        if (!print_shown(key->copies[i], why))
            return false;
    }
    return true;
}

static bool print_key(const struct key_record *key, struct failure *why)
{
    enum colour colour = key->usable ? COLOUR_GREEN : COLOUR_RED;

    if (!print_shown(key->label, why))
        return false;
    (void)printf("\n    %s%s%s%s", colour_begin(stdout, colour),
        key->usable ? "usable" : "not usable", colour_end(stdout, colour),
        key->usable ? "" : ": ");
    if (!print_shown(key->why, why))
        return false;
    (void)printf("\n    %s in a %s%s",
        key->algorithm == NULL ? "unknown kind" : key->algorithm->title,
        home_name(key->home), key->used_by_count == 0 ? "" : ", used by");
    for (size_t i = 0; i < key->used_by_count; i++)
        (void)printf(" %s", key->used_by[i]);
    if (!print_copies(key, why))
        return false;
    (void)printf(
        "\n    sha256 %s\n", *key->sha256 == 0 ? "unknown" : key->sha256);
    return true;
}

static bool is_asked_for(const struct key_record *key, const char *sha256)
{
    return sha256 == NULL || strcmp(key->sha256, sha256) == 0;
}

bool keys_print(const struct key_inventory *inventory, const char *sha256,
    bool json, struct failure *why)
{
    SCOPED(json_t) *array = json_array();

    for (size_t i = 0; i < key_inventory_count(inventory); i++) {
        const struct key_record *key = key_inventory_at(inventory, i);

        if (!is_asked_for(key, sha256))
            continue;
        if (json ? json_array_append_new(array, key_to_json(key)) != 0
                 : !print_key(key, why))
            return json ? fail_because(why, FAILURE_INTERNAL, "out of memory")
                        : false;
    }
    return !json || output_json(array, why);
}

/* --- commands ------------------------------------------------------------ */

bool run_keys_list(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;
    char directory[PATH_ROOM];
    bool is_default = false;

    return call_directory(call, directory, &is_default, why) &&
           keys_read(call, directory, &inventory, why) &&
           keys_print(inventory, NULL, call->json, why);
}

static bool count_keys(const struct key_inventory *inventory,
    const char *sha256, size_t *unusable, struct failure *why)
{
    size_t count = 0;

    for (size_t i = 0; i < key_inventory_count(inventory); i++) {
        const struct key_record *key = key_inventory_at(inventory, i);

        if (is_asked_for(key, sha256)) {
            count++;
            *unusable += !key->usable;
        }
    }
    if (count > 0)
        return true;
    return sha256 == NULL
               ? fail_because(why, FAILURE_NOT_FOUND, "there are no keys")
               : fail_because(why, FAILURE_NOT_FOUND,
                     "there is no key whose public key has the SHA-256 %.64s",
                     sha256);
}

bool run_keys_prove(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;
    char directory[PATH_ROOM], sha256[SHA256_TEXT];
    const char *wanted = NULL;
    bool is_default = false;
    size_t unusable = 0;

    if (call->options.operand_count > 0) {
        if (!sha256_read(call->options.operands[0], sha256))
            return fail_usage(call, why,
                "a key is named by the SHA-256 of its public key, 64 "
                "hexadecimal digits: chancery keys list shows them");
        wanted = sha256;
    }
    if (!call_directory(call, directory, &is_default, why) ||
        !keys_read(call, directory, &inventory, why) ||
        !count_keys(inventory, wanted, &unusable, why))
        return false;
    keys_tell_proved(call, inventory, wanted);
    call->status = unusable > 0 ? 1 : 0;
    return keys_print(inventory, wanted, call->json, why);
}
