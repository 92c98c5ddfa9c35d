#include <stdlib.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/refusal.h"
#include "server/front/answerers.h"
#include "server/front/connection_parts.h"
#include "server/front/files.h"
#include "server/front/form_file.h"
#include "server/front_protocol.h"
#include "server/pages/html.h"
#include "server/reader_protocol.h"
#include "server/reader_view.h"

/* A reader is killed after 10 s by the parent; its failure comes first. */
#define READER_WAITS_MS 12000

/* A reader at work for one connection. */
struct reading {
    struct connection *connection;
    struct channel *channel;
    struct event *readable, *writable;
};

static const struct channel_rule reader_rules[] = {
    {READER_SHOWN, "shown", READER_SHOWN_MAX, 1, 0},
    {READER_FAILED, "failed", 4096, 1, 0},
    {0},
};

void reading_end(struct connection *connection)
{
    struct reading *reading = connection->reading;

    if (reading == NULL)
        return;
    connection->reading = NULL;
    if (reading->readable != NULL)
        event_free(reading->readable);
    if (reading->writable != NULL)
        event_free(reading->writable);
    channel_free(reading->channel);
    free(reading);
}

/* --- what comes back ------------------------------------------------------ */

static bool answer_markup(
    struct connection *connection, struct bytes markup, struct failure *why)
{
    struct buffer *page = &connection->front->content;
    const struct html_page frame = {
        .title = "What is in the file", .authority = "Viewer", .here = "/view"};
    struct answer answer = {.status = 200, .type = "text/html; charset=utf-8"};

    buffer_clear(page);
    if (!html_page_begin(page, &frame, why) ||
        !buffer_append(page, markup, why) || !html_page_end(page, why))
        return false;
    answer.content = buffer_view(page);
    return answer_add(&answer, "Cache-Control", "no-store", why) &&
           connection_answer(connection, &answer, why);
}

static bool pass_on(struct connection *connection, const struct frame *frame,
    struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct field field = {0};

    if (frame->type == READER_FAILED) {
        if (message_next(&reader, &field, why)) /* the code of its verdict */
            (void)fail_as_told(why,
                (struct bytes){frame->body.start + reader.position,
                    frame->body.length - reader.position},
                "reader");
        return false;
    }
    if (!message_next(&reader, &field, why))
        return false;
    if (field.tag != READER_MARKUP)
        return fail_because(why, FAILURE_INTERNAL,
            "the reader answers with a field %u", field.tag);
    return answer_markup(connection, field.value, why);
}

/* One that ends without a word ran into its limits of memory and time. */
static void on_answer(evutil_socket_t socket, short what, void *state)
{
    struct reading *reading = state;
    struct connection *connection = reading->connection;
    struct failure why = {0};
    struct frame frame = {0};

    (void)socket;
    (void)what;
    if (!channel_receive(reading->channel, 0, &frame, &why)) {
        if (why.kind == FAILURE_UNAVAILABLE)
            return;
        connection_refuse_as(connection, 422,
            "the file could not be shown within the memory and time that one "
            "file may take");
    } else if (!pass_on(connection, &frame, &why)) {
        connection_refuse_for(connection, &why);
    }
    reading_end(connection);
    connection_turn(connection);
}

/* --- what goes ------------------------------------------------------------ */

static void on_room(evutil_socket_t socket, short what, void *state)
{
    struct reading *reading = state;
    struct failure why = {0};
    bool is_empty = false;

    (void)socket;
    (void)what;
    /* A reader that has gone is seen where its answer was awaited. */
    if (channel_flush(reading->channel, &is_empty, &why) && !is_empty)
        (void)event_add(reading->writable, NULL);
}

static bool watch_reader(struct reading *reading, struct failure *why)
{
    struct event_base *loop = reading->connection->front->loop;
    int socket = channel_descriptor(reading->channel);

    reading->readable =
        event_new(loop, socket, EV_READ | EV_PERSIST, on_answer, reading);
    reading->writable = event_new(loop, socket, EV_WRITE, on_room, reading);
    return (reading->readable != NULL && reading->writable != NULL &&
               event_add(reading->readable, NULL) == 0) ||
           fail_because(
               why, FAILURE_INTERNAL, "the loop takes no event for a reader");
}

/* The parent starts it, and passes the socket on unread. */
static bool start_reader(struct reading *reading, struct failure *why)
{
    const struct front *front = reading->connection->front;
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2] = {-1, -1};

    if (front->parent == NULL)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "nobody starts a reader here");
    if (!channel_pair(sockets, why))
        return false;
    theirs = sockets[1];
    return channel_new(sockets[0], reader_rules, 0, &reading->channel, why) &&
           channel_send(front->parent, FRONT_READER, 1, (struct bytes){0},
               &theirs, 1, 0, why) &&
           watch_reader(reading, why);
}

/* NULL: there is none.  Held, since the next that is looked for may take its
 * place. */
static struct published *find_published(struct files *files, const char *path)
{
    struct published *file = NULL;
    struct failure absent = {0};

    return files_find(files, path, &file, &absent) ? published_hold(file)
                                                   : NULL;
}

static struct bytes content_of(const struct published *file)
{
    return file == NULL ? (struct bytes){0} : file->content;
}

static bool send_question(
    struct reading *reading, const struct form_file *file, struct failure *why)
{
    struct front *front = reading->connection->front;
    RELEASED(buffer) question = BUFFER("question", READER_VIEW_QUESTION_MAX);
    SCOPED_STRUCT(published) *roots =
        find_published(front->files, "/roots.pem");
    SCOPED_STRUCT(published) *below =
        find_published(front->files, "/intermediates.pem");
    bool is_empty = false;

    if (!reader_view_ask(file->name, buffer_view(&file->contents),
            content_of(roots), content_of(below), &question, why) ||
        !channel_queue(
            reading->channel, READER_VIEW, 1, buffer_view(&question), 0, why) ||
        !channel_flush(reading->channel, &is_empty, why))
        return false;
    if (!is_empty)
        (void)event_add(reading->writable, NULL);
    return true;
}

static bool show(struct connection *connection, const struct form_file *file,
    struct failure *why)
{
    struct reading *reading = calloc(1, sizeof(*reading));

    if (reading == NULL)
        return fail_because(why, FAILURE_INTERNAL, "no memory for a reader");
    reading->connection = connection;
    connection->reading = reading;
    if (!start_reader(reading, why) || !send_question(reading, file, why)) {
        reading_end(connection);
        return false;
    }
    connection->state = CONNECTION_WAITS;
    connection->deadline_ms = clock_monotonic_ms() + READER_WAITS_MS;
    buffer_free(&connection->body);
    return true;
}

/* --- the page ------------------------------------------------------------- */

static const char form[] =
    "<p>Certificates, requests, revocation lists, chains, PKCS#7, time-stamps, "
    "OCSP answers and signed programs, in any encoding, up to 1 MiB. The file "
    "is shown and not kept. Never send a private key.</p>\n"
    "<form method=\"post\" action=\"/view\" "
    "enctype=\"multipart/form-data\">\n"
    "<label for=\"file\">File</label>\n"
    "<input type=\"file\" id=\"file\" name=\"file\" required>\n"
    "<button>Show</button>\n</form>\n";

static bool show_form(struct connection *connection, struct failure *why)
{
    struct buffer *page = &connection->front->content;
    const struct html_page frame = {
        .title = "Viewer", .authority = "View", .here = "/view"};
    struct answer answer = {.status = 200, .type = "text/html; charset=utf-8"};

    buffer_clear(page);
    if (!html_page_begin(page, &frame, why) || !html_raw(page, form, why) ||
        !html_page_end(page, why))
        return false;
    answer.content = buffer_view(page);
    return answer_add(&answer, "Cache-Control", "no-cache", why) &&
           connection_answer(connection, &answer, why);
}

bool answer_view(struct connection *connection, struct failure *why)
{
    RELEASED(form_file)
    file = {.contents = BUFFER("the file", READER_VIEW_MAX)};

    if (connection->request.method != HTTP_POST)
        return show_form(connection, why);
    return form_file_read(&connection->request, buffer_view(&connection->body),
               &file, why) &&
           show(connection, &file, why);
}
