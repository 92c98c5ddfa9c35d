#include "cli/verify_line_question.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const json_t *line_value(const json_t *line, const char *key)
{
    const json_t *value = json_object_get(line, key);

    return json_is_null(value) ? NULL : value;
}

/* *text stays NULL where the key is absent. */
static bool read_text(
    const json_t *line, const char *key, const char **text, struct failure *why)
{
    const json_t *value = line_value(line, key);

    if (value == NULL)
        return true;
    if (!json_is_string(value))
        return fail_because(
            why, FAILURE_MALFORMED, "%s is wanted as a text", key);
    *text = json_string_value(value);
    return true;
}

static bool read_flag(
    const json_t *object, const char *key, bool *flag, struct failure *why)
{
    const json_t *value = line_value(object, key);

    if (value != NULL && !json_is_boolean(value))
        return fail_because(
            why, FAILURE_MALFORMED, "%s is wanted as true or false", key);
    *flag = json_is_true(value);
    return true;
}

/* *texts: the array of a key, or NULL; all of it texts. */
static bool read_texts(const json_t *object, const char *key,
    const json_t **texts, struct failure *why)
{
    const json_t *list = line_value(object, key);
    const json_t *value = NULL;
    size_t place = 0;

    if (list == NULL)
        return true;
    if (!json_is_array(list) || json_array_size(list) > LINE_NAMES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "%s is wanted as an array of at most %d texts", key,
            LINE_NAMES_MAX);
    json_array_foreach(list, place, value)
    {
        if (!json_is_string(value))
            return fail_because(why, FAILURE_MALFORMED,
                "%s holds something other than texts", key);
    }
    *texts = list;
    return true;
}

/* --- words and numbers --------------------------------------------------- */

static bool read_time(
    const json_t *line, struct chain_question *question, struct failure *why)
{
    const json_t *value = line_value(line, "time");

    question->time = clock_now();
    if (value == NULL)
        return true;
    if (json_is_string(value))
        return clock_read(json_string_value(value), &question->time, why);
    if (!json_is_integer(value))
        return fail_because(why, FAILURE_MALFORMED,
            "time is wanted as RFC 3339 or seconds since 1970");
    question->time = json_integer_value(value);
    return true;
}

static bool read_depth(
    const json_t *line, struct chain_question *question, struct failure *why)
{
    const json_t *value = line_value(line, "max_depth");

    if (value == NULL)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > UINT32_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "max_depth is wanted as a number of intermediates");
    question->has_max_depth = true;
    question->max_depth = (uint32_t)json_integer_value(value);
    return true;
}

static bool read_words(
    const json_t *line, struct chain_question *question, struct failure *why)
{
    const char *purpose = NULL, *profile = NULL, *revocation = NULL;

    return read_text(line, "purpose", &purpose, why) &&
           read_text(line, "profile", &profile, why) &&
           read_text(line, "revocation", &revocation, why) &&
           (purpose == NULL ||
               question_purpose(purpose, &question->purpose, why)) &&
           (profile == NULL ||
               question_profile(profile, &question->profile, why)) &&
           (revocation == NULL ||
               question_revocation(revocation, &question->revocation, why));
}

static bool read_key_usage(
    const json_t *line, struct chain_question *question, struct failure *why)
{
    const json_t *texts = NULL;

    if (!read_texts(line, "key_usage", &texts, why))
        return false;
    for (size_t i = 0; i < json_array_size(texts); i++) {
        if (!question_key_usage(json_string_value(json_array_get(texts, i)),
                &question->key_usage, why))
            return false;
    }
    return true;
}

/* --- object identifiers -------------------------------------------------- */

static bool read_oids(const json_t *object, const char *key,
    struct question_oid **oids, struct bytes **views, size_t *count,
    struct failure *why)
{
    const json_t *texts = NULL;

    if (!read_texts(object, key, &texts, why))
        return false;
    if (json_array_size(texts) == 0)
        return true;
    *oids = calloc(json_array_size(texts), sizeof(**oids));
    *views = calloc(json_array_size(texts), sizeof(**views));
    if (*oids == NULL || *views == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < json_array_size(texts); i++) {
        struct question_oid *oid = &(*oids)[i];

        if (!question_oid_read(
                json_string_value(json_array_get(texts, i)), oid, why))
            return false;
        (*views)[i] = (struct bytes){oid->contents, oid->length};
    }
    *count = json_array_size(texts);
    return true;
}

static bool read_purposes(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    struct chain_question *question = &asked->question;

    if (!read_oids(line, "extended_key_usage", &asked->purpose_oids,
            &asked->purposes, &question->purpose_count, why))
        return false;
    question->purposes = asked->purposes;
    return true;
}

static bool read_policies(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    struct policy_question *policies = &asked->question.policies;
    const json_t *value = line_value(line, "policies");

    if (value == NULL)
        return true;
    if (!json_is_object(value))
        return fail_because(
            why, FAILURE_MALFORMED, "policies is wanted as an object");
    if (!read_oids(value, "initial", &asked->policy_oids, &asked->policies,
            &policies->initial_count, why))
        return false;
    policies->initial = asked->policies;
    return read_flag(
               value, "require_explicit", &policies->require_explicit, why) &&
           read_flag(
               value, "inhibit_mapping", &policies->inhibit_mapping, why) &&
           read_flag(value, "inhibit_any", &policies->inhibit_any, why);
}

/* --- names --------------------------------------------------------------- */

static bool read_kind(
    const char *word, enum reference_kind *kind, struct failure *why)
{
    static const struct {
        const char *word;
        enum reference_kind kind;
    } kinds[] = {{"dns", REFERENCE_DNS}, {"ip", REFERENCE_IP},
        {"email", REFERENCE_EMAIL}, {"uri", REFERENCE_URI}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return fail_because(why, FAILURE_MALFORMED,
        "a name's kind is one of dns, ip, email and uri");
}

static bool read_name(
    const json_t *value, struct reference_name *name, struct failure *why)
{
    const json_t *text = json_object_get(value, "value");
    const char *word = json_string_value(json_object_get(value, "kind"));
    enum reference_kind kind = REFERENCE_DNS;

    if (word == NULL || !json_is_string(text))
        return fail_because(why, FAILURE_MALFORMED,
            "a name is wanted as an object of kind and value");
    return read_kind(word, &kind, why) &&
           reference_name_read(kind,
               (struct bytes){(const uint8_t *)json_string_value(text),
                   json_string_length(text)},
               name, why);
}

static bool read_names(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    const json_t *list = line_value(line, "names");
    size_t count = json_array_size(list);

    if (list == NULL || (json_is_array(list) && count == 0))
        return true;
    if (!json_is_array(list) || count > LINE_NAMES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "names is wanted as an array of at most %d", LINE_NAMES_MAX);
    asked->names = calloc(count, sizeof(*asked->names));
    if (asked->names == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (!read_name(json_array_get(list, i), &asked->names[i], why))
            return false;
    }
    asked->question.names = asked->names;
    asked->question.name_count = count;
    return true;
}

/* --- all ----------------------------------------------------------------- */

/* Who gives lists wants them looked in, as with --crl. */
static void heed_lists(const json_t *line, struct chain_question *question)
{
    if (line_value(line, "revocation") == NULL && question->source_count > 0)
        question->revocation = CHAIN_REVOCATION_SOFT;
}

bool line_question_read(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    if (!json_is_object(line))
        return fail_because(
            why, FAILURE_MALFORMED, "it is JSON, but no object");
    if (!read_time(line, &asked->question, why) ||
        !read_depth(line, &asked->question, why) ||
        !read_words(line, &asked->question, why) ||
        !read_key_usage(line, &asked->question, why) ||
        !read_purposes(line, asked, why) || !read_policies(line, asked, why) ||
        !read_names(line, asked, why) || !line_objects_read(line, asked, why) ||
        !line_objects_place(asked, why))
        return false;
    heed_lists(line, &asked->question);
    return true;
}

void line_question_free(struct line_question *asked)
{
    buffer_free(&asked->der);
    free(asked->objects);
    for (enum line_role role = LINE_LEAF; role < LINE_ROLES; role++)
        chain_pool_free(asked->pools[role]);
    free(asked->sources);
    free(asked->source_list);
    free(asked->names);
    free(asked->purpose_oids);
    free(asked->policy_oids);
    free(asked->purposes);
    free(asked->policies);
    *asked = (struct line_question){0};
}
