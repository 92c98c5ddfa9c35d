#include "x509/template.h"

static bool add_piece(
    struct template *template, struct template_piece piece, struct failure *why)
{
    if (template->piece_count == TEMPLATE_PIECES_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a template has more than %d pieces", TEMPLATE_PIECES_MAX);
    template->pieces[template->piece_count++] = piece;
    return true;
}

/* Bytes behind bytes are one piece. */
static bool extends_last_piece(struct template *template, size_t length)
{
    struct template_piece *last = NULL;

    if (template->piece_count == 0)
        return false;
    last = &template->pieces[template->piece_count - 1];
    if (last->kind != TEMPLATE_BYTES)
        return false;
    last->length += length;
    return true;
}

bool template_bytes(
    struct template *template, struct bytes der, struct failure *why)
{
    size_t start = template->constant.length;

    if (template->constant.name == NULL)
        template->constant = BUFFER("template", TEMPLATE_CONSTANT_MAX);
    if (!buffer_append(&template->constant, der, why))
        return false;
    if (extends_last_piece(template, der.length))
        return true;
    return add_piece(template,
        (struct template_piece){
            .kind = TEMPLATE_BYTES, .start = start, .length = der.length},
        why);
}

static bool use_hole(
    struct template *template, size_t hole, struct failure *why)
{
    if (hole >= TEMPLATE_HOLES_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a template has no hole %zu; there are %d", hole,
            TEMPLATE_HOLES_MAX);
    if (template->holes_used <= hole)
        template->holes_used = hole + 1;
    return true;
}

bool template_hole(struct template *template, size_t hole, struct failure *why)
{
    return use_hole(template, hole, why) &&
           add_piece(template,
               (struct template_piece){.kind = TEMPLATE_HOLE, .hole = hole},
               why);
}

static bool enter(
    struct template *template, struct template_piece piece, struct failure *why)
{
    if (template->depth == TEMPLATE_DEPTH_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a template is more than %d elements deep", TEMPLATE_DEPTH_MAX);
    if (!add_piece(template, piece, why))
        return false;
    template->open[template->depth++] = template->piece_count - 1;
    return true;
}

bool template_enter(
    struct template *template, unsigned int tag, struct failure *why)
{
    return enter(template,
        (struct template_piece){.kind = TEMPLATE_ENTER, .tag = tag}, why);
}

bool template_enter_if(struct template *template, unsigned int tag, size_t hole,
    struct failure *why)
{
    return use_hole(template, hole, why) &&
           enter(template,
               (struct template_piece){.kind = TEMPLATE_ENTER,
                   .tag = tag,
                   .is_conditional = true,
                   .hole = hole},
               why);
}

bool template_leave(struct template *template, struct failure *why)
{
    if (template->depth == 0)
        return fail_because(why, FAILURE_INTERNAL,
            "a template leaves an element that it did not enter");
    if (!add_piece(template,
            (struct template_piece){.kind = TEMPLATE_LEAVE,
                .enter = template->open[template->depth - 1]},
            why))
        return false;
    template->depth--;
    return true;
}

bool template_finish(
    const struct template *template, size_t hole_count, struct failure *why)
{
    if (template->depth != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "a template does not leave %zu elements", template->depth);
    if (template->holes_used > hole_count)
        return fail_because(why, FAILURE_INTERNAL,
            "a template has %zu holes, and %zu are filled",
            template->holes_used, hole_count);
    return true;
}

static struct bytes filling(
    size_t hole, const struct bytes *holes, size_t hole_count)
{
    return hole < hole_count ? holes[hole] : (struct bytes){0};
}

static bool is_left_out(const struct template_piece *enter,
    const struct bytes *holes, size_t hole_count)
{
    return enter->is_conditional &&
           filling(enter->hole, holes, hole_count).length == 0;
}

void template_fill(const struct template *template, const struct bytes *holes,
    size_t hole_count, struct der_writer *writer)
{
    size_t marks[TEMPLATE_DEPTH_MAX] = {0};
    size_t depth = 0;

    for (size_t i = template->piece_count; i > 0; i--) {
        const struct template_piece *piece = &template->pieces[i - 1];

        switch (piece->kind) {
        case TEMPLATE_BYTES:
            der_write_raw(
                writer, (struct bytes){template->constant.start + piece->start,
                            piece->length});
            break;
        case TEMPLATE_HOLE:
            der_write_raw(writer, filling(piece->hole, holes, hole_count));
            break;
        case TEMPLATE_LEAVE:
            if (is_left_out(&template->pieces[piece->enter], holes, hole_count))
                i = piece->enter + 1; /* on with what is before the ENTER */
            else
                marks[depth++] = der_writer_mark(writer);
            break;
        case TEMPLATE_ENTER:
            der_write_head(writer, piece->tag, marks[--depth]);
            break;
        }
    }
}

void template_free(struct template *template)
{
    buffer_free(&template->constant);
    *template = (struct template){0};
}
