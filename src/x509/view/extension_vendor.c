#include "base/reader.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

#define SCT_LOG_ID 32

static void show_sct_time(
    struct view_document *document, size_t group, uint64_t milliseconds)
{
    (void)view_time(document, group, "Time", (int64_t)(milliseconds / 1000));
}

/* RFC 6962, 3.2. */
static bool show_sct(struct view_document *document, size_t list,
    struct bytes sct, struct failure *why)
{
    struct reader reader = reader_of(sct);
    size_t group = view_group(document, list, NULL);
    struct bytes log = {0};
    struct bytes extensions = {0};
    uint8_t version = 0;
    uint8_t hash = 0;
    uint8_t signature = 0;
    uint64_t time = 0;
    uint16_t length = 0;

    if (!read_u8(&reader, &version, why))
        return false;
    (void)view_number(document, group, "Version", version + 1);
    if (version != 0) {
        (void)view_hex(document, group, "Value", sct);
        return true;
    }
    if (!read_bytes(&reader, SCT_LOG_ID, &log, why) ||
        !read_u64(&reader, &time, why) || !read_u16(&reader, &length, why) ||
        !read_bytes(&reader, length, &extensions, why) ||
        !read_u8(&reader, &hash, why) || !read_u8(&reader, &signature, why))
        return false;
    (void)view_hex(document, group, "Log", log);
    show_sct_time(document, group, time);
    if (length > 0)
        (void)view_hex(document, group, "Extensions", extensions);
    (void)view_print(document, group, "Signed with", "%s, %s",
        hash == 4 ? "SHA-256" : "another digest",
        signature == 3   ? "ECDSA"
        : signature == 1 ? "RSA"
                         : "another algorithm");
    return true;
}

bool view_sct_list(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader outer = der_reader_of(value);
    struct der_reader contents = {0};
    struct reader reader = {0};
    struct bytes sct = {0};
    uint16_t length = 0;
    size_t list = view_list(document, parent, "Timestamps");

    if (!der_read(&outer, DER_OCTET_STRING, &contents, why))
        return false;
    reader = reader_of(der_remaining(&contents));
    if (!read_u16(&reader, &length, why))
        return false;
    for (size_t i = 0; i < VIEW_ITEMS_MAX && !reader_at_end(&reader); i++) {
        if (!read_u16(&reader, &length, why) ||
            !read_bytes(&reader, length, &sct, why) ||
            !show_sct(document, list, sct, why))
            return false;
    }
    return true;
}

static bool show_string(struct view_document *document, size_t parent,
    const char *label, struct bytes value, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a text", 64 * 1024);
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct bytes element = {0};
    struct name_attribute string = {0};

    if (!der_read_any(&reader, &string.tag, &contents, &element, why))
        return false;
    string.value = der_remaining(&contents);
    if (!name_attribute_append_text(&string, &text, why))
        return false;
    (void)view_text(document, parent, label, buffer_view(&text));
    return der_finish(&reader, "the text", why);
}

bool view_string(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return show_string(document, parent, "Text", value, why);
}

bool view_template_name(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return show_string(document, parent, "Template", value, why);
}

/* [MS-WCCE], 2.2.2.7.7.2: OID, major and minor version. */
bool view_template(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct bytes oid = {0};
    uint32_t version = 0;

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_read_oid(&contents, &oid, why))
        return false;
    (void)view_oid(document, parent, "Template", oid);
    if (der_at_end(&contents))
        return true;
    if (!der_read_small_integer(&contents, &version, why))
        return false;
    (void)view_number(document, parent, "Major version", (int64_t)version);
    if (der_at_end(&contents))
        return true;
    if (!der_read_small_integer(&contents, &version, why))
        return false;
    (void)view_number(document, parent, "Minor version", (int64_t)version);
    return true;
}

/* [MS-WCCE], 2.2.2.7.4: the key's index above, the certificate's below. */
bool view_ca_version(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    uint32_t version = 0;

    if (!der_read_small_integer(&reader, &version, why))
        return false;
    (void)view_number(
        document, parent, "Certificate index", (int64_t)(version & 0xffff));
    (void)view_number(document, parent, "Key index", (int64_t)(version >> 16));
    return true;
}

/* [MS-WCCE], 2.2.2.7.7.4: a sequence of otherNames, [0] OID and [0] the SID as
 * text in an OCTET STRING. */
bool view_security(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader names = {0};
    struct der_reader name = {0};
    struct der_reader outer = {0};
    struct der_reader sid = {0};
    struct bytes oid = {0};

    if (!der_read(&reader, DER_SEQUENCE, &names, why) ||
        !der_read(&names, DER_CONTEXT_HOLDING(0), &name, why) ||
        !der_read_oid(&name, &oid, why) ||
        !der_read(&name, DER_CONTEXT_HOLDING(0), &outer, why) ||
        !der_read(&outer, DER_OCTET_STRING, &sid, why))
        return false;
    (void)view_oid(document, parent, "Kind", oid);
    (void)view_text(
        document, parent, "Security identifier", der_remaining(&sid));
    return true;
}

bool view_netscape_type(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    static const char *const words[] = {"SSL client", "SSL server", "S/MIME",
        "object signing", "reserved", "SSL authority", "S/MIME authority",
        "object signing authority"};
    struct der_reader reader = der_reader_of(value);
    struct bytes bits = {0};
    uint8_t unused = 0;
    uint32_t set = 0;

    if (!der_read_bit_string(&reader, &bits, &unused, why))
        return false;
    for (unsigned int i = 0; bits.length > 0 && i < 8; i++)
        set |= (uint32_t)(bits.start[0] >> (7 - i) & 1) << i;
    (void)view_bits(document, parent, "Types", set, words, 8);
    return true;
}
