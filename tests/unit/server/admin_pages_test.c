#include "admin_desk.h"

#include "server/admin/blast.h"
#include "server/admin/chart.h"

/* What the pages show of a store, and what they ask of the clerk. */

#define DAY_S INT64_C(86400)

/* --- rows --------------------------------------------------------------------
 */

/* A certificate's serial as pages and addresses have it. */
static void issue_one(char serial[static SERIAL_TEXT], struct buffer *der)
{
    static struct issuance issuance;
    struct certificate certificate = {0};
    struct failure why = {0};

    issue_here(&issuance);
    buffer_clear(der);
    assert_done(
        buffer_append(der, buffer_view(&issuance.certificate), &why), why);
    assert_done(certificate_read(buffer_view(der), &certificate, &why), why);
    serial_print(certificate.tbs.serial, serial);
    issuance_free(&issuance);
}

static void path_of(
    char path[static 200], const char *serial, const char *behind)
{
    (void)snprintf(path, 200, "/admin/certificates/%s%s", serial, behind);
}

/* Presses the button of a form that is on this page. */
static void press(struct exchange *exchange, const char *page)
{
    static char token[SHA256_TEXT];

    take_token(page, exchange->path, token);
    with_text(exchange, "token", token);
}

/* --- certificates -------------------------------------------------------- */

static void a_revocation_is_asked_with_serial_reason_and_words(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    SCOPED(json_t) *facts = NULL;
    char serial[SERIAL_TEXT], path[200], asked[SERIAL_TEXT];
    struct exchange exchange;
    struct failure why = {0};

    (void)state;
    issue_one(serial, &der);
    path_of(path, serial, "/revoke");
    exchange = visited(EXCHANGE_POST, path);
    press(&exchange, path);
    with_text(&exchange, "reason", "keyCompromise");
    with_text(&exchange, "words", "  it was lost ");
    answers(&exchange, 0);
    assert_int_equal(person.message, CONTROL_REVOKE);
    assert_int_equal(person.reason, REASON_KEY_COMPROMISE);
    assert_string_equal(person.words, "it was lost");
    serial_print(buffer_view(&person.serial), asked);
    assert_string_equal(asked, serial);
    facts = json_pack("{s:s,s:b,s:n}", "serial", serial, "changed", 1, "list");
    assert_done(person.finish(&exchange, facts, &why), why);
    path_of(path, serial, "?done=revoked-no-list");
    assert_string_equal(header_of(&exchange, "Location"), path);
    leave(&exchange);
}

static void a_revocation_without_words_asks_nobody(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    char serial[SERIAL_TEXT], path[200], page[200];
    struct exchange exchange, wrong;

    (void)state;
    issue_one(serial, &der);
    path_of(path, serial, "/revoke");
    path_of(page, serial, "/revoke");
    exchange = visited(EXCHANGE_POST, path);
    press(&exchange, page);
    with_text(&exchange, "reason", "superseded");
    with_text(&exchange, "words", " \n");
    answers(&exchange, 400);
    has(&exchange, "aria-describedby=\"words-hint words-wrong\"");
    has(&exchange, "aria-invalid=\"true\"");
    has(&exchange, "<option value=\"superseded\" selected>");
    assert_false(person.asks);
    leave(&exchange);
    wrong = visited(EXCHANGE_POST, path);
    press(&wrong, page);
    with_text(&wrong, "reason", "boredom");
    with_text(&wrong, "words", "x");
    refuses(&wrong, FAILURE_UNSUITABLE, "boredom");
}

static bool measure(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct exchange exchange = visited(EXCHANGE_GET, "/");

    return blast_measure(&exchange, row, context, why);
}

static void measure_by_serial(const char *serial, struct blast *blast)
{
    uint8_t room[32];
    size_t length = 0;
    struct failure why = {0};

    assert_done(serial_read(serial, room, &length, &why), why);
    assert_done(store_certificate_by_serial(here.reading,
                    (struct bytes){room, length}, measure, blast, &why),
        why);
}

static void others_with_the_key_and_the_names_are_counted(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) other = BUFFER("certificate", CERTIFICATE_MAX);
    char serial[SERIAL_TEXT], next[SERIAL_TEXT];
    struct rows rows = {.not_after = clock_now() + DAY_S, .count = 15};
    struct blast blast;

    (void)state;
    issue_one(serial, &der);
    measure_by_serial(serial, &blast);
    assert_int_equal(blast.same_key + blast.same_name, 0);
    issue_one(next, &other); /* the same name, a key of its own */
    rows.der = buffer_view(&der);
    must_add(&rows);
    rows.first = 100;
    rows.status = CERTIFICATE_REVOKED; /* not good any more */
    must_add(&rows);
    measure_by_serial(serial, &blast);
    assert_int_equal(blast.same_key, 15);
    assert_int_equal(blast.same_name, 1);
    assert_int_equal(blast.other_count, BLAST_SHOWN);
    assert_false(blast.is_authority);
    assert_false(blast.is_cut);
}

static void what_hangs_on_an_authority_is_counted(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    char serial[SERIAL_TEXT], path[200];
    struct exchange exchange;

    (void)state;
    issue_one(serial, &der);
    issue_one(serial, &der);
    serial_print(issuing()->certificate.tbs.serial, serial);
    path_of(path, serial, "/revoke");
    exchange = visited(EXCHANGE_GET, path);
    answers(&exchange, 200);
    has(&exchange, "It is the certificate of an authority.");
    has(&exchange, "2 good certificates were issued below it");
    leave(&exchange);
}

static void a_list_goes_on_where_it_stopped(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    char serial[SERIAL_TEXT];
    struct rows rows = {.not_after = clock_now() + DAY_S, .count = 60};
    struct exchange first = visited(EXCHANGE_GET, "/admin/certificates");
    struct exchange second = visited(EXCHANGE_GET, "/admin/certificates");
    struct exchange wrong = visited(EXCHANGE_GET, "/admin/certificates");

    (void)state;
    issue_one(serial, &der);
    rows.der = buffer_view(&der);
    must_add(&rows);
    with_text(&first, "search", "a.example.org");
    with_text(&first, "profile", "server");
    answers(&first, 200);
    has(&first, "search=a.example.org&amp;profile=server&amp;after=52\"");
    with_text(&second, "after", "52");
    answers(&second, 200);
    has(&second, "</th></tr>");
    has_not(&second, "Further ones");
    with_text(&wrong, "after", "9999999999999999999");
    refuses(&wrong, FAILURE_MALFORMED, "behind a number");
    leave(&first);
    leave(&second);
}

/* --- requests, profiles, lists ------------------------------------------- */

static void an_unknown_request_is_not_found(void **state)
{
    struct exchange exchange = visited(EXCHANGE_GET, "/admin/requests/<b>");
    struct exchange state_of = visited(EXCHANGE_GET, "/admin/requests");

    (void)state;
    refuses(&exchange, FAILURE_NOT_FOUND, "no request has the number");
    with_text(&state_of, "state", "lost");
    refuses(&state_of, FAILURE_MALFORMED, "is no state");
}

static void a_pause_takes_its_reason_to_the_clerk(void **state)
{
    struct exchange exchange =
        visited(EXCHANGE_POST, "/admin/profiles/server/pause");
    struct failure why = {0};

    (void)state;
    press(&exchange, "/admin/profiles/server");
    with_text(&exchange, "reason", "an incident");
    answers(&exchange, 0);
    assert_int_equal(person.message, CONTROL_PAUSE);
    assert_string_equal(person.name, "server");
    assert_string_equal(person.words, "an incident");
    assert_done(person.finish(&exchange, NULL, &why), why);
    assert_string_equal(
        header_of(&exchange, "Location"), "/admin/profiles/server?done=paused");
    leave(&exchange);
}

static void a_reason_that_is_too_long_is_told_and_not_cut(void **state)
{
    struct exchange exchange =
        visited(EXCHANGE_POST, "/admin/profiles/server/pause");
    char words[300];

    (void)state;
    memset(words, 'x', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    press(&exchange, "/admin/profiles/server");
    with_text(&exchange, "reason", words);
    answers(&exchange, 400);
    has(&exchange, "too long");
    assert_false(person.asks);
    leave(&exchange);
}

static void a_list_that_ended_is_warned_of(void **state)
{
    struct exchange before = visited(EXCHANGE_GET, "/admin/");
    struct exchange after = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    (void)must_follow();
    answers(&before, 200);
    has_not(&before, "note bad");
    clock_set(clock_now() + LIST_LIFE_S + 60);
    answers(&after, 200);
    has(&after, "The revocation list of issuing has ended");
    leave(&before);
    leave(&after);
}

static void a_key_that_cannot_be_used_is_warned_of(void **state)
{
    struct exchange exchange = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    for (size_t i = 0; i < here.authority.issuer_count; i++)
        here.authority.issuers[i].key = SIGNER_KEYS_MAX;
    answers(&exchange, 200);
    has(&exchange, "The key of issuing can't be used: the signer was not "
                   "given it");
    leave(&exchange);
}

static void kb064_ends_that_come_near_are_warned_of(void **state)
{
    struct exchange before = visited(EXCHANGE_GET, "/admin/");
    struct exchange after = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    answers(&before, 200);
    has_not(&before, "too soon for what profile");
    has_not(&before, "Your own certificate ends");
    clock_set(issuing()->certificate.tbs.not_after - 20 * DAY_S);
    answers(&after, 200);
    has(&after, "issuing ends ");
    has(&after, "too soon for what profile");
    has(&after, "Your own certificate ends"); /* it is the same one */
    leave(&before);
    leave(&after);
}

/* --- charts -------------------------------------------------------------- */

/* Tomorrow at noon: what the template issued lies a day back. */
static void expiries_and_issuance_are_counted_by_days(void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    char serial[SERIAL_TEXT];
    int64_t noon = (clock_now() / DAY_S + 1) * DAY_S + DAY_S / 2;
    struct rows rows = {.count = 3};
    struct exchange exchange = visited(EXCHANGE_GET, "/admin/");

    (void)state;
    issue_one(serial, &der);
    rows.der = buffer_view(&der);
    clock_set(noon);
    rows.not_after = noon + DAY_S / 2;
    must_add(&rows);
    rows.first = 100;
    rows.count = 4;
    rows.not_after = noon + 10 * DAY_S;
    must_add(&rows);
    answers(&exchange, 200);
    has(&exchange, "<th scope=\"row\">1 day</th><td>3</td>");
    has(&exchange, "<th scope=\"row\">7 days</th><td>3</td>");
    has(&exchange, "<th scope=\"row\">14 days</th><td>7</td>");
    has(&exchange, "<td>7</td></tr>\n</tbody>"); /* issued today */
    leave(&exchange);
}

static void a_chart_draws_something_for_every_number(void **state)
{
    RELEASED(buffer) out = BUFFER("chart", 65536);
    struct chart chart = {.id = "c",
        .title = "a <chart>",
        .label_head = "Day",
        .value_head = "Number",
        .bars = {{"one", 1}, {"none", 0}, {"many", INT64_C(1000000000000)}},
        .count = 3,
        .each = 1};
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    assert_done(chart_print(&out, &chart, &why), why);
    assert_done(buffer_as_text(&out, &text, &why), why);
    assert_non_null(strstr(text, "a &lt;chart&gt;"));
    assert_non_null(strstr(text, "height=\"2\""));
    assert_non_null(strstr(text, "height=\"0\""));
    assert_non_null(strstr(text, "height=\"110\""));
    assert_non_null(
        strstr(text, "<th scope=\"row\">many</th><td>1000000000000</td>"));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        at_the_pages(a_revocation_is_asked_with_serial_reason_and_words),
        at_the_pages(a_revocation_without_words_asks_nobody),
        at_the_pages(others_with_the_key_and_the_names_are_counted),
        at_the_pages(what_hangs_on_an_authority_is_counted),
        at_the_pages(a_list_goes_on_where_it_stopped),
        at_the_pages(an_unknown_request_is_not_found),
        at_the_pages(a_pause_takes_its_reason_to_the_clerk),
        at_the_pages(a_reason_that_is_too_long_is_told_and_not_cut),
        at_the_pages(a_list_that_ended_is_warned_of),
        at_the_pages(a_key_that_cannot_be_used_is_warned_of),
        at_the_pages(kb064_ends_that_come_near_are_warned_of),
        at_the_pages(expiries_and_issuance_are_counted_by_days),
        cmocka_unit_test(a_chart_draws_something_for_every_number),
    };

    return desk_main(
        tests, sizeof(tests) / sizeof(*tests), argument_count, arguments);
}
