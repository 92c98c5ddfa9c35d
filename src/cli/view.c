#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/view_container.h"
#include "cli/view_path.h"
#include "cli/view_salvage.h"
#include "x509/view/render.h"
#include "x509/view/view.h"

/* Lists may be large. */
#define FILE_MAX (512 * 1024 * 1024)

/* What is told of a file, one object after another. */
struct viewing {
    struct call *call;
    const char *path;
    struct view_options options;
    struct view_look look;
    struct view_asker asker;
    bool asks;             /* there are certificates: the asker is ready */
    struct buffer out;     /* text, or the page */
    json_t *objects;       /* with --json */
    struct failure damage; /* the first */
    bool is_damaged;
};

static struct view_look look_of(const struct call *call)
{
    struct winsize size = {0};
    struct view_look look = {.width = SIZE_MAX};

    look.has_colour = *colour_begin(stdout, COLOUR_DIM) != 0;
    look.shows_raw = call_given(call, "raw") || call_given(call, "all");
    if (isatty(STDOUT_FILENO) != 0 &&
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        look.width = size.ws_col;
    return look;
}

static void remember_damage(
    struct viewing *viewing, const struct view_document *document)
{
    if (!document->is_damaged || viewing->is_damaged)
        return;
    viewing->is_damaged = true;
    (void)fail_because(&viewing->damage, FAILURE_MALFORMED,
        "%.120s is damaged: %.240s", viewing->path, document->damage.reason);
}

static bool render(struct viewing *viewing,
    const struct view_document *document, struct failure *why)
{
    json_t *json = NULL;

    if (call_given(viewing->call, "html") &&
        !view_html_document(document, &viewing->out, why))
        return false;
    if (viewing->call->json)
        return view_render_json(
                   document, viewing->look.shows_raw, &json, why) &&
               (json_array_append_new(viewing->objects, json) == 0 ||
                   fail_because(why, FAILURE_INTERNAL, "out of memory"));
    if (call_given(viewing->call, "html"))
        return true;
    return (viewing->out.length == 0 ||
               buffer_append_text(&viewing->out, "\n", why)) &&
           view_render_text(document, &viewing->look, &viewing->out, why);
}

static bool show_object(struct viewing *viewing,
    const struct input_object *object, struct failure *why)
{
    RELEASED(view_document) document = {0};

    if (!view_object(object, &viewing->options, &document, why))
        return false;
    if (viewing->asks && object->kind == INPUT_CERTIFICATE &&
        !view_asker_ask(&viewing->asker, object->der, &document, why))
        return false;
    remember_damage(viewing, &document);
    return render(viewing, &document, why);
}

/* Each certificate of the file may stand in the path of another. */
static bool offer(struct viewing *viewing, enum input_kind kind,
    struct bytes der, struct failure *why)
{
    if (kind != INPUT_CERTIFICATE)
        return true;
    if (!viewing->asks &&
        !view_asker_start(viewing->call, viewing->path, &viewing->asker, why))
        return false;
    viewing->asks = true;
    view_asker_offer(&viewing->asker, der);
    return true;
}

static bool show_all(
    struct viewing *viewing, const struct input *input, struct failure *why)
{
    for (size_t i = 0; i < input->count; i++) {
        if (!offer(viewing, input->objects[i].kind, input->objects[i].der, why))
            return false;
    }
    for (size_t i = 0; i < input->count; i++) {
        if (!show_object(viewing, &input->objects[i], why))
            return false;
    }
    return true;
}

/* --- what is written -------------------------------------------------------
 */

static bool begin_page(struct viewing *viewing, struct failure *why)
{
    RELEASED(buffer) title = BUFFER("a title", 64 * 1024);
    const char *text = NULL;

    return append_shown(&title, viewing->path, why) &&
           buffer_as_text(&title, &text, why) &&
           view_html_begin(&viewing->out, text, why);
}

static bool begin(struct viewing *viewing, struct failure *why)
{
    const char *page = call_text(viewing->call, "html");

    viewing->objects = json_array();
    if (viewing->objects == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return page == NULL || (output_file_check(viewing->call, page, why) &&
                               begin_page(viewing, why));
}

static bool write_json(const struct viewing *viewing, struct failure *why)
{
    return output_json(json_array_size(viewing->objects) == 1
                           ? json_array_get(viewing->objects, 0)
                           : viewing->objects,
        why);
}

static bool finish(struct viewing *viewing, struct failure *why)
{
    const char *page = call_text(viewing->call, "html");

    if (page != NULL && (!view_html_end(&viewing->out, why) ||
                            !output_file_write(viewing->call, page,
                                buffer_view(&viewing->out), 0644, why)))
        return false;
    if (viewing->call->json)
        return write_json(viewing, why);
    return page != NULL || output_bytes(buffer_view(&viewing->out), why);
}

/* --- the file --------------------------------------------------------------
 */

static bool read_file(
    const char *path, struct buffer *file, struct failure *why)
{
    return strcmp(path, "-") == 0
               ? descriptor_read(STDIN_FILENO, "standard input", file, why)
               : file_read(path, file, why);
}

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

static bool show_container(struct viewing *viewing,
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

static bool show_pkcs12(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    RELEASED(container) container = container_new();

    return view_open_pkcs12(
               viewing->call, viewing->path, file, &container, why) &&
           show_container(viewing, &container, why);
}

static bool show_host(
    struct viewing *viewing, const char *address, struct failure *why)
{
    RELEASED(container) container = container_new();

    viewing->options.file = NULL;
    return view_open_host(address, &container, why) &&
           show_container(viewing, &container, why);
}

static bool show_file(
    struct viewing *viewing, struct bytes file, struct failure *why)
{
    RELEASED(input) input = {0};

    if (input_read(file, viewing->path, &input, why))
        return input.count == 1 && input.objects[0].kind == INPUT_PKCS12
                   ? show_pkcs12(viewing, input.objects[0].der, why)
                   : show_all(viewing, &input, why);
    return why->kind != FAILURE_INTERNAL &&
           show_damaged_file(viewing, file, why);
}

static bool show_operand(
    struct viewing *viewing, const char *operand, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the file", FILE_MAX);

    if (view_operand_is_address(operand))
        return begin(viewing, why) && show_host(viewing, operand, why) &&
               finish(viewing, why);
    return read_file(operand, &file, why) && begin(viewing, why) &&
           show_file(viewing, buffer_view(&file), why) && finish(viewing, why);
}

bool run_view(struct call *call, struct failure *why)
{
    const char *operand = call->options.operands[0];
    struct viewing viewing = {.call = call,
        .path = strcmp(operand, "-") == 0 ? "standard input" : operand,
        .options = {.now = clock_now(),
            .shows_all = call_given(call, "all"),
            .file = strcmp(operand, "-") == 0 ? NULL : operand},
        .look = look_of(call),
        .out = BUFFER("what is shown", VIEW_RENDERED_MAX)};
    bool ok = show_operand(&viewing, operand, why);

    view_asker_free(&viewing.asker);
    json_decref(viewing.objects);
    buffer_free(&viewing.out);
    if (!ok || !viewing.is_damaged)
        return ok;
    *why = viewing.damage;
    return false;
}
