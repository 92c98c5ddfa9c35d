#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/configuration.h"
#include "authority/profile_words.h"

#define ROUNDS 2000

/* --- profiles of all kinds ----------------------------------------------- */

/* The same sequence in every run (Knuth's MMIX). */
static uint64_t seed = 42;

static unsigned int below(unsigned int end)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned int)(seed >> 33) % end;
}

static size_t words_in(const struct word *words)
{
    size_t count = 0;

    while (words[count].text != NULL)
        count++;
    return count;
}

/* Some of the words' values, in an order of their own. */
static size_t choose(const struct word *words, enum oid *values)
{
    size_t all = words_in(words), first = below((unsigned int)all), count = 0;

    for (size_t i = 0; i < all; i++) {
        if (below(2) == 0)
            values[count++] = (enum oid)words[(first + i) % all].value;
    }
    return count;
}

static void choose_allowed_names(struct profile *profile)
{
    static const char *const patterns[] = {"example.org", "*.example.org",
        "@example.org", "#{it}'s@a.test", "10.0.0.0/8", "2001:db8::/32",
        "https://*.example.org", "spiffe://td.test"};
    size_t used = 0;

    profile->restricts_names = below(2) == 0;
    for (size_t i = 0; profile->restricts_names && i < 8; i++) {
        size_t size = strlen(patterns[i]) + 1;

        if (below(2) == 0)
            continue;
        memcpy(profile->allowed_names + used, patterns[i], size);
        profile->allowed_name_count++;
        used += size;
    }
}

static void choose_keys(struct profile *profile)
{
    for (const struct key_algorithm *row = key_algorithms(); row->name != NULL;
         row++) {
        if (below(2) == 0)
            profile->keys[profile->key_count++] = row;
    }
}

static void choose_leaf_use(struct profile *profile)
{
    const uint32_t rsa_only =
        KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;

    do {
        profile->purpose_count = choose(profile_purposes, profile->purposes);
    } while (profile->purpose_count == 0);
    profile->key_usage = 1 + below(31);
    profile->key_usage_rsa_only = profile->key_usage & rsa_only;
    profile->path_length = -1;
    for (size_t i = 0; i < profile->purpose_count; i++) {
        if (profile->purposes[i] == OID_OCSP_SIGNING)
            profile->ocsp_no_check = below(2) == 0;
    }
}

static void choose_authority_use(struct profile *profile)
{
    profile->is_authority = true;
    profile->key_usage = KEY_USAGE_CERT_SIGN;
    if (below(2) == 0)
        profile->key_usage |= KEY_USAGE_CRL_SIGN;
    profile->path_length = (int)below(18) - 1;
}

static struct profile any_profile(void)
{
    static const int64_t units[] = {1, 60, 3600, 86400, 604800, 31536000};
    struct profile profile = {.name = "any"};

    if (below(4) == 0)
        choose_authority_use(&profile);
    else
        choose_leaf_use(&profile);
    profile.lifetime_s = (1 + below(50)) * units[below(6)];
    profile.longest_lifetime_s = profile.lifetime_s + below(1000);
    for (const struct word *word = profile_name_kinds; word->text != NULL;
         word++)
        profile.name_kinds |= below(2) << word->value;
    profile.names_required = profile.name_kinds != 0 && below(2) == 0;
    choose_allowed_names(&profile);
    profile.wildcards = below(2) == 0;
    profile.subject_count = choose(profile_attributes, profile.subject);
    choose_keys(&profile);
    profile.who = below(32);
    profile.approvals = (int)below(3);
    profile.beyond_issuer = (enum beyond_issuer)below(2);
    return profile;
}

/* --- they come back ------------------------------------------------------ */

static void assert_equal(const struct profile *a, const struct profile *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->lifetime_s, b->lifetime_s);
    assert_int_equal(a->longest_lifetime_s, b->longest_lifetime_s);
    assert_int_equal(a->key_usage, b->key_usage);
    assert_int_equal(a->key_usage_rsa_only, b->key_usage_rsa_only);
    assert_int_equal(a->purpose_count, b->purpose_count);
    assert_memory_equal(a->purposes, b->purposes, sizeof(a->purposes));
    assert_int_equal(a->is_authority, b->is_authority);
    assert_int_equal(a->path_length, b->path_length);
    assert_int_equal(a->ocsp_no_check, b->ocsp_no_check);
    assert_int_equal(a->key_count, b->key_count);
    assert_memory_equal(a->keys, b->keys, sizeof(a->keys));
    assert_int_equal(a->name_kinds, b->name_kinds);
    assert_int_equal(a->names_required, b->names_required);
    assert_int_equal(a->subject_count, b->subject_count);
    assert_memory_equal(a->subject, b->subject, sizeof(a->subject));
    assert_int_equal(a->restricts_names, b->restricts_names);
    assert_int_equal(a->allowed_name_count, b->allowed_name_count);
    assert_memory_equal(
        a->allowed_names, b->allowed_names, sizeof(a->allowed_names));
    assert_int_equal(a->wildcards, b->wildcards);
    assert_int_equal(a->who, b->who);
    assert_int_equal(a->approvals, b->approvals);
    assert_int_equal(a->beyond_issuer, b->beyond_issuer);
}

static void assert_comes_back(const struct profile *profile)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);
    RELEASED(buffer) again = BUFFER("a profile", PROFILE_TEXT_MAX);
    struct profile read = {0};
    char hash[SHA256_TEXT], of_text[SHA256_TEXT];
    struct failure why = {0};

    assert_true(profile_text(profile, &text, &why));
    if (!profile_read_text(buffer_view(&text), &read, &why))
        fail_msg("%s\n%.*s", why.reason, (int)text.length, text.start);
    assert_equal(profile, &read);
    assert_true(profile_text(&read, &again, &why));
    assert_true(bytes_equal(buffer_view(&text), buffer_view(&again)));
    assert_true(profile_hash(profile, hash, &why));
    assert_true(sha256_text(buffer_view(&text), of_text, &why));
    assert_string_equal(hash, of_text);
}

static void incident43_every_profile_comes_back_from_its_text(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct profile profile = any_profile();

        assert_comes_back(&profile);
    }
}

static void incident43_the_founding_profiles_come_back_too(void **state)
{
    (void)state;
    assert_comes_back(profile_root());
    assert_comes_back(profile_subordinate());
}

static void the_longest_profile_fits_its_text(void **state)
{
    struct profile profile = {.name = "long", .path_length = -1, .who = 31};
    size_t used = 0;

    (void)state;
    choose_keys(&profile);
    profile.restricts_names = true;
    while (profile.allowed_name_count < PROFILE_ALLOWED_NAMES_MAX) {
        used += 1 + (size_t)snprintf(profile.allowed_names + used,
                        sizeof(profile.allowed_names) - used,
                        "%02zu.%s.example.org", profile.allowed_name_count,
                        "a-label-of-nearly-fifty-characters-or-so-in-all");
        profile.allowed_name_count++;
    }
    profile.purposes[profile.purpose_count++] = OID_SERVER_AUTH;
    profile.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
    profile.lifetime_s = profile.longest_lifetime_s = 86400;
    assert_true(used > PROFILE_ALLOWED_NAMES_ROOM * 15 / 16);
    assert_comes_back(&profile);
}

/* --- versions ------------------------------------------------------------ */

#define WEB                               \
    "    purposes: [serverAuth]\n"        \
    "    key-usage: [digitalSignature]\n" \
    "    keys: [p256]\n"                  \
    "    lifetime: 90d\n"

static void hash_of(const char *text, char hash[static SHA256_TEXT])
{
    SCOPED_STRUCT(configuration) *read = NULL;
    struct failure why = {0};

    assert_true(
        configuration_read(bytes_of_text(text), "chancery.yaml", &read, &why));
    assert_true(profile_hash(&read->profiles[0], hash, &why));
}

static void incident43_what_means_the_same_is_the_same_version(void **state)
{
    char hash[SHA256_TEXT], other[SHA256_TEXT];

    (void)state;
    hash_of("profiles:\n  web:\n" WEB, hash);
    hash_of("# a comment\nprofiles:\n  web:\n    approvals: 0\n" WEB
            "    who:\n      - operator\n      - administrator\n"
            "    longest-lifetime: 2160h\n",
        other);
    assert_string_equal(hash, other);
}

static void incident43_every_change_is_another_version(void **state)
{
    static const char *const changes[] = {"approvals: 1", "wildcards: no",
        "who: [operator]", "allowed-names: []", "names: [dns]", "subject: [CN]",
        "longest-lifetime: 91d", "beyond-issuer: refuse"};
    char hash[SHA256_TEXT];

    (void)state;
    hash_of("profiles:\n  web:\n" WEB, hash);
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        char text[512], other[SHA256_TEXT];

        (void)snprintf(text, sizeof(text), "profiles:\n  web:\n" WEB "    %s\n",
            changes[i]);
        hash_of(text, other);
        assert_string_not_equal(hash, other);
    }
}

static void a_stored_text_is_one_profile(void **state)
{
    struct profile profile = {0};
    struct failure why = {0};

    (void)state;
    assert_false(
        profile_read_text(bytes_of_text("web: 1\nb: 2\n"), &profile, &why));
    assert_string_equal(
        why.reason, "a stored profile is one name with what the profile says");
    assert_false(profile_read_text(bytes_of_text("[web]\n"), &profile, &why));
    assert_false(profile_read_text(bytes_of_text("web: {}\n"), &profile, &why));
    assert_int_equal(profile.lifetime_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incident43_every_profile_comes_back_from_its_text),
        cmocka_unit_test(incident43_the_founding_profiles_come_back_too),
        cmocka_unit_test(the_longest_profile_fits_its_text),
        cmocka_unit_test(incident43_what_means_the_same_is_the_same_version),
        cmocka_unit_test(incident43_every_change_is_another_version),
        cmocka_unit_test(a_stored_text_is_one_profile),
    };

    return cmocka_run_group_tests_name("profile_text", tests, NULL, NULL);
}
