/*
 * Asks the shared library what a line of `verify --batch` asks, and answers
 * with {"id","valid","code","sentence","json","view"}: json is the library's
 * verdict, view the part Path of its view of the leaf.  "origins" in the line
 * says what the files are called; otherwise they are called as batch does.
 *
 *     library-lines <LINES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chancery/view.h>
#include <jansson.h>

typedef enum chancery_result add_file(struct chancery_question *question,
    const void *bytes, size_t length, const char *name);
typedef enum chancery_result add_word(
    struct chancery_question *question, const char *word);

static const char *origin_of(const json_t *line, const char *key)
{
    const char *origin = json_string_value(
        json_object_get(json_object_get(line, "origins"), key));

    return origin == NULL ? key : origin;
}

/* What batch passes over is passed over. */
static void add_files(struct chancery_question *question, const json_t *line,
    const char *key, add_file *add)
{
    const json_t *text = NULL;
    size_t place = 0;

    json_array_foreach(json_object_get(line, key), place, text)
    {
        (void)add(question, json_string_value(text), json_string_length(text),
            origin_of(line, key));
    }
}

static bool add_words(
    struct chancery_question *question, const json_t *words, add_word *add)
{
    const json_t *word = NULL;
    size_t place = 0;

    json_array_foreach(words, place, word)
    {
        if (add(question, json_string_value(word)) != CHANCERY_DONE)
            return false;
    }
    return true;
}

static bool set_word(struct chancery_question *question, const json_t *line,
    const char *key, add_word *set)
{
    const char *word = json_string_value(json_object_get(line, key));

    return word == NULL || set(question, word) == CHANCERY_DONE;
}

static bool add_names(struct chancery_question *question, const json_t *line)
{
    const json_t *name = NULL;
    size_t place = 0;

    json_array_foreach(json_object_get(line, "names"), place, name)
    {
        char word[4096];

        (void)snprintf(word, sizeof(word), "%s:%s",
            json_string_value(json_object_get(name, "kind")),
            json_string_value(json_object_get(name, "value")));
        if (chancery_question_add_name(question, word) != CHANCERY_DONE)
            return false;
    }
    return true;
}

static bool set_policies(struct chancery_question *question, const json_t *line)
{
    const json_t *policies = json_object_get(line, "policies");

    chancery_question_set_policy_switches(question,
        json_is_true(json_object_get(policies, "require_explicit")),
        json_is_true(json_object_get(policies, "inhibit_mapping")),
        json_is_true(json_object_get(policies, "inhibit_any")));
    return add_words(question, json_object_get(policies, "initial"),
        chancery_question_add_policy);
}

static void set_numbers(struct chancery_question *question, const json_t *line)
{
    const json_t *time = json_object_get(line, "time");
    const json_t *depth = json_object_get(line, "max_depth");

    if (json_is_integer(time))
        chancery_question_set_time(question, json_integer_value(time));
    if (json_is_integer(depth))
        chancery_question_set_max_depth(
            question, (uint32_t)json_integer_value(depth));
}

/* Batch asks about revocation where it is told to alone. */
static bool fill(struct chancery_question *question, const json_t *line)
{
    add_files(question, line, "roots", chancery_question_add_roots);
    add_files(question, line, "untrusted", chancery_question_add_untrusted);
    add_files(question, line, "crls", chancery_question_add_lists);
    set_numbers(question, line);
    return (json_object_get(line, "origins") != NULL ||
               chancery_question_set_revocation(question, "off") ==
                   CHANCERY_DONE) &&
           set_word(question, line, "revocation",
               chancery_question_set_revocation) &&
           set_word(question, line, "purpose", chancery_question_set_purpose) &&
           set_word(question, line, "profile", chancery_question_set_profile) &&
           add_words(question, json_object_get(line, "extended_key_usage"),
               chancery_question_add_extended_key_usage) &&
           add_words(question, json_object_get(line, "key_usage"),
               chancery_question_add_key_usage) &&
           add_names(question, line) && set_policies(question, line);
}

/* The first object's, as the leaf stands first. */
static json_t *path_of(const struct chancery_question *question,
    const json_t *leaf, const char *origin)
{
    struct chancery_view *view = chancery_view_new();
    struct chancery_page *page = NULL;
    json_t *shown = NULL;
    json_t *path = NULL;

    chancery_view_set_question(view, question);
    (void)chancery_view_render(view, CHANCERY_VIEW_JSON,
        json_string_value(leaf), json_string_length(leaf), origin, &page);
    shown = json_loads(chancery_page_text(page), 0, NULL);
    path = json_incref(json_object_get(
        json_is_array(shown) ? json_array_get(shown, 0) : shown, "path"));
    json_decref(shown);
    chancery_page_free(page);
    chancery_view_free(view);
    return path == NULL ? json_null() : path;
}

static json_t *answer_of(
    const struct chancery_question *question, const json_t *line)
{
    const json_t *leaf = json_object_get(line, "leaf");
    const char *origin = origin_of(line, "leaf");
    struct chancery_answer *answer = NULL;
    json_t *told = NULL;

    (void)chancery_question_ask(question, json_string_value(leaf),
        json_string_length(leaf), origin, &answer);
    told = json_pack("{s:O, s:b, s:s, s:s, s:s, s:o}", "id",
        json_object_get(line, "id"), "valid",
        (int)chancery_answer_is_valid(answer), "code",
        chancery_answer_code(answer), "sentence",
        chancery_answer_sentence(answer), "json", chancery_answer_json(answer),
        "view", path_of(question, leaf, origin));
    chancery_answer_free(answer);
    return told;
}

/* What the question can't say is malformed, as batch has it. */
static json_t *refusal_of(
    const struct chancery_question *question, const json_t *line)
{
    return json_pack("{s:O, s:b, s:s, s:s, s:s, s:n}", "id",
        json_object_get(line, "id"), "valid", 0, "code", "malformed",
        "sentence", chancery_question_reason(question), "json", "", "view");
}

static void answer_line(const json_t *line)
{
    struct chancery_question *question = chancery_question_new();
    json_t *told = fill(question, line) ? answer_of(question, line)
                                        : refusal_of(question, line);

    (void)json_dumpf(told, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(told);
    chancery_question_free(question);
}

int main(void)
{
    char why[CHANCERY_LIBRARY_SENTENCE];
    char *text = NULL;
    size_t room = 0;

    if (!chancery_library_check(
            CHANCERY_LIBRARY_VERSION, CHANCERY_LIBRARY_ABI, why, sizeof(why))) {
        (void)fprintf(stderr, "%s\n", why);
        return 2;
    }
    while (getline(&text, &room, stdin) > 0) {
        json_t *line = json_loads(text, 0, NULL);

        answer_line(line);
        json_decref(line);
    }
    free(text);
    return 0;
}
