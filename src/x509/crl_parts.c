#include "x509/crl_parts.h"

#include "x509/oid.h"

/* Everything since the mark becomes its value. */
static void write_extension(
    struct der_writer *writer, enum oid type, bool critical, size_t mark)
{
    der_write_head(writer, DER_OCTET_STRING, mark);
    if (critical)
        der_write_boolean(writer, true);
    der_write_oid(writer, oid_contents(type));
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* DistributionPointName with one URL: [0] { fullName [0] { [6] } }, in the
 * SEQUENCE of a point. */
static void write_point(struct der_writer *writer, const char *url)
{
    size_t mark = der_writer_mark(writer);

    der_write_element(writer, DER_CONTEXT(6), bytes_of_text(url));
    der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* RFC 5280, 5.2.6: the delta's place, as in crlDistributionPoints. */
static void write_freshest(struct der_writer *writer, const char *url)
{
    size_t mark = der_writer_mark(writer);

    write_point(writer, url);
    der_write_head(writer, DER_SEQUENCE, mark);
    write_extension(writer, OID_FRESHEST_CRL, false, mark);
}

/* RFC 5280, 5.2.5. */
static void write_distribution_point(struct der_writer *writer, const char *url)
{
    size_t mark = der_writer_mark(writer);

    write_point(writer, url);
    write_extension(writer, OID_ISSUING_DISTRIBUTION_POINT, true, mark);
}

/* RFC 5280, 5.2.3 and 5.2.4. */
static void write_number(
    struct der_writer *writer, enum oid type, bool critical, uint64_t number)
{
    size_t mark = der_writer_mark(writer);
    uint8_t magnitude[sizeof(number)];

    for (size_t i = 0; i < sizeof(number); i++)
        magnitude[i] = (uint8_t)(number >> 8 * (sizeof(number) - 1 - i));
    der_write_unsigned(writer, (struct bytes){magnitude, sizeof(magnitude)});
    write_extension(writer, type, critical, mark);
}

/* RFC 5280, 5.2.1. */
static void write_authority_key(struct der_writer *writer, struct bytes key)
{
    size_t mark = der_writer_mark(writer);

    der_write_element(writer, DER_CONTEXT(0), key);
    der_write_head(writer, DER_SEQUENCE, mark);
    write_extension(writer, OID_AUTHORITY_KEY_IDENTIFIER, false, mark);
}

void crl_write_extensions(
    struct der_writer *writer, const struct crl_plan *plan)
{
    size_t mark = der_writer_mark(writer);

    if (plan->freshest != NULL)
        write_freshest(writer, plan->freshest);
    if (plan->distribution_point != NULL)
        write_distribution_point(writer, plan->distribution_point);
    if (plan->base_number != 0)
        write_number(writer, OID_DELTA_CRL_INDICATOR, true, plan->base_number);
    write_number(writer, OID_CRL_NUMBER, false, plan->number);
    write_authority_key(writer, plan->key_identifier);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
}

bool crl_is_url(struct bytes url)
{
    if (url.length == 0 || url.length > CRL_URL_MAX)
        return false;
    for (size_t i = 0; i < url.length; i++) {
        if (url.start[i] <= ' ' || url.start[i] > '~')
            return false;
    }
    return true;
}
