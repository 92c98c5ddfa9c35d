#include "x509/chain/lacking.h"

#include <string.h>

#include "x509/certificate.h"
#include "x509/crl.h"

struct gathering {
    struct lacking *found;
    size_t count;
};

static void gather(struct gathering *gathering, const struct lacking *one)
{
    for (size_t i = 0; i < gathering->count; i++) {
        if (gathering->found[i].kind == one->kind &&
            gathering->found[i].certificate == one->certificate &&
            bytes_equal(gathering->found[i].address, one->address))
            return;
    }
    if (gathering->count < LACKING_MAX)
        gathering->found[gathering->count++] = *one;
}

static bool find_extension(struct bytes der, enum oid type, struct bytes *value)
{
    struct certificate certificate = {0};
    struct extension extension = {0};
    struct failure unread = {0};
    bool found = false;

    if (!certificate_read(der, &certificate, &unread) ||
        !extensions_find(
            certificate.tbs.extensions, type, &extension, &found, &unread) ||
        !found)
        return false;
    *value = extension.value;
    return true;
}

/* --- authorityInfoAccess -------------------------------------------------- */

static bool next_access(struct der_reader *descriptions, enum oid *method,
    struct general_name *name)
{
    struct der_reader access = {0};
    struct bytes type = {0};
    struct failure unread = {0};

    if (der_at_end(descriptions) ||
        !der_read(descriptions, DER_SEQUENCE, &access, &unread) ||
        !der_read_oid(&access, &type, &unread) ||
        !general_name_next(&access, name, &unread))
        return false;
    *method = oid_of(type);
    return true;
}

static void gather_access(
    struct gathering *gathering, struct lacking one, enum oid wanted)
{
    struct bytes value = {0};
    struct der_reader reader, descriptions = {0};
    struct general_name name = {0};
    struct failure unread = {0};
    enum oid method = OID_UNKNOWN;

    if (!find_extension(
            one.certificate->der, OID_AUTHORITY_INFO_ACCESS, &value))
        return;
    reader = der_reader_of(value);
    if (!der_read(&reader, DER_SEQUENCE, &descriptions, &unread))
        return;
    while (next_access(&descriptions, &method, &name)) {
        if (method != wanted || name.kind != GENERAL_NAME_URI)
            continue;
        one.address = name.value;
        gather(gathering, &one);
    }
}

/* --- distribution points -------------------------------------------------- */

static void gather_names(
    struct gathering *gathering, struct lacking one, struct der_reader names)
{
    struct general_name name = {0};
    struct failure unread = {0};

    while (!der_at_end(&names) && general_name_next(&names, &name, &unread)) {
        if (name.kind != GENERAL_NAME_URI)
            continue;
        one.address = name.value;
        gather(gathering, &one);
    }
}

static void gather_points(
    struct gathering *gathering, struct lacking one, enum oid type)
{
    struct distribution_point point = {0};
    struct der_reader points = {0};
    struct failure unread = {0};
    struct bytes value = {0};

    if (!find_extension(one.certificate->der, type, &value) ||
        !extension_distribution_points(value, &points, &unread))
        return;
    while (!der_at_end(&points) &&
           distribution_point_next(&points, &point, &unread))
        gather_names(gathering, one, point.name.names);
}

/* --- what lacks ----------------------------------------------------------- */

static bool is_of_status(enum chain_rule rule)
{
    return rule >= RULE_STATUS_KNOWN && rule <= RULE_OCSP_CURRENT;
}

static bool lacks_status(const struct verdict_path *path, size_t place)
{
    for (size_t i = 0; i < path->check_count; i++) {
        const struct verdict_check *check = &path->checks[i];

        if (check->place == place && is_of_status(check->rule) &&
            check->outcome != VERDICT_PASS)
            return true;
    }
    return false;
}

/* A path that another rule breaks is not mended by any status. */
static void gather_statuses(
    struct gathering *gathering, const struct verdict_path *path)
{
    if (path->code != VERDICT_OK && !is_of_status(path->rule))
        return;
    for (size_t place = 0; place + 1 < path->length; place++) {
        struct lacking one = {.certificate = &path->certificates[place],
            .issuer = &path->certificates[place + 1]};

        if (!lacks_status(path, place))
            continue;
        one.kind = LACKING_ANSWER;
        gather_access(gathering, one, OID_AD_OCSP);
        one.kind = LACKING_LIST;
        gather_points(gathering, one, OID_CRL_DISTRIBUTION_POINTS);
        one.kind = LACKING_DELTA;
        gather_points(gathering, one, OID_FRESHEST_CRL);
    }
}

static void gather_issuers(
    struct gathering *gathering, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->path_count && !verdict->valid; i++) {
        const struct verdict_path *path = &verdict->paths[i];
        const struct lacking one = {.kind = LACKING_ISSUER,
            .certificate = &path->certificates[path->length - 1]};

        if (path->code == VERDICT_ISSUER_MISSING)
            gather_access(gathering, one, OID_AD_CA_ISSUERS);
    }
}

size_t chain_lacking(
    const struct verdict *verdict, struct lacking found[static LACKING_MAX])
{
    struct gathering gathering = {.found = found};

    gather_issuers(&gathering, verdict);
    if (verdict->path_count > 0)
        gather_statuses(&gathering, verdict->paths);
    return gathering.count;
}
