#include "server/web/own_names.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "x509/general_name.h"

#define HOST_ROOM 512

/* The host of "https://pki.example.org:8443/x" or "http://[::1]/"; "" without
 * one. */
static void host_of(const char *url, char host[static HOST_ROOM])
{
    const char *start = strstr(url, "://");
    size_t length;

    host[0] = '\0';
    if (start == NULL)
        return;
    start += 3;
    if (*start == '[') {
        start++;
        length = strcspn(start, "]");
    } else {
        length = strcspn(start, ":/?#");
    }
    if (length < HOST_ROOM)
        (void)snprintf(host, HOST_ROOM, "%.*s", (int)length, start);
}

/* As certificates hold it, whatever way it is written; names holds the encoded
 * names so far. */
static bool is_new(
    const char *text, struct buffer *encoded, struct buffer *before)
{
    struct der_reader reader = der_reader_of(buffer_view(before));
    struct failure why = {0};

    buffer_clear(encoded);
    if (!general_name_read(text, encoded, &why)) {
        log_event(LOG_LEVEL_WARNING, "own-name-left-out", "name", text, "why",
            why.reason, NULL);
        return false;
    }
    while (!der_at_end(&reader)) {
        struct bytes from = der_remaining(&reader);
        struct general_name name = {0};

        if (!general_name_next(&reader, &name, &why))
            return false;
        from.length -= der_remaining(&reader).length;
        if (bytes_equal(buffer_view(encoded), from))
            return false;
    }
    return buffer_append(before, buffer_view(encoded), &why);
}

static void add(
    struct own_names *names, struct buffer *encoded, const char *text)
{
    RELEASED(buffer) name = BUFFER("a name", 1024);

    if (text[0] == '\0' || names->count == OWN_NAMES_MAX ||
        strlen(text) >= SERVE_NAME_ROOM || !is_new(text, &name, encoded))
        return;
    (void)snprintf(names->texts[names->count++], SERVE_NAME_ROOM, "%s", text);
}

void own_names_of(
    const struct configuration *configuration, struct own_names *names)
{
    RELEASED(buffer) encoded = BUFFER("own names", OWN_NAMES_MAX * 1024);
    const struct serve_settings *serve = &configuration->serve;
    char host[HOST_ROOM];

    names->count = 0;
    for (size_t i = 0; i < serve->name_count; i++)
        add(names, &encoded, serve->names[i]);
    host_of(configuration->url, host);
    add(names, &encoded, host);
    add(names, &encoded, "dns:localhost");
    add(names, &encoded, "ip:127.0.0.1");
    add(names, &encoded, "ip:::1");
}

bool own_names_write(const struct configuration *configuration,
    struct buffer *names, struct failure *why)
{
    struct own_names own;

    own_names_of(configuration, &own);
    for (size_t i = 0; i < own.count; i++) {
        if (!general_name_read(own.texts[i], names, why))
            return false;
    }
    return true;
}

void own_actor(enum listener listener, char actor[static OWN_ACTOR_ROOM])
{
    (void)snprintf(
        actor, OWN_ACTOR_ROOM, "keeper:front-%s", listener_name(listener));
}
