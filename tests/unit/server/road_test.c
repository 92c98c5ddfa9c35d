#include "road_fixture.h"

/* --- issuing ------------------------------------------------------------- */

static void a_certificate_is_recorded_and_journalled_when_it_is_answered(
    void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) der = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    struct certificate certificate = {0};
    int64_t before = certificates_in(folder);
    size_t events = events_in(folder, "issued");
    struct failure why = {0};

    (void)state;
    new_request("www.example.org", &request);
    open_client(folder, &client);
    assert_int_equal(client_recovered(client), 0);
    must_issue(client,
        &(struct client_issue){
            .profile = "server", .request = buffer_view(&request)},
        &der);
    assert_int_equal(certificates_in(folder), before + 1);
    assert_int_equal(events_in(folder, "issued"), events + 1);
    assert_done(certificate_read(buffer_view(&der), &certificate, &why), why);
    assert_int_equal(certificate.tbs.serial.length, SERIAL_BYTES);
    assert_int_equal(certificate.tbs.serial.start[0], 1);
}

static void refused_members_leave_the_others_their_certificates(void **state)
{
    enum { QUESTIONS = 60 };
    static const struct {
        const char *profile, *name;
        enum failure_kind refused;
    } rows[] = {
        {"server", "www.example.org", FAILURE_NONE},
        {"nothing", "www.example.org", FAILURE_NOT_FOUND},
        {"server", "email:a@example.org", FAILURE_UNSUITABLE},
        {"client", "www.example.org", FAILURE_NONE},
    };
    RELEASED(answers) answers = {0};
    SCOPED_STRUCT(client) *client = NULL;
    size_t refused = events_in(folder, "refused");
    int64_t before = certificates_in(folder);

    (void)state;
    open_client(folder, &client);
    for (uint64_t i = 1; i <= QUESTIONS; i++) {
        RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);

        new_request(rows[i % 4].name, &request);
        assert_int_equal(
            send_wish(client, rows[i % 4].profile, NULL, buffer_view(&request)),
            i);
    }
    for (size_t i = 0; i < QUESTIONS; i++)
        take_answer(client, &answers);
    for (uint64_t i = 1; i <= QUESTIONS; i++)
        assert_int_equal(answers.refusals[i].kind, rows[i % 4].refused);
    assert_int_equal(certificates_in(folder), before + QUESTIONS / 2);
    assert_int_equal(events_in(folder, "refused"), refused + QUESTIONS / 2);
}

static void a_request_that_is_none_or_not_its_keys_is_refused(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(client) *client = NULL;
    size_t refused = events_in(folder, "refused");
    struct client_issue wish = {.profile = "server"};
    struct client_issued issued = {0};
    struct failure why = {0};

    (void)state;
    open_client(folder, &client);
    wish.request = bytes_of_text("no request");
    assert_false(client_issue(client, &wish, &issued, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    new_request("www.example.org", &request);
    request.start[request.length - 1] ^= 1;
    wish.request = buffer_view(&request);
    assert_false(client_issue(client, &wish, &issued, &why));
    assert_int_not_equal(why.kind, FAILURE_NONE);
    assert_int_equal(events_in(folder, "refused"), refused + 2);
}

/* --- idempotency keys ---------------------------------------------------- */

static void the_same_origin_gets_the_same_certificate(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) first = EMPTY_CERTIFICATE;
    RELEASED(buffer) second = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server", .origin = "order-1"};
    int64_t before = certificates_in(folder);

    (void)state;
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    open_client(folder, &client);
    must_issue(client, &wish, &first);
    must_issue(client, &wish, &second);
    assert_true(bytes_equal(buffer_view(&first), buffer_view(&second)));
    assert_int_equal(certificates_in(folder), before + 1);
    client_close(KEEP(client, &client));
    /* ... and after a restart. */
    buffer_clear(&second);
    open_client(folder, &client);
    must_issue(client, &wish, &second);
    assert_true(bytes_equal(buffer_view(&first), buffer_view(&second)));
}

static void the_same_origin_for_another_key_is_a_conflict(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) other = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) first = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server", .origin = "order-1"};

    (void)state;
    new_request("www.example.org", &request);
    new_request("www.example.org", &other);
    wish.request = buffer_view(&request);
    open_client(folder, &client);
    must_issue(client, &wish, &first);
    wish.request = buffer_view(&other);
    assert_refused(client, &wish, FAILURE_CONFLICT,
        "the idempotency key \"control:order-1\" was used before, for another "
        "key");
}

/* All at once, so that they meet within a group or in two. */
static void twins_on_the_road_get_one_certificate(void **state)
{
    enum { QUESTIONS = 40 };
    RELEASED(buffer) mine = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) others = BUFFER("request", REQUEST_MAX);
    RELEASED(answers) answers = {0};
    SCOPED_STRUCT(client) *client = NULL;
    struct bytes handed_out = {0};

    (void)state;
    new_request("www.example.org", &mine);
    new_request("www.example.org", &others);
    open_client(folder, &client);
    for (uint64_t i = 1; i <= QUESTIONS; i++)
        (void)send_wish(client, "server", "order-2",
            buffer_view(i % 4 == 0 ? &others : &mine));
    for (size_t i = 0; i < QUESTIONS; i++)
        take_answer(client, &answers);
    for (uint64_t i = 1; i <= QUESTIONS; i++) {
        struct bytes one = buffer_view(&answers.certificates[i]);

        if (answers.refusals[i].kind != FAILURE_NONE) {
            assert_int_equal(answers.refusals[i].kind, FAILURE_CONFLICT);
            continue;
        }
        if (handed_out.length == 0)
            handed_out = one;
        assert_true(bytes_equal(handed_out, one));
    }
    /* Those for the other key: all of one kind. */
    for (uint64_t i = 8; i <= QUESTIONS; i += 4)
        assert_int_equal(answers.refusals[4].kind, answers.refusals[i].kind);
    assert_int_not_equal(answers.refusals[1].kind, answers.refusals[4].kind);
}

static void an_origin_too_long_is_refused_with_its_limit(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(client) *client = NULL;
    char origin[254] = "";
    struct client_issue wish = {.profile = "server", .origin = origin};

    (void)state;
    memset(origin, 'a', 248);
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    open_client(folder, &client);
    assert_refused(client, &wish, FAILURE_UNSUITABLE,
        "an idempotency key is longer than 247 characters");
}

/* --- doors and roles ----------------------------------------------------- */

/* The steps themselves, without a keeper: what a door may is its own rule. */
static void incident1_2_every_door_has_its_rule_for_every_role(void **state)
{
    static const struct {
        enum enrolment_door door;
        enum enrolment_role role;
        bool founds;
        bool passes_the_door;
    } rows[] = {
        {DOOR_CONTROL, ROLE_NOBODY, false, false},
        {DOOR_CONTROL, ROLE_NOBODY, true, false},
        {DOOR_CONTROL, ROLE_ADMINISTRATOR, false, true},
        {DOOR_CONTROL, ROLE_ADMINISTRATOR, true, false},
        {DOOR_FOUNDING, ROLE_NOBODY, false, false},
        {DOOR_FOUNDING, ROLE_NOBODY, true, false},
        {DOOR_FOUNDING, ROLE_ADMINISTRATOR, false, false},
        {DOOR_FOUNDING, ROLE_ADMINISTRATOR, true, true},
        {(enum enrolment_door)2, ROLE_ADMINISTRATOR, false, false},
        {(enum enrolment_door)2, ROLE_ADMINISTRATOR, true, false},
    };
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(configuration) *configuration = new_configuration();
    SCOPED_STRUCT(store) *store = NULL;
    struct authority authority = {0};
    struct failure why = {0};

    (void)state;
    new_request("www.example.org", &request);
    assert_done(
        store_open(path_in(folder, "chancery.db"), STORE_WRITE, &store, &why),
        why);
    assert_done(
        authority_open(&authority, configuration, NULL, store, NULL, 0, &why),
        why);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct caller caller = {
            .door = rows[i].door, .role = rows[i].role, .actor = "somebody"};
        const struct enrolment enrolment = {.caller = &caller,
            .profile = "no such profile",
            .request = buffer_view(&request)};
        struct desk desk = {0};
        struct issuance issuance = {0};

        authority.founds = rows[i].founds;
        issuance_begin(&issuance, &enrolment);
        issue_certificates(&authority, &desk, &issuance, 1);
        /* Behind the door the profile, or the root's key, is what is missed. */
        assert_int_not_equal(issuance.why.kind, FAILURE_NONE);
        assert_int_equal(
            issuance.why.kind != FAILURE_FORBIDDEN, rows[i].passes_the_door);
        issuance_free(&issuance);
    }
    authority_close(&authority);
    store_close(KEEP(store, &store));
    assert_int_equal(events_in(folder, "refused"), 10);
}

static void a_serving_keeper_makes_no_authority(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) message = BUFFER("message", CONTROL_FRAME_MAX);
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    struct bytes answer = {0};

    (void)state;
    new_request(NULL, &request);
    open_client(folder, &client);
    assert_true(message_add(
        &message, CONTROL_ROOT_REQUEST, buffer_view(&request), &why));
    assert_false(client_ask(client, CONTROL_FOUND, buffer_view(&message), -1,
        CONTROL_FOUNDED, &answer, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_string_equal(why.reason, "authorities are made by init alone");
}

static void a_root_kept_apart_issues_nothing(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server", .authority = "root"};

    (void)state;
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    open_client(folder, &client);
    assert_refused(client, &wish, FAILURE_FORBIDDEN,
        "the authority \"root\" is kept apart and issues only authorities");
    wish.authority = "nobody";
    assert_refused(
        client, &wish, FAILURE_NOT_FOUND, "there is no authority \"nobody\"");
}

/* Whatever garbage a command sends, the keeper serves the next one. */
static void garbage_from_a_command_ends_its_connection_alone(void **state)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    struct frame frame = {0};
    struct bytes answer = {0};
    uint64_t id;

    (void)state;
    open_client(folder, &client);
    assert_false(
        client_ask(client, CONTROL_ISSUE, bytes_of_text("\1\377\377\377\377"),
            -1, CONTROL_ISSUED, &answer, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    id = send_wish(client, "server", NULL, bytes_of_text("garbage"));
    assert_true(channel_receive(client->channel, 60000, &frame, &why));
    assert_int_equal(frame.id, id);
    assert_int_equal(frame.type, CONTROL_FAILED);
    /* A type it does not take is a breach. */
    assert_true(channel_send(
        client->channel, 99, 7, (struct bytes){0}, NULL, 0, 0, &why));
    assert_false(channel_receive(client->channel, 60000, &frame, &why));
}

/* --- at once
 * ---------------------------------------------------------------------------------
 */

static int issue_in_a_process(int answer)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) der = EMPTY_CERTIFICATE;
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_options options = {
        .directory = folder, .passphrase = -1};
    struct certificate certificate = {0};
    struct client_issue wish = {.profile = "server"};
    struct failure why = {0};

    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    if (!client_open(&options, &client, &why) ||
        !issue(client, &wish, &der, &why) ||
        !certificate_read(buffer_view(&der), &certificate, &why))
        return 1;
    return write(answer, certificate.tbs.serial.start, SERIAL_BYTES) ==
                   SERIAL_BYTES
               ? 0
               : 2;
}

static void kb043_eight_commands_at_once_get_eight_serials(void **state)
{
    enum { COMMANDS = 8 };
    uint8_t serials[COMMANDS][SERIAL_BYTES];
    pid_t commands[COMMANDS];
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (size_t i = 0; i < COMMANDS; i++) {
        commands[i] = fork();
        if (commands[i] == 0)
            _exit(issue_in_a_process(ends[1]));
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        int status = 0;

        assert_int_equal(waitpid(commands[i], &status, 0), commands[i]);
        assert_int_equal(status, 0);
        assert_int_equal(read(ends[0], serials[i], SERIAL_BYTES), SERIAL_BYTES);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(serials[i], serials[k], SERIAL_BYTES);
    }
    assert_int_equal(events_in(folder, "issued"), COMMANDS);
    descriptor_close(&ends[0]);
    descriptor_close(&ends[1]);
}

/* A thread of its own per connection; returns NULL when all were issued. */
static void *issue_ten(void *context)
{
    const struct bytes *request = context;
    const struct client_options options = {
        .directory = folder, .passphrase = -1};
    struct client_issue wish = {.profile = "server", .request = *request};
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    bool ok = client_open(&options, &client, &why);

    for (size_t i = 0; ok && i < 10; i++) {
        RELEASED(buffer) der = EMPTY_CERTIFICATE;

        ok = issue(client, &wish, &der, &why);
    }
    return ok ? NULL : context;
}

static void run_four_connections(void)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct bytes view;
    pthread_t threads[4];

    new_request("www.example.org", &request);
    view = buffer_view(&request);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, issue_ten, &view), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static void four_connections_issue_at_once_until_it_is_locked(void **state)
{
    const struct client_options options = {
        .directory = folder, .passphrase = -1};
    SCOPED_STRUCT(client) *client = NULL;
    struct client_state now = {0};
    struct failure why = {0};
    int status = 0;

    (void)state;
    assert_done(client_stay_unlocked(&options, &why), why);
    assert_int_equal(mode_in(folder, "control.sock"), 0666);
    assert_false(client_stay_unlocked(&options, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    run_four_connections();
    assert_int_equal(events_in(folder, "issued"), 40);

    open_client(folder, &client);
    assert_done(client_state(client, &now, &why), why);
    assert_false(now.runs_here);
    assert_int_equal(now.signatures, 40);
    assert_int_equal(now.key_count, 1);
    assert_string_equal(now.keys[0].name, "issuing");
    assert_true(now.keys[0].is_usable);
    assert_done(client_lock(client, &now, &why), why);
    assert_false(now.keys[0].is_usable);
    /* The parent that stayed is a child of this process: it ends in order. */
    assert_true(waitpid(-1, &status, 0) > 0);
    assert_int_equal(status, 0);
    assert_false(is_there(folder, "control.sock"));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_copy(a_certificate_is_recorded_and_journalled_when_it_is_answered),
        on_a_copy(refused_members_leave_the_others_their_certificates),
        on_a_copy(a_request_that_is_none_or_not_its_keys_is_refused),
        on_a_copy(the_same_origin_gets_the_same_certificate),
        on_a_copy(the_same_origin_for_another_key_is_a_conflict),
        on_a_copy(twins_on_the_road_get_one_certificate),
        on_a_copy(an_origin_too_long_is_refused_with_its_limit),
        on_a_copy(incident1_2_every_door_has_its_rule_for_every_role),
        on_a_copy(a_serving_keeper_makes_no_authority),
        on_a_copy(a_root_kept_apart_issues_nothing),
        on_a_copy(garbage_from_a_command_ends_its_connection_alone),
        on_a_copy(kb043_eight_commands_at_once_get_eight_serials),
        on_a_copy(four_connections_issue_at_once_until_it_is_locked),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
