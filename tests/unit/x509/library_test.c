#include "library_questions.h"

/* --- the version ---------------------------------------------------------- */

static void the_library_that_it_was_built_against_is_taken(void **state)
{
    char why[CHANCERY_LIBRARY_SENTENCE] = "untouched";

    (void)state;
    assert_true(chancery_library_check(
        CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI, why, sizeof(why)));
    assert_string_equal(why, "untouched");
    assert_string_equal(chancery_library_version(), CHANCERY_LIBRARY_VERSION);
    assert_true(chancery_library_check(
        CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI, NULL, 0));
}

static void kb089_another_version_is_refused_and_both_are_named(void **state)
{
    char why[CHANCERY_LIBRARY_SENTENCE] = "";

    (void)state;
    assert_false(chancery_library_check("7.8.9", 0, why, sizeof(why)));
    assert_non_null(
        strstr(why, "built against libchancery 7.8.9 (ABI 0) and runs with "
                    "libchancery " CHANCERY_LIBRARY_VERSION " (ABI 0)"));
    assert_false(chancery_library_check(
        CHANCERY_LIBRARY_VERSION "1", 0, why, sizeof(why)));
}

static void kb089_another_abi_of_the_same_version_is_refused(void **state)
{
    char why[CHANCERY_LIBRARY_SENTENCE] = "";

    (void)state;
    assert_false(chancery_library_check(
        CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI + 1, why, sizeof(why)));
    assert_non_null(strstr(why, "(ABI 1) and runs with"));
    assert_non_null(strstr(why, "(ABI 0)"));
}

static void a_check_writes_no_more_than_there_is_room_for(void **state)
{
    char why[8] = "1234567";

    (void)state;
    assert_false(chancery_library_check("7.8.9", 0, why, 5));
    assert_string_equal(why, "this");
    assert_int_equal(why[5], '6');
    assert_false(chancery_library_check("7.8.9", 0, NULL, 0));
    assert_false(chancery_library_check(NULL, 0, why, sizeof(why)));
}

/* --- questions ------------------------------------------------------------ */

static void a_chain_to_a_root_is_valid_in_any_pieces(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct chancery_answer *answer = ask(question, LEAF);

    (void)state;
    assert_string_equal(chancery_answer_code(answer), "ok");
    assert_string_equal(chancery_answer_remedy(answer), "");
    assert_memory_equal(
        chancery_answer_json(answer), "{\"valid\":true,\"code\":\"ok\",", 26);
    assert_non_null(strstr(chancery_answer_json(answer), "\"other_paths\""));
    assert_non_null(strstr(chancery_answer_json(answer),
        "{\"rule\":\"signature\",\"reference\":"));
    assert_int_equal(
        chancery_answer_json(answer)[strlen(chancery_answer_json(answer)) - 1],
        '\n');
    chancery_answer_free(answer);
    chancery_question_free(question);
}

static void nobody_is_trusted_but_who_was_added(void **state)
{
    struct chancery_question *question = chancery_question_new();

    (void)state;
    chancery_question_set_time(question, AT);
    question_add(question, chancery_question_add_untrusted, ISSUING);
    question_add(question, chancery_question_add_untrusted, ROOT);
    assert_leaf_answers(question, "root-untrusted", "Verify Root");
}

static void a_missing_issuer_is_named_with_its_cure(void **state)
{
    struct chancery_question *question = chancery_question_new();
    struct chancery_answer *answer = NULL;

    (void)state;
    question_add(question, chancery_question_add_roots, ROOT);
    answer = ask(question, LEAF);
    assert_string_equal(chancery_answer_code(answer), "issuer-missing");
    assert_non_null(strstr(chancery_answer_sentence(answer), "Verify Issuing"));
    assert_non_null(strstr(
        chancery_answer_remedy(answer), "http://ca.example.org/issuing.cer"));
    chancery_answer_free(answer);
    chancery_question_free(question);
}

static void the_time_that_was_set_is_judged_at(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    chancery_question_set_time(question, 0);
    assert_leaf_answers(question, "not-yet-valid", "1970");
}

static void each_name_must_match(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_add_name(question, "www.example.org"), CHANCERY_DONE);
    assert_answers(question, LEAF, "ok", "valid");
    assert_int_equal(
        chancery_question_add_name(question, "dns:mail.example.org"),
        CHANCERY_DONE);
    assert_leaf_answers(question, "name-mismatch", "mail.example.org");
}

static void purpose_usage_and_depth_are_asked(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_set_purpose(question, "server"), CHANCERY_DONE);
    assert_int_equal(
        chancery_question_add_key_usage(question, "digitalSignature"),
        CHANCERY_DONE);
    assert_int_equal(
        chancery_question_add_extended_key_usage(question, "1.3.6.1.5.5.7.3.1"),
        CHANCERY_DONE);
    chancery_question_set_max_depth(question, 1);
    assert_answers(question, LEAF, "ok", "valid");
    assert_int_equal(
        chancery_question_add_extended_key_usage(question, "emailProtection"),
        CHANCERY_DONE);
    assert_answers(question, LEAF, "usage-mismatch", "which is asked");
    chancery_question_set_max_depth(question, 0);
    assert_leaf_answers(question, "path-too-long", "0");
}

static void a_key_usage_that_it_lacks_is_told(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(chancery_question_add_key_usage(question, "keyAgreement"),
        CHANCERY_DONE);
    assert_leaf_answers(
        question, "usage-mismatch", "are asked (rule leaf-key-usage");
}

static void policies_are_asked(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_add_policy(question, "1.2.3.4"), CHANCERY_DONE);
    assert_answers(question, LEAF, "ok", "valid");
    chancery_question_set_policy_switches(question, true, true, true);
    assert_leaf_answers(question, "policy-violated", "policy");
}

static void a_list_makes_revocation_soft_and_a_word_changes_it(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    question_add(
        question, chancery_question_add_lists, OBJECTS "verify/revoked.crl");
    assert_answers(question, LEAF, "revoked", "2026-06-01");
    assert_int_equal(
        chancery_question_set_revocation(question, "off"), CHANCERY_DONE);
    assert_leaf_answers(question, "ok", "valid");
}

static void what_is_not_known_is_refused_when_it_must_be(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_set_revocation(question, "hard"), CHANCERY_DONE);
    assert_leaf_answers(question, "revocation-unknown", "at hand");
}

static void a_damaged_list_is_told_where_it_matters(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_add_lists(question, "no list", 7, "broken.crl"),
        CHANCERY_DONE);
    assert_int_equal(
        chancery_question_set_revocation(question, "hard"), CHANCERY_DONE);
    assert_leaf_answers(question, "crl-malformed", "broken.crl");
}

static void a_list_damaged_in_pem_is_told_with_its_line(void **state)
{
    static const char list[] = "-----BEGIN X509 CRL-----\nMIIB*zCB\n"
                               "-----END X509 CRL-----\n";
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(chancery_question_add_lists(
                         question, list, sizeof(list) - 1, "broken.crl"),
        CHANCERY_DONE);
    assert_int_equal(
        chancery_question_set_revocation(question, "hard"), CHANCERY_DONE);
    assert_leaf_answers(question, "crl-malformed",
        "PEM, line 2, byte 5: a character that is not base64");
}

static void an_ocsp_answer_for_another_leaves_the_status_unknown(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    question_add(
        question, chancery_question_add_ocsp, OBJECTS "view/revoked.ocsp");
    assert_int_equal(
        chancery_question_set_revocation(question, "hard"), CHANCERY_DONE);
    assert_leaf_answers(question, "revocation-unknown", "unknown");
}

static void a_distrusted_certificate_is_refused_on_any_path(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    question_add(question, chancery_question_add_distrusted, ISSUING);
    assert_leaf_answers(question, "distrusted", "Verify Issuing");
}

static void a_profile_is_held(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_int_equal(
        chancery_question_set_profile(question, "rfc5280"), CHANCERY_DONE);
    assert_int_equal(
        chancery_question_set_profile(question, "webpki"), CHANCERY_DONE);
    chancery_question_free(question);
}

static void an_issuer_that_is_damaged_is_told_of(void **state)
{
    struct chancery_question *question = chancery_question_new();
    struct held held = {.length = 0};

    (void)state;
    question_add(question, chancery_question_add_roots, ROOT);
    read_object(OBJECTS "verify/issuing-damaged.der", &held);
    assert_refused(chancery_question_add_untrusted(
                       question, held.bytes, held.length, "damaged.der"),
        CHANCERY_MALFORMED, question, "damaged.der holds no certificate");
    memset(held.bytes, 0xa5, sizeof(held.bytes));
    assert_answers(question, LEAF, "issuer-missing", "damaged.der");
    assert_answers(question, OBJECTS "input/chain.pem", "root-untrusted", "");
    assert_leaf_answers(question, "issuer-missing", "can't be read");
}

static void a_word_that_is_none_is_refused_and_changes_nothing(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    assert_string_equal(chancery_question_reason(question), "");
    assert_refused(chancery_question_set_purpose(question, "server-ish"),
        CHANCERY_UNSUITABLE, question, "one of server, client, email");
    assert_refused(chancery_question_set_profile(question, "mine"),
        CHANCERY_UNSUITABLE, question, "rfc5280 or webpki");
    assert_refused(chancery_question_set_revocation(question, "maybe"),
        CHANCERY_UNSUITABLE, question, "one of off, soft and hard");
    assert_refused(chancery_question_add_key_usage(question, "signing"),
        CHANCERY_UNSUITABLE, question, "no key usage \"signing\"");
    assert_refused(chancery_question_add_extended_key_usage(question, "1.2.x"),
        CHANCERY_UNSUITABLE, question, "\"1.2.x\" is no object identifier");
    assert_refused(chancery_question_add_policy(question, "policy of mine"),
        CHANCERY_UNSUITABLE, question, "no object identifier");
    assert_refused(chancery_question_add_name(question, "-a.example"),
        CHANCERY_UNSUITABLE, question, "-a.example");
    assert_leaf_answers(question, "ok", "valid");
}

static void names_have_a_limit_that_is_named(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    for (int i = 0; i < CHANCERY_WORDS_MAX; i++)
        assert_int_equal(
            chancery_question_add_name(question, "www.example.org"),
            CHANCERY_DONE);
    assert_refused(chancery_question_add_name(question, "www.example.org"),
        CHANCERY_UNSUITABLE, question, "at most 1000 names");
    assert_leaf_answers(question, "ok", "valid");
}

static void lists_have_a_limit_and_a_file_comes_whole_or_not(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct held list = {.length = 0};
    struct held issuing = {.length = 0};
    size_t most = 1000;

    (void)state;
    read_object(OBJECTS "input/inter.crl.pem", &list);
    read_object(OBJECTS "verify/revoked.crl", &issuing);
    for (size_t i = 1; i < most; i++)
        assert_int_equal(
            chancery_question_add_lists(question, "x", 1, NULL), CHANCERY_DONE);
    memcpy(list.bytes + list.length, issuing.bytes, issuing.length);
    memcpy(list.bytes + list.length + issuing.length, list.bytes, list.length);
    assert_refused(chancery_question_add_lists(question, list.bytes,
                       2 * list.length + issuing.length, "three"),
        CHANCERY_UNSUITABLE, question, "more than 1000 revocation lists");
    assert_answers(question, LEAF, "ok", "valid");
    question_add(
        question, chancery_question_add_lists, OBJECTS "verify/revoked.crl");
    assert_refused(chancery_question_add_ocsp(question, "x", 1, NULL),
        CHANCERY_UNSUITABLE, question, "more than 1000 revocation lists");
    assert_leaf_answers(question, "revoked", "2026-06-01");
}

static void files_have_a_limit_that_is_named(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    for (int i = 2; i < CHANCERY_FILES_MAX; i++)
        question_add(question, chancery_question_add_roots, ROOT);
    assert_refused(chancery_question_add_roots(question, "x", 1, NULL),
        CHANCERY_UNSUITABLE, question, "at most 10000 files");
    assert_leaf_answers(question, "ok", "valid");
}

static void a_file_that_is_refused_takes_no_place(void **state)
{
    struct chancery_question *question = question_of_chain();

    (void)state;
    for (int i = 0; i < CHANCERY_FILES_MAX; i++)
        (void)chancery_question_add_roots(question, "x", 1, NULL);
    question_add(question, chancery_question_add_untrusted, ROOT);
    assert_leaf_answers(question, "ok", "valid");
}

static void a_file_without_certificates_is_no_file_of_roots(void **state)
{
    struct chancery_question *question = question_of_chain();
    struct held list = {.length = 0};

    (void)state;
    assert_refused(
        chancery_question_add_roots(question, "nothing", 7, "no.pem"),
        CHANCERY_MALFORMED, question, "no.pem");
    read_object(OBJECTS "verify/empty.crl", &list);
    assert_refused(chancery_question_add_untrusted(
                       question, list.bytes, list.length, "list.pem"),
        CHANCERY_MALFORMED, question,
        "list.pem holds no certificate that can be read");
    assert_refused(chancery_question_add_distrusted(question, NULL, 0, NULL),
        CHANCERY_MALFORMED, question, "the file");
    assert_leaf_answers(question, "ok", "valid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_that_it_was_built_against_is_taken),
        cmocka_unit_test(kb089_another_version_is_refused_and_both_are_named),
        cmocka_unit_test(kb089_another_abi_of_the_same_version_is_refused),
        cmocka_unit_test(a_check_writes_no_more_than_there_is_room_for),
        cmocka_unit_test(a_chain_to_a_root_is_valid_in_any_pieces),
        cmocka_unit_test(nobody_is_trusted_but_who_was_added),
        cmocka_unit_test(a_missing_issuer_is_named_with_its_cure),
        cmocka_unit_test(the_time_that_was_set_is_judged_at),
        cmocka_unit_test(each_name_must_match),
        cmocka_unit_test(purpose_usage_and_depth_are_asked),
        cmocka_unit_test(a_key_usage_that_it_lacks_is_told),
        cmocka_unit_test(policies_are_asked),
        cmocka_unit_test(a_list_makes_revocation_soft_and_a_word_changes_it),
        cmocka_unit_test(what_is_not_known_is_refused_when_it_must_be),
        cmocka_unit_test(a_damaged_list_is_told_where_it_matters),
        cmocka_unit_test(a_list_damaged_in_pem_is_told_with_its_line),
        cmocka_unit_test(an_ocsp_answer_for_another_leaves_the_status_unknown),
        cmocka_unit_test(a_distrusted_certificate_is_refused_on_any_path),
        cmocka_unit_test(a_profile_is_held),
        cmocka_unit_test(an_issuer_that_is_damaged_is_told_of),
        cmocka_unit_test(a_word_that_is_none_is_refused_and_changes_nothing),
        cmocka_unit_test(names_have_a_limit_that_is_named),
        cmocka_unit_test(lists_have_a_limit_and_a_file_comes_whole_or_not),
        cmocka_unit_test(files_have_a_limit_that_is_named),
        cmocka_unit_test(a_file_that_is_refused_takes_no_place),
        cmocka_unit_test(a_file_without_certificates_is_no_file_of_roots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
