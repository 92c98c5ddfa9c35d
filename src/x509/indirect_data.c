#include "x509/indirect_data.h"

bool indirect_data_read(
    struct bytes contents, struct indirect_data *data, struct failure *why)
{
    struct indirect_data found = {0};
    struct der_reader reader = der_reader_of(contents);
    struct der_reader attribute = {0};
    struct der_reader info = {0};
    struct der_reader octets = {0};

    if (!der_read(&reader, DER_SEQUENCE, &attribute, why) ||
        !der_read_oid(&attribute, &found.type, why) ||
        !der_read(&reader, DER_SEQUENCE, &info, why) ||
        !der_finish(&reader, "the indirect data", why) ||
        !algorithm_identifier_read(&info, &found.digest, why) ||
        !der_read(&info, DER_OCTET_STRING, &octets, why) ||
        !der_finish(&info, "the digest of the program", why))
        return false;
    found.value = der_remaining(&octets);
    *data = found;
    return true;
}
