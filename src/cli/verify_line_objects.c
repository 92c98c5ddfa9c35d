#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "cli/verify_batch.h"
#include "cli/verify_line_question.h"
#include "x509/pem.h"

/* --- decoding ------------------------------------------------------------ */

static bool add_object(struct line_question *asked, enum line_role role,
    size_t offset, struct failure *why)
{
    if (asked->object_count == LINE_OBJECTS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "there are more than %d certificates and lists in it",
            LINE_OBJECTS_MAX);
    if (asked->object_count == asked->object_room) {
        size_t room = asked->object_room == 0 ? 16 : 2 * asked->object_room;
        struct line_object *grown =
            realloc(asked->objects, room * sizeof(*grown));

        if (grown == NULL)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        asked->objects = grown;
        asked->object_room = room;
    }
    asked->objects[asked->object_count++] =
        (struct line_object){role, offset, asked->der.length - offset};
    return true;
}

/* Every block of a PEM text. */
static bool add_pem(struct line_question *asked, enum line_role role,
    struct bytes text, struct failure *why)
{
    struct pem_walk walk = pem_walk_of(text);
    size_t blocks = 0;

    for (;;) {
        struct pem_block block = {0};
        size_t offset = asked->der.length;

        if (!pem_next(&walk, &block, &asked->der, why))
            return why->kind == FAILURE_NOT_FOUND && blocks > 0;
        blocks++;
        if (!add_object(asked, role, offset, why))
            return false;
    }
}

static bool add_text(struct line_question *asked, enum line_role role,
    const json_t *value, struct failure *why)
{
    struct bytes text = {.start = (const uint8_t *)json_string_value(value),
        .length = json_string_length(value)};
    size_t offset = asked->der.length;

    if (strstr(json_string_value(value), "-----BEGIN ") != NULL)
        return add_pem(asked, role, text, why);
    return base64_read(text, &asked->der, why) &&
           add_object(asked, role, offset, why);
}

/* An entry that can't be decoded: of certificates it is passed over, of lists
 * it stays as an empty one, which is a damaged one. */
static bool add_entry(struct line_question *asked, enum line_role role,
    const json_t *value, struct failure *why)
{
    struct failure unread = {0};
    size_t offset;

    if (add_text(asked, role, value, &unread))
        return true;
    if (unread.kind == FAILURE_INTERNAL || role == LINE_LEAF)
        return fail_because(why, unread.kind, "leaf: %.300s", unread.reason);
    offset = asked->der.length;
    return role < LINE_CRLS || add_object(asked, role, offset, why);
}

static const char *const keys[LINE_ROLES] = {
    [LINE_LEAF] = "leaf",
    [LINE_ROOTS] = "roots",
    [LINE_UNTRUSTED] = "untrusted",
    [LINE_DISTRUSTED] = "distrusted",
    [LINE_CRLS] = "crls",
    [LINE_OCSP] = "ocsp",
};

static bool read_leaf(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    const json_t *leaf = line_value(line, keys[LINE_LEAF]);

    if (!json_is_string(leaf))
        return fail_because(why, FAILURE_MALFORMED,
            "leaf is wanted: a certificate, as PEM or base64");
    return add_entry(asked, LINE_LEAF, leaf, why);
}

static bool read_role(const json_t *line, struct line_question *asked,
    enum line_role role, struct failure *why)
{
    const json_t *list = line_value(line, keys[role]);
    const json_t *value = NULL;
    size_t place = 0;

    if (list == NULL && role != LINE_ROOTS)
        return true;
    if (!json_is_array(list))
        return fail_because(why, FAILURE_MALFORMED,
            "%s is wanted as an array of texts", keys[role]);
    json_array_foreach(list, place, value)
    {
        if (!json_is_string(value))
            return fail_because(why, FAILURE_MALFORMED,
                "%s holds something other than texts", keys[role]);
        if (!add_entry(asked, role, value, why))
            return false;
    }
    return true;
}

bool line_objects_read(
    const json_t *line, struct line_question *asked, struct failure *why)
{
    asked->der = BUFFER("the certificates of a line", BATCH_LINE_MAX);
    if (!read_leaf(line, asked, why))
        return false;
    for (enum line_role role = LINE_ROOTS; role < LINE_ROLES; role++) {
        if (!read_role(line, asked, role, why))
            return false;
    }
    return true;
}

/* --- placing ------------------------------------------------------------- */

static bool make_room(struct line_question *asked, struct failure *why)
{
    for (enum line_role role = LINE_ROOTS; role < LINE_CRLS; role++) {
        if (!chain_pool_new(&asked->pools[role], why))
            return false;
    }
    asked->sources = calloc(asked->object_count, sizeof(*asked->sources));
    asked->source_list =
        calloc(asked->object_count, sizeof(*asked->source_list));
    return (asked->sources != NULL && asked->source_list != NULL) ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static void place_source(
    struct line_question *asked, enum line_role role, struct bytes der)
{
    size_t place = asked->question.source_count++;

    status_source_read(
        der, keys[role], role == LINE_OCSP, &asked->sources[place]);
    asked->source_list[place] = &asked->sources[place];
}

/* More certificates in the text of the leaf are its chain. */
static bool place_certificate(struct line_question *asked, enum line_role role,
    struct bytes der, struct failure *why)
{
    struct failure unread = {0};

    if (role == LINE_LEAF && asked->question.leaf.start == NULL) {
        asked->question.leaf = der;
        asked->question.leaf_origin = keys[role];
        return true;
    }
    if (role == LINE_LEAF)
        role = LINE_UNTRUSTED;
    if (chain_pool_add(asked->pools[role], der, keys[role], &unread) ||
        unread.kind != FAILURE_INTERNAL)
        return true;
    return fail_because(why, unread.kind, "%s", unread.reason);
}

bool line_objects_place(struct line_question *asked, struct failure *why)
{
    if (!make_room(asked, why))
        return false;
    for (size_t i = 0; i < asked->object_count; i++) {
        const struct line_object *object = &asked->objects[i];
        struct bytes der = {asked->der.start + object->offset, object->length};

        if (object->role >= LINE_CRLS)
            place_source(asked, object->role, der);
        else if (!place_certificate(asked, object->role, der, why))
            return false;
    }
    asked->question.roots = asked->pools[LINE_ROOTS];
    asked->question.untrusted = asked->pools[LINE_UNTRUSTED];
    asked->question.distrusted = asked->pools[LINE_DISTRUSTED];
    asked->question.sources = asked->source_list;
    return true;
}
