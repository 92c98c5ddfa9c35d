#include "signer_desk.h"

#include <pthread.h>
#include <stdatomic.h>

#include "x509/crl.h"
#include "x509/crl_writer.h"

/* Lists as a keeper that may not be trusted has them signed. */

/* --- lists --------------------------------------------------------------- */

static struct crl_plan good_plan(void)
{
    int64_t now = clock_now();

    return (struct crl_plan){.issuer = authority.limits.issuer,
        .algorithm = authority.key->algorithm->signs_with->identifier,
        .this_update = now,
        .next_update = now + 7 * DAY_S,
        .number = (uint64_t)now * 1000,
        .key_identifier = authority.limits.key_identifier};
}

/* The descriptor is the caller's. */
static int write_list(
    const struct crl_plan *plan, uint32_t count, struct crl_span *span)
{
    int descriptor = memfd_create("list", MFD_CLOEXEC);
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct failure why = {0};

    assert_done(crl_writer_new(descriptor, &writer, &why), why);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t serial[] = {
            1, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

        assert_done(
            crl_writer_add(writer, (struct bytes){serial, sizeof(serial)},
                clock_now(), CRL_SUPERSEDED, &why),
            why);
    }
    assert_done(crl_writer_finish(writer, plan, span, &why), why);
    return descriptor;
}

struct listed {
    bool is_signed;
    uint8_t signature[SIGNATURE_MAX];
    size_t length;
    struct failure why;
};

static struct listed ask_for(
    uint64_t key, int descriptor, const struct crl_span *span)
{
    RELEASED(buffer) question = BUFFER("question", 256);
    struct listed listed = {0};
    struct frame answer = {0};
    struct field field = {0};
    struct failure why = {0};
    struct reader reader;

    assert_true(message_add_number(&question, FIELD_KEY, key, &why));
    assert_true(
        message_add_number(&question, FIELD_OFFSET, span->offset, &why));
    assert_true(
        message_add_number(&question, FIELD_LENGTH, span->length, &why));
    assert_true(
        message_add_number(&question, FIELD_ENTRIES, span->entries, &why));
    if (!ask_signer(&signer, SIGNER_SIGN_LIST, buffer_view(&question),
            descriptor, &answer, &listed.why))
        return listed;
    assert_int_equal(answer.type, SIGNER_LISTED);
    reader = reader_of(answer.body);
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, FIELD_SIGNATURE);
    memcpy(listed.signature, field.value.start, field.value.length);
    listed.length = field.value.length;
    listed.is_signed = true;
    return listed;
}

/* As anybody who fetches the list verifies it. */
static void assert_list_verifies(int descriptor, const struct crl_span *span,
    const struct signing_authority *by, const struct listed *listed)
{
    RELEASED(buffer) der = BUFFER("list", 64 * 1024 * 1024);
    const struct bytes signature = {listed->signature, listed->length};
    struct crl_span whole = {0};
    struct crl list = {0};
    struct failure why = {0};

    if (!listed->is_signed)
        fail_msg("%s", listed->why.reason);
    assert_done(
        crl_seal(descriptor, span, by->key->algorithm->signs_with->identifier,
            signature, &whole, &why),
        why);
    assert_done(buffer_reserve(&der, whole.length, &why), why);
    der.length = whole.length;
    assert_int_equal(
        pread(descriptor, der.start, whole.length, (off_t)whole.offset),
        whole.length);
    assert_done(crl_read(buffer_view(&der), &list, &why), why);
    assert_done(crl_verify(&list, by->key->public_key, &why), why);
}

static void assert_list_refused(int descriptor, const struct crl_span *span,
    enum failure_kind kind, const char *reason)
{
    struct tally before = read_log();
    struct listed listed = ask_for(0, descriptor, span);
    struct tally after = read_log();

    assert_false(listed.is_signed);
    assert_string_equal(listed.why.reason, reason);
    assert_int_equal(listed.why.kind, kind);
    assert_int_equal(
        after.of[SIGN_LOG_REFUSED], before.of[SIGN_LOG_REFUSED] + 1);
    assert_int_equal(after.of[SIGN_LOG_LIST], before.of[SIGN_LOG_LIST]);
    assert_int_equal(after.of[SIGN_LOG_SIGNED], before.of[SIGN_LOG_SIGNED]);
}

static void assert_plan_refused(const struct crl_plan *plan, const char *what)
{
    char reason[200];
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(plan, 3, &span);

    (void)snprintf(reason, sizeof(reason),
        "the signer's limits for \"Issuing\" do not allow a revocation list "
        "%s",
        what);
    assert_list_refused(descriptor, &span, FAILURE_FORBIDDEN, reason);
}

/* --- what it signs ------------------------------------------------------- */

static void a_list_is_signed_and_verifies(void **state)
{
    static const uint32_t counts[] = {0, 1, 1000, 20000};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        struct crl_plan plan = good_plan();
        struct crl_span span = {0};
        SCOPED_DESCRIPTOR int descriptor = write_list(&plan, counts[i], &span);
        struct listed listed = ask_for(0, descriptor, &span);

        assert_list_verifies(descriptor, &span, &authority, &listed);
    }
}

static void a_delta_to_an_earlier_list_is_signed(void **state)
{
    struct crl_plan plan = good_plan();
    struct crl_span span = {0};

    (void)state;
    plan.base_number = plan.number - 1;
    SCOPED_DESCRIPTOR int descriptor = write_list(&plan, 3, &span);
    struct listed listed = ask_for(0, descriptor, &span);
    assert_list_verifies(descriptor, &span, &authority, &listed);
}

struct last_list {
    struct sign_log_list list;
    uint8_t body_sha256[SHA256_BYTES];
    size_t results; /* behind it */
};

static bool see_list(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct last_list *last = context;
    struct sign_log_signed result = {0};

    if (record->type == SIGN_LOG_LIST) {
        assert_true(sign_log_list_read(record->payload, &last->list, why));
        memcpy(last->body_sha256, last->list.body_sha256.start, SHA256_BYTES);
    }
    if (record->type == SIGN_LOG_SIGNED && last->list.number != 0) {
        assert_true(sign_log_signed_read(record->payload, &result, why));
        assert_int_equal(result.serial.length, 0);
        last->results++;
    }
    return true;
}

static void properties3_the_list_is_in_the_log_before_its_signature(
    void **state)
{
    RELEASED(buffer) body = BUFFER("list", 1024 * 1024);
    struct crl_plan plan = good_plan();
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&plan, 7, &span);
    struct last_list last = {0};
    uint8_t digest[SHA256_BYTES];
    struct failure why = {0};
    struct bytes view;

    (void)state;
    assert_true(ask_for(0, descriptor, &span).is_signed);
    assert_true(sign_log_visit(sign_log, 0, see_list, &last, &why));
    assert_int_equal(last.list.number, plan.number);
    assert_int_equal(last.list.base_number, 0);
    assert_int_equal(last.list.entries, 7);
    assert_int_equal(last.results, 1);
    assert_true(buffer_reserve(&body, span.length, &why));
    assert_int_equal(
        pread(descriptor, body.start, span.length, (off_t)span.offset),
        span.length);
    view = (struct bytes){body.start, span.length};
    assert_true(sha256(&view, 1, digest, &why));
    assert_memory_equal(digest, last.body_sha256, SHA256_BYTES);
}

static void a_key_that_takes_its_message_whole_signs_lists_too(void **state)
{
    SCOPED_STRUCT(private_key) *key = new_key("ed25519");
    SCOPED_DESCRIPTOR int file = key_file_of(key, NULL);
    RELEASED(buffer) spki = BUFFER("key", 1024);
    struct signer_plan plan = {0};
    struct signing_authority mine = authority;
    struct crl_plan list = good_plan();
    struct crl_span span = {0};
    struct listed listed;
    struct failure why = {0};

    (void)state;
    assert_true(private_key_append_spki(key, &spki, &why));
    mine.key = key;
    mine.limits.own_key = buffer_view(&spki);
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[0] = &mine.limits;
    plan.key_files[0] = file;
    start_signer(&plan, &signer);
    list.algorithm = key->algorithm->signs_with->identifier;
    SCOPED_DESCRIPTOR int descriptor = write_list(&list, 100, &span);
    listed = ask_for(0, descriptor, &span);
    assert_list_verifies(descriptor, &span, &mine, &listed);
    span.length = SIGNER_LIST_COPIED_MAX + 1;
    listed = ask_for(0, descriptor, &span);
    assert_int_equal(listed.why.kind, FAILURE_UNSUITABLE);
}

/* --- what it does not ---------------------------------------------------- */

static void properties36_a_list_of_somebody_else_is_refused(void **state)
{
    struct crl_plan plan = good_plan();

    (void)state;
    plan.issuer = other.limits.issuer;
    assert_plan_refused(&plan, "of another issuer");
    plan = good_plan();
    plan.key_identifier = other.limits.key_identifier;
    assert_plan_refused(&plan, "with another key's identifier");
    plan = good_plan();
    plan.algorithm = key_algorithm_named("p384")->signs_with->identifier;
    assert_plan_refused(&plan, "with another signature algorithm");
}

static void properties13_no_list_ends_after_its_issuer(void **state)
{
    struct signer_plan plan;
    struct signing_authority mine = authority;
    struct crl_plan list = good_plan();

    (void)state;
    mine.limits.not_after = clock_now() + DAY_S;
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[0] = &mine.limits;
    start_signer(&plan, &signer);
    assert_plan_refused(&list, "that ends after its issuer");
}

static void a_list_of_another_time_is_refused(void **state)
{
    struct crl_plan plan = good_plan();

    (void)state;
    plan.this_update -= 3700;
    assert_plan_refused(&plan, "that began more than an hour ago");
    plan = good_plan();
    plan.this_update += 400;
    assert_plan_refused(&plan, "that begins in the future");
    plan = good_plan();
    plan.next_update = plan.this_update + 401 * DAY_S;
    assert_plan_refused(&plan, "for more than 400 days");
    plan = good_plan();
    plan.number += UINT64_C(101) * 366 * 86400 * 1000;
    assert_plan_refused(&plan, "with a number that is not of its time");
}

static void properties2_a_certificate_in_place_of_a_list_is_refused(
    void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct crl_span span = {0};
    struct listed listed;

    (void)state;
    good_draft(&draft);
    SCOPED_DESCRIPTOR int descriptor = file_of(buffer_view(&draft));
    span.length = draft.length;
    listed = ask_for(0, descriptor, &span);
    assert_false(listed.is_signed);
    assert_int_equal(listed.why.kind, FAILURE_MALFORMED);
    assert_int_equal(read_log().of[SIGN_LOG_LIST], 0);
}

static void a_span_that_is_not_in_the_file_is_refused(void **state)
{
    struct crl_plan plan = good_plan();
    struct crl_span good = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&plan, 3, &good);
    struct crl_span span = good;

    (void)state;
    span.offset = UINT64_MAX - 10;
    assert_list_refused(descriptor, &span, FAILURE_MALFORMED,
        "a list at offset 18446744073709551605, where no file reaches");
    span = good;
    span.length = SIGNER_LIST_MAX + 1;
    assert_list_refused(descriptor, &span, FAILURE_UNSUITABLE,
        "a list of 1073741825 bytes is not signed by this key, which takes 1 "
        "to 1073741824");
    span.length = 0;
    assert_int_equal(
        ask_for(0, descriptor, &span).why.kind, FAILURE_UNSUITABLE);
    span.length = good.length + 1;
    assert_false(ask_for(0, descriptor, &span).is_signed);
    span.length = good.length - 1;
    assert_false(ask_for(0, descriptor, &span).is_signed);
    span = good;
    span.offset += 1000000;
    assert_int_equal(
        ask_for(0, descriptor, &span).why.kind, FAILURE_UNAVAILABLE);
    span = good;
    span.entries = 4;
    assert_list_refused(descriptor, &span, FAILURE_MALFORMED,
        "a list of 3 entries that was announced with 4");
    assert_true(ask_for(0, descriptor, &good).is_signed);
}

static void a_question_without_a_file_is_refused(void **state)
{
    const struct crl_span span = {.length = 100};
    struct listed listed;

    (void)state;
    listed = ask_for(0, -1, &span);
    assert_string_equal(listed.why.reason, "a list without a descriptor");
    listed = ask_for(7, sign_log, &span);
    assert_string_equal(listed.why.reason, "the signer has no key number 7");
}

/* --- a writer who goes on writing ---------------------------------------- */

static struct scribbler {
    pthread_t thread;
    int descriptor;
    off_t place;
    atomic_bool ends;
} scribbler;

/* Turns one byte of a serial to and fro. */
static void *scribble(void *context)
{
    (void)context;
    for (uint8_t byte = 0; !atomic_load(&scribbler.ends); byte++)
        (void)!pwrite(scribbler.descriptor, &byte, 1, scribbler.place);
    return NULL;
}

/* Whatever the signature is over, the log has its hash: the file says one of
 * 256 things, and one of them verifies. */
static bool is_one_of_all(int descriptor, const struct crl_span *span,
    off_t place, const struct listed *listed)
{
    RELEASED(buffer) body = BUFFER("list", 16 * 1024 * 1024);
    const struct bytes signature = {listed->signature, listed->length};
    struct failure why = {0};
    bool found = false;

    assert_true(buffer_reserve(&body, span->length, &why));
    assert_int_equal(
        pread(descriptor, body.start, span->length, (off_t)span->offset),
        span->length);
    for (unsigned int byte = 0; byte < 256 && !found; byte++) {
        body.start[(uint64_t)place - span->offset] = (uint8_t)byte;
        found = signature_verify(authority.key->public_key,
            authority.key->algorithm->signs_with,
            (struct bytes){body.start, span->length}, signature, &why);
    }
    return found;
}

static void a_list_that_changes_while_it_is_read_is_signed_as_it_was_judged(
    void **state)
{
    struct crl_plan plan = good_plan();
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&plan, 5000, &span);

    (void)state;
    scribbler.descriptor = descriptor;
    /* The last byte of the third serial: entries are of one length. */
    scribbler.place = (off_t)(CRL_HEADROOM + 2 * (2 + 6 + 15 + 14) + 7);
    atomic_store(&scribbler.ends, false);
    assert_int_equal(
        pthread_create(&scribbler.thread, NULL, scribble, NULL), 0);
    for (size_t round = 0; round < 8; round++) {
        struct listed listed = ask_for(0, descriptor, &span);

        if (!listed.is_signed)
            fail_msg("%s", listed.why.reason);
        assert_true(is_one_of_all(descriptor, &span, scribbler.place, &listed));
    }
    atomic_store(&scribbler.ends, true);
    assert_int_equal(pthread_join(scribbler.thread, NULL), 0);
}

static void what_changes_after_the_answer_is_not_what_was_signed(void **state)
{
    RELEASED(buffer) body = BUFFER("list", 1024 * 1024);
    struct crl_plan plan = good_plan();
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&plan, 3, &span);
    struct listed listed = ask_for(0, descriptor, &span);
    struct failure why = {0};

    (void)state;
    assert_true(listed.is_signed);
    assert_true(buffer_reserve(&body, span.length, &why));
    assert_int_equal(
        pread(descriptor, body.start, span.length, (off_t)span.offset),
        span.length);
    body.start[CRL_HEADROOM - span.offset + 7] ^= 1;
    assert_false(signature_verify(authority.key->public_key,
        authority.key->algorithm->signs_with,
        (struct bytes){body.start, span.length},
        (struct bytes){listed.signature, listed.length}, &why));
}

/* --- keys that sign lists alone, roots, many ----------------------------- */

static void a_retired_key_signs_lists_alone(void **state)
{
    static const uint8_t hash[SHA256_BYTES] = {0};
    RELEASED(buffer) question = BUFFER("question", 256);
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct signing_authority retired = authority;
    struct signer_plan plan;
    struct crl_plan list = good_plan();
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&list, 3, &span);
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    retired.limits.signs_lists_only = true;
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[0] = &retired.limits;
    start_signer(&plan, &signer);
    good_draft(&draft);
    assert_refused_as(buffer_view(&draft),
        "the signer's limits for \"Issuing\" do not allow certificates: the "
        "key signs lists and its OCSP responder alone");
    assert_true(message_add_number(&question, FIELD_KEY, 0, &why));
    assert_true(message_add(&question, FIELD_JOURNAL_HASH,
        (struct bytes){hash, sizeof(hash)}, &why));
    assert_false(ask_signer(
        &signer, SIGNER_CHECKPOINT, buffer_view(&question), -1, &answer, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_true(ask_for(0, descriptor, &span).is_signed);
}

static void sixteen_keys_are_held_and_one_without_a_file_hurts_no_other(
    void **state)
{
    struct signer_plan plan;
    struct crl_plan list = good_plan();
    struct crl_span span = {0};
    SCOPED_DESCRIPTOR int descriptor = write_list(&list, 3, &span);
    struct listed listed;

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.key_count = SIGNER_KEYS_MAX;
    for (size_t i = 1; i < SIGNER_KEYS_MAX; i++) {
        plan.limits[i] = &other.limits;
        plan.key_files[i] = -1;
    }
    plan.limits[SIGNER_KEYS_MAX - 1] = &authority.limits;
    plan.key_files[SIGNER_KEYS_MAX - 1] = key_file_of(authority.key, NULL);
    start_signer(&plan, &signer);
    assert_int_equal(signer.ready.key_count, SIGNER_KEYS_MAX);
    /* A file that isn't there makes one key unusable, not the others. */
    assert_false(signer.ready.keys[1].is_usable);
    assert_string_equal(signer.ready.keys[1].why, "it has no file");
    listed = ask_for(SIGNER_KEYS_MAX - 1, descriptor, &span);
    assert_list_verifies(descriptor, &span, &authority, &listed);
    descriptor_close(&plan.key_files[SIGNER_KEYS_MAX - 1]);
}

static void an_unlock_does_not_open_roots(void **state)
{
    SCOPED_DESCRIPTOR int encrypted = key_file_of(authority.key, "right");
    SCOPED_DESCRIPTOR int right = file_of_text("right\n");
    struct signer_state now = {0};
    struct signer_plan plan;
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    sign_log = new_log();
    plan = plan_of_one();
    plan.key_files[0] = encrypted;
    plan.are_roots[0] = true;
    plan.passphrase = right;
    start_signer(&plan, &signer);
    assert_false(signer.ready.keys[0].is_usable);
    assert_int_equal(lseek(right, 0, SEEK_SET), 0);
    assert_done(ask_signer(&signer, SIGNER_UNLOCK, (struct bytes){0}, right,
                    &answer, &why),
        why);
    assert_true(signer_state_read(answer.body, &now, &why));
    assert_false(now.keys[0].is_usable);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        with_one(a_list_is_signed_and_verifies),
        with_one(a_delta_to_an_earlier_list_is_signed),
        with_one(properties3_the_list_is_in_the_log_before_its_signature),
        with_its_own(a_key_that_takes_its_message_whole_signs_lists_too),
        with_one(properties36_a_list_of_somebody_else_is_refused),
        with_its_own(properties13_no_list_ends_after_its_issuer),
        with_one(a_list_of_another_time_is_refused),
        with_one(properties2_a_certificate_in_place_of_a_list_is_refused),
        with_one(a_span_that_is_not_in_the_file_is_refused),
        with_one(a_question_without_a_file_is_refused),
        with_one(
            a_list_that_changes_while_it_is_read_is_signed_as_it_was_judged),
        with_one(what_changes_after_the_answer_is_not_what_was_signed),
        with_its_own(a_retired_key_signs_lists_alone),
        with_its_own(
            sixteen_keys_are_held_and_one_without_a_file_hurts_no_other),
        with_its_own(an_unlock_does_not_open_roots),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
