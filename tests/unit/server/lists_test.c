#include "revocation_fixture.h"

#define LIST "publish/crl/issuing.crl"

static void must_publish(
    const struct authority_issuer *issuer, struct lists_made *made)
{
    struct failure why = {0};

    assert_done(
        lists_publish(&here.authority, here.reading, issuer, made, &why), why);
}

static void read_list(struct buffer *der, struct crl *crl)
{
    struct failure why = {0};

    assert_done(file_read(path_in(folder, LIST), der, &why), why);
    assert_done(crl_read(buffer_view(der), crl, &why), why);
}

/* --- times and numbers --------------------------------------------------- */

static void properties13_a_list_never_ends_after_its_issuer(void **state)
{
    RELEASED(buffer) der = BUFFER("list", 64 * 1024);
    struct authority_issuer issuer = *issuing();
    struct lists_made made;
    struct crl crl = {0};

    (void)state;
    issuer.issuer.not_after = clock_now() + 3600;
    must_publish(&issuer, &made);
    assert_int_equal(made.next_update, issuer.issuer.not_after);
    read_list(&der, &crl);
    assert_int_equal(crl.next_update, issuer.issuer.not_after);
}

static void properties13_an_issuer_that_ended_signs_no_list(void **state)
{
    struct authority_issuer issuer = *issuing();
    struct lists_made made;
    struct failure why = {0};

    (void)state;
    issuer.issuer.not_after = clock_now() - 1;
    assert_false(
        lists_publish(&here.authority, here.reading, &issuer, &made, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the authority \"issuing\" has ended; no list of it can be good");
}

static void properties12_every_list_has_a_greater_number(void **state)
{
    struct lists_made first, second;

    (void)state;
    must_publish(issuing(), &first);
    must_publish(issuing(), &second);
    assert_true(second.number > first.number);
    assert_true(first.number <= clock_now_ms());
}

static bool put_delta_ahead(
    struct authority *authority, void *context, struct failure *why)
{
    const struct crl_row row = {.authority = issuing()->id,
        .kind = CRL_DELTA,
        .number = *(const int64_t *)context};

    return store_set_crl(authority->store, &row, why);
}

/* RFC 5280, 5.2.3: one sequence of numbers for both. */
static void properties12_complete_lists_and_deltas_share_their_numbers(
    void **state)
{
    struct lists_made made;
    struct failure why = {0};
    int64_t ahead = clock_now_ms() + 3600 * 1000;

    (void)state;
    assert_done(
        authority_write(&here.authority, put_delta_ahead, &ahead, &why), why);
    must_publish(issuing(), &made);
    assert_int_equal(made.number, ahead + 1);
}

static void a_list_without_its_key_says_what_opens_it(void **state)
{
    const struct authority_issuer *root = NULL;
    struct lists_made made;
    struct failure why = {0};

    (void)state;
    assert_done(lists_issuer(&here.authority, "root", &root, &why), why);
    assert_false(
        lists_publish(&here.authority, here.reading, root, &made, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason,
        "the key of \"root\" is not open: `chancery ca crl --ca root "
        "--root-dir FOLDER` opens it, where FOLDER is the one that it lies in");
}

/* As if what the signer signed were not what the file holds. */
static void kb108_a_list_is_verified_before_it_is_published(void **state)
{
    RELEASED(buffer) before = BUFFER("list", 64 * 1024);
    RELEASED(buffer) after = BUFFER("list", 64 * 1024);
    const struct authority_issuer *root = NULL;
    struct authority_issuer issuer = *issuing();
    struct lists_made made;
    struct failure why = {0};
    size_t events = events_in(folder, "crl-signed");
    struct crl crl = {0};

    (void)state;
    must_publish(&issuer, &made);
    read_list(&before, &crl);
    assert_done(lists_issuer(&here.authority, "root", &root, &why), why);
    issuer.certificate = root->certificate;
    assert_false(
        lists_publish(&here.authority, here.reading, &issuer, &made, &why));
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_string_equal(why.reason,
        "a list of \"issuing\" is not published: its certificate does not "
        "verify it (the signature does not match)");
    read_list(&after, &crl);
    assert_true(bytes_equal(buffer_view(&before), buffer_view(&after)));
    assert_int_equal(events_in(folder, "crl-signed"), events + 1);
}

/* --- what is behind ------------------------------------------------------ */

static void nothing_new_publishes_nothing(void **state)
{
    struct lists_made made;
    struct failure why = {0};
    bool are_behind = true;

    (void)state;
    must_publish(issuing(), &made);
    assert_done(lists_are_behind(&here.authority, here.reading, issuing(),
                    &are_behind, &why),
        why);
    assert_false(are_behind);
    made = must_follow();
    assert_false(made.has_complete || made.has_delta);
}

/* Sets the last list back, as if it had been made earlier; its mark follows. */
struct setting_back {
    int64_t by_s;
    bool is_marked;
};

static bool set_back(
    struct authority *authority, void *context, struct failure *why)
{
    const struct setting_back *setting = context;
    struct crl_row row;
    char mark[64];
    bool found = false;

    if (!store_crl(
            authority->store, issuing()->id, CRL_COMPLETE, &row, &found, why) ||
        !found)
        return false;
    row.number++;
    row.this_update -= setting->by_s;
    row.next_update -= setting->by_s;
    (void)snprintf(
        mark, sizeof(mark), "crl-published:%" PRId64 ":-1", row.authority);
    return store_set_crl(authority->store, &row, why) &&
           (!setting->is_marked ||
               store_set_number(authority->store, mark, row.number, why));
}

static struct lists_made follow_after(int64_t by_s, bool is_marked)
{
    struct setting_back setting = {by_s, is_marked};
    struct lists_made made;
    struct failure why = {0};

    must_publish(issuing(), &made);
    assert_done(
        authority_write(&here.authority, set_back, &setting, &why), why);
    return must_follow();
}

static void properties11_a_list_whose_time_is_half_over_is_made_again(
    void **state)
{
    (void)state;
    assert_false(follow_after(LIST_LIFE_S / 2 - 60, true).has_complete);
    assert_true(follow_after(LIST_LIFE_S / 2 + 1, true).has_complete);
}

static void a_list_that_begins_in_the_future_is_made_again(void **state)
{
    (void)state;
    assert_true(follow_after(-3600, true).has_complete);
}

static void properties11_a_list_that_never_reached_its_file_is_made_again(
    void **state)
{
    struct lists_made made;

    (void)state;
    assert_false(follow_after(0, true).has_complete);
    assert_true(follow_after(0, false).has_complete);
    must_publish(issuing(), &made);
    assert_int_equal(unlink(path_in(folder, LIST)), 0);
    assert_true(must_follow().has_complete);
    assert_true(is_there(folder, LIST));
}

static void catching_up_passes_over_a_key_that_is_not_open(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_int_equal(unlink(path_in(folder, LIST)), 0);
    assert_int_equal(unlink(path_in(folder, "publish/crl/root.crl")), 0);
    assert_done(lists_catch_up(&here.authority, here.reading, &why), why);
    assert_true(is_there(folder, LIST));
    assert_false(is_there(folder, "publish/crl/root.crl"));
}

/* --- what is listed ------------------------------------------------------ */

static void incident16_an_entry_stays_until_long_after_its_end(void **state)
{
    static const uint8_t der[] = {0x30, 0x00};
    struct rows rows = {.der = {der, sizeof(der)},
        .not_after = clock_now() + DAY_S,
        .first = 1,
        .count = 3,
        .status = CERTIFICATE_REVOKED};
    struct lists_made made;

    (void)state;
    must_add(&rows);
    rows.not_after = clock_now() - LIST_KEEPS_S + 60;
    rows.first = 10;
    must_add(&rows);
    rows.not_after = clock_now() - LIST_KEEPS_S - 60;
    rows.first = 20;
    must_add(&rows);
    must_publish(issuing(), &made);
    assert_int_equal(made.entries, 6);
}

static void incident51_a_serial_that_was_never_issued_has_no_status(
    void **state)
{
    static const uint8_t serial[] = {0x01, 0x02, 0x03};
    struct status_row row = {.status = CERTIFICATE_VALID};
    struct failure why = {0};
    bool found = true;

    (void)state;
    assert_done(store_status(here.reading, issuing()->id,
                    (struct bytes){serial, sizeof(serial)}, &row, &found, &why),
        why);
    assert_false(found);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_a_desk(properties13_a_list_never_ends_after_its_issuer),
        on_a_desk(properties13_an_issuer_that_ended_signs_no_list),
        on_a_desk(kb108_a_list_is_verified_before_it_is_published),
        on_a_desk(properties12_every_list_has_a_greater_number),
        on_a_desk(properties12_complete_lists_and_deltas_share_their_numbers),
        on_a_desk(a_list_without_its_key_says_what_opens_it),
        on_a_desk(nothing_new_publishes_nothing),
        on_a_desk(properties11_a_list_whose_time_is_half_over_is_made_again),
        on_a_desk(a_list_that_begins_in_the_future_is_made_again),
        on_a_desk(
            properties11_a_list_that_never_reached_its_file_is_made_again),
        on_a_desk(catching_up_passes_over_a_key_that_is_not_open),
        on_a_desk(incident16_an_entry_stays_until_long_after_its_end),
        on_a_desk(incident51_a_serial_that_was_never_issued_has_no_status),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
