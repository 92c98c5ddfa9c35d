#include "fixture.h"

#include <fcntl.h>

#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "store/search.h"
#include "store/search_parts.h"

#define BATCH 1000
#define DER_ROOM 4096

/* --- certificates to be found -------------------------------------------- */

static void add_names(X509 *certificate, const char *names)
{
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static size_t make_der(
    const char *common_name, const char *names, uint8_t der[static DER_ROOM])
{
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    uint8_t *end = der;
    int length;

    assert_non_null(certificate);
    assert_non_null(key);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 5), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 60));
    assert_int_equal(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
            MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0),
        1);
    if (names != NULL)
        add_names(certificate, names);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, NULL) > 0);
    length = i2d_X509(certificate, NULL);
    assert_true(length > 0 && length <= DER_ROOM);
    assert_int_equal(i2d_X509(certificate, &end), length);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return (size_t)length;
}

/* Returns its id, which is the number: a serial of 01 and zeros before it. */
static void add_certificate(struct fixture *fixture, uint32_t number,
    const char *common_name, const char *names)
{
    uint8_t serial[SERIAL_BYTES];
    uint8_t der[DER_ROOM];
    struct certificate_row row = row_of(serial_of(number, serial));
    bool added = false;

    row.der = (struct bytes){der, make_der(common_name, names, der)};
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_true(added);
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

/* --- the index ----------------------------------------------------------- */

static const char *index_path(const struct fixture *fixture)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/search.db", fixture->folder);
    return path;
}

static struct search *open_index(struct fixture *fixture, bool write)
{
    struct search *search = NULL;

    assert_done(fixture,
        search_open(index_path(fixture), write, &search, &fixture->why));
    return search;
}

static void take_all_in(struct fixture *fixture, struct search *search)
{
    bool behind = true;

    while (behind)
        assert_done(fixture, search_take_in(search, fixture->store, BATCH,
                                 &behind, &fixture->why));
}

static void build_index(struct fixture *fixture)
{
    SCOPED_STRUCT(search) *search = open_index(fixture, true);

    take_all_in(fixture, search);
}

static bool collect(void *context, int64_t number, struct failure *why)
{
    char *numbers = context;
    size_t used = strlen(numbers);

    (void)why;
    (void)snprintf(numbers + used, 256 - used, "%lld ", (long long)number);
    return true;
}

static void assert_found_after(struct fixture *fixture, struct search *search,
    const char *text, int64_t after_id, int64_t limit, const char *ids)
{
    char found[256] = "";

    assert_done(fixture, search_certificates(search, fixture->store, text,
                             after_id, limit, collect, found, &fixture->why));
    assert_string_equal(found, ids);
}

/* By the index, and without one. */
static void assert_found(
    struct fixture *fixture, const char *text, const char *ids)
{
    SCOPED_STRUCT(search) *search = open_index(fixture, false);

    assert_found_after(fixture, search, text, 0, 0, ids);
    assert_found_after(fixture, NULL, text, 0, 0, ids);
}

static int tear_down_with_index(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    const struct fixture *fixture = *state;
    char path[160];

    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        (void)snprintf(
            path, sizeof(path), "%s%s", index_path(fixture), endings[i]);
        (void)unlink(path);
    }
    return tear_down(state);
}

/* --- tests --------------------------------------------------------------- */

static void a_name_is_found_by_the_beginning_of_each_of_its_labels(void **state)
{
    struct fixture *fixture = *state;

    add_certificate(fixture, 1, "Find Me", "DNS:www.Example.org");
    add_certificate(fixture, 2, "other", "DNS:*.example.com,DNS:example.com");
    build_index(fixture);
    assert_found(fixture, "www.ex", "1 ");
    assert_found(fixture, "WWW.EXAMPLE.ORG", "1 ");
    assert_found(fixture, "example", "1 2 ");
    assert_found(fixture, "org", "1 ");
    assert_found(fixture, "*.example", "2 ");
    assert_found(fixture, "xample", "");
    assert_found(fixture, "www.example.org.", "");
    assert_found(fixture, "", "");
}

static void kb039_a_common_name_is_found_by_each_of_its_words(void **state)
{
    struct fixture *fixture = *state;

    add_certificate(fixture, 1,
        "Ger\xc3\xa4tehaus & S\xc3\xb6hne, S\xc3\xbc"
        "d",
        NULL);
    add_certificate(fixture, 2, "FIND me", NULL);
    build_index(fixture);
    assert_found(fixture, "ger\xc3\xa4TE", "1 ");
    assert_found(fixture, "s\xc3\xb6hne, s", "1 ");
    assert_found(fixture, "find ME", "2 ");
    assert_found(fixture, "me", "2 ");
    assert_found(fixture, "\xff", "");
}

static void mailboxes_hosts_of_uris_and_addresses_are_found(void **state)
{
    struct fixture *fixture = *state;

    add_certificate(fixture, 1, "a", "email:Bob@mail.example.net");
    add_certificate(fixture, 2, "b", "URI:https://user@host.example:8443/path");
    add_certificate(fixture, 3, "c", "IP:10.20.0.1,IP:2001:db8::1");
    add_certificate(fixture, 4, "d", "URI:urn:uuid:f81d4fae");
    build_index(fixture);
    assert_found(fixture, "bob@mail", "1 ");
    assert_found(fixture, "mail.ex", "1 ");
    assert_found(fixture, "host.example", "2 ");
    assert_found(fixture, "path", "");
    assert_found(fixture, "10.20.", "3 ");
    assert_found(fixture, "2001:db8::1", "3 ");
    assert_found(fixture, "urn:uuid:f8", "4 ");
}

static void numbers_are_found_from_four_digits_on(void **state)
{
    struct fixture *fixture = *state;
    uint8_t der[DER_ROOM];
    char sha256[SHA256_TEXT];
    char colons[64];
    uint8_t serial[SERIAL_BYTES];
    struct certificate_row row = row_of(serial_of(7, serial));
    bool added = false;

    row.der = (struct bytes){der, make_der("numbers", NULL, der)};
    serial[0] = 0;
    serial[1] = 0xab;
    serial[2] = 0xcd;
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_add_certificate(fixture->store, &row, &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(fixture, sha256_text(row.der, sha256, &fixture->why));
    build_index(fixture);

    assert_found(fixture, "ABCD", "1 ");
    assert_found(fixture, "0x00abcd0", "1 ");
    assert_found(fixture, "ab:cd:00", "1 ");
    assert_found(fixture, "abc", "");
    assert_found(fixture, "abce", "");
    assert_found(fixture, sha256, "1 ");
    (void)snprintf(colons, sizeof(colons), "%.2s:%.2s:%.3s", sha256, sha256 + 2,
        sha256 + 4);
    assert_found(fixture, colons, "1 ");
}

static void nothing_is_lost_or_doubled_between_pages(void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(search) *search = open_index(fixture, true);

    for (uint32_t i = 1; i <= 5; i++)
        add_certificate(fixture, i, "page", "DNS:page.example,DNS:page");
    take_all_in(fixture, search);
    add_certificate(fixture, 6, "page", NULL);
    add_certificate(fixture, 7, "page", NULL);
    assert_found_after(fixture, search, "page", 0, 2, "1 2 ");
    assert_found_after(fixture, search, "page", 2, 2, "3 4 ");
    assert_found_after(fixture, search, "page", 4, 2, "5 6 ");
    assert_found_after(fixture, search, "page", 6, 2, "7 ");
    assert_found_after(fixture, search, "page", 7, 2, "");
}

/* Rows that are no certificates have their serial alone. */
static void pages_go_on_from_segment_to_segment(void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(search) *search = open_index(fixture, true);

    assert_done(fixture, commit_group(fixture->store, 0,
                             2 * SEGMENT_CERTIFICATES + 10, &fixture->why));
    take_all_in(fixture, search);
    assert_found_after(fixture, search, "0100", SEGMENT_CERTIFICATES - 2, 3,
        "8191 8192 8193 ");
    assert_found_after(fixture, search, "0100", 2 * SEGMENT_CERTIFICATES + 8, 9,
        "16393 16394 ");
    assert_found_after(
        fixture, search, "0100000000000000000000000000004009", 0, 0, "16394 ");
}

static void what_is_not_indexed_yet_is_found(void **state)
{
    struct fixture *fixture = *state;

    add_certificate(fixture, 1, "early", NULL);
    build_index(fixture);
    add_certificate(fixture, 2, "early too", NULL);
    assert_found(fixture, "early", "1 2 ");
    assert_found(fixture, "0100000000000000000000000000000002", "2 ");
}

static void overwrite(const char *path, off_t at, size_t count)
{
    SCOPED_DESCRIPTOR int file = open(path, O_WRONLY | O_CLOEXEC);
    uint8_t noise[512];

    assert_true(file >= 0);
    memset(noise, 0xa5, sizeof(noise));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            pwrite(file, noise, sizeof(noise), at + (off_t)(i * sizeof(noise))),
            sizeof(noise));
}

static void a_damaged_index_is_passed_over_and_made_again(void **state)
{
    struct fixture *fixture = *state;
    static const off_t places[] = {0, 100, 4096};

    add_certificate(fixture, 1, "damage", NULL);
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        struct search *search = NULL;
        struct failure why = {0};

        build_index(fixture);
        overwrite(index_path(fixture), places[i], 40);
        if (!search_open(index_path(fixture), false, &search, &why))
            search = NULL;
        assert_found_after(fixture, search, "damage", 0, 0, "1 ");
        search_close(search);
        build_index(fixture);
        assert_found(fixture, "damage", "1 ");
    }
}

static void an_index_damaged_while_it_is_filled_is_begun_anew(void **state)
{
    struct fixture *fixture = *state;
    bool behind = false;
    struct search *search;

    add_certificate(fixture, 1, "damage", NULL);
    build_index(fixture);
    search = open_index(fixture, true);
    overwrite(index_path(fixture), 4096, 24);
    assert_done(fixture,
        search_take_in(search, fixture->store, BATCH, &behind, &fixture->why));
    assert_true(behind);
    take_all_in(fixture, search);
    search_close(search);
    assert_found(fixture, "damage", "1 ");
}

static void a_deleted_index_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct search *search = NULL;
    struct stat status;

    add_certificate(fixture, 1, "gone", NULL);
    build_index(fixture);
    assert_int_equal(unlink(index_path(fixture)), 0);
    assert_false(
        search_open(index_path(fixture), false, &search, &fixture->why));
    assert_null(search);
    build_index(fixture);
    assert_found(fixture, "gone", "1 ");
    assert_int_equal(stat(index_path(fixture), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void an_index_of_another_version_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    sqlite3 *database = NULL;
    struct search *search = NULL;

    add_certificate(fixture, 1, "version", NULL);
    build_index(fixture);
    assert_int_equal(sqlite3_open(index_path(fixture), &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database, "DROP TABLE term; PRAGMA user_version = 99",
            NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(database);
    assert_false(
        search_open(index_path(fixture), false, &search, &fixture->why));
    build_index(fixture);
    assert_found(fixture, "version", "1 ");
}

/* A backup was put back: the same ids, other certificates. */
static void an_index_of_another_store_is_passed_over_and_made_again(
    void **state)
{
    struct fixture *fixture = *state;
    void *other_state = NULL;
    struct fixture *other;
    char path[128];

    assert_int_equal(set_up(&other_state), 0);
    other = other_state;
    add_certificate(fixture, 1, "mine", NULL);
    add_certificate(other, 1, "theirs", NULL);
    build_index(other);
    (void)snprintf(path, sizeof(path), "%s", index_path(other));
    assert_int_equal(rename(path, index_path(fixture)), 0);
    assert_found(fixture, "mine", "1 ");
    assert_found(fixture, "theirs", "");
    build_index(fixture);
    assert_found(fixture, "mine", "1 ");
    assert_int_equal(tear_down_with_index(&other_state), 0);
}

static void journal(struct fixture *fixture, uint32_t number)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, journal_issued(fixture->store, number, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void assert_events(struct fixture *fixture, struct search *search,
    const char *object, const char *numbers)
{
    char found[256] = "";

    assert_done(fixture, search_events(search, fixture->store, object, collect,
                             found, &fixture->why));
    assert_string_equal(found, numbers);
}

static void events_are_found_by_their_whole_object_oldest_first(void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(search) *search = open_index(fixture, true);

    journal(fixture, 7);
    journal(fixture, 8);
    journal(fixture, 7);
    take_all_in(fixture, search);
    journal(fixture, 8);
    journal(fixture, 7);
    assert_events(fixture, search, "00000007", "1 3 5 ");
    assert_events(fixture, search, "00000008", "2 4 ");
    assert_events(fixture, search, "0000000", "");
    assert_events(fixture, NULL, "00000007", "1 3 5 ");
}

static void batches_are_as_large_as_was_said(void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(search) *search = open_index(fixture, true);
    bool behind = false;

    assert_done(fixture, commit_group(fixture->store, 0, 5, &fixture->why));
    for (int i = 0; i < 3; i++) {
        assert_done(fixture,
            search_take_in(search, fixture->store, 2, &behind, &fixture->why));
        assert_int_equal(behind, i < 2);
    }
    assert_found_after(fixture, search, "0100", 0, 0, "1 2 3 4 5 ");
    assert_events(fixture, search, "00000004", "5 ");
}

static bool refuse(void *context, int64_t number, struct failure *why)
{
    (void)context;
    (void)number;
    return fail_because(why, FAILURE_FORBIDDEN, "enough");
}

static void a_visitor_that_refuses_ends_the_search_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(search) *search = open_index(fixture, true);

    add_certificate(fixture, 1, "enough", NULL);
    take_all_in(fixture, search);
    for (int i = 0; i < 2; i++) {
        assert_false(search_certificates(i == 0 ? search : NULL, fixture->store,
            "enough", 0, 0, refuse, NULL, &fixture->why));
        assert_string_equal(fixture->why.reason, "enough");
    }
    assert_found_after(fixture, search, "enough", 0, 0, "1 ");
}

#define test_with_index(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down_with_index)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_index(a_name_is_found_by_the_beginning_of_each_of_its_labels),
        test_with_index(kb039_a_common_name_is_found_by_each_of_its_words),
        test_with_index(mailboxes_hosts_of_uris_and_addresses_are_found),
        test_with_index(numbers_are_found_from_four_digits_on),
        test_with_index(nothing_is_lost_or_doubled_between_pages),
        test_with_index(pages_go_on_from_segment_to_segment),
        test_with_index(what_is_not_indexed_yet_is_found),
        test_with_index(a_damaged_index_is_passed_over_and_made_again),
        test_with_index(an_index_damaged_while_it_is_filled_is_begun_anew),
        test_with_index(a_deleted_index_is_made_again),
        test_with_index(an_index_of_another_version_is_made_again),
        test_with_index(
            an_index_of_another_store_is_passed_over_and_made_again),
        test_with_index(events_are_found_by_their_whole_object_oldest_first),
        test_with_index(batches_are_as_large_as_was_said),
        test_with_index(a_visitor_that_refuses_ends_the_search_with_its_reason),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
