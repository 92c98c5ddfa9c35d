#include "cli/authorities.h"

bool call_place(struct call *call, struct place *place, struct failure *why)
{
    char directory[PATH_ROOM];
    bool is_default = false;

    return call_directory(call, directory, &is_default, why) &&
           place_open(directory, place, why);
}

bool place_open_store(
    const struct place *place, struct store **store, struct failure *why)
{
    char path[PATH_ROOM];

    return place_path(place, "chancery.db", path, why) &&
           store_open(path, STORE_READ, store, why);
}

bool place_read_settings(const struct place *place, struct buffer *text,
    struct configuration **settings, struct failure *why)
{
    RELEASED(buffer) read = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    char path[PATH_ROOM];

    if (!place_path(place, "chancery.yaml", path, why) ||
        !file_read(path, &read, why))
        return false;
    if (settings != NULL &&
        !configuration_read(buffer_view(&read), "chancery.yaml", settings, why))
        return false;
    return text == NULL || buffer_append(text, buffer_view(&read), why);
}
