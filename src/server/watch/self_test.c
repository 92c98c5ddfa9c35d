#include "server/watch/self_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/store_revocations.h"
#include "x509/chain/chain.h"
#include "x509/chain/revocation.h"
#include "x509/input.h"

#define DAY INT64_C(86400)

/* --- one question ----------------------------------------------------------
 */

struct expected {
    const char *name; /* for people */
    struct bytes leaf;
    enum verdict_code code;
};

/* list: NULL: none is to be had. */
static bool judge(const struct expected *expected,
    const struct chain_pool *roots, const struct status_source *list,
    int64_t time, struct failure *why)
{
    const struct chain_question question = {.leaf = expected->leaf,
        .leaf_origin = expected->name,
        .roots = roots,
        .time = time,
        .revocation = CHAIN_REVOCATION_HARD,
        .sources = &list,
        .source_count = list == NULL ? 0 : 1};
    struct verdict verdict = {0};
    bool is_so;

    if (!chain_verify(&question, &verdict, why))
        return false;
    is_so = verdict.code == expected->code;
    if (!is_so)
        (void)fail_because(why, FAILURE_INTERNAL,
            "the self-test of verdicts fails: %s should be %s, and is said to "
            "be %s",
            expected->name, verdict_code_name(expected->code),
            verdict_code_name(verdict.code));
    verdict_free(&verdict);
    return is_so;
}

/* --- what comes with the program -------------------------------------------
 */

/* The order of self_test.pem. */
enum object {
    OBJECT_LISTED,
    OBJECT_LISTLESS,
    OBJECT_GOOD,
    OBJECT_REVOKED,
    OBJECT_UNREACHABLE,
    OBJECT_LIST,
    OBJECTS
};

static bool judge_objects(const struct input *input, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *roots = NULL;
    const struct input_object *objects = input->objects;
    const struct expected good = {
        "its good certificate", objects[OBJECT_GOOD].der, VERDICT_OK};
    const struct expected revoked = {"its revoked certificate",
        objects[OBJECT_REVOKED].der, VERDICT_REVOKED};
    const struct expected unreachable = {"its certificate without a list",
        objects[OBJECT_UNREACHABLE].der, VERDICT_REVOCATION_UNKNOWN};
    struct status_source list = {0};
    int64_t time;

    status_source_read(objects[OBJECT_LIST].der, "the self-test", false, &list);
    if (list.kind != STATUS_CRL)
        return fail_because(why, FAILURE_INTERNAL,
            "the self-test of verdicts fails: its list can't be read");
    time = list.of.crl.this_update + DAY;
    return chain_pool_new(&roots, why) &&
           chain_pool_add(
               roots, objects[OBJECT_LISTED].der, "the self-test", why) &&
           chain_pool_add(
               roots, objects[OBJECT_LISTLESS].der, "the self-test", why) &&
           judge(&good, roots, &list, time, why) &&
           judge(&revoked, roots, &list, time, why) &&
           judge(&unreachable, roots, &list, time, why);
}

bool self_test_objects(struct bytes pem, struct failure *why)
{
    RELEASED(input) input = {0};

    if (!input_read(pem, "the self-test", &input, why))
        return false;
    if (input.count != OBJECTS)
        return fail_because(why, FAILURE_INTERNAL,
            "the self-test of verdicts fails: it has %zu objects in place of "
            "%d",
            input.count, OBJECTS);
    return judge_objects(&input, why);
}

/* --- what the store holds ---------------------------------------------------
 */

struct example {
    struct store *reading;
    struct buffer der;
    int64_t until_change; /* of the published list */
    bool is_found;
};

static bool take(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct example *example = context;

    if (!row->sealed) /* it was never delivered, and is only a draft */
        return true;
    example->is_found = true;
    return buffer_append(&example->der, row->der, why);
}

/* The visitor ends the walk by a failure of a kind that no store has. */
static bool take_first(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct example *example = context;

    return take(context, row, why) &&
           (!example->is_found ||
               fail_because(why, FAILURE_NONE, "found: the walk ends"));
}

static bool take_revoked(
    void *context, const struct revocation_row *row, struct failure *why)
{
    struct example *example = context;

    if (row->change > example->until_change)
        return true;
    return store_certificate_by_id(
               example->reading, row->certificate, take, context, why) &&
           (!example->is_found ||
               fail_because(why, FAILURE_NONE, "found: the walk ends"));
}

static bool find_revoked(struct example *example,
    const struct authority_issuer *issuer, struct failure *why)
{
    const struct revocation_filter filter = {
        .authority = issuer->id, .shard = -1, .not_before = clock_now() + DAY};

    return store_list_revocations(
               example->reading, &filter, take_revoked, example, why) ||
           example->is_found;
}

static bool find_good(struct example *example,
    const struct authority_issuer *issuer, struct failure *why)
{
    const struct certificate_filter filter = {.by_status = true,
        .status = CERTIFICATE_VALID,
        .by_end = true,
        .not_after_from = clock_now() + DAY,
        .not_after_until = INT64_MAX,
        .authority = issuer->id};

    return store_list_certificates(
               example->reading, &filter, take_first, example, why) ||
           example->is_found;
}

bool self_test_good(struct store *reading,
    const struct authority_issuer *issuer, struct buffer *der, bool *found,
    struct failure *why)
{
    struct example example = {.reading = reading, .der = *der};
    bool ok = find_good(&example, issuer, why);

    *der = example.der;
    *found = example.is_found;
    return ok;
}

/* --- the list that is published --------------------------------------------
 */

struct mapped {
    void *start;
    size_t length;
};
static void mapped_free(struct mapped *mapped)
{
    if (mapped->start != NULL)
        (void)munmap(mapped->start, mapped->length);
}

static bool map_list(const struct authority *authority,
    const struct authority_issuer *issuer, struct mapped *mapped,
    struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;
    char path[PATH_ROOM], name[PROFILE_NAME_MAX + 16];
    struct stat seen;
    void *start;

    (void)snprintf(name, sizeof(name), "crl/%s.crl", issuer->name);
    if (!path_join(path, authority->publish, name, why) ||
        !file_open(path, O_RDONLY, 0, &file, why))
        return false;
    if (fstat(file, &seen) != 0 || seen.st_size <= 0)
        return fail_in_file(why, "looking at", path);
    start = mmap(NULL, (size_t)seen.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (start == MAP_FAILED)
        return fail_in_file(why, "mapping", path);
    *mapped = (struct mapped){start, (size_t)seen.st_size};
    return true;
}

static bool judge_example(const struct authority_issuer *issuer,
    const struct example *example, enum verdict_code code,
    const struct status_source *list, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *roots = NULL;
    char name[PROFILE_NAME_MAX + 64];
    const struct expected expected = {name, buffer_view(&example->der), code};

    (void)snprintf(name, sizeof(name), "a certificate of authority %s that %s",
        issuer->name,
        code == VERDICT_REVOKED ? "the store holds for revoked" : "is good");
    return !example->is_found ||
           (chain_pool_new(&roots, why) &&
               chain_pool_add(
                   roots, buffer_view(&issuer->der), issuer->name, why) &&
               judge(&expected, roots, list, clock_now(), why));
}

/* When it was last made, what it tells goes up to this change. */
static bool judge_by_list(const struct authority_issuer *issuer,
    struct store *reading, const struct status_source *list,
    int64_t until_change, struct failure *why)
{
    RELEASED(buffer) good_der = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) revoked_der = BUFFER("certificate", CERTIFICATE_MAX);
    struct example good = {reading, good_der, until_change, false};
    struct example revoked = {reading, revoked_der, until_change, false};
    bool ok;

    ok = find_good(&good, issuer, why) && find_revoked(&revoked, issuer, why);
    good_der = good.der;
    revoked_der = revoked.der;
    return ok && judge_example(issuer, &good, VERDICT_OK, list, why) &&
           judge_example(
               issuer, &good, VERDICT_REVOCATION_UNKNOWN, NULL, why) &&
           judge_example(issuer, &revoked, VERDICT_REVOKED, list, why);
}

static bool test_issuer(const struct authority *authority,
    const struct authority_issuer *issuer, struct store *reading,
    struct failure *why)
{
    RELEASED(mapped) mapped = {0};
    struct status_source list = {0};
    struct crl_row row = {0};
    bool found = false;

    /* The row first: a list that is published meanwhile tells of more. */
    if (!store_crl(reading, issuer->id, CRL_COMPLETE, &row, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_INTERNAL,
            "authority %s has never published a list", issuer->name);
    if (!map_list(authority, issuer, &mapped, why))
        return false;
    status_source_read((struct bytes){mapped.start, mapped.length},
        issuer->name, false, &list);
    return judge_by_list(issuer, reading, &list, row.change, why);
}

bool self_test_store(const struct authority *authority, struct store *reading,
    struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->issues && issuer->state == AUTHORITY_ACTIVE &&
            !test_issuer(authority, issuer, reading, why))
            return false;
    }
    return true;
}
