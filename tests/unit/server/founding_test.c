#include "fixture.h"

#include <sys/file.h>

#include "crypto/key_file.h"
#include "crypto/start.h"
#include "server/roles.h"

/* Foundings take their time (keys are encrypted slowly, on purpose): one is
 * made for all tests that only look at it. */
static char founded_folder[FOLDER_ROOM];
static char folder[FOLDER_ROOM];

static int make_founded(void **state)
{
    (void)state;
    new_folder(founded_folder);
    found_in(founded_folder);
    return 0;
}

static int remove_founded(void **state)
{
    (void)state;
    remove_folder(founded_folder);
    return 0;
}

static int make_empty(void **state)
{
    (void)state;
    new_folder(folder);
    return 0;
}

static int make_copy(void **state)
{
    int made = make_empty(state);

    copy_folder(founded_folder, folder);
    return made;
}

static int remove_it(void **state)
{
    (void)state;
    remove_folder(folder);
    return 0;
}

static void assert_not_founded(
    const struct founding *founding, enum failure_kind kind, const char *words)
{
    struct founded founded = {0};
    struct failure why = {0};

    assert_false(found_authority(founding, &founded, &why));
    if (strstr(why.reason, words) == NULL)
        fail_msg("%s", why.reason);
    assert_int_equal(why.kind, kind);
}

/* --- what a founding leaves ---------------------------------------------- */

static void an_authority_lies_where_it_belongs(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
    } rows[] = {
        {"chancery.yaml", 0644},
        {"chancery.db", 0600},
        {"sign.log", 0600},
        {"keys", 0700},
        {"keys/issuing.key", 0600},
        {"keys/issuing.crt", 0600},
        {"keys/unlock", 0400},
        {"keys/root", 0700},
        {"keys/root/root.key", 0600},
        {"keys/root/root.crt", 0600},
        {"keys/unlock-root", 0400},
        {"publish", 0755},
        {"publish/roots.pem", 0644},
        {"publish/intermediates.pem", 0644},
        {"publish/ca/root.cer", 0644},
        {"publish/ca/issuing.cer", 0644},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!is_there(founded_folder, rows[i].name))
            fail_msg("%s is not there", rows[i].name);
        if (mode_in(founded_folder, rows[i].name) != rows[i].mode)
            fail_msg("%s has another mode", rows[i].name);
    }
    assert_false(is_there(founded_folder, PLACE_BUILDING));
    assert_false(is_there(founded_folder, PLACE_READY));
}

static void assert_encrypted(const char *name)
{
    static const char head[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
    RELEASED(buffer) file = BUFFER("key file", KEY_FILE_MAX);
    struct pbes2 parameters = {0};
    struct failure why = {0};

    assert_done(file_read(path_in(founded_folder, name), &file, &why), why);
    assert_true(file.length > sizeof(head));
    assert_memory_equal(file.start, head, sizeof(head) - 1);
    assert_done(
        key_file_encryption(buffer_view(&file), &parameters, &why), why);
    assert_int_equal(parameters.derivation, PBES2_PBKDF2);
    assert_true(parameters.iterations >= 600000);
}

static void every_key_is_encrypted_with_600000_iterations(void **state)
{
    (void)state;
    assert_encrypted("keys/issuing.key");
    assert_encrypted("keys/root/root.key");
}

static void read_der(const char *in, const char *name, struct buffer *der)
{
    struct failure why = {0};

    assert_done(file_read(path_in(in, name), der, &why), why);
}

static void assert_issued_by(
    const char *in, const char *subject, const char *issuer)
{
    RELEASED(buffer) below = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) above = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0}, parent = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};
    EVP_PKEY *key = NULL;

    read_der(in, subject, &below);
    read_der(in, issuer, &above);
    assert_done(certificate_read(buffer_view(&below), &certificate, &why), why);
    assert_done(certificate_read(buffer_view(&above), &parent, &why), why);
    assert_true(bytes_equal(certificate.tbs.issuer, parent.tbs.subject));
    assert_done(spki_parts(&parent.tbs.key, &parts, &why), why);
    key = d2i_PUBKEY(NULL, &(const unsigned char *){parent.tbs.key.whole.start},
        (long)parent.tbs.key.whole.length);
    assert_non_null(key);
    assert_done(certificate_verify(&certificate, key, &why), why);
    EVP_PKEY_free(key);
}

static void the_root_signs_itself_and_the_issuing_authority(void **state)
{
    (void)state;
    assert_issued_by(
        founded_folder, "publish/ca/root.cer", "publish/ca/root.cer");
    assert_issued_by(
        founded_folder, "publish/ca/issuing.cer", "publish/ca/root.cer");
    assert_int_equal(events_in(founded_folder, "established"), 2);
    assert_int_equal(certificates_in(founded_folder), 2);
}

/* --- refused foundings leave the disk as it was -------------------------- */

static void a_used_folder_is_a_conflict_and_stays_as_it_is(void **state)
{
    struct disk_state before = disk_of(folder);
    struct founding founding = founding_in(folder);

    (void)state;
    assert_not_founded(&founding, FAILURE_CONFLICT, "is in use");
    founding.one_tier = true;
    assert_not_founded(&founding, FAILURE_CONFLICT, "is in use");
    assert_same_disk(&before, folder);
}

static void kb002_an_algorithm_the_library_lacks_leaves_no_trace(void **state)
{
    struct disk_state before = disk_of(folder);
    struct key_algorithm missing = *key_algorithm_named("ed25519");
    struct founding founding = founding_in(folder);

    (void)state;
    missing.openssl_name = "NO-SUCH-ALGORITHM";
    missing.title = "Nothing";
    founding.algorithm = &missing;
    assert_not_founded(&founding, FAILURE_UNAVAILABLE, "has no Nothing");
    assert_same_disk(&before, folder);
}

static void a_founding_that_fails_on_the_way_leaves_no_trace(void **state)
{
    char nested[PATH_ROOM], out[PATH_ROOM];
    struct disk_state before = disk_of(folder);
    struct founding founding = founding_in(folder);

    (void)state;
    founding.name = "more than sixty-four characters are more than a common "
                    "name may have, here";
    assert_not_founded(&founding, FAILURE_MALFORMED, "64");
    assert_same_disk(&before, folder);
    /* ... nor do folders that were made for it. */
    (void)snprintf(nested, sizeof(nested), "%s/new", folder);
    (void)snprintf(out, sizeof(out), "%s/out", folder);
    founding.directory = nested;
    founding.root_out = out;
    assert_not_founded(&founding, FAILURE_MALFORMED, "64");
    assert_same_disk(&before, folder);
    founding.name = "Test";
    founding.use_key = "00";
    assert_not_founded(&founding, FAILURE_NOT_FOUND, "no usable key");
    assert_same_disk(&before, folder);
    founding.one_tier = true;
    assert_not_founded(&founding, FAILURE_UNSUITABLE, "--root-out");
    assert_same_disk(&before, folder);
}

static void a_key_file_that_would_be_replaced_is_a_conflict(void **state)
{
    struct founding founding = founding_in(folder);
    struct disk_state before;

    (void)state;
    assert_int_equal(mkdir(path_in(folder, "keys"), 0700), 0);
    put_file(folder, "keys/issuing.key", "precious", 0600);
    before = disk_of(folder);
    assert_not_founded(&founding, FAILURE_CONFLICT, "issuing.key");
    assert_same_disk(&before, folder);
}

/* --- what a killed init leaves ------------------------------------------- */

static void another_inits_building_is_left_alone(void **state)
{
    struct founding founding = founding_in(folder);
    SCOPED_DESCRIPTOR int held = -1;
    struct disk_state before;

    (void)state;
    assert_int_equal(mkdir(path_in(folder, PLACE_BUILDING), 0700), 0);
    put_file(folder, PLACE_BUILDING "/chancery.yaml", "half", 0600);
    held = open(path_in(folder, PLACE_BUILDING), O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(held, LOCK_EX), 0);
    before = disk_of(folder);
    assert_not_founded(&founding, FAILURE_CONFLICT, "another init is at work");
    assert_same_disk(&before, folder);
}

static void a_building_that_nobody_holds_is_removed(void **state)
{
    struct founding founding = founding_in(folder);

    (void)state;
    assert_int_equal(mkdir(path_in(folder, PLACE_BUILDING), 0700), 0);
    assert_int_equal(mkdir(path_in(folder, PLACE_BUILDING "/keys"), 0700), 0);
    put_file(folder, PLACE_BUILDING "/keys/root.key", "half", 0600);
    founding.name = "more than sixty-four characters are more than a common "
                    "name may have, here";
    assert_not_founded(&founding, FAILURE_MALFORMED, "64");
    assert_false(is_there(folder, PLACE_BUILDING));
}

static void move(const char *from, const char *to)
{
    assert_int_equal(rename(path_in(folder, from), path_in(folder, to)), 0);
}

/* Killed after the rename that makes the authority: at every point of the way
 * the next one to open the place ends what was begun. */
static void assert_settles(const char *const *already)
{
    struct disk_state whole = disk_of(folder);
    struct place place = {0};
    struct failure why = {0};
    static const char *const parts[] = {
        "chancery.db", "sign.log", "keys", "publish", "chancery.yaml"};

    assert_int_equal(mkdir(path_in(folder, PLACE_READY), 0700), 0);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        char in_ready[64];
        bool stays = false;

        for (size_t k = 0; already[k] != NULL; k++)
            stays |= strcmp(already[k], parts[i]) == 0;
        (void)snprintf(in_ready, sizeof(in_ready), PLACE_READY "/%s", parts[i]);
        if (!stays)
            move(parts[i], in_ready);
    }
    assert_done(place_open(folder, &place, &why), why);
    assert_false(is_there(folder, PLACE_READY));
    (void)unlink(path_in(folder, "lock"));
    assert_same_disk(&whole, folder);
}

static void a_set_up_cut_off_anywhere_is_settled_when_it_is_opened(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const some[] = {"keys", "chancery.db", NULL};
    static const char *const most[] = {
        "chancery.db", "sign.log", "keys", "publish", NULL};

    (void)state;
    (void)unlink(path_in(folder, "lock"));
    assert_settles(none);
    assert_settles(some);
    assert_settles(most);
}

static void a_folder_moved_in_half_is_settled(void **state)
{
    struct place place = {0};
    struct failure why = {0};
    struct disk_state whole;

    (void)state;
    (void)unlink(path_in(folder, "lock"));
    whole = disk_of(folder);
    assert_int_equal(mkdir(path_in(folder, PLACE_READY), 0700), 0);
    assert_int_equal(mkdir(path_in(folder, PLACE_READY "/keys"), 0700), 0);
    move("keys/issuing.key", PLACE_READY "/keys/issuing.key");
    move("chancery.yaml", PLACE_READY "/chancery.yaml");
    /* keys/ was open to others: with the keys it is closed. */
    assert_int_equal(chmod(path_in(folder, "keys"), 0755), 0);
    assert_done(place_open(folder, &place, &why), why);
    (void)unlink(path_in(folder, "lock"));
    assert_same_disk(&whole, folder);
}

static void a_folder_without_an_authority_names_init(void **state)
{
    struct place place = {0};
    struct failure why = {0};

    (void)state;
    assert_false(place_open(folder, &place, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(why.reason, "chancery init"));
    assert_false(place_open(path_in(folder, "missing"), &place, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    /* Half built is not there. */
    assert_int_equal(mkdir(path_in(folder, PLACE_BUILDING), 0700), 0);
    put_file(folder, PLACE_BUILDING "/chancery.yaml", "half", 0600);
    assert_false(place_open(folder, &place, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_false(is_there(folder, "lock"));
}

/* --- other foundings ----------------------------------------------------- */

/* With a key that is there already, and a root that is taken away. */
static void a_key_that_is_there_is_used_and_the_root_is_taken_out(void **state)
{
    RELEASED(buffer) spki = BUFFER("key", KEY_FILE_MAX);
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
    SCOPED_STRUCT(private_key) *key = new_key("p256");
    struct founding founding = founding_in(folder);
    RELEASED(founded) founded = {0};
    char sha256_of_key[SHA256_TEXT], out[PATH_ROOM];
    struct certificate certificate = {0};
    struct failure why = {0};

    (void)state;
    (void)snprintf(out, sizeof(out), "%s/../%s.out", folder, folder + 5);
    assert_int_equal(mkdir(path_in(folder, "keys"), 0755), 0);
    assert_true(key_file_write(key, NULL, &pem, &why));
    assert_done(file_write(path_in(folder, "keys/mine.pem"), buffer_view(&pem),
                    0600, FILE_NEW_ONLY, &why),
        why);
    assert_true(private_key_append_spki(key, &spki, &why));
    assert_true(sha256_text(buffer_view(&spki), sha256_of_key, &why));
    founding.use_key = sha256_of_key;
    founding.root_out = out;
    assert_done(found_authority(&founding, &founded, &why), why);
    assert_done(
        certificate_read(buffer_view(&founded.issuing), &certificate, &why),
        why);
    assert_true(bytes_equal(certificate.tbs.key.whole, buffer_view(&spki)));
    assert_true(is_there(folder, "keys/mine.pem"));
    assert_int_equal(mode_in(folder, "keys"), 0700);
    assert_int_equal(mode_in(folder, "keys/issuing.key"), 0600);
    assert_false(is_there(folder, "keys/root"));
    assert_false(is_there(folder, "keys/unlock-root"));
    assert_int_equal(mode_in(out, "root.key"), 0600);
    assert_int_equal(mode_in(out, "root.crt"), 0600);
    assert_int_equal(mode_in(out, "unlock-root"), 0400);
    remove_folder(out);
}

static int found_in_a_process(void)
{
    struct founding founding = founding_in(folder);
    RELEASED(founded) founded = {0};
    struct failure why = {0};

    founding.one_tier = true;
    founding.algorithm = key_algorithm_named("ed25519");
    if (found_authority(&founding, &founded, &why))
        return founded.unlocks_by_itself && founded.issuing.length == 0 &&
                       strcmp(founded.root_key,
                           path_in(folder, "keys/root.key")) == 0
                   ? 0
                   : 1;
    return why.kind == FAILURE_CONFLICT ? 7 : 1;
}

static void of_three_inits_at_once_one_wins(void)
{
    enum { INITS = 3 };
    pid_t inits[INITS];
    size_t won = 0;

    for (size_t i = 0; i < INITS; i++) {
        inits[i] = fork();
        if (inits[i] == 0)
            _exit(found_in_a_process());
    }
    for (size_t i = 0; i < INITS; i++) {
        int status = 0;

        assert_int_equal(waitpid(inits[i], &status, 0), inits[i]);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 0)
            won++;
        else
            assert_int_equal(WEXITSTATUS(status), 7);
    }
    assert_int_equal(won, 1);
    assert_false(is_there(folder, PLACE_BUILDING));
}

static void of_inits_at_once_one_wins_and_its_only_tier_issues(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(client_issued) issued = {0};
    SCOPED_STRUCT(client) *client = NULL;
    struct client_issue wish = {.profile = "server"};
    struct failure why = {0};

    (void)state;
    of_three_inits_at_once_one_wins();
    assert_true(is_there(folder, "keys/root.key"));
    assert_true(is_there(folder, "keys/root.crt"));
    assert_true(is_there(folder, "keys/unlock"));
    assert_false(is_there(folder, "keys/unlock-root"));
    assert_false(is_there(folder, "keys/root"));
    assert_int_equal(certificates_in(folder), 1);
    open_client(folder, &client);
    new_request("www.example.org", &request);
    wish.request = buffer_view(&request);
    assert_done(client_issue(client, &wish, &issued, &why), why);
    assert_int_equal(issued.chain_count, 0);
}

#define looks(function) cmocka_unit_test(function)
#define in_empty(function) \
    cmocka_unit_test_setup_teardown(function, make_empty, remove_it)
#define on_a_copy(function) \
    cmocka_unit_test_setup_teardown(function, make_copy, remove_it)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        looks(an_authority_lies_where_it_belongs),
        looks(every_key_is_encrypted_with_600000_iterations),
        looks(the_root_signs_itself_and_the_issuing_authority),
        on_a_copy(a_used_folder_is_a_conflict_and_stays_as_it_is),
        in_empty(kb002_an_algorithm_the_library_lacks_leaves_no_trace),
        in_empty(a_founding_that_fails_on_the_way_leaves_no_trace),
        in_empty(a_key_file_that_would_be_replaced_is_a_conflict),
        in_empty(another_inits_building_is_left_alone),
        in_empty(a_building_that_nobody_holds_is_removed),
        on_a_copy(a_set_up_cut_off_anywhere_is_settled_when_it_is_opened),
        on_a_copy(a_folder_moved_in_half_is_settled),
        in_empty(a_folder_without_an_authority_names_init),
        in_empty(a_key_that_is_there_is_used_and_the_root_is_taken_out),
        in_empty(of_inits_at_once_one_wins_and_its_only_tier_issues),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_founded, remove_founded);
}
