#include "rest_fixture.h"

#include "authority/control_protocol.h"
#include "authority/event.h"

/* Operations that a verb of the clerk does, and the lists beside certificates.
 */

static unsigned post_as(struct fixture *fixture, const struct caller *caller,
    const char *path, const char *body)
{
    return send_request(fixture, &(struct sent){.method = EXCHANGE_POST,
                                     .path = path,
                                     .body = body,
                                     .caller = *caller});
}

static struct caller token_for(const char *profiles)
{
    struct caller caller = caller_with(ROLE_OPERATOR);

    caller.way = CALLER_TOKEN;
    (void)snprintf(caller.profiles, sizeof(caller.profiles), "%s", profiles);
    return caller;
}

/* --- revocation ---------------------------------------------------------- */

#define REVOKED                                                             \
    "{\"serial\":\"5100000000000001\",\"changed\":true,\"at\":"             \
    "\"2026-11-21T00:00:00Z\",\"reason\":\"superseded\",\"authority\":"     \
    "\"issuing\",\"list\":\"complete\",\"list_number\":5,\"list_entries\":" \
    "1,\"delta_entries\":0,\"shards\":0,\"next_update\":"                   \
    "\"2026-11-22T00:00:00Z\",\"others_until\":\"2026-11-22T00:00:00Z\"}"

static void a_revocation_is_asked_with_the_whole_serial(void **state)
{
    struct fixture *fixture = *state;
    struct field reason = {.tag = CONTROL_REASON};
    uint64_t number = 0;

    add_leaves(fixture, 1);
    saying.facts = REVOKED;
    assert_int_equal(post(fixture, "/certificates/510000000000/revoke",
                         "{\"reason\":\"superseded\",\"comment\":\"moved\"}"),
        200);
    assert_int_equal(asked.message, CONTROL_REVOKE);
    assert_memory_equal(
        asked_field(CONTROL_SERIAL).start, "\x51\0\0\0\0\0\0\x01", 8);
    reason.value = asked_field(CONTROL_REASON);
    assert_true(field_number(&reason, &number, &fixture->why));
    assert_int_equal(number, REASON_SUPERSEDED);
    assert_asked_text(CONTROL_WORDS, "moved");
    assert_string_equal(text_of(fixture, "list"), "complete");
}

static void a_list_that_failed_is_told_with_the_revocation(void **state)
{
    struct fixture *fixture = *state;

    add_leaves(fixture, 1);
    saying.facts = "{\"serial\":\"5100000000000001\",\"changed\":true,\"at\":"
                   "\"2026-11-21T00:00:00Z\",\"reason\":\"unspecified\","
                   "\"authority\":\"issuing\",\"list\":null,\"list_failed\":"
                   "\"the disk is full\"}";
    assert_int_equal(
        post(fixture, "/certificates/5100000000000001/revoke", NULL), 200);
    assert_string_equal(text_of(fixture, "list_failed"), "the disk is full");
}

static void what_is_no_reason_to_revoke_is_refused_with_those_there_are(
    void **state)
{
    static const char *const wrong[] = {
        "certificateHold", "removeFromCRL", "KEYCOMPROMISE", "1", ""};
    struct fixture *fixture = *state;

    add_leaves(fixture, 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char body[80];

        (void)snprintf(body, sizeof(body), "{\"reason\":\"%s\"}", wrong[i]);
        (void)post(fixture, "/certificates/5100000000000001/revoke", body);
        assert_problem(fixture, 400, "unknown-word", "reason");
        assert_non_null(strstr(text_of(fixture, "allowed"), "keyCompromise"));
    }
    assert_int_equal(asked.message, 0);
}

static void hold_and_release_are_verbs_of_their_own(void **state)
{
    struct fixture *fixture = *state;

    add_leaves(fixture, 1);
    saying.facts = REVOKED;
    assert_int_equal(
        post(fixture, "/certificates/5100000000000001/hold", "{}"), 200);
    assert_int_equal(asked.message, CONTROL_HOLD);
    assert_int_equal(
        post(fixture, "/certificates/5100000000000001/unhold", NULL), 200);
    assert_int_equal(asked.message, CONTROL_UNHOLD);
    (void)post(fixture, "/certificates/5100000000000001/hold",
        "{\"reason\":\"superseded\"}");
    assert_problem(fixture, 400, "unknown-member", "reason");
    assert_int_equal(
        post(fixture, "/certificates/5100000000000009/hold", NULL), 404);
    assert_int_equal(post(fixture, "/certificates/nothing/hold", NULL), 400);
}

static void incident18_a_token_revokes_its_own_profiles_alone(void **state)
{
    static const char path[] = "/certificates/5100000000000001/revoke";
    struct fixture *fixture = *state;
    struct caller caller = token_for("client");

    add_leaves(fixture, 1);
    saying.facts = REVOKED;
    assert_int_equal(post_as(fixture, &caller, path, NULL), 403);
    assert_int_equal(asked.message, 0);
    caller = token_for("server");
    assert_int_equal(post_as(fixture, &caller, path, NULL), 200);
}

/* --- requests ------------------------------------------------------------ */

static void add_request(struct fixture *fixture, size_t number)
{
    RELEASED(buffer) name = BUFFER("name", 512);
    RELEASED(buffer) names = BUFFER("names", 512);
    struct failure *why = &fixture->why;
    int64_t given = 0;
    bool added = false;
    char id[REQUEST_ID_TEXT];

    (void)snprintf(id, sizeof(id), "request%zu", number);
    assert_done(name_read("CN=asked", &name, why), why);
    assert_done(general_name_read("a.example", &names, why), why);
    assert_done(store_begin(fixture->store, why), why);
    assert_done(
        store_keep_profile(fixture->store, "a1", "server", "{}", 5, why), why);
    assert_done(store_add_request(fixture->store,
                    &(struct request_row){.id = id,
                        .key_sha256 = "c0de",
                        .authority = 1,
                        .profile = "server",
                        .profile_sha256 = "a1",
                        .door = "api",
                        .actor = "alice",
                        .der = bytes_of_text("der"),
                        .subject = buffer_view(&name),
                        .general_names = buffer_view(&names),
                        .approvals_needed = 1,
                        .asked_at = NOW,
                        .reason = ""},
                    &given, &added, why),
        why);
    assert_done(store_commit(fixture->store, why), why);
}

static void requests_come_in_pages(void **state)
{
    struct fixture *fixture = *state;
    char query[80];

    for (size_t i = 1; i <= 5; i++)
        add_request(fixture, i);
    assert_int_equal(get(fixture, "/requests", "limit=3"), 200);
    assert_int_equal(count_of(fixture, "requests"), 3);
    (void)snprintf(
        query, sizeof(query), "limit=3&cursor=%s", text_of(fixture, "next"));
    assert_int_equal(get(fixture, "/requests", query), 200);
    assert_int_equal(count_of(fixture, "requests"), 2);
    assert_string_equal(text_of(fixture, "next"), "");
    assert_int_equal(get(fixture, "/requests", "state=waiting"), 200);
    assert_int_equal(count_of(fixture, "requests"), 5);
    assert_int_equal(get(fixture, "/requests", "state=denied"), 200);
    assert_int_equal(count_of(fixture, "requests"), 0);
    (void)get(fixture, "/requests", "state=lost");
    assert_problem(fixture, 400, "unknown-word", "state");
}

static void a_request_is_shown_with_its_names_and_approvals(void **state)
{
    struct fixture *fixture = *state;

    add_request(fixture, 1);
    assert_int_equal(get(fixture, "/requests/request1", NULL), 200);
    assert_string_equal(text_of(fixture, "subject"), "CN=asked");
    assert_int_equal(count_of(fixture, "names"), 1);
    assert_int_equal(count_of(fixture, "approvals"), 0);
    assert_int_equal(get(fixture, "/requests/request2", NULL), 404);
}

static void decisions_are_asked_of_the_clerk(void **state)
{
    struct fixture *fixture = *state;

    add_request(fixture, 1);
    saying.facts = "{\"id\":\"request1\",\"approvals\":1,\"needed\":1,"
                   "\"issued\":true,\"certificate\":\"MAA=\",\"notices\":\"\"}";
    assert_int_equal(post(fixture, "/requests/request1/approve", NULL), 200);
    assert_int_equal(asked.message, CONTROL_APPROVE);
    assert_asked_text(CONTROL_ID, "request1");
    saying.facts = "{\"id\":\"request1\",\"state\":\"denied\"}";
    assert_int_equal(
        post(fixture, "/requests/request1/deny", "{\"reason\":\"not yours\"}"),
        200);
    assert_int_equal(asked.message, CONTROL_DENY);
    assert_asked_text(CONTROL_WORDS, "not yours");
    assert_int_equal(post(fixture, "/requests/request1/withdraw", NULL), 200);
    assert_int_equal(asked.message, CONTROL_WITHDRAW);
    asked.message = 0;
    (void)post(fixture, "/requests/request1/deny", "{}");
    assert_problem(fixture, 400, "missing", "reason");
    (void)post(fixture, "/requests/request1/deny", NULL);
    assert_problem(fixture, 415, "unsupported-media-type", "Content-Type");
    assert_int_equal(post(fixture, "/requests/nothing/approve", NULL), 404);
    assert_int_equal(asked.message, 0);
}

static void kb059_who_proves_the_key_fetches_without_a_role(void **state)
{
    struct fixture *fixture = *state;
    struct caller anyone = {.way = CALLER_ANYONE, .door = DOOR_API};

    saying.facts = "{\"id\":\"request1\",\"state\":\"waiting\",\"profile\":"
                   "\"server\",\"reason\":\"\",\"decided_at\":\"\","
                   "\"approvals_needed\":1,\"chain\":[]}";
    assert_int_equal(post_as(fixture, &anyone, "/requests/request1/fetch",
                         "{\"proof\":\"AQID\"}"),
        200);
    assert_int_equal(asked.message, CONTROL_FETCH);
    assert_asked_text(CONTROL_ID, "request1");
    assert_int_equal(asked_field(CONTROL_PROOF).length, 3);
    assert_int_equal(
        post_as(fixture, &anyone, "/requests/request1/fetch", "{}"), 400);
}

/* --- profiles ------------------------------------------------------------ */

static void profiles_are_told_with_their_version(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/profiles", NULL), 200);
    assert_int_equal(
        count_of(fixture, "profiles"), fixture->configuration->profile_count);
    assert_int_equal(get(fixture, "/profiles/server", NULL), 200);
    assert_int_equal(strlen(text_of(fixture, "sha256")), 64);
    assert_non_null(strstr(text_of(fixture, "text"), "serverAuth"));
    assert_int_equal(get(fixture, "/profiles/nothing", NULL), 404);
    assert_non_null(strstr(text_of(fixture, "detail"), "server"));
}

static void a_pause_names_the_profile_or_none_for_all(void **state)
{
    struct fixture *fixture = *state;

    saying.facts = "{\"profile\":\"server\",\"paused\":true,\"changed\":true}";
    assert_int_equal(
        post(fixture, "/profiles/server/pause", "{\"reason\":\"an incident\"}"),
        200);
    assert_int_equal(asked.message, CONTROL_PAUSE);
    assert_asked_text(CONTROL_NAME, "server");
    assert_asked_text(CONTROL_WORDS, "an incident");
    assert_int_equal(post(fixture, "/profiles/gone/pause", NULL), 404);
    assert_int_equal(post(fixture, "/profiles/gone/resume", NULL), 200);
    assert_int_equal(asked.message, CONTROL_RESUME);
    assert_int_equal(post(fixture, "/pause", NULL), 200);
    assert_int_equal(asked.message, CONTROL_PAUSE);
    assert_int_equal(asked.fields_length, 0);
    assert_int_equal(post(fixture, "/resume", NULL), 200);
    assert_int_equal(asked.message, CONTROL_RESUME);
}

static void incident18_a_token_pauses_its_own_profiles_alone(void **state)
{
    struct fixture *fixture = *state;
    struct caller caller = token_for("server");

    saying.facts = "{\"profile\":\"server\",\"paused\":true,\"changed\":true}";
    assert_int_equal(
        post_as(fixture, &caller, "/profiles/server/pause", NULL), 200);
    assert_int_equal(
        post_as(fixture, &caller, "/profiles/client/pause", NULL), 403);
    assert_int_equal(post_as(fixture, &caller, "/pause", NULL), 403);
}

/* --- authorities --------------------------------------------------------- */

static void authorities_are_told_with_what_they_are_for(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/authorities", NULL), 200);
    assert_int_equal(count_of(fixture, "authorities"), 1);
    assert_int_equal(get(fixture, "/authorities/issuing", NULL), 200);
    assert_string_equal(text_of(fixture, "subject"), "CN=Test CA");
    assert_string_equal(text_of(fixture, "state"), "active");
    assert_int_equal(get(fixture, "/authorities/root", NULL), 404);
}

static void the_last_lists_are_told_with_their_addresses(void **state)
{
    struct fixture *fixture = *state;
    struct failure *why = &fixture->why;
    const struct crl_row rows[] = {
        {.authority = 1, .kind = CRL_COMPLETE, .number = 5, .entries = 2},
        {.authority = 1, .kind = CRL_DELTA, .number = 6, .entries = 1}};
    const json_t *list;

    assert_int_equal(get(fixture, "/authorities/issuing/crl", NULL), 200);
    assert_int_equal(count_of(fixture, "lists"), 0);
    assert_done(store_begin(fixture->store, why), why);
    for (size_t i = 0; i < 2; i++)
        assert_done(store_set_crl(fixture->store, &rows[i], why), why);
    assert_done(store_commit(fixture->store, why), why);
    assert_int_equal(get(fixture, "/authorities/issuing/crl", NULL), 200);
    assert_int_equal(count_of(fixture, "lists"), 2);
    list = json_array_get(json_object_get(fixture->body, "lists"), 1);
    assert_string_equal(
        json_string_value(json_object_get(list, "list")), "delta");
    assert_string_equal(json_string_value(json_object_get(list, "address")),
        "http://pki.example/crl/issuing-delta.crl");
    assert_int_equal(get(fixture, "/authorities/root/crl", NULL), 404);
}

static void publishing_names_the_authority(void **state)
{
    struct fixture *fixture = *state;
    char path[300];

    saying.facts = "{\"authority\":\"issuing\",\"list\":\"complete\","
                   "\"list_number\":5,\"list_entries\":1,\"delta_entries\":0,"
                   "\"shards\":0,\"next_update\":\"2026-11-22T00:00:00Z\","
                   "\"others_until\":\"2026-11-22T00:00:00Z\"}";
    assert_int_equal(post(fixture, "/authorities/issuing/crl", NULL), 200);
    assert_int_equal(asked.message, CONTROL_CRL);
    assert_asked_text(CONTROL_AUTHORITY, "issuing");
    (void)snprintf(path, sizeof(path), "/authorities/%064d/crl", 5);
    assert_int_equal(post(fixture, path, NULL), 404);
}

/* --- journal and status -------------------------------------------------- */

static void add_events(struct fixture *fixture, int count)
{
    struct failure *why = &fixture->why;

    assert_done(store_begin(fixture->store, why), why);
    for (int i = 0; i < count; i++) {
        const struct journal_event event = {.at_ms = NOW * 1000 + i,
            .kind = i % 2 == 0 ? "issued" : "revoked",
            .actor = i < 3 ? "alice" : "bob",
            .object = i == 4 ? "51" : "52",
            .detail = i == 0 ? "" : "{\"outcome\":\"done\"}"};

        assert_done(store_journal(fixture->store, &event, why), why);
    }
    assert_done(store_commit(fixture->store, why), why);
}

static void the_journal_comes_in_pages_of_what_is_wanted(void **state)
{
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {
        {NULL, 6},
        {"kind=issued", 3},
        {"actor=bob", 3},
        {"object=51", 1},
        {"object=52&kind=revoked", 3},
        {"object=53", 0},
    };
    struct fixture *fixture = *state;
    char query[80];

    add_events(fixture, 6);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
            assert_int_equal(get(fixture, "/journal", cases[i].query), 200);
            assert_int_equal(count_of(fixture, "events"), cases[i].count);
        }
        assert_int_equal(get(fixture, "/journal", "limit=2&object=52"), 200);
        assert_int_equal(count_of(fixture, "events"), 2);
        (void)snprintf(query, sizeof(query), "object=52&cursor=%s",
            text_of(fixture, "next"));
        assert_int_equal(get(fixture, "/journal", query), 200);
        assert_int_equal(count_of(fixture, "events"), 3);
        if (round == 0)
            make_index(fixture);
    }
    (void)get(fixture, "/journal", "kind=invented");
    assert_problem(fixture, 400, "unknown-word", "kind");
}

static void a_signer_that_has_gone_is_a_state_and_no_failure(void **state)
{
    struct fixture *fixture = *state;
    struct failure *why = &fixture->why;
    bool changed = false;
    const json_t *key;

    add_leaves(fixture, 2);
    assert_done(store_begin(fixture->store, why), why);
    assert_done(store_pause(fixture->store, "server", "alice", "an incident",
                    NOW, &changed, why),
        why);
    assert_done(store_commit(fixture->store, why), why);
    assert_int_equal(get(fixture, "/status", NULL), 200);
    assert_int_equal(
        json_integer_value(json_object_get(fixture->body, "certificates")), 2);
    assert_int_equal(count_of(fixture, "paused"), 1);
    key = json_array_get(json_object_get(fixture->body, "keys"), 0);
    assert_true(json_is_false(json_object_get(key, "usable")));
    assert_string_not_equal(json_string_value(json_object_get(key, "why")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(a_revocation_is_asked_with_the_whole_serial),
        on_a_store(a_list_that_failed_is_told_with_the_revocation),
        on_a_store(what_is_no_reason_to_revoke_is_refused_with_those_there_are),
        on_a_store(hold_and_release_are_verbs_of_their_own),
        on_a_store(incident18_a_token_revokes_its_own_profiles_alone),
        on_a_store(requests_come_in_pages),
        on_a_store(a_request_is_shown_with_its_names_and_approvals),
        on_a_store(decisions_are_asked_of_the_clerk),
        on_a_store(kb059_who_proves_the_key_fetches_without_a_role),
        on_a_store(profiles_are_told_with_their_version),
        on_a_store(a_pause_names_the_profile_or_none_for_all),
        on_a_store(incident18_a_token_pauses_its_own_profiles_alone),
        on_a_store(authorities_are_told_with_what_they_are_for),
        on_a_store(the_last_lists_are_told_with_their_addresses),
        on_a_store(publishing_names_the_authority),
        on_a_store(the_journal_comes_in_pages_of_what_is_wanted),
        on_a_store(a_signer_that_has_gone_is_a_state_and_no_failure),
    };

    return cmocka_run_group_tests_name("rest verbs", tests, NULL, NULL);
}
