#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/front/accept.h"
#include "server/front/connection.h"
#include "server/front/files.h"

/*
 * A connection of a front without a keeper: the first byte says in which pieces
 * the others come.  Whatever comes, the connection ends and keeps nothing; and
 * no path leads to a file that is not meant.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* --- a client that is bytes ------------------------------------------------
 */

struct client {
    struct transport head;
    struct bytes rest;
    size_t piece;
    bool is_gone;
};
static struct client client;

static enum transport_step shake_hands(
    struct transport *transport, struct failure *why)
{
    (void)transport;
    (void)why;
    return TRANSPORT_DONE;
}

static enum transport_step read_piece(struct transport *transport,
    uint8_t *room, size_t size, size_t *count, struct failure *why)
{
    size_t length = client.rest.length;

    (void)transport;
    (void)why;
    if (length == 0)
        return TRANSPORT_ENDED;
    if (length > client.piece)
        length = client.piece;
    if (length > size)
        length = size;
    memcpy(room, client.rest.start, length);
    client.rest.start += length;
    client.rest.length -= length;
    *count = length;
    return TRANSPORT_DONE;
}

static enum transport_step write_piece(struct transport *transport,
    struct bytes bytes, size_t *count, struct failure *why)
{
    (void)transport;
    (void)why;
    *count = bytes.length > 1000 ? 1000 : bytes.length;
    return TRANSPORT_DONE;
}

static enum transport_step finish(struct transport *transport)
{
    (void)transport;
    return TRANSPORT_DONE;
}

static void go(struct transport *transport)
{
    (void)transport;
    client.is_gone = true;
}

static const struct transport_verbs verbs = {.handshake = shake_hands,
    .read = read_piece,
    .write = write_piece,
    .finish = finish,
    .free = go};

/* --- a front ---------------------------------------------------------------
 */

static const struct route *find_route(const char *path, enum listener listener)
{
    static const struct route front = {
        .methods = EXCHANGE_GET, .place = ROUTE_FRONT, .manner = MANNER_PAGE};
    static const struct route keeper = {.methods = EXCHANGE_GET | EXCHANGE_POST,
        .body_max = 1000,
        .place = ROUTE_KEEPER,
        .manner = MANNER_PROBLEM};

    (void)listener;
    if (strncmp(path, "/k", 2) == 0)
        return &keeper;
    return strncmp(path, "/f", 2) == 0 ? &front : NULL;
}

static bool say_hello(struct connection *connection, struct failure *why)
{
    const struct answer answer = {
        .status = 200, .type = "text/plain", .content = bytes_of_text("hello")};

    return connection_answer(connection, &answer, why);
}

static struct front *the_front(void)
{
    static struct front *front;
    struct failure why = {0};

    if (front != NULL)
        return front;
    log_open("front", LOG_LEVEL_ERROR);
    insist(front_new(&front_limits, &front, &why));
    front->listener = LISTENER_PLAIN;
    front->route_of = find_route;
    front->answerers[ROUTE_FRONT] = say_hello;
    front->answerers[ROUTE_KEEPER] = connection_ask_keeper;
    return front;
}

static void converse(struct bytes bytes, size_t piece)
{
    struct front *front = the_front();
    const struct address address = {.text = "192.0.2.1"};
    struct failure why = {0};

    client = (struct client){
        .head = {.verbs = &verbs, .socket = -1}, .rest = bytes, .piece = piece};
    insist(connection_open(front, &client.head, &address, &why));
    while (!client.is_gone)
        connection_turn(front->lists[CONNECTIONS_OPEN].last);
    insist(front->count == 0 && front->held == 0);
    insist(front->lists[CONNECTIONS_IDLE].first == NULL &&
           front->lists[CONNECTIONS_OPEN].first == NULL);
    insist(addresses_count(front->addresses, &address) == 0);
}

/* --- paths -----------------------------------------------------------------
 */

static void name_file(struct bytes bytes)
{
    RELEASED(buffer) path = BUFFER("a path", 4096);
    const char *text = NULL, *type = NULL, *cached = NULL;
    char name[FILE_NAME_ROOM];
    struct failure why = {0};

    if (!buffer_append(&path, bytes, &why) ||
        !buffer_as_text(&path, &text, &why) ||
        !files_name(text, name, &type, &cached, &why))
        return;
    insist(type != NULL && cached != NULL);
    insist(name[0] != '/' && name[0] != '.');
    insist(strstr(name, "..") == NULL || strstr(name, "/..") == NULL);
    insist(strstr(name, "/.") == NULL && strstr(name, "//") == NULL);
    insist(strncmp(name, "ocsp/", 5) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    converse((struct bytes){data + 1, size - 1}, (size_t)data[0] + 1);
    name_file((struct bytes){data + 1, size - 1});
    return 0;
}
