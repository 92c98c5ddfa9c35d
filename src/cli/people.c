#include "cli/people.h"

#include <stdlib.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "base/base64.h"
#include "base/random.h"
#include "cli/authorities.h"
#include "cli/output.h"

/* --- secrets ------------------------------------------------------------- */

/* RFC 4648, section 5, without padding; room is what is left in text. */
static bool append_random(
    char *text, size_t room, size_t bytes, struct failure *why)
{
    RELEASED(buffer) encoded = BUFFER("a secret", 128);
    uint8_t random[32];
    bool ok;

    random_fill(random, bytes);
    ok = base64_append(&encoded, (struct bytes){random, bytes}, 0, why);
    wipe(random, sizeof(random));
    for (size_t i = 0; ok && i + 1 < room && i < encoded.length; i++) {
        char letter = (char)encoded.start[i];

        text[i] = letter == '+' ? '-' : letter == '/' ? '_' : letter;
        text[i + 1] = '\0';
        if (letter == '=')
            text[i] = '\0';
    }
    if (encoded.length > 0)
        wipe(encoded.start, encoded.length);
    return ok;
}

bool new_secret(const char *prefix, char text[static SECRET_TEXT_ROOM],
    char sha256[static SHA256_TEXT], struct failure *why)
{
    int length = snprintf(text, SECRET_TEXT_ROOM, "%s", prefix);

    return append_random(
               text + length, SECRET_TEXT_ROOM - (size_t)length, 32, why) &&
           sha256_text(bytes_of_text(text), sha256, why);
}

bool new_password(struct secret *password, struct failure *why)
{
    char text[PASSWORD_TEXT_ROOM];
    bool ok = append_random(text, sizeof(text), 18, why) &&
              secret_new(password, sizeof(text) - 1, why);

    if (ok)
        memcpy(password->start, text, sizeof(text) - 1);
    wipe(text, sizeof(text));
    return ok;
}

/* --- asking -------------------------------------------------------------- */

bool open_client(
    const struct place *place, struct client **client, struct failure *why)
{
    const struct client_options options = {.directory = place->directory,
        .credentials = getenv("CREDENTIALS_DIRECTORY"),
        .passphrase = -1,
        .root_passphrase = -1};

    return client_open(&options, client, why);
}

bool add_name_and_dry(
    struct call *call, struct buffer *message, struct failure *why)
{
    return message_add_text(
               message, CONTROL_NAME, call->options.operands[0], why) &&
           message_add_number(
               message, CONTROL_DRY, call_given(call, "dry-run"), why);
}

/* Commas and blanks stand between words. */
static bool add_words(struct call *call, const char *option,
    enum control_field tag, struct buffer *message, struct failure *why)
{
    size_t position = 0;
    const char *given;

    while ((given = option_next(&call->options, option, &position)) != NULL) {
        const char *word = given + strspn(given, ", ");

        while (*word != '\0') {
            size_t length = strcspn(word, ", ");

            if (!message_add(message, (uint8_t)tag,
                    (struct bytes){(const uint8_t *)word, length}, why))
                return false;
            word += length;
            word += strspn(word, ", ");
        }
    }
    return true;
}

bool add_rights(struct call *call, struct buffer *message, struct failure *why)
{
    return add_words(call, "profiles", CONTROL_PROFILES, message, why) &&
           add_words(call, "names", CONTROL_NAMES, message, why);
}

void note_rights(
    const struct call *call, const json_t *facts, const char *asker)
{
    const char *closed = json_text(facts, "not_open");

    if (closed[0] != '\0')
        notice(call,
            "Not for any %s yet: %s. Add %s to `who` of the profile in "
            "chancery.yaml.",
            asker, closed, asker);
    if (!call_given(call, "profiles") || !call_given(call, "names"))
        notice(call,
            "Without --profiles and --names it may ask for nothing: what is "
            "not listed is refused.");
}

bool ask_about_people(struct call *call, uint16_t verb, struct bytes message,
    json_t **facts, struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct place place = {0};

    return call_place(call, &place, why) && open_client(&place, &client, why) &&
           client_call(client, verb, message, -1, facts, why);
}

bool end_by_name(struct call *call, uint16_t verb, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", 4096);
    SCOPED(json_t) *facts = NULL;

    if (!add_name_and_dry(call, &message, why) ||
        !ask_about_people(call, verb, buffer_view(&message), &facts, why))
        return false;
    if (call->json)
        return output_json(facts, why);
    if (call_given(call, "dry-run"))
        return puts("Nothing is changed; it would be ended.") >= 0;
    return print_shown(call->options.operands[0], why) &&
           puts(" has ended, and takes effect at once.") >= 0;
}

/* --- words --------------------------------------------------------------- */

json_t *words_to_json(const char *words)
{
    json_t *array = json_array();

    while (*words != '\0') {
        size_t length = strcspn(words, " ");

        (void)json_array_append_new(array, json_stringn(words, length));
        words += length;
        words += strspn(words, " ");
    }
    return array;
}

const char *words_or_none(const char *words)
{
    return *words == '\0' ? "none" : words;
}

bool show_once(const char *what, const char *secret, struct failure *why)
{
    return printf("%s, shown only this once:\n%s\n", what, secret) >= 0 ||
           fail_because(why, FAILURE_UNAVAILABLE, "standard output is closed");
}
