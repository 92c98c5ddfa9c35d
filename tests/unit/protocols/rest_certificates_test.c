#include "rest_fixture.h"

/* Lists and pages of certificates, one certificate, its history. */

static const char *serial_in(struct fixture *fixture, size_t index)
{
    return json_string_value(json_object_get(
        json_array_get(json_object_get(fixture->body, "certificates"), index),
        "serial"));
}

static void set_revoked(struct fixture *fixture, int64_t id)
{
    bool changed = false;

    assert_done(store_begin(fixture->store, &fixture->why), &fixture->why);
    assert_done(store_revoke(fixture->store, id, 0, NOW - 60, REASON_SUPERSEDED,
                    &changed, &fixture->why),
        &fixture->why);
    assert_done(store_commit(fixture->store, &fixture->why), &fixture->why);
}

/* --- pages --------------------------------------------------------------- */

/* Walks all pages; *pages: how many there were. */
static size_t walk(
    struct fixture *fixture, const char *query, int limit, size_t *pages)
{
    char cursor[32] = "", asked_for[300];
    size_t found = 0;

    for (*pages = 0; *pages < 100; (*pages)++) {
        (void)snprintf(asked_for, sizeof(asked_for), "%s%slimit=%d%s%s", query,
            *query == '\0' ? "" : "&", limit,
            cursor[0] == '\0' ? "" : "&cursor=", cursor);
        assert_int_equal(get(fixture, "/certificates", asked_for), 200);
        found += count_of(fixture, "certificates");
        assert_true(count_of(fixture, "certificates") <= (size_t)limit);
        (void)snprintf(cursor, sizeof(cursor), "%s", text_of(fixture, "next"));
        if (cursor[0] == '\0') {
            (*pages)++;
            return found;
        }
    }
    fail_msg("the pages of %s don't end", query);
    return found;
}

static void pages_bring_every_certificate_once_in_its_order(void **state)
{
    struct fixture *fixture = *state;
    char cursor[64];
    size_t pages = 0;

    add_leaves(fixture, 7);
    assert_int_equal(walk(fixture, "", 3, &pages), 7);
    assert_int_equal(pages, 3);
    assert_int_equal(walk(fixture, "", 7, &pages), 7);
    assert_int_equal(pages, 1);
    assert_int_equal(get(fixture, "/certificates", "limit=2"), 200);
    assert_string_equal(serial_in(fixture, 0), "5100000000000001");
    assert_string_equal(serial_in(fixture, 1), "5100000000000002");
    (void)snprintf(
        cursor, sizeof(cursor), "cursor=%s", text_of(fixture, "next"));
    /* What is issued meanwhile comes at the end. */
    add_certificate(fixture, &(struct certificate_row){0},
        make_leaf(8, "DNS:host8.example"));
    assert_int_equal(get(fixture, "/certificates", cursor), 200);
    assert_int_equal(count_of(fixture, "certificates"), 6);
    assert_string_equal(serial_in(fixture, 0), "5100000000000003");
    assert_string_equal(serial_in(fixture, 5), "5100000000000008");
}

static void an_empty_store_has_one_empty_page(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/certificates", NULL), 200);
    assert_int_equal(count_of(fixture, "certificates"), 0);
    assert_true(json_is_null(json_object_get(fixture->body, "next")));
}

static void a_filter_tells_what_is_so_now(void **state)
{
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {
        {"status=all", 5},
        {"status=valid", 2},
        {"status=revoked", 1},
        {"status=held", 1},
        {"status=expired", 1},
        {"profile=client", 1},
        {"profile=client&status=valid", 1},
        {"profile=nothing", 0},
        {"authority=issuing", 5},
        {"expiring=31d", 1},
        {"expiring=29d", 0},
        {"expiring=400d", 2},
        {"expiring=31d&status=valid", 1},
    };
    struct fixture *fixture = *state;
    size_t pages = 0;

    add_leaves(fixture, 1);
    add_certificate(fixture,
        &(struct certificate_row){
            .not_after = NOW + 300 * DAY, .profile = "client"},
        make_leaf(2, NULL));
    add_certificate(fixture,
        &(struct certificate_row){.status = CERTIFICATE_REVOKED,
            .revoked_at = NOW,
            .reason = REASON_KEY_COMPROMISE},
        make_leaf(3, NULL));
    add_certificate(fixture,
        &(struct certificate_row){.status = CERTIFICATE_HELD,
            .revoked_at = NOW,
            .reason = REASON_CERTIFICATE_HOLD},
        make_leaf(4, NULL));
    add_certificate(fixture, &(struct certificate_row){.not_after = NOW - 1},
        make_leaf(5, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (walk(fixture, cases[i].query, 2, &pages) != cases[i].count)
            fail_msg("%s", cases[i].query);
    }
    assert_int_equal(get(fixture, "/certificates", "authority=other"), 404);
    assert_problem(fixture, 404, "unknown-authority", "authority");
}

static void a_search_finds_the_same_with_and_without_the_index(void **state)
{
    static const struct {
        const char *query;
        size_t count;
    } cases[] = {
        {"search=host3.ex", 1},
        {"search=EXAMPLE", 5},
        {"search=51:00:00:00:00:00:00:04", 1},
        {"search=5100", 5},
        {"search=nobody", 0},
        {"search=example&status=revoked", 1},
        {"search=example&profile=client", 0},
    };
    struct fixture *fixture = *state;
    size_t pages = 0;

    add_leaves(fixture, 5);
    set_revoked(fixture, 2);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
            if (walk(fixture, cases[i].query, 2, &pages) != cases[i].count)
                fail_msg("%s, %s an index", cases[i].query,
                    round == 0 ? "without" : "with");
        }
        if (round == 0)
            make_index(fixture);
    }
}

/* However many rows there are, a page ends, and says where it goes on. */
static void a_page_looks_at_a_bounded_number_of_rows(void **state)
{
    struct rest_page page = {.items = json_array(), .limit = 5};
    int64_t number = 0;

    (void)state;
    while (number <= PAGE_ROWS_MAX && rest_page_looks(&page, number + 1))
        number++;
    assert_int_equal(number, PAGE_ROWS_MAX);
    assert_int_equal(page.last, PAGE_ROWS_MAX);
    assert_true(page.is_full);
    page.rows = 0;
    page.bytes = PAGE_BYTES_MAX;
    assert_false(rest_page_looks(&page, 1));
    rest_page_free(&page);
}

/* --- one ----------------------------------------------------------------- */

static void a_serial_is_taken_in_every_way_it_is_written(void **state)
{
    static const char *const ways[] = {"5100000000000001",
        "51:00:00:00:00:00:00:01", "0x5100000000000001", "0X5100000000000001",
        "00:51:00:00:00:00:00:00:01"};
    struct fixture *fixture = *state;

    add_leaves(fixture, 1);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        char path[100];

        (void)snprintf(path, sizeof(path), "/certificates/%s", ways[i]);
        assert_int_equal(get(fixture, path, NULL), 200);
        assert_string_equal(text_of(fixture, "serial"), "5100000000000001");
        assert_string_equal(text_of(fixture, "subject"), "CN=leaf");
        assert_string_equal(text_of(fixture, "issuer"), "CN=Test CA");
        assert_string_equal(text_of(fixture, "profile"), "server");
        assert_ptr_equal(strstr(text_of(fixture, "certificate"), "-----BEGIN"),
            text_of(fixture, "certificate"));
    }
}

static void what_is_no_serial_is_refused_and_an_unknown_one_not_found(
    void **state)
{
    static const char *const wrong[] = {"5100000000000001z", "xyz", "51::00",
        "010101010101010101010101010101010101010101010101", "-1", "51 00",
        "\xc3\xa9"};
    struct fixture *fixture = *state;

    add_leaves(fixture, 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char path[100];

        (void)snprintf(path, sizeof(path), "/certificates/%s", wrong[i]);
        (void)get(fixture, path, NULL);
        assert_problem(fixture, 400, "hexadecimal", "serial");
    }
    assert_int_equal(get(fixture, "/certificates/5100000000000009", NULL), 404);
    /* 5836665117072162817 is the decimal of the one there is. */
    assert_int_equal(
        get(fixture, "/certificates/5836665117072162817", NULL), 404);
    assert_problem(fixture, 404, "not-found", "");
}

static void the_first_digits_name_one_and_several_are_refused_with_two(
    void **state)
{
    struct fixture *fixture = *state;

    add_leaves(fixture, 2);
    assert_int_equal(get(fixture, "/certificates/51000000", NULL), 409);
    assert_problem(fixture, 409, "ambiguous", "");
    assert_non_null(strstr(text_of(fixture, "detail"), "5100000000000001"));
    assert_non_null(strstr(text_of(fixture, "detail"), "5100000000000002"));
    assert_int_equal(get(fixture, "/certificates/510000000000000", NULL), 409);
    assert_int_equal(get(fixture, "/certificates/5100000", NULL), 404);
    add_certificate(fixture, &(struct certificate_row){0},
        desk_make(&(struct desk_plan){.subject = "other",
            .issuer = "Test CA",
            .key = 3,
            .signer = 1,
            .serial = 0x1234567812345678L,
            .until = 1}));
    assert_int_equal(get(fixture, "/certificates/123456781", NULL), 200);
    assert_string_equal(text_of(fixture, "subject"), "CN=other");
}

static unsigned get_as(
    struct fixture *fixture, const char *path, const char *accept)
{
    return send_request(fixture, &(struct sent){.method = EXCHANGE_GET,
                                     .path = path,
                                     .accept = accept,
                                     .caller = caller_with(ROLE_AUDITOR)});
}

static void accept_chooses_json_pem_or_der(void **state)
{
    static const char path[] = "/certificates/5100000000000001";
    struct fixture *fixture = *state;
    struct bytes der = make_leaf(1, NULL);
    struct exchange *exchange = &fixture->exchange;

    add_certificate(fixture, &(struct certificate_row){0}, der);
    assert_int_equal(get_as(fixture, path, "application/pkix-cert"), 200);
    assert_string_equal(exchange->answer_type, "application/pkix-cert");
    assert_true(bytes_equal(buffer_view(&exchange->answer), der));
    assert_int_equal(
        get_as(fixture, path, "application/pem-certificate-chain"), 200);
    assert_string_equal(
        exchange->answer_type, "application/pem-certificate-chain");
    assert_memory_equal(exchange->answer.start, "-----BEGIN CERTIFICATE", 22);
    assert_int_equal(get_as(fixture, path, "*/*"), 200);
    assert_string_equal(exchange->answer_type, "application/json");
    (void)get_as(fixture, path, "text/html");
    assert_problem(fixture, 406, "not-acceptable", "Accept");
    assert_int_equal(
        get_as(fixture, "/authorities/issuing", "application/pkix-cert"), 200);
    assert_true(bytes_equal(buffer_view(&exchange->answer),
        buffer_view(&fixture->authority.issuers[0].der)));
}

/* The chain goes up to the root, without it: what verifies with the root. */
static void a_chain_holds_the_issuers_below_the_root(void **state)
{
    struct fixture *fixture = *state;
    struct authority_issuer *below = NULL;
    struct bytes made = desk_authority("Below CA", 2, "Test CA", 1);
    const char *second;

    assert_done(authority_add_issuer(
                    &fixture->authority, "below", made, &below, &fixture->why),
        &fixture->why);
    below->id = 1;
    below->parent = 2;
    fixture->authority.issuers[0].id = 2;
    fixture->authority.issuers[0].parent = 2;
    add_leaves(fixture, 1);
    assert_int_equal(get_as(fixture, "/certificates/5100000000000001",
                         "application/pem-certificate-chain"),
        200);
    assert_done(buffer_append_byte(&fixture->exchange.answer, 0, &fixture->why),
        &fixture->why);
    second =
        strstr((const char *)fixture->exchange.answer.start + 1, "-----BEGIN");
    assert_non_null(second);
    assert_null(strstr(second + 1, "-----BEGIN"));
}

/* --- history ------------------------------------------------------------- */

static void a_history_tells_the_events_of_the_certificate(void **state)
{
    struct fixture *fixture = *state;
    const struct journal_event event = {.at_ms = NOW * 1000,
        .kind = "issued",
        .actor = "alice",
        .object = "5100000000000001",
        .detail = "{\"outcome\":\"done\",\"profile\":\"server\"}"};
    const json_t *told;

    add_leaves(fixture, 1);
    assert_done(store_begin(fixture->store, &fixture->why), &fixture->why);
    assert_done(
        store_journal(fixture->store, &event, &fixture->why), &fixture->why);
    assert_done(store_commit(fixture->store, &fixture->why), &fixture->why);
    assert_int_equal(
        get(fixture, "/certificates/5100000000000001/history", NULL), 200);
    assert_int_equal(count_of(fixture, "events"), 1);
    told = json_array_get(json_object_get(fixture->body, "events"), 0);
    assert_string_equal(
        json_string_value(json_object_get(told, "kind")), "issued");
    assert_int_equal(
        get(fixture, "/certificates/5100000000000002/history", NULL), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(pages_bring_every_certificate_once_in_its_order),
        on_a_store(an_empty_store_has_one_empty_page),
        on_a_store(a_filter_tells_what_is_so_now),
        on_a_store(a_search_finds_the_same_with_and_without_the_index),
        cmocka_unit_test(a_page_looks_at_a_bounded_number_of_rows),
        on_a_store(a_serial_is_taken_in_every_way_it_is_written),
        on_a_store(what_is_no_serial_is_refused_and_an_unknown_one_not_found),
        on_a_store(the_first_digits_name_one_and_several_are_refused_with_two),
        on_a_store(accept_chooses_json_pem_or_der),
        on_a_store(a_chain_holds_the_issuers_below_the_root),
        on_a_store(a_history_tells_the_events_of_the_certificate),
    };

    return cmocka_run_group_tests_name("rest certificates", tests, NULL, NULL);
}
