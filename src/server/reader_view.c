#include "server/reader_view.h"

#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "server/reader_protocol.h"
#include "x509/question_files.h"
#include "x509/view/viewing.h"

bool reader_view_ask(const char *name, struct bytes file, struct bytes roots,
    struct bytes untrusted, struct buffer *question, struct failure *why)
{
    return message_add_text(question, READER_NAME, name, why) &&
           message_add(question, READER_FILE, file, why) &&
           message_add(question, READER_ROOTS, roots, why) &&
           message_add(question, READER_UNTRUSTED, untrusted, why);
}

/* What is asked, and what stands by while it is answered. */
struct looking {
    char name[READER_NAME_MAX];
    struct bytes file, roots_file, untrusted_file;
    struct input roots_input, untrusted_input;
    struct chain_pool *roots, *untrusted;
};

static void looking_free(struct looking *looking)
{
    input_free(&looking->roots_input);
    input_free(&looking->untrusted_input);
    chain_pool_free(looking->roots);
    chain_pool_free(looking->untrusted);
}

static bool take_field(
    struct looking *looking, const struct field *field, struct failure *why)
{
    switch (field->tag) {
    case READER_NAME:
        return field_text(field, looking->name, sizeof(looking->name), why);
    case READER_FILE:
        looking->file = field->value;
        return true;
    case READER_ROOTS:
        looking->roots_file = field->value;
        return true;
    case READER_UNTRUSTED:
        looking->untrusted_file = field->value;
        return true;
    default:
        return fail_because(
            why, FAILURE_MALFORMED, "a view with a field %u", field->tag);
    }
}

static bool read_question(
    struct bytes question, struct looking *looking, struct failure *why)
{
    struct reader reader = reader_of(question);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(looking, &field, why))
            return false;
    }
    if (looking->file.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "the file is empty");
    return looking->file.length <= READER_VIEW_MAX ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the file has %zu bytes; at most %d are viewed here",
               looking->file.length, READER_VIEW_MAX);
}

/* --- private keys --------------------------------------------------------- */

/* UTF-16 has a zero beside each letter. */
static bool holds_words(struct bytes file, const char *words)
{
    size_t matched = 0;

    for (size_t i = 0; i < file.length; i++) {
        if (file.start[i] == 0)
            continue;
        if (file.start[i] != (uint8_t)words[matched])
            matched = file.start[i] == (uint8_t)words[0] ? 1 : 0;
        else if (words[++matched] == '\0')
            return true;
    }
    return false;
}

static bool is_key(enum input_kind kind)
{
    return kind == INPUT_PRIVATE_KEY || kind == INPUT_ENCRYPTED_KEY ||
           kind == INPUT_PKCS12;
}

/* Also in a file that is damaged elsewhere. */
static bool holds_key(struct bytes file)
{
    RELEASED(input) input = {0};
    struct failure unread = {0};

    if (holds_words(file, "PRIVATE KEY-") || is_key(input_kind_of(file)))
        return true;
    if (!input_read(file, "", &input, &unread))
        return false;
    for (size_t i = 0; i < input.count; i++) {
        if (is_key(input.objects[i].kind))
            return true;
    }
    return false;
}

static bool refuse_keys(const struct looking *looking, struct failure *why)
{
    return !holds_key(looking->file) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the file holds a private key, or is a PKCS#12 that may: "
               "nothing of it is shown or kept. Look at it with `chancery "
               "view` on your own machine, and replace a key that was sent "
               "to a server");
}

/* --- what is shown -------------------------------------------------------- */

/* One that can't be read is passed over; without any, nothing is trusted. */
static bool open_pool(struct bytes file, const char *name, struct input *input,
    struct chain_pool **pool, struct failure *why)
{
    struct failure unread = {0};

    if (!chain_pool_new(pool, why))
        return false;
    if (file.length > 0 && input_read(file, name, input, &unread))
        (void)question_certificates(
            input, name, (struct bytes){0}, *pool, NULL, NULL);
    return true;
}

static bool give_question(
    void *owner, struct chain_question *question, struct failure *why)
{
    struct looking *looking = owner;

    if (!open_pool(looking->roots_file, "roots.pem", &looking->roots_input,
            &looking->roots, why) ||
        !open_pool(looking->untrusted_file, "intermediates.pem",
            &looking->untrusted_input, &looking->untrusted, why))
        return false;
    *question = (struct chain_question){.roots = looking->roots,
        .untrusted = looking->untrusted,
        .time = clock_now(),
        .revocation = CHAIN_REVOCATION_OFF,
        .explains = true};
    return true;
}

static bool show(
    struct looking *looking, struct buffer *markup, struct failure *why)
{
    RELEASED(viewing) viewing = viewing_new(looking->name);

    viewing.out = BUFFER("what is shown", READER_MARKUP_MAX);
    viewing.makes_page = true;
    viewing.is_fragment = true;
    viewing.options = (struct view_options){.now = clock_now()};
    viewing.question = give_question;
    viewing.owner = looking;
    return viewing_begin(&viewing, why) &&
           viewing_show_file(&viewing, looking->file, why) &&
           viewing_end(&viewing, why) &&
           buffer_append(markup, buffer_view(&viewing.out), why);
}

bool reader_view(
    struct bytes question, struct buffer *markup, struct failure *why)
{
    RELEASED(looking) looking = {.name = "file"};

    return read_question(question, &looking, why) &&
           refuse_keys(&looking, why) && show(&looking, markup, why);
}
