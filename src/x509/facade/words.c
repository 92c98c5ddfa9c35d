#include <stdlib.h>
#include <string.h>

#include "x509/facade/facade.h"

/* The words of a question: what they mean is x509/chain/question_words.h's. */

/* A word that is none is unsuitable, as no file was damaged. */
static enum chancery_result settle(
    struct chancery_question *question, bool is_done, struct failure *why)
{
    if (is_done)
        return CHANCERY_DONE;
    if (why->kind == FAILURE_MALFORMED)
        why->kind = FAILURE_UNSUITABLE;
    question->failure = *why;
    return facade_result(why);
}

static bool check_room(size_t count, const char *what, struct failure *why)
{
    return count < CHANCERY_WORDS_MAX ||
           fail_because(why, FAILURE_UNSUITABLE, "a question has at most %d %s",
               CHANCERY_WORDS_MAX, what);
}

void chancery_question_set_time(
    struct chancery_question *question, int64_t seconds)
{
    question->asked.time = seconds;
    question->has_time = true;
}

void chancery_question_set_max_depth(
    struct chancery_question *question, uint32_t intermediates)
{
    question->asked.has_max_depth = true;
    question->asked.max_depth = intermediates;
}

void chancery_question_set_policy_switches(struct chancery_question *question,
    bool requires_explicit, bool inhibits_mapping, bool inhibits_any)
{
    question->asked.policies.require_explicit = requires_explicit;
    question->asked.policies.inhibit_mapping = inhibits_mapping;
    question->asked.policies.inhibit_any = inhibits_any;
}

enum chancery_result chancery_question_set_purpose(
    struct chancery_question *question, const char *purpose)
{
    struct failure why = {0};

    return settle(question,
        question_purpose(purpose, &question->asked.purpose, &why), &why);
}

enum chancery_result chancery_question_set_profile(
    struct chancery_question *question, const char *profile)
{
    struct failure why = {0};

    return settle(question,
        question_profile(profile, &question->asked.profile, &why), &why);
}

enum chancery_result chancery_question_set_revocation(
    struct chancery_question *question, const char *revocation)
{
    struct failure why = {0};
    bool is_done =
        question_revocation(revocation, &question->asked.revocation, &why);

    question->has_revocation |= is_done;
    return settle(question, is_done, &why);
}

enum chancery_result chancery_question_add_key_usage(
    struct chancery_question *question, const char *usage)
{
    struct failure why = {0};

    return settle(question,
        question_key_usage(usage, &question->asked.key_usage, &why), &why);
}

/* --- lists of words ------------------------------------------------------- */

/* The name is a view into the text. */
static bool add_name(
    struct chancery_question *question, char *text, struct failure *why)
{
    struct reference_name read = {0};
    size_t count = question->name_count;

    if (!reference_name_guess(bytes_of_text(text), &read, why) ||
        !check_room(count, "names", why) ||
        !facade_grow(&question->names, count, sizeof(*question->names), why) ||
        !facade_grow(
            &question->name_texts, count, sizeof(*question->name_texts), why))
        return false;
    question->names[count] = read;
    question->name_texts[count] = text;
    question->name_count = count + 1;
    return true;
}

enum chancery_result chancery_question_add_name(
    struct chancery_question *question, const char *name)
{
    struct failure why = {0};
    char *text = strdup(name);
    bool is_done;

    if (text == NULL)
        (void)fail_because(&why, FAILURE_INTERNAL, "out of memory");
    is_done = text != NULL && add_name(question, text, &why);
    if (!is_done)
        free(text);
    return settle(question, is_done, &why);
}

static bool add_oid(struct facade_oids *oids, const struct question_oid *read,
    struct failure *why)
{
    struct question_oid *held = NULL;

    if (!check_room(oids->count, "of these identifiers", why) ||
        !facade_grow(&oids->held, oids->count, sizeof(*oids->held), why) ||
        !facade_grow(&oids->views, oids->count, sizeof(*oids->views), why))
        return false;
    held = malloc(sizeof(*held));
    if (held == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *held = *read;
    oids->held[oids->count] = held;
    oids->views[oids->count++] = (struct bytes){held->contents, held->length};
    return true;
}

static enum chancery_result add_identifier(struct chancery_question *question,
    struct facade_oids *oids, const char *word)
{
    struct question_oid read = {0};
    struct failure why = {0};

    return settle(question,
        question_oid_read(word, &read, &why) && add_oid(oids, &read, &why),
        &why);
}

enum chancery_result chancery_question_add_extended_key_usage(
    struct chancery_question *question, const char *usage)
{
    return add_identifier(question, &question->purposes, usage);
}

enum chancery_result chancery_question_add_policy(
    struct chancery_question *question, const char *policy)
{
    return add_identifier(question, &question->policies, policy);
}
