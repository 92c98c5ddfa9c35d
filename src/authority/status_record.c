#include "authority/status_table_parts.h"

#include <string.h>

#define UNIT 8
/* Pending records are written when they have so many bytes. */
#define PENDING_WRITTEN ((size_t)256 * 1024)

uint64_t status_answer_length(const struct status_answer *answer)
{
    uint64_t length = sizeof(struct status_record_head) +
                      answer->serial.length + answer->algorithm.length +
                      answer->signature.length + answer->body.length;

    return (length + UNIT - 1) / UNIT * UNIT;
}

bool status_table_has_room(const struct status_table *table, uint64_t length)
{
    return length <= table->image.size - table->end;
}

static struct status_record_head head_of(
    const struct status_answer *answer, uint64_t responder)
{
    return (struct status_record_head){.responder = responder,
        .since = answer->since,
        .until = answer->until,
        .length = (uint32_t)status_answer_length(answer),
        .body_length = (uint32_t)answer->body.length,
        .signature_length = (uint16_t)answer->signature.length,
        .algorithm_length = (uint16_t)answer->algorithm.length,
        .kind = (uint8_t)answer->kind,
        .serial_length = (uint8_t)answer->serial.length};
}

static uint8_t *put(uint8_t *place, struct bytes bytes)
{
    if (bytes.length > 0)
        memcpy(place, bytes.start, bytes.length);
    return place + bytes.length;
}

bool status_table_append(struct status_table *table,
    const struct status_answer *answer, uint64_t responder, uint64_t *offset,
    struct failure *why)
{
    struct status_record_head head = head_of(answer, responder);
    struct buffer *pending = &table->pending;

    if (!buffer_reserve(pending, head.length, why))
        return false;
    uint8_t *start = pending->start + pending->length;
    uint8_t *place = put(start, (struct bytes){(uint8_t *)&head, sizeof(head)});
    place = put(place, answer->serial);
    place = put(place, answer->algorithm);
    place = put(place, answer->signature);
    place = put(place, answer->body);
    memset(place, 0, head.length - (size_t)(place - start));
    head.sum = status_sum(table->image.seed, table->end,
        (struct bytes){
            start + sizeof(head.sum), head.length - sizeof(head.sum)});
    memcpy(start, &head.sum, sizeof(head.sum));
    *offset = table->end;
    pending->length += head.length;
    table->end += head.length;
    return pending->length < PENDING_WRITTEN || status_table_flush(table, why);
}

/* What could not be written is forgotten: no slot tells of it yet. */
bool status_table_flush(struct status_table *table, struct failure *why)
{
    uint64_t first = table->end - table->pending.length;
    bool is_written = descriptor_write_at(table->descriptor, table->paths.table,
        buffer_view(&table->pending), first, why);

    if (!is_written)
        table->end = first;
    buffer_clear(&table->pending);
    return is_written;
}
