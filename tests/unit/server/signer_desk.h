#ifndef TESTS_UNIT_SERVER_SIGNER_DESK_H
#define TESTS_UNIT_SERVER_SIGNER_DESK_H

#include "signer_fixture.h"

#include <poll.h>
#include <sys/wait.h>

#include "crypto/start.h"
#include "server/roles.h"

/*
 * The signer's own process, spoken to by a keeper that does what it must not.
 */
static struct configuration *configuration;
static struct signing_authority authority;
static struct signing_authority other;
static int key_file, other_key_file;
static int sign_log;
static struct running_signer signer;

static inline struct signer_plan plan_of_one(void)
{
    return (struct signer_plan){.limits = {&authority.limits},
        .key_files = {key_file},
        .key_count = 1,
        .sign_log = sign_log,
        .passphrase = -1};
}

static inline int new_log(void)
{
    int descriptor = memfd_create("sign.log", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_int_equal(fcntl(descriptor, F_SETFL, O_APPEND), 0);
    return descriptor;
}

static inline int start_one(void **state)
{
    struct signer_plan plan;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    start_signer(&plan, &signer);
    return 0;
}

static inline int start_two(void **state)
{
    struct signer_plan plan;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[1] = &other.limits;
    plan.key_files[1] = other_key_file;
    plan.key_count = 2;
    start_signer(&plan, &signer);
    return 0;
}

static inline int end_it(void **state)
{
    (void)state;
    assert_int_equal(end_signer(&signer), 0);
    descriptor_close(&sign_log);
    return 0;
}

static inline int make_authorities(void **state)
{
    (void)state;
    configuration = new_configuration();
    new_authority(&authority, "CN=Issuing", configuration);
    new_authority(&other, "CN=Other", configuration);
    key_file = key_file_of(authority.key, NULL);
    other_key_file = key_file_of(other.key, NULL);
    return 0;
}

static inline int free_authorities(void **state)
{
    (void)state;
    configuration_free(configuration);
    signing_authority_free(&authority);
    signing_authority_free(&other);
    descriptor_close(&key_file);
    descriptor_close(&other_key_file);
    return 0;
}

/* --- drafts -------------------------------------------------------------- */

static inline void good_draft(struct buffer *draft)
{
    uint8_t serial[SERIAL_BYTES];

    reserve_serials(&signer, 1, serial);
    compose_server(configuration, &authority.limits, serial, draft);
}

static inline struct tbs_certificate read_tbs(struct bytes draft)
{
    struct tbs_certificate tbs = {0};
    struct failure why = {0};

    assert_done(tbs_certificate_read(draft, &tbs, &why), why);
    return tbs;
}

static inline struct bytes value_of(struct bytes draft, enum oid type)
{
    struct tbs_certificate tbs = read_tbs(draft);
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    assert_true(
        extensions_find(tbs.extensions, type, &extension, &found, &why));
    assert_true(found);
    return extension.value;
}

/* What the sign log holds, by type. */
struct tally {
    size_t of[SIGN_LOG_LIST + 1];
    enum sign_log_type last;
    char refusal[256];
    uint8_t intent[4096];
    size_t intent_length;
};

static inline bool count_record(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct tally *tally = context;
    struct sign_log_intent intent = {0};

    tally->of[record->type]++;
    tally->last = record->type;
    if (record->type == SIGN_LOG_REFUSED)
        (void)snprintf(tally->refusal, sizeof(tally->refusal), "%.*s",
            (int)record->payload.length - 8,
            (const char *)record->payload.start + 8);
    if (record->type != SIGN_LOG_INTENT)
        return true;
    assert_true(sign_log_intent_read(record->payload, &intent, why));
    assert_true(intent.draft.length <= sizeof(tally->intent));
    memcpy(tally->intent, intent.draft.start, intent.draft.length);
    tally->intent_length = intent.draft.length;
    return true;
}

static inline struct tally read_log(void)
{
    struct tally tally = {0};
    struct failure why = {0};

    assert_done(sign_log_visit(sign_log, 0, count_record, &tally, &why), why);
    return tally;
}

static inline void assert_refused_as(struct bytes draft, const char *reason)
{
    struct tally before = read_log();
    struct outcome outcome = ask_to_sign(&signer, 0, draft);
    struct tally after = read_log();

    assert_false(outcome.is_signed);
    assert_string_equal(outcome.why.reason, reason);
    assert_int_equal(
        after.of[SIGN_LOG_REFUSED], before.of[SIGN_LOG_REFUSED] + 1);
    assert_int_equal(after.of[SIGN_LOG_INTENT], before.of[SIGN_LOG_INTENT]);
    assert_string_equal(after.refusal, reason);
}

static inline void assert_verifies(const struct signing_authority *by,
    struct bytes draft, const struct outcome *outcome)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0};
    struct failure why = {0};

    if (!outcome->is_signed)
        fail_msg("%s", outcome->why.reason);
    assert_done(
        certificate_seal(draft, by->key->algorithm->signs_with->identifier,
            (struct bytes){outcome->signature, outcome->signature_length}, &der,
            &why),
        why);
    assert_done(certificate_read(buffer_view(&der), &certificate, &why), why);
    assert_done(
        certificate_verify(&certificate, by->key->public_key, &why), why);
}

#define with_one(function) \
    cmocka_unit_test_setup_teardown(function, start_one, end_it)
#define with_two(function) \
    cmocka_unit_test_setup_teardown(function, start_two, end_it)
#define with_its_own(function) cmocka_unit_test_teardown(function, end_it)

#endif
