#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <stdio.h>

#include "cli/output.h"
#include "crypto/algorithm.h"

static json_t *offered_to_json(void)
{
    json_t *array = json_array();
    struct failure not_offered = {0};

    for (const struct key_algorithm *row = key_algorithms();
         array != NULL && row->name != NULL; row++) {
        if (key_algorithm_probe(row, &not_offered))
            (void)json_array_append_new(array, json_string(row->name));
    }
    return array;
}

static bool print_in_json(struct failure *why)
{
    SCOPED(json_t) *value =
        json_pack("{s:s, s:{s:s, s:s}, s:s, s:o}", "version", CHANCERY_VERSION,
            "openssl", "in_use", OpenSSL_version(OPENSSL_VERSION_STRING),
            "built_with", OPENSSL_VERSION_STR, "sqlite", sqlite3_libversion(),
            "algorithms", offered_to_json());

    return output_json(value, why);
}

bool run_version(struct call *call, struct failure *why)
{
    RELEASED(buffer) names = BUFFER("the kinds of keys", 1024);
    const char *offered = NULL;

    if (call->json)
        return print_in_json(why);
    if (!key_algorithms_offered(&names, why) ||
        !buffer_as_text(&names, &offered, why))
        return false;
    (void)printf("chancery %s\n", CHANCERY_VERSION);
    (void)printf("OpenSSL  %s (built with %s)\n",
        OpenSSL_version(OPENSSL_VERSION_STRING), OPENSSL_VERSION_STR);
    (void)printf("SQLite   %s\n", sqlite3_libversion());
    (void)printf("keys     %s\n", offered);
    return true;
}
