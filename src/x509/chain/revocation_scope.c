#include <strings.h>

#include "x509/chain/revocation_parts.h"
#include "x509/der_writer.h"
#include "x509/name_match.h"

#define POINT_NAME_MAX (64 * 1024) /* bytes of a name that is put together */

/* The names of a distribution point: a list, or one that is put together. */
struct point_names {
    struct der_reader names; /* at its end when there is one */
    struct general_name built;
    bool is_built;
};

/* --- equal general names (4.2.1.6, 7.2 to 7.5) ---------------------------- */

static bool texts_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length && strncasecmp((const char *)a.start,
                                       (const char *)b.start, a.length) == 0;
}

/* Scheme and authority of a URI: what is compared without regard to case. */
static size_t authority_length(struct bytes uri)
{
    const uint8_t *start = uri.start;
    size_t slashes = 0, length = 0;

    while (length < uri.length && slashes < 3) {
        slashes += start[length] == '/';
        length++;
    }
    return length;
}

static bool uris_equal(struct bytes a, struct bytes b)
{
    size_t head = authority_length(a);

    if (a.length != b.length || head != authority_length(b))
        return false;
    return texts_equal(
               (struct bytes){a.start, head}, (struct bytes){b.start, head}) &&
           bytes_equal((struct bytes){a.start + head, a.length - head},
               (struct bytes){b.start + head, b.length - head});
}

static bool general_names_equal(
    const struct general_name *a, const struct general_name *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == GENERAL_NAME_DIRECTORY)
        return name_matches(a->value, b->value);
    if (a->kind == GENERAL_NAME_URI)
        return uris_equal(a->value, b->value);
    if (a->kind == GENERAL_NAME_DNS)
        return texts_equal(a->value, b->value);
    return bytes_equal(a->value, b->value);
}

/* False when the path's comparisons are used up: they match nothing more. */
static bool may_compare(struct revocation_desk *desk)
{
    if (desk->comparisons == REVOCATION_COMPARISONS_MAX) {
        desk->judgement->budget->exceeded =
            "100,000 comparisons of names of distribution points";
        return false;
    }
    desk->comparisons++;
    return true;
}

static bool names_contain(struct revocation_desk *desk, struct der_reader names,
    const struct general_name *wanted)
{
    struct general_name name = {0};
    struct failure why = {0};

    while (!der_at_end(&names)) {
        if (!may_compare(desk) || !general_name_next(&names, &name, &why))
            return false;
        if (general_names_equal(&name, wanted))
            return true;
    }
    return false;
}

static bool names_meet(struct revocation_desk *desk,
    const struct point_names *a, const struct point_names *b)
{
    struct der_reader names = a->names;
    struct general_name name = {0};
    struct failure why = {0};

    if (a->is_built && b->is_built)
        return general_names_equal(&a->built, &b->built);
    if (a->is_built)
        return names_contain(desk, b->names, &a->built);
    if (b->is_built)
        return names_contain(desk, a->names, &b->built);
    while (!der_at_end(&names)) {
        if (!general_name_next(&names, &name, &why))
            return false;
        if (names_contain(desk, b->names, &name))
            return true;
    }
    return false;
}

static struct general_name directory_name(struct bytes name)
{
    return (struct general_name){.kind = GENERAL_NAME_DIRECTORY, .value = name};
}

/* --- the names of the two sides ------------------------------------------- */

/* nameRelativeToCRLIssuer (4.2.1.13): one RDN more than the issuer's name. */
static bool append_relative_name(struct bytes issuer, struct bytes relative,
    uint8_t *room, struct bytes *name)
{
    struct der_writer writer = der_writer_in(room, POINT_NAME_MAX);
    struct der_reader reader = der_reader_of(issuer);
    struct der_reader contents = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    if (!der_read(&reader, DER_SEQUENCE, &contents, &why))
        return false;
    der_write_element(&writer, DER_SET, relative);
    der_write_raw(&writer, der_remaining(&contents));
    der_write_head(&writer, DER_SEQUENCE, mark);
    return der_writer_take(&writer, name, &why);
}

static bool take_names(const struct distribution_point_name *point,
    struct bytes issuer, uint8_t *room, struct point_names *names)
{
    struct bytes name = {0};

    *names = (struct point_names){.names = point->names};
    if (point->relative_name.length == 0)
        return true;
    if (!append_relative_name(issuer, point->relative_name, room, &name))
        return false;
    names->built = directory_name(name);
    names->is_built = true;
    return true;
}

static bool has_name(const struct distribution_point_name *name)
{
    return name->relative_name.length > 0 || !der_at_end(&name->names);
}

static struct der_reader crl_issuers(const struct distribution_point *point)
{
    return der_reader_of(point->crl_issuer);
}

/* A relative name hangs below the one issuer that the point names, or else the
 * certificate's. */
static struct bytes point_issuer(
    const struct distribution_point *point, struct bytes certificate_issuer)
{
    struct der_reader issuers = crl_issuers(point);
    struct general_name name = {0};
    struct failure why = {0};

    if (!der_at_end(&issuers) && general_name_next(&issuers, &name, &why) &&
        name.kind == GENERAL_NAME_DIRECTORY)
        return name.value;
    return certificate_issuer;
}

/* 6.3.3 (b)(2)(i), and its last paragraph where there is no point: it is named
 * like the certificate's issuer. */
static bool point_names_of(const struct distribution_point *point,
    struct bytes certificate_issuer, uint8_t *room, struct point_names *names)
{
    if (point == NULL) {
        *names = (struct point_names){
            .built = directory_name(certificate_issuer), .is_built = true};
        return true;
    }
    if (has_name(&point->name))
        return take_names(
            &point->name, point_issuer(point, certificate_issuer), room, names);
    *names = (struct point_names){.names = crl_issuers(point)};
    return true;
}

static bool point_is_named(struct revocation_desk *desk,
    const struct status_list *list, const struct distribution_point *point,
    struct bytes certificate_issuer)
{
    uint8_t list_room[POINT_NAME_MAX], point_room[POINT_NAME_MAX];
    struct point_names of_list = {0}, of_point = {0};

    if (!list->has_point || !has_name(&list->point.name))
        return true;
    return take_names(
               &list->point.name, list->crl->issuer, list_room, &of_list) &&
           point_names_of(point, certificate_issuer, point_room, &of_point) &&
           names_meet(desk, &of_list, &of_point);
}

/* --- scope ---------------------------------------------------------------- */

/* 6.3.3 (b)(1) */
static bool issuer_fits(struct revocation_desk *desk,
    const struct status_list *list, const struct distribution_point *point,
    struct bytes certificate_issuer)
{
    struct general_name issuer = directory_name(list->crl->issuer);

    if (point == NULL || point->crl_issuer.length == 0)
        return name_matches(list->crl->issuer, certificate_issuer);
    return names_contain(desk, crl_issuers(point), &issuer);
}

static bool is_indirect(const struct status_list *list)
{
    return list->has_point && list->point.indirect;
}

/* 6.3.3 (b)(2)(ii) to (iv); NULL: the kind of certificate is the list's. */
static const char *kind_refused(
    const struct status_list *list, const struct chain_certificate *certificate)
{
    if (!list->has_point)
        return NULL;
    if (list->point.only_attributes)
        return "is of attribute certificates only";
    if (list->point.only_users && certificate->basic.is_authority)
        return "is of users only, and this is an authority";
    if (list->point.only_authorities && !certificate->basic.is_authority)
        return "is of authorities only, and this is none";
    return NULL;
}

/* 6.3.3 (d) */
static uint32_t point_reasons(
    const struct status_list *list, const struct distribution_point *point)
{
    uint32_t reasons = ALL_REASONS;

    if (list->has_point && list->point.has_reasons)
        reasons &= list->point.reasons;
    if (point != NULL && point->has_reasons)
        reasons &= point->reasons;
    return reasons;
}

static uint32_t point_covers(struct revocation_desk *desk,
    const struct status_list *list, const struct chain_certificate *certificate,
    const struct distribution_point *point, const char **why_not)
{
    struct bytes issuer = certificate->certificate.tbs.issuer;

    if (!issuer_fits(desk, list, point, issuer))
        return 0;
    *why_not = kind_refused(list, certificate);
    if (*why_not != NULL)
        return 0;
    if (point != NULL && point->crl_issuer.length > 0 && !is_indirect(list)) {
        *why_not = "is not indirect, which the certificate says of it";
        return 0;
    }
    if (!point_is_named(desk, list, point, issuer)) {
        *why_not = "is of another distribution point";
        return 0;
    }
    return point_reasons(list, point);
}

uint32_t list_covers(struct revocation_desk *desk,
    const struct status_list *list, const struct standing *standing,
    const char **why_not)
{
    const struct chain_certificate *certificate = standing->certificate;
    struct distribution_point point = {0};
    struct der_reader points = {0};
    struct failure why = {0};
    uint32_t reasons = 0;

    *why_not = NULL;
    if (chain_has(certificate, CHAIN_CRL_DISTRIBUTION_POINTS) &&
        extension_distribution_points(
            certificate->values[CHAIN_CRL_DISTRIBUTION_POINTS], &points,
            &why)) {
        while (!der_at_end(&points) &&
               distribution_point_next(&points, &point, &why))
            reasons |= point_covers(desk, list, certificate, &point, why_not);
    }
    return reasons | point_covers(desk, list, certificate, NULL, why_not);
}
