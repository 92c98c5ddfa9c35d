#include "web_routes.h"

/* What handlers ask for, the server's own certificates, many requests at once,
 * and the end. */

/* --- verbs ---------------------------------------------------------------- */

static void sixty_four_requests_under_way_get_their_certificates(void **state)
{
    enum { QUESTIONS = 64 };
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(answered) answered = {0};
    struct asked asked = as_administrator("/issue");
    int64_t before = certificates_in(folder);
    bool came[QUESTIONS] = {false};

    (void)state;
    new_request("www.example.org", &request);
    asked.method = "POST";
    asked.body = buffer_view(&request);
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        asked.query = i % 8 == 7 ? "profile=nothing" : "profile=server";
        send_request(front[LISTENER_ADMIN], i, &asked);
    }
    for (size_t i = 0; i < QUESTIONS; i++) {
        receive_answer(front[LISTENER_ADMIN], &answered);
        assert_true(answered.id < QUESTIONS && !came[answered.id]);
        came[answered.id] = true;
        assert_int_equal(answered.status, answered.id % 8 == 7 ? 404 : 201);
    }
    assert_int_equal(certificates_in(folder), before + QUESTIONS * 7 / 8);
}

static void an_idempotency_key_is_of_its_door_and_caller(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) other = BUFFER("request", REQUEST_MAX);
    RELEASED(answered) answered = {0};
    struct asked asked = as_administrator("/issue");
    int64_t before = certificates_in(folder);
    char longest[256] = "";

    (void)state;
    new_request("www.example.org", &request);
    new_request("www.example.org", &other);
    asked.method = "POST";
    asked.query = "profile=server";
    asked.headers[0] = "idempotency-key";
    asked.headers[1] = "order-1";
    asked.body = buffer_view(&request);
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 201);
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 201);
    assert_int_equal(certificates_in(folder), before + 1);
    asked.body = buffer_view(&other);
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 409, "conflict",
        "the idempotency key \"api:person:1:order-1\" was used before, for "
        "another key");
    asked.headers[1] = "";
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 422, "refused", "the idempotency key is empty");
    memset(longest, 'a', 243);
    asked.headers[1] = longest;
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_problem(&answered, 422, "refused",
        "an idempotency key is longer than 242 characters");
}

static void refusals_of_the_road_are_worded_for_the_route(void **state)
{
    RELEASED(answered) answered = {0};
    struct asked asked = as_administrator("/issue");

    (void)state;
    asked.method = "POST";
    asked.query = "profile=server";
    asked.body = bytes_of_text("no request");
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 400);
    asked.path = "/issue-twice";
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 500);
}

static void questions_for_the_clerk_are_answered_and_refused(void **state)
{
    RELEASED(answered) answered = {0};
    struct asked asked = {.path = "/pause", .method = "POST"};
    size_t refused = events_in(folder, "not-allowed");

    (void)state;
    ask(front[LISTENER_PUBLIC], &asked, &answered);
    assert_problem(&answered, 403, "not-allowed",
        "anyone:192.0.2.7, as nobody, may not pause here");
    assert_int_equal(events_in(folder, "not-allowed"), refused + 1);
    /* A second question after the first one's answer. */
    asked = as_administrator("/pause");
    asked.query = "then=resume";
    ask(front[LISTENER_ADMIN], &asked, &answered);
    assert_int_equal(answered.status, 200);
    assert_int_equal(events_in(folder, "paused"), 1);
    assert_int_equal(events_in(folder, "resumed"), 1);
}

/* --- the server's own certificate ----------------------------------------- */

static void send_certify(struct channel *channel, uint64_t id)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) message = BUFFER("request", REQUEST_MAX);
    struct failure why = {0};

    /* What it asks to be called changes nothing. */
    new_request("www.bank.example", &request);
    assert_true(message_add(
        &message, FRONT_FIELD_REQUEST, buffer_view(&request), &why));
    send_frame(channel, FRONT_CERTIFY, id, buffer_view(&message));
}

static void certify(struct channel *channel, struct answered *answered)
{
    send_certify(channel, 3);
    receive_answer(channel, answered);
    assert_int_equal(answered->id, 3);
}

static void a_fronts_own_certificate_has_the_names_that_are_declared(
    void **state)
{
    RELEASED(answered) answered = {0};
    struct certificate certificate = {0};
    struct der_reader reader;
    struct bytes first = {0};
    struct der_reader contents = {0};
    struct failure why = {0};

    (void)state;
    certify(front[LISTENER_PUBLIC], &answered);
    assert_int_equal(answered.type, FRONT_CERTIFIED);
    reader = der_reader_of(buffer_view(&answered.body));
    assert_true(
        der_read_element(&reader, DER_SEQUENCE, &contents, &first, &why));
    assert_done(certificate_read(first, &certificate, &why), why);
    assert_non_null(
        memmem(first.start, first.length, "localhost", strlen("localhost")));
    assert_null(memmem(first.start, first.length, "bank", strlen("bank")));
    /* Its chain follows it. */
    assert_false(der_at_end(&reader));
    certify(front[LISTENER_ADMIN], &answered);
    assert_int_equal(answered.type, FRONT_CERTIFIED);
    certify(front[LISTENER_PLAIN], &answered);
    assert_int_equal(answered.type, FRONT_REFUSED);
    assert_string_equal(
        answered.refusal.reason, "the plain listener has no certificate");
}

static void fronts_get_few_certificates_of_their_own(void **state)
{
    RELEASED(answered) answered = {0};
    size_t given = 0;

    (void)state;
    do {
        certify(front[LISTENER_MTLS], &answered);
        given += answered.type == FRONT_CERTIFIED;
    } while (answered.type == FRONT_CERTIFIED && given < 20);
    assert_true(given < 13);
    assert_int_equal(answered.refusal.kind, FAILURE_UNAVAILABLE);
}

/* --- many at once --------------------------------------------------------- */

/* Strangers may ask whether a request of theirs is there: those with a role are
 * heard all the same, and the journal tells how many it passed over. */
static void a_crowd_of_nobodies_leaves_the_clerk_and_the_journal(void **state)
{
    enum { QUESTIONS = 400 };
    RELEASED(answered) answered = {0};
    struct asked pause = as_administrator("/pause");
    size_t told = events_in(folder, "fetch-refused");

    (void)state;
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_request(
            front[LISTENER_PUBLIC], i, &(struct asked){.path = "/fetch"});
    ask(front[LISTENER_ADMIN], &pause, &answered);
    assert_int_equal(answered.status, 200);
    for (size_t i = 0; i < QUESTIONS; i++) {
        receive_answer(front[LISTENER_PUBLIC], &answered);
        assert_true(answered.status == 404 || answered.status == 503);
    }
    told = events_in(folder, "fetch-refused") - told;
    assert_in_range(told, 1, 22);
    tell_keeper(CONTROL_RESUME, (struct bytes){0});
}

/* It reads nothing, and its answers fill the socket; others are served. */
static void a_front_that_does_not_read_keeps_nobody_waiting(void **state)
{
    enum { QUESTIONS = 12 };
    SCOPED_STRUCT(channel) *stuck = NULL;
    RELEASED(answered) answered = {0};
    int64_t begun_ms = clock_monotonic_ms();

    (void)state;
    new_front(&served, LISTENER_PUBLIC, &stuck);
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_request(stuck, i, &(struct asked){.path = "/much"});
    ask(front[LISTENER_PUBLIC], &(struct asked){.path = "/much"}, &answered);
    assert_int_equal(answered.body.length, MUCH_BYTES);
    ask(front[LISTENER_ADMIN], &(struct asked){.path = "/echo"}, &answered);
    assert_int_equal(answered.status, 200);
    assert_true(clock_monotonic_ms() - begun_ms < 5000);
}

/* Every one is answered; those beyond the room for them without being read. */
static void more_requests_than_there_is_room_for_are_turned_away(void **state)
{
    enum { QUESTIONS = 40 };
    SCOPED_STRUCT(channel) *many = NULL;
    RELEASED(answered) answered = {0};
    RELEASED(buffer) body = BUFFER("body", MUCH_BYTES);
    struct asked asked = {.method = "POST", .path = "/much"};
    struct failure why = {0};
    size_t done = 0, turned_away = 0;

    (void)state;
    assert_true(buffer_reserve(&body, MUCH_BYTES, &why));
    memset(body.start, 'x', MUCH_BYTES);
    body.length = MUCH_BYTES;
    asked.body = buffer_view(&body);
    new_front(&served, LISTENER_PUBLIC, &many);
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_request(many, i, &asked);
    for (size_t i = 0; i < QUESTIONS; i++) {
        receive_answer(many, &answered);
        done += answered.status == 200;
        if (answered.status == 200)
            continue;
        turned_away++;
        assert_int_equal(answered.status, 503);
        assert_string_equal(text_of(&answered),
            "more than 32 MiB of requests are waiting already; try again "
            "later\n");
        assert_string_equal(header_of(&answered, "Retry-After"), "5");
    }
    assert_true(turned_away > 0 && done >= 30);
    /* The room is there again. */
    ask(many, &asked, &answered);
    assert_int_equal(answered.status, 200);
}

static void what_nobody_waits_for_is_not_begun(void **state)
{
    enum { QUESTIONS = 40 };
    RELEASED(buffer) message = BUFFER("request", FRONT_REQUEST_MAX);
    RELEASED(answered) answered = {0};
    struct failure why = {0};
    unsigned late = 0;

    (void)state;
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_request(
            front[LISTENER_PUBLIC], i, &(struct asked){.path = "/late"});
    write_request(&(struct asked){.path = "/echo"}, &message);
    assert_done(channel_send(front[LISTENER_PUBLIC], FRONT_REQUEST, QUESTIONS,
                    buffer_view(&message), NULL, 0, 1, &why),
        why);
    for (size_t i = 0; i <= QUESTIONS; i++) {
        receive_answer(front[LISTENER_PUBLIC], &answered);
        if (answered.id == QUESTIONS)
            late = answered.status;
    }
    assert_int_equal(late, 503);
}

/* --- locked, and a strict profile ------------------------------------------
 */

/* With other files in it; until other_end. */
static struct served others;
static char other_folder[FOLDER_ROOM], first_folder[FOLDER_ROOM];

static void serve_other(void)
{
    memcpy(first_folder, folder, FOLDER_ROOM);
    memcpy(folder, other_folder, FOLDER_ROOM);
    serve_folder(&others);
}

static void other_end(void)
{
    served_end(&others);
    remove_folder(other_folder);
    memcpy(folder, first_folder, FOLDER_ROOM);
}

static void a_locked_key_is_unavailable_and_the_server_serves(void **state)
{
    SCOPED_STRUCT(channel) *admin = NULL;
    RELEASED(answered) answered = {0};

    (void)state;
    new_folder(other_folder);
    found_in(other_folder);
    put_file(other_folder, "keys/locked", "", 0600);
    serve_other();
    new_front(&others, LISTENER_ADMIN, &admin);
    certify(admin, &answered);
    assert_int_equal(answered.type, FRONT_REFUSED);
    assert_int_equal(answered.refusal.kind, FAILURE_UNAVAILABLE);
    ask(admin, &(struct asked){.path = "/echo"}, &answered);
    assert_int_equal(answered.status, 200);
    other_end();
}

static void put_into_profile(const char *profile, const char *lines)
{
    RELEASED(buffer) file = BUFFER("settings", CONFIGURATION_MAX);
    RELEASED(buffer) changed = BUFFER("settings", CONFIGURATION_MAX);
    const char *path = path_in(other_folder, "chancery.yaml");
    const char *text = NULL, *after = NULL;
    struct failure why = {0};

    assert_done(file_read(path, &file, &why), why);
    assert_true(buffer_as_text(&file, &text, &why));
    after = strstr(text, profile);
    assert_non_null(after);
    after += strlen(profile);
    assert_true(buffer_print(
        &changed, &why, "%.*s%s%s", (int)(after - text), text, lines, after));
    assert_done(
        file_write(path, buffer_view(&changed), 0644, FILE_REPLACE, &why), why);
}

/* Who may ask, how many approve, and what others may be called. */
static void a_strict_profile_lets_the_server_have_its_own_names(void **state)
{
    SCOPED_STRUCT(channel) *public = NULL;
    RELEASED(answered) answered = {0};

    (void)state;
    new_folder(other_folder);
    copy_folder(template_folder, other_folder);
    put_into_profile(
        "  server:\n", "    allowed-names: [corp.example]\n    approvals: 2\n");
    serve_other();
    new_front(&others, LISTENER_PUBLIC, &public);
    certify(public, &answered);
    if (answered.type != FRONT_CERTIFIED)
        fail_msg("%s", answered.refusal.reason);
    other_end();
}

/* A front that was taken over does not wait for one answer after the other. */
static void certificates_that_are_asked_for_at_once_are_as_few(void **state)
{
    enum { QUESTIONS = 40 };
    SCOPED_STRUCT(channel) *captured = NULL;
    RELEASED(answered) answered = {0};
    size_t given = 0;

    (void)state;
    new_folder(other_folder);
    found_in(other_folder);
    serve_other();
    new_front(&others, LISTENER_PUBLIC, &captured);
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_certify(captured, i);
    for (size_t i = 0; i < QUESTIONS; i++) {
        receive_answer(captured, &answered);
        given += answered.type == FRONT_CERTIFIED;
        if (answered.type != FRONT_CERTIFIED)
            assert_int_equal(answered.refusal.kind, FAILURE_UNAVAILABLE);
    }
    assert_true(given > 0 && given < 13);
    other_end();
}

/* --- the end ---------------------------------------------------------------
 */

static void what_is_under_way_is_answered_before_the_end(void **state)
{
    enum { QUESTIONS = 32 };
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(answered) answered = {0};
    struct asked asked = as_administrator("/issue");
    size_t stopped = events_in(folder, "keeper-stopped");
    struct failure why = {0};

    (void)state;
    new_request("www.example.org", &request);
    asked.method = "POST";
    asked.query = "profile=server";
    asked.body = buffer_view(&request);
    for (uint64_t i = 0; i < QUESTIONS; i++)
        send_request(front[LISTENER_ADMIN], i, &asked);
    /* The first is answered: all were taken in. */
    receive_answer(front[LISTENER_ADMIN], &answered);
    assert_done(channel_send(served.household.keeper_channel, KEEPER_STOP, 2,
                    (struct bytes){0}, NULL, 0, 0, &why),
        why);
    for (size_t i = 1; i < QUESTIONS; i++) {
        receive_answer(front[LISTENER_ADMIN], &answered);
        assert_int_equal(answered.status, 201);
    }
    assert_closed(front[LISTENER_ADMIN]);
    assert_int_equal(events_in(folder, "keeper-stopped"), stopped + 1);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_requests_under_way_get_their_certificates),
        cmocka_unit_test(an_idempotency_key_is_of_its_door_and_caller),
        cmocka_unit_test(refusals_of_the_road_are_worded_for_the_route),
        cmocka_unit_test(questions_for_the_clerk_are_answered_and_refused),
        cmocka_unit_test(
            a_fronts_own_certificate_has_the_names_that_are_declared),
        cmocka_unit_test(fronts_get_few_certificates_of_their_own),
        cmocka_unit_test(a_crowd_of_nobodies_leaves_the_clerk_and_the_journal),
        cmocka_unit_test(a_front_that_does_not_read_keeps_nobody_waiting),
        cmocka_unit_test(more_requests_than_there_is_room_for_are_turned_away),
        cmocka_unit_test(what_nobody_waits_for_is_not_begun),
        cmocka_unit_test(a_locked_key_is_unavailable_and_the_server_serves),
        cmocka_unit_test(a_strict_profile_lets_the_server_have_its_own_names),
        cmocka_unit_test(certificates_that_are_asked_for_at_once_are_as_few),
        cmocka_unit_test(what_is_under_way_is_answered_before_the_end),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, serve_all, end_all);
}
