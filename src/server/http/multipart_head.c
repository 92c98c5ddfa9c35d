#include <string.h>

#include "base/text.h"
#include "server/http/multipart_parts.h"
#include "server/http/syntax.h"

/* RFC 7578, 4.2: a name and perhaps a file's name, each once. filename* is
 * forbidden there, and two ways of naming a file could differ. */
static bool read_parameter(
    struct multipart_part *part, struct bytes parameter, enum http_rule *broken)
{
    char value[MULTIPART_TEXT_ROOM];
    struct bytes name;

    if (!http_parameter_read(parameter, &name, value, sizeof(value)))
        return http_break(broken, HTTP_PART_DISPOSITION);
    if (value[0] == '\0' && http_same_word(name, "name"))
        return http_break(broken, HTTP_PART_DISPOSITION);
    if (!text_is_utf8(bytes_of_text(value)))
        return http_break(broken, HTTP_ESCAPE_UTF8);
    if (http_same_word(name, "name") && part->name[0] == '\0') {
        memcpy(part->name, value, sizeof(value));
        return true;
    }
    if (http_same_word(name, "filename") && !part->is_file) {
        memcpy(part->file_name, value, sizeof(value));
        part->is_file = true;
        return true;
    }
    return http_break(broken, HTTP_PART_DISPOSITION);
}

static bool read_disposition(
    struct multipart_part *part, struct bytes value, enum http_rule *broken)
{
    struct bytes parameter;

    if (part->name[0] != '\0' || !http_next_element(&value, ';', &parameter) ||
        !http_same_word(parameter, "form-data"))
        return http_break(broken, HTTP_PART_DISPOSITION);
    while (http_next_element(&value, ';', &parameter))
        if (!read_parameter(part, parameter, broken))
            return false;
    if (part->name[0] == '\0')
        return http_break(broken, HTTP_PART_DISPOSITION);
    return true;
}

static bool read_type(
    struct multipart_part *part, struct bytes value, enum http_rule *broken)
{
    struct http_media media;

    if (!http_media_read(value, &media, broken))
        return false;
    if (part->type[0] != '\0')
        return http_break(broken, HTTP_FIELD_TWICE);
    if (value.length >= sizeof(part->type))
        return http_break(broken, HTTP_PART_HEAD_LONG);
    memcpy(part->type, value.start, value.length);
    part->type[value.length] = '\0';
    return true;
}

bool multipart_head_line(
    struct multipart *form, struct bytes line, enum http_rule *broken)
{
    struct bytes name, value;

    if (line.start[0] == ' ' || line.start[0] == '\t')
        return http_break(broken, HTTP_FIELD_FOLDED);
    if (!http_field_split(line, &name, &value, broken))
        return false;
    if (http_same_word(name, "Content-Disposition"))
        return read_disposition(&form->part, value, broken);
    if (http_same_word(name, "Content-Type"))
        return read_type(&form->part, value, broken);
    if (http_same_word(name, "Content-Transfer-Encoding"))
        return http_break(broken, HTTP_PART_CODING);
    return true;
}

bool multipart_head_end(const struct multipart *form, enum http_rule *broken)
{
    if (form->part.name[0] == '\0')
        return http_break(broken, HTTP_PART_DISPOSITION);
    return true;
}
