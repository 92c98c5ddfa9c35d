#include "authority/names_limits.h"

#include <string.h>

#include "authority/names_parts.h"

static const struct {
    enum oid type;
    size_t most; /* characters */
} limits[] = {
    {OID_COMMON_NAME, 64},
    {OID_ORGANIZATION, 64},
    {OID_ORGANIZATIONAL_UNIT, 64},
    {OID_LOCALITY, 128},
    {OID_STATE, 128},
    {OID_STREET, 128},
    {OID_SERIAL_NUMBER, 64},
    {OID_TITLE, 64},
    {OID_PSEUDONYM, 128},
    {OID_POSTAL_CODE, 40},
    {OID_BUSINESS_CATEGORY, 128},
    {OID_EMAIL_ADDRESS, 255},
    {OID_DOMAIN_COMPONENT, 63},
    {OID_USER_ID, 256},
};

#define UB_NAME 32768

/* ISO 3166-1: the 249 that are assigned, those reserved that are in use (EU,
 * UK, UN), and XK, which is Kosovo's everywhere until it has its own. */
static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ "
    "BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
    "DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY "
    "HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ "
    "NA NC NE NF NG NI NL NO NP NR NU NZ OM "
    "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ "
    "TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ "
    "UA UG UK UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

static size_t limit_of(enum oid type)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        if (limits[i].type == type)
            return limits[i].most;
    }
    return UB_NAME;
}

static size_t characters_of(struct bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += (text.start[i] & 0xc0) != 0x80;
    return count;
}

static bool is_country(struct bytes text)
{
    for (const char *code = countries; *code != 0; code += 3) {
        if (text.length == 2 && memcmp(text.start, code, 2) == 0)
            return true;
    }
    return false;
}

static bool check_country(
    const char *type, struct bytes text, struct failure *why)
{
    char shown[NAME_SHOWN];

    if (is_country(text))
        return true;
    name_show(text, shown);
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s \"%s\" is no country that ISO 3166 knows: two capital letters, as "
        "DE, CH or US",
        type, shown);
}

bool name_limits_check(const struct name_attribute *attribute, const char *type,
    struct bytes text, struct failure *why)
{
    size_t length = characters_of(text);
    size_t limit = limit_of(attribute->type);
    char shown[NAME_SHOWN];

    if (attribute->type == OID_COUNTRY ||
        attribute->type == OID_JURISDICTION_COUNTRY)
        return check_country(type, text, why);
    if (length == 0)
        return fail_because(
            why, FAILURE_UNSUITABLE, "%s is empty; leave it out", type);
    if (length <= limit)
        return true;
    name_show(text, shown);
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s \"%s\" has %zu characters; at most %zu may be (RFC 5280, A.1)",
        type, shown, length, limit);
}
