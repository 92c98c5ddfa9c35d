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

static bool is_there(const struct buffer *names, struct bytes one)
{
    struct der_reader reader = der_reader_of(buffer_view(names));
    struct failure unread = {0};
    size_t offset = 0;

    while (!der_at_end(&reader)) {
        struct general_name name = {0};
        size_t left;

        if (!general_name_next(&reader, &name, &unread))
            return false;
        left = der_remaining(&reader).length;
        if (bytes_equal(one, (struct bytes){names->start + offset,
                                 names->length - left - offset}))
            return true;
        offset = names->length - left;
    }
    return false;
}

/* A name that can't be certified is told, and the others are. */
static bool add(struct buffer *names, const char *text, struct failure *why)
{
    RELEASED(buffer) name = BUFFER("a name", 1024);
    struct failure unsuitable = {0};

    if (text[0] == '\0')
        return true;
    if (!general_name_read(text, &name, &unsuitable)) {
        log_event(LOG_LEVEL_WARNING, "own-name-left-out", "name", text, "why",
            unsuitable.reason, NULL);
        return true;
    }
    return is_there(names, buffer_view(&name)) ||
           buffer_append(names, buffer_view(&name), why);
}

bool own_names_write(const struct configuration *configuration,
    struct buffer *names, struct failure *why)
{
    const struct serve_settings *serve = &configuration->serve;
    char host[HOST_ROOM];

    host_of(configuration->url, host);
    for (size_t i = 0; i < serve->name_count; i++) {
        if (!add(names, serve->names[i], why))
            return false;
    }
    return add(names, host, why) && add(names, "dns:localhost", why) &&
           add(names, "ip:127.0.0.1", why) && add(names, "ip:::1", why);
}
