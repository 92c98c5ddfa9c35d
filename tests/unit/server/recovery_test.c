#include "road_fixture.h"

/* --- what was signed and not recorded ------------------------------------ */

/* A signer on DIR's own log and key, whose keeper records nothing. */
static void sign_without_recording(size_t count)
{
    SCOPED_STRUCT(configuration) *configuration = new_configuration();
    RELEASED(household_keys) keys = {0};
    SCOPED_DESCRIPTOR int log = -1;
    struct signer_plan plan = {.key_count = 1, .passphrase = -1};
    struct running_signer signer;
    struct place place = {0};
    struct failure why = {0};

    assert_done(place_open(folder, &place, &why), why);
    assert_done(household_find_keys(&place, configuration,
                    &(struct household_wishes){0}, &keys, &why),
        why);
    assert_done(household_open_sign_log(&place, &log, &why), why);
    plan.limits[0] = &keys.keys[0].limits;
    plan.key_files[0] = keys.keys[0].file;
    plan.sign_log = log;
    start_signer(&plan, &signer);
    for (size_t i = 0; i < count; i++) {
        RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
        uint8_t serial[SERIAL_BYTES];

        reserve_serials(&signer, 1, serial);
        compose_server(configuration, &keys.keys[0].limits, serial, &draft);
        assert_true(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);
    }
    assert_int_equal(end_signer(&signer), 0);
}

struct revoked {
    size_t sealed, unsealed;
};

static bool count_revoked(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct revoked *revoked = context;
    struct certificate certificate = {0};
    struct tbs_certificate draft = {0};

    assert_int_equal(row->status, CERTIFICATE_REVOKED);
    assert_true(row->revoked_at > 0);
    if (row->sealed) {
        assert_true(certificate_read(row->der, &certificate, why));
        revoked->sealed++;
    } else {
        assert_true(tbs_certificate_read(row->der, &draft, why));
        revoked->unsealed++;
    }
    return true;
}

static struct revoked revoked_in_store(void)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    const struct certificate_filter filter = {
        .by_status = true, .status = CERTIFICATE_REVOKED};
    struct revoked revoked = {0};
    struct failure why = {0};

    assert_done(
        store_list_certificates(store, &filter, count_revoked, &revoked, &why),
        why);
    return revoked;
}

static uint64_t open_and_close(void)
{
    SCOPED_STRUCT(client) *client = NULL;

    open_client(folder, &client);
    return client_recovered(client);
}

static void incident44_what_was_signed_and_not_recorded_is_revoked(void **state)
{
    (void)state;
    sign_without_recording(3);
    assert_int_equal(open_and_close(), 3);
    assert_int_equal(revoked_in_store().sealed, 3);
    assert_int_equal(events_in(folder, "recovered"), 3);
    /* Once. */
    assert_int_equal(open_and_close(), 0);
    assert_int_equal(revoked_in_store().sealed, 3);
}

static off_t log_size(void)
{
    struct stat status;

    assert_int_equal(stat(path_in(folder, "sign.log"), &status), 0);
    return status.st_size;
}

/* The power went between the log and the signature, or in the middle of its
 * record: at every byte the draft is revoked, as a draft or as a certificate.
 */
static void properties4_a_draft_without_its_result_is_revoked(void **state)
{
    off_t before, after;

    (void)state;
    sign_without_recording(1);
    after = log_size();
    before = after - 100;
    assert_int_equal(truncate(path_in(folder, "sign.log"), before), 0);
    assert_int_equal(open_and_close(), 1);
    assert_int_equal(revoked_in_store().unsealed, 1);
    assert_int_equal(revoked_in_store().sealed, 0);
    assert_int_equal(events_in(folder, "recovered"), 1);
    assert_int_equal(open_and_close(), 0);
}

/* Results are written and not synced: after a power cut they may be missing,
 * though the store has the certificate. */
static void properties4_lost_results_of_what_was_recorded_are_no_matter(
    void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) der = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server"};
    off_t whole;

    (void)state;
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    /* The first is followed by a checkpoint, which is synced. */
    open_client(folder, &client);
    must_issue(client, &wish, &der);
    client_close(KEEP(client, &client));
    open_client(folder, &client);
    buffer_clear(&der);
    must_issue(client, &wish, &der);
    client_close(KEEP(client, &client));
    whole = log_size();
    assert_int_equal(truncate(path_in(folder, "sign.log"), whole - 1), 0);
    assert_int_equal(open_and_close(), 0);
    assert_int_equal(revoked_in_store().sealed, 0);
    assert_int_equal(revoked_in_store().unsealed, 0);
}

static bool is_valid_and_the_same(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct bytes *answered = context;

    (void)why;
    assert_int_equal(row->status, CERTIFICATE_VALID);
    assert_true(bytes_equal(row->der, *answered));
    return true;
}

static pid_t keeper_of(const struct client *client)
{
    return client->household.keeper;
}

/* Killed at any moment: what was answered is there, what was not answered and
 * is known to the log is revoked, and nobody has to do anything. */
static void properties3_a_killed_keeper_loses_no_answer(void **state)
{
    enum { QUESTIONS = 100, ANSWERS = 20 };
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(answers) answers = {0};
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED_STRUCT(store) *store = NULL;
    struct failure why = {0};
    uint64_t recovered;

    (void)state;
    new_request("www.example.org", &request);
    open_client(folder, &client);
    for (size_t i = 0; i < QUESTIONS; i++)
        (void)send_wish(client, "server", NULL, buffer_view(&request));
    for (size_t i = 0; i < ANSWERS; i++)
        take_answer(client, &answers);
    assert_int_equal(kill(keeper_of(client), SIGKILL), 0);
    client_close(KEEP(client, &client));

    recovered = open_and_close();
    assert_int_equal(open_and_close(), 0);
    assert_int_equal(
        recovered, revoked_in_store().sealed + revoked_in_store().unsealed);
    assert_int_equal(events_in(folder, "recovered"), recovered);
    store = read_store(folder);
    for (uint64_t i = 1; i <= QUESTIONS; i++) {
        struct bytes answered = buffer_view(&answers.certificates[i]);
        struct certificate certificate = {0};

        if (answers.types[i] != CONTROL_ISSUED)
            continue;
        assert_done(certificate_read(answered, &certificate, &why), why);
        assert_done(store_certificate_by_serial(store, certificate.tbs.serial,
                        is_valid_and_the_same, &answered, &why),
            why);
    }
}

static void a_killed_signer_is_told_and_the_next_command_recovers(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) der = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server"};
    struct failure why = {0};

    (void)state;
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    open_client(folder, &client);
    must_issue(client, &wish, &der);
    assert_int_equal(kill(client->household.signer, SIGKILL), 0);
    buffer_clear(&der);
    assert_false(issue(client, &wish, &der, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    client_close(KEEP(client, &client));
    open_client(folder, &client);
    must_issue(client, &wish, &der);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_copy(incident44_what_was_signed_and_not_recorded_is_revoked),
        on_a_copy(properties4_a_draft_without_its_result_is_revoked),
        on_a_copy(properties4_lost_results_of_what_was_recorded_are_no_matter),
        on_a_copy(properties3_a_killed_keeper_loses_no_answer),
        on_a_copy(a_killed_signer_is_told_and_the_next_command_recovers),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
