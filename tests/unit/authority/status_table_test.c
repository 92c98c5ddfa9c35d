#include "status_fixture.h"

#define MANY 3000

static void put_number(struct status_scene *scene, uint64_t number)
{
    struct status_told told = status_good(number);

    status_put(scene->table, &told);
}

/* --- what is served ------------------------------------------------------- */

static void what_was_put_is_answered_by_either_hash(void **state)
{
    static const enum ocsp_id_hash hashes[] = {OCSP_ID_SHA1, OCSP_ID_SHA256};
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    assert_true(scene.began);
    for (size_t i = 0; i < 2; i++) {
        struct status_told told = status_good(7);

        told.hash = hashes[i];
        told.status = i == 0 ? OCSP_REVOKED : OCSP_GOOD;
        status_put(scene.table, &told);
    }
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (size_t i = 0; i < 2; i++) {
        struct status_heard heard = status_ask(map, 7, hashes[i], STATUS_NOW);

        assert_true(heard.done && heard.found);
        assert_int_equal(heard.status, i == 0 ? OCSP_REVOKED : OCSP_GOOD);
        assert_int_equal(heard.since, STATUS_NOW);
        assert_int_equal(heard.until, STATUS_NOW + STATUS_DAY);
    }
    status_end(&scene);
}

/* The answer, byte for byte: the responder's certificate is in it, and nothing
 * was lost on the way through the file. */
static void an_answer_is_sealed_as_it_was_signed(void **state)
{
    RELEASED(buffer) body = BUFFER("body", 1024);
    RELEASED(buffer) wanted = BUFFER("wanted", 4096);
    RELEASED(buffer) answer = BUFFER("answer", 4096);
    struct status_told told = status_good(7);
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct ocsp_question question = {.id_count = 1};
    struct status_scene scene;
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = false;

    (void)state;
    status_begin(&scene, 10);
    status_put(scene.table, &told);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    status_body(&told, &body);
    assert_true(ocsp_answer_seal(buffer_view(&body),
        (struct bytes){status_algorithm, sizeof(status_algorithm)},
        (struct bytes){status_signature, sizeof(status_signature)},
        (struct bytes){status_responder, sizeof(status_responder)}, &wanted,
        &why));
    assert_true(ocsp_body_read(buffer_view(&body), &response, &why));
    assert_true(ocsp_next_single(&response.singles, &single, &why));
    question.ids[0].id = single.id;
    question.ids[0].hash = OCSP_ID_SHA1;
    assert_true(status_map_answer(
        map, &question, STATUS_NOW, &answer, &found, &since, &until, &why));
    assert_true(found);
    assert_true(bytes_equal(buffer_view(&answer), buffer_view(&wanted)));
    status_end(&scene);
}

static void incident51_an_unknown_serial_is_no_answer(void **state)
{
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    put_number(&scene, 7);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    struct status_heard heard = status_ask(map, 8, OCSP_ID_SHA1, STATUS_NOW);
    assert_true(heard.done);
    assert_false(heard.found);
    /* Nor a known serial by the hash that was not put. */
    heard = status_ask(map, 7, OCSP_ID_SHA256, STATUS_NOW);
    assert_true(heard.done);
    assert_false(heard.found);
    status_end(&scene);
}

static void an_answer_is_served_while_it_is_in_force(void **state)
{
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    put_number(&scene, 7);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_true(
        status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW + STATUS_DAY - 1).found);
    assert_false(
        status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW + STATUS_DAY).found);
    assert_false(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW - 1).found);
    status_end(&scene);
}

static void a_newer_answer_takes_the_place_of_the_older(void **state)
{
    struct status_told told = status_good(7);
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    status_put(scene.table, &told);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_int_equal(
        status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).status, OCSP_GOOD);
    told.status = OCSP_REVOKED;
    status_put(scene.table, &told);
    /* At once, without a refresh. */
    assert_int_equal(
        status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).status, OCSP_REVOKED);
    status_end(&scene);
}

static void what_only_the_keeper_can_answer_is_not_found(void **state)
{
    struct status_scene scene;
    struct ocsp_question question = {.id_count = 2};
    RELEASED(buffer) answer = BUFFER("answer", 4096);
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = true;

    (void)state;
    status_begin(&scene, 10);
    put_number(&scene, 7);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_true(status_map_answer(
        map, &question, STATUS_NOW, &answer, &found, &since, &until, &why));
    assert_false(found);
    question.id_count = 1;
    question.nonce = (struct bytes){status_signature, 8};
    found = true;
    assert_true(status_map_answer(
        map, &question, STATUS_NOW, &answer, &found, &since, &until, &why));
    assert_false(found);
    question.nonce.length = 0;
    question.ids[0].hash = OCSP_ID_OTHER;
    found = true;
    assert_true(status_map_answer(
        map, &question, STATUS_NOW, &answer, &found, &since, &until, &why));
    assert_false(found);
    status_end(&scene);
}

/* --- what is refused ------------------------------------------------------ */

static void assert_not_put(struct status_scene *scene,
    const struct status_told *told, const struct status_told *said,
    const char *reason)
{
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct failure why = {0};

    status_body(said, &body);
    assert_false(status_put_body(scene->table, told, buffer_view(&body), &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, reason);
}

static void an_answer_must_say_what_it_is_put_for(void **state)
{
    struct status_told told = status_good(7), said = status_good(8);
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    assert_not_put(&scene, &told, &said,
        "an OCSP answer is not put into a table: it tells of another serial");
    said = status_good(7);
    said.until++;
    assert_not_put(&scene, &told, &said,
        "an OCSP answer is not put into a table: it ends at another time");
    said = status_good(7);
    said.hash = OCSP_ID_SHA256;
    assert_not_put(&scene, &told, &said,
        "an OCSP answer is not put into a table: it tells of another issuer's "
        "certificate");
    status_end(&scene);
}

static void an_answer_for_one_request_is_not_kept(void **state)
{
    static const uint8_t key[20] = {1};
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct status_told told = status_good(7);
    struct status_scene scene;
    struct failure why = {0};

    (void)state;
    status_begin(&scene, 10);
    status_id(7, OCSP_ID_SHA1, &id);
    struct ocsp_answer_single single = {.id = buffer_view(&id),
        .reason = CRL_REASON_ABSENT,
        .this_update = told.since,
        .next_update = told.until};
    struct ocsp_answer_plan plan = {.responder_key = {key, sizeof(key)},
        .produced_at = told.since,
        .singles = &single,
        .single_count = 1,
        .nonce = {key, sizeof(key)}};
    assert_true(ocsp_answer_body(&plan, &body, &why));
    assert_false(status_put_body(scene.table, &told, buffer_view(&body), &why));
    assert_string_equal(why.reason,
        "an OCSP answer is not put into a table: it was made for one request "
        "alone");
    assert_false(status_put_body(
        scene.table, &told, (struct bytes){body.start, 20}, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    status_end(&scene);
}

static void an_answer_without_a_responder_is_refused(void **state)
{
    struct status_told told = status_good(7);
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct status_scene scene;
    struct failure why = {0};

    (void)state;
    status_begin(&scene, 10);
    status_table_close(scene.table);
    assert_int_equal(unlink(scene.path), 0);
    assert_true(status_table_open(
        scene.path, &status_issuer, 10, &scene.table, &scene.began, &why));
    status_body(&told, &body);
    assert_false(status_put_body(scene.table, &told, buffer_view(&body), &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    status_end(&scene);
}

static void a_table_of_another_issuer_is_not_opened(void **state)
{
    struct status_issuer other = status_issuer;
    struct status_table *table = NULL;
    struct status_scene scene;
    struct failure why = {0};
    bool began = false;

    (void)state;
    status_begin(&scene, 10);
    other.key_bits.length--;
    assert_false(
        status_table_open(scene.path, &other, 10, &table, &began, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_non_null(
        strstr(why.reason, "tells of certificates of another issuer"));
    status_end(&scene);
}

/* --- generations ---------------------------------------------------------- */

static void a_table_is_found_again_as_it_was_left(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;
    struct bytes body = {0};
    struct failure why = {0};
    uint8_t serial[8];
    int64_t until = 0;
    bool found = false;

    (void)state;
    status_begin(&scene, 10);
    put_number(&scene, 7);
    put_number(&scene, 8);
    assert_true(status_table_sync(scene.table, &why));
    status_table_close(scene.table);
    status_open(&scene, 10);
    assert_false(scene.began);
    assert_true(status_table_find(scene.table, status_serial(8, serial),
        OCSP_ID_SHA1, &body, &until, &found, &why));
    assert_true(found);
    assert_int_equal(until, STATUS_NOW + STATUS_DAY);
    assert_true(status_table_find(scene.table, status_serial(9, serial),
        OCSP_ID_SHA1, &body, &until, &found, &why));
    assert_false(found);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, 2);
    /* What is put now goes behind what is there. */
    put_number(&scene, 9);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (uint64_t number = 7; number <= 9; number++)
        assert_true(status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW).found);
    status_end(&scene);
}

/* A map that was made before sees every generation without being told. */
static void a_table_grows_under_those_who_mapped_it(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 0);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (uint64_t number = 0; number < MANY; number++) {
        put_number(&scene, number);
        assert_true(status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW).found);
    }
    for (uint64_t number = 0; number < MANY; number++)
        assert_true(status_ask(map, number, OCSP_ID_SHA1, STATUS_NOW).found);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, MANY);
    assert_int_equal(facts.records, MANY);
    status_end(&scene);
}

static void what_has_ended_is_left_behind_by_the_next_generation(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 0);
    put_number(&scene, 1);
    clock_set(STATUS_NOW + STATUS_DAY);
    for (uint64_t number = 2; number < MANY; number++) {
        struct status_told told = status_good(number);

        told.until += STATUS_DAY;
        status_put(scene.table, &told);
    }
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, MANY - 2);
    assert_int_equal(facts.earliest_end, STATUS_NOW + 2 * STATUS_DAY);
    status_end(&scene);
}

/* Putting the same again does not grow the file without end. */
static void answers_that_were_replaced_are_left_behind(void **state)
{
    struct status_table_facts facts = {0};
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    for (size_t i = 0; i < MANY; i++)
        put_number(&scene, i % 10);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.serials, 10);
    assert_true(facts.bytes < (size_t)128 * 1024);
    assert_true(facts.records < 400);
    status_end(&scene);
}

static void the_earliest_end_follows_what_is_put(void **state)
{
    struct status_table_facts facts = {0};
    struct status_told first = status_good(1), second = status_good(2);
    struct status_scene scene;

    (void)state;
    status_begin(&scene, 10);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.earliest_end, 0);
    second.until += 100;
    status_put(scene.table, &first);
    status_put(scene.table, &second);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.earliest_end, STATUS_NOW + STATUS_DAY);
    first.until += 1000;
    status_put(scene.table, &first);
    status_table_facts(scene.table, &facts);
    assert_int_equal(facts.earliest_end, STATUS_NOW + STATUS_DAY + 100);
    status_end(&scene);
}

static size_t certificates_in(
    struct status_map *map, uint64_t number, struct bytes wanted)
{
    RELEASED(buffer) body = BUFFER("body", 1024);
    RELEASED(buffer) answer = BUFFER("answer", 4096);
    struct ocsp_question question = {.id_count = 1};
    struct status_told told = status_good(number);
    struct ocsp_response response = {0};
    struct ocsp_single single = {0};
    struct bytes certificate = {0};
    struct failure why = {0};
    int64_t since = 0, until = 0;
    bool found = false;
    size_t count = 0;

    status_body(&told, &body);
    assert_true(ocsp_body_read(buffer_view(&body), &response, &why));
    assert_true(ocsp_next_single(&response.singles, &single, &why));
    question.ids[0].id = single.id;
    question.ids[0].hash = OCSP_ID_SHA1;
    assert_true(status_map_answer(
        map, &question, STATUS_NOW, &answer, &found, &since, &until, &why));
    assert_true(found);
    assert_true(ocsp_response_read(buffer_view(&answer), &response, &why));
    for (; !der_at_end(&response.certificates); count++) {
        assert_true(
            ocsp_next_certificate(&response.certificates, &certificate, &why));
        assert_true(bytes_equal(certificate, wanted));
    }
    return count;
}

/* Also after a generation took them along, and where the issuer itself signs.
 */
static void every_answer_encloses_the_certificate_it_was_signed_for(
    void **state)
{
    static const uint8_t newer[] = {0x30, 3, 2, 1, 10};
    static const struct bytes responders[] = {
        {status_responder, sizeof(status_responder)}, {newer, sizeof(newer)},
        {0}};
    struct status_scene scene;
    struct failure why = {0};

    (void)state;
    status_begin(&scene, 0);
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(status_table_responder(scene.table, responders[i], &why));
        put_number(&scene, i);
    }
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    for (uint64_t number = 3; number < MANY; number += 100) {
        for (uint64_t i = 0; i < 3; i++)
            assert_int_equal(
                certificates_in(map, i, responders[i]), i == 2 ? 0 : 1);
        for (uint64_t i = 0; i < 100; i++)
            put_number(&scene, number + i);
    }
    status_end(&scene);
}

/* --- which tables there are ----------------------------------------------- */

static void tables_that_come_and_go_are_seen_at_the_next_look(void **state)
{
    struct status_scene scene;
    struct failure why = {0};

    (void)state;
    status_begin(&scene, 10);
    put_number(&scene, 7);
    status_table_close(scene.table);
    assert_int_equal(unlink(scene.path), 0);
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_false(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).found);
    status_open(&scene, 10);
    put_number(&scene, 7);
    assert_true(status_map_refresh(map, &why));
    assert_true(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).found);
    assert_int_equal(unlink(scene.path), 0);
    /* It is still mapped until somebody looks. */
    assert_true(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).found);
    assert_true(status_map_refresh(map, &why));
    assert_false(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).found);
    status_end(&scene);
}

static void other_files_of_the_folder_are_no_tables(void **state)
{
    struct status_scene scene;
    struct failure why = {0};
    char path[128];
    const char *names[] = {"a.table.new", ".a.table.new", "readme", ".table"};

    (void)state;
    status_begin(&scene, 10);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", scene.folder, names[i]);
        assert_true(file_write(
            path, bytes_of_text("no table"), 0644, FILE_REPLACE, &why));
    }
    SCOPED_STRUCT(status_map) *map = status_map_of(&scene);
    assert_false(status_ask(map, 7, OCSP_ID_SHA1, STATUS_NOW).found);
    status_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_answered_by_either_hash),
        cmocka_unit_test(an_answer_is_sealed_as_it_was_signed),
        cmocka_unit_test(incident51_an_unknown_serial_is_no_answer),
        cmocka_unit_test(an_answer_is_served_while_it_is_in_force),
        cmocka_unit_test(a_newer_answer_takes_the_place_of_the_older),
        cmocka_unit_test(what_only_the_keeper_can_answer_is_not_found),
        cmocka_unit_test(an_answer_must_say_what_it_is_put_for),
        cmocka_unit_test(an_answer_for_one_request_is_not_kept),
        cmocka_unit_test(an_answer_without_a_responder_is_refused),
        cmocka_unit_test(a_table_of_another_issuer_is_not_opened),
        cmocka_unit_test(a_table_is_found_again_as_it_was_left),
        cmocka_unit_test(a_table_grows_under_those_who_mapped_it),
        cmocka_unit_test(what_has_ended_is_left_behind_by_the_next_generation),
        cmocka_unit_test(answers_that_were_replaced_are_left_behind),
        cmocka_unit_test(the_earliest_end_follows_what_is_put),
        cmocka_unit_test(
            every_answer_encloses_the_certificate_it_was_signed_for),
        cmocka_unit_test(tables_that_come_and_go_are_seen_at_the_next_look),
        cmocka_unit_test(other_files_of_the_folder_are_no_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
