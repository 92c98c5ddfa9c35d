#include "web_served.h"

#include "authority/clock_guard.h"
#include "base/clock.h"

/* /health and /metrics of a keeper that serves. */

static void ask_at(enum listener listener, const struct asked *asked,
    struct answered *answered)
{
    ask(front[listener], asked, answered);
}

/* The first look is under way when the keeper is ready. */
static void await_look(void)
{
    const struct timespec moment = {.tv_nsec = 300 * 1000 * 1000};

    (void)nanosleep(&moment, NULL);
}

/* --- health --------------------------------------------------------------- */

static void health_is_told_everywhere_and_reasons_to_people(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;
    struct asked as_alice = as_administrator("/health");

    (void)state;
    for (unsigned i = 0; i < LISTENER_KINDS; i++) {
        ask_at((enum listener)i, &(struct asked){.path = "/health"}, &answered);
        assert_int_equal(answered.status, 200);
        assert_string_equal(answered.media, "application/json");
        assert_string_equal(text_of(&answered), "{\"status\":\"ok\"}\n");
        assert_string_equal(header_of(&answered, "Cache-Control"), "no-store");
    }
    ask_at(LISTENER_MTLS, &as_alice, &answered);
    assert_string_equal(text_of(&answered), "{\"status\":\"ok\"}\n");
    ask_at(LISTENER_ADMIN, &as_alice, &answered);
    told = json_of(&answered);
    assert_string_equal(member(told, "status"), "ok");
    assert_int_equal(json_array_size(json_object_get(told, "reasons")), 0);
    assert_true(json_is_array(json_object_get(told, "warnings")));
}

static int serve_behind(void **state)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct failure why = {0};

    (void)make_template(state);
    (void)copy_template(state);
    administrator = EMPTY_CERTIFICATE;
    serve_folder(&served);
    issue_for("client", "CN=Alice", NULL, &administrator);
    add_person("alice", "administrator", buffer_view(&administrator));
    served_end(&served);
    assert_done(
        store_open(path_in(folder, "chancery.db"), STORE_WRITE, &store, &why),
        why);
    assert_done(store_begin(store, &why), why);
    assert_done(store_set_number(
                    store, CLOCK_LATEST_MS, (clock_now() + 86400) * 1000, &why),
        why);
    assert_done(store_commit(store, &why), why);
    serve_folder(&served);
    for (unsigned i = 0; i < LISTENER_KINDS; i++)
        new_front(&served, (enum listener)i, &front[i]);
    return 0;
}

static void what_stops_issuance_makes_health_red(void **state)
{
    RELEASED(answered) answered = {0};
    SCOPED(json_t) *told = NULL;
    const json_t *reasons;
    struct asked as_alice = as_administrator("/health");

    (void)state;
    await_look();
    ask_at(LISTENER_PLAIN, &(struct asked){.path = "/health"}, &answered);
    assert_int_equal(answered.status, 503);
    assert_string_equal(text_of(&answered), "{\"status\":\"red\"}\n");
    ask_at(LISTENER_ADMIN, &as_alice, &answered);
    assert_int_equal(answered.status, 503);
    told = json_of(&answered);
    reasons = json_object_get(told, "reasons");
    assert_int_equal(json_array_size(reasons), 1);
    assert_string_equal(member(json_array_get(reasons, 0), "about"), "clock");
    assert_non_null(
        strstr(member(json_array_get(reasons, 0), "sentence"), "clock"));
}

/* --- metrics ----------------------------------------------------------------
 */

static void metrics_are_for_people_at_the_admin_listener(void **state)
{
    RELEASED(answered) answered = {0};

    (void)state;
    for (unsigned i = 0; i < LISTENER_KINDS; i++) {
        struct asked as_alice = as_administrator("/metrics");

        if (i == LISTENER_PUBLIC || i == LISTENER_PLAIN)
            as_alice = (struct asked){.path = "/metrics"};
        ask_at((enum listener)i, &as_alice, &answered);
        assert_int_equal(answered.status, i == LISTENER_ADMIN ? 200 : 404);
    }
    ask_at(LISTENER_ADMIN, &(struct asked){.path = "/metrics"}, &answered);
    assert_problem(&answered, 401, "not-authenticated",
        "no client certificate was sent, and here one says who asks");
}

/* The value behind this name and these labels; -1: there is none. */
static double metric(struct answered *answered, const char *name)
{
    const char *text = text_of(answered);
    const char *line = strstr(text, name);

    while (line != NULL &&
           ((line != text && line[-1] != '\n') || line[strlen(name)] != ' '))
        line = strstr(line + 1, name);
    return line == NULL ? -1 : strtod(line + strlen(name), NULL);
}

static void refuse_one(void)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(client) *client = NULL;

    new_request("a.example.org", &request);
    open_client(folder, &client);
    assert_refused(client,
        &(struct client_issue){
            .profile = "nothing", .request = buffer_view(&request)},
        FAILURE_NOT_FOUND,
        "there is no profile \"nothing\"; there are: server, client, email, "
        "code-signing, time-stamping, ocsp");
}

static void metrics_count_what_was_done(void **state)
{
    RELEASED(buffer) certificate = EMPTY_CERTIFICATE;
    RELEASED(answered) answered = {0};
    struct asked as_alice = as_administrator("/metrics");
    double issued, refused, asked;

    (void)state;
    ask_at(LISTENER_ADMIN, &as_alice, &answered);
    assert_string_equal(
        answered.media, "text/plain; version=0.0.4; charset=utf-8");
    issued = metric(&answered, "chancery_issued_total{profile=\"server\"}");
    refused = metric(&answered, "chancery_refused_total{reason=\"not-found\"}");
    asked = metric(&answered,
        "chancery_http_requests_total{listener=\"admin\",status=\"200\"}");
    assert_true(issued >= 0 && refused >= 0);
    issue_for("server", "CN=b.example.org", "b.example.org", &certificate);
    refuse_one();
    ask_at(LISTENER_ADMIN, &as_alice, &answered);
    assert_true(metric(&answered,
                    "chancery_issued_total{profile=\"server\"}") == issued + 1);
    assert_true(
        metric(&answered, "chancery_refused_total{reason=\"not-found\"}") ==
        refused + 1);
    assert_true(metric(&answered, "chancery_http_requests_total{listener="
                                  "\"admin\",status=\"200\"}") == asked + 1);
    assert_true(metric(&answered, "chancery_signed_total") >= 2);
    assert_true(metric(&answered, "chancery_queue") == 0);
    assert_true(metric(&answered, "chancery_requests_waiting") == 0);
    assert_true(metric(&answered, "chancery_healthy") == 1);
}

static void properties53_metrics_tell_what_ends(void **state)
{
    static const char *const names[] = {
        "chancery_expiry_seconds{kind=\"authority\",name=\"issuing\"}",
        "chancery_expiry_seconds{kind=\"authority\",name=\"root\"}",
        "chancery_expiry_seconds{kind=\"list\",name=\"issuing\"}",
        "chancery_expiry_seconds{kind=\"person\",name=\"alice\"}"};
    RELEASED(answered) answered = {0};
    struct asked as_alice = as_administrator("/metrics");

    (void)state;
    await_look();
    ask_at(LISTENER_ADMIN, &as_alice, &answered);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_true(metric(&answered, names[i]) > 86400);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest well[] = {
        cmocka_unit_test(health_is_told_everywhere_and_reasons_to_people),
        cmocka_unit_test(metrics_are_for_people_at_the_admin_listener),
        cmocka_unit_test(metrics_count_what_was_done),
        cmocka_unit_test(properties53_metrics_tell_what_ends),
    };
    const struct CMUnitTest red[] = {
        cmocka_unit_test(what_stops_issuance_makes_health_red),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(well, serve_all, end_all) +
           cmocka_run_group_tests(red, serve_behind, end_all);
}
