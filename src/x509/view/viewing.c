#include "x509/view/viewing.h"

#include <stdio.h>

#include "base/text.h"
#include "x509/view/bundle.h"
#include "x509/view/container.h"
#include "x509/view/salvage.h"
#include "x509/view/signed.h"

struct viewing viewing_new(const char *name)
{
    return (struct viewing){.name = name,
        .look = {.width = SIZE_MAX},
        .out = BUFFER("what is shown", VIEW_RENDERED_MAX),
        .json = BUFFER("what is shown", VIEW_RENDERED_MAX)};
}

void viewing_free(struct viewing *viewing)
{
    view_asker_free(&viewing->asker);
    json_decref(viewing->objects);
    buffer_free(&viewing->out);
    buffer_free(&viewing->json);
}

static void remember_damage(
    struct viewing *viewing, const struct view_document *document)
{
    char object[40] = "";

    if (!document->is_damaged || viewing->is_damaged)
        return;
    viewing->is_damaged = true;
    if (viewing->place > 0)
        (void)snprintf(object, sizeof(object), ", object %zu,", viewing->place);
    (void)fail_because(&viewing->damage, FAILURE_MALFORMED,
        "%.120s%s is damaged: %.240s", viewing->name, object,
        document->damage.reason);
}

static bool render_json(struct viewing *viewing,
    const struct view_document *document, struct failure *why)
{
    json_t *json = NULL;

    return view_render_json(document, viewing->look.shows_raw, &json, why) &&
           (json_array_append_new(viewing->objects, json) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory"));
}

static bool render_text(struct viewing *viewing,
    const struct view_document *document, struct failure *why)
{
    return (viewing->out.length == 0 ||
               buffer_append_text(&viewing->out, "\n", why)) &&
           view_render_text(document, &viewing->look, &viewing->out, why);
}

static bool render(struct viewing *viewing,
    const struct view_document *document, struct failure *why)
{
    if (viewing->makes_page &&
        !view_html_document(document, &viewing->out, why))
        return false;
    if (viewing->makes_json)
        return render_json(viewing, document, why);
    return viewing->makes_page || render_text(viewing, document, why);
}

static bool start_asker(struct viewing *viewing, struct failure *why)
{
    struct chain_question question = {0};

    if (viewing->asks)
        return true;
    if (!viewing->question(viewing->owner, &question, why) ||
        !view_asker_start(&question, viewing->name, &viewing->asker, why))
        return false;
    viewing->asker.judge = viewing->judge;
    viewing->asker.owner = viewing->owner;
    viewing->asks = true;
    return true;
}

/* Time-stamps are of no kind that input_kind knows. */
static bool may_be_signed(
    const struct viewing *viewing, const struct input_object *object)
{
    return viewing->question != NULL && !viewing->is_judged_whole &&
           (object->kind == INPUT_PKCS7 || object->kind == INPUT_OTHER);
}

static bool ask(struct viewing *viewing, const struct input_object *object,
    struct view_document *document, struct failure *why)
{
    if (viewing->asks && object->kind == INPUT_CERTIFICATE)
        return view_asker_ask(&viewing->asker, object->der, document, why);
    return !may_be_signed(viewing, object) ||
           (start_asker(viewing, why) && view_asker_ask_signed(&viewing->asker,
                                             object->der, document, why));
}

static bool show_object(struct viewing *viewing,
    const struct input_object *object, struct failure *why)
{
    RELEASED(view_document) document = {0};

    if (!view_object(object, &viewing->options, &document, why) ||
        !ask(viewing, object, &document, why))
        return false;
    remember_damage(viewing, &document);
    return render(viewing, &document, why);
}

/* Each certificate of the file may stand in the path of another. */
static bool offer(struct viewing *viewing, enum input_kind kind,
    struct bytes der, struct failure *why)
{
    if (kind != INPUT_CERTIFICATE || viewing->question == NULL)
        return true;
    if (!start_asker(viewing, why))
        return false;
    view_asker_offer(&viewing->asker, der);
    return true;
}

static bool sum_up(
    struct viewing *viewing, const struct input *input, struct failure *why)
{
    RELEASED(view_document) document = {0};

    return !view_is_bundle(input) ||
           (view_bundle(input, &viewing->options, &document, why) &&
               render(viewing, &document, why));
}

static bool show_all(
    struct viewing *viewing, const struct input *input, struct failure *why)
{
    if (!sum_up(viewing, input, why))
        return false;
    for (size_t i = 0; i < input->count; i++) {
        if (!offer(viewing, input->objects[i].kind, input->objects[i].der, why))
            return false;
    }
    for (size_t i = 0; i < input->count; i++) {
        viewing->place = input->count == 1 ? 0 : i + 1;
        if (!show_object(viewing, &input->objects[i], why))
            return false;
    }
    return true;
}

/* --- begin and end -------------------------------------------------------- */

static bool begin_page(struct viewing *viewing, struct failure *why)
{
    RELEASED(buffer) title = BUFFER("a title", 64 * 1024);
    const char *text = NULL;

    return text_append_shown(&title, viewing->name, why) &&
           buffer_as_text(&title, &text, why) &&
           view_html_begin(&viewing->out, text, why);
}

bool viewing_begin(struct viewing *viewing, struct failure *why)
{
    viewing->objects = json_array();
    if (viewing->objects == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return !viewing->makes_page || viewing->is_fragment ||
           begin_page(viewing, why);
}

static bool end_json(struct viewing *viewing, struct failure *why)
{
    return json_append(&viewing->json,
               json_array_size(viewing->objects) == 1
                   ? json_array_get(viewing->objects, 0)
                   : viewing->objects,
               why) &&
           buffer_append_byte(&viewing->json, '\n', why);
}

bool viewing_end(struct viewing *viewing, struct failure *why)
{
    return (!viewing->makes_page || viewing->is_fragment ||
               view_html_end(&viewing->out, why)) &&
           (!viewing->makes_json || end_json(viewing, why));
}

/* --- the file --------------------------------------------------------------
 */

/* Enveloped and encrypted data is whole, and input_read has no use for it. */
static bool is_whole_container(struct bytes file)
{
    struct der_reader reader = der_reader_of(file);
    struct der_reader contents = {0};
    struct failure why = {0};

    return view_kind_of(file) == VIEW_CMS &&
           der_read(&reader, DER_SEQUENCE, &contents, &why) &&
           der_at_end(&reader);
}

/* What input_read refuses is shown as far as it goes; the reason stays the
 * answer. */
static bool show_damaged_file(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    RELEASED(input) input = {0};

    viewing->is_damaged = !is_whole_container(file);
    viewing->damage = *why;
    if (!salvage_objects(file, &input, why))
        return false;
    if (input.count == 0) {
        *why = viewing->damage;
        return false;
    }
    return show_all(viewing, &input, why);
}

/* --- containers ----------------------------------------------------------- */

bool viewing_show_container(struct viewing *viewing,
    const struct container *container, struct failure *why)
{
    RELEASED(view_document) facts = {0};

    if (!view_container_facts(container, &facts, why) ||
        !render(viewing, &facts, why))
        return false;
    for (size_t i = 0; i < container->count; i++) {
        if (!offer(viewing, container->objects[i].kind,
                container_der(container, &container->objects[i]), why))
            return false;
    }
    for (size_t i = 0; i < container->count; i++) {
        const struct container_object *held = &container->objects[i];
        const struct input_object object = {
            .kind = held->is_of_private_key ? INPUT_PUBLIC_KEY : held->kind,
            .der = container_der(container, held)};

        if (object.der.length > 0 && !show_object(viewing, &object, why))
            return false;
    }
    return true;
}

static bool show_store(
    struct viewing *viewing, struct bytes store, struct failure *why)
{
    RELEASED(container) container = container_new();

    return viewing->open_store(viewing->owner, store, &container, why) &&
           viewing_show_container(viewing, &container, why);
}

/* --- programs and mails --------------------------------------------------- */

static bool show_part(
    struct viewing *viewing, struct bytes der, struct failure *why)
{
    RELEASED(input) input = {0};
    struct failure unread = {0};
    const struct input_object damaged = {.kind = INPUT_PKCS7, .der = der};

    return input_read(der, viewing->name, &input, &unread)
               ? show_all(viewing, &input, why)
               : show_object(viewing, &damaged, why);
}

static bool show_signed_file(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    RELEASED(signed_file) judged = {0};
    RELEASED(view_document) document = {0};
    struct bytes der = {0};
    size_t position = 0;

    viewing->is_judged_whole = true;
    if (!start_asker(viewing, why) ||
        !view_asker_ask_file(&viewing->asker, file, &judged, &document, why) ||
        !render(viewing, &document, why))
        return false;
    while (view_signed_next(file, &judged, &position, &der)) {
        if (!show_part(viewing, der, why))
            return false;
    }
    return true;
}

bool viewing_show_file(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    RELEASED(input) input = {0};

    if (viewing->question != NULL && view_is_signed_file(file))
        return show_signed_file(viewing, file, why);
    if (!input_read(file, viewing->name, &input, why))
        return why->kind != FAILURE_INTERNAL &&
               show_damaged_file(viewing, file, why);
    return viewing->open_store != NULL && input.count == 1 &&
                   input.objects[0].kind == INPUT_PKCS12
               ? show_store(viewing, input.objects[0].der, why)
               : show_all(viewing, &input, why);
}
