#include "authority/profile_words.h"

const struct word profile_purposes[] = {
    {"serverAuth", OID_SERVER_AUTH},
    {"clientAuth", OID_CLIENT_AUTH},
    {"codeSigning", OID_CODE_SIGNING},
    {"emailProtection", OID_EMAIL_PROTECTION},
    {"timeStamping", OID_TIME_STAMPING},
    {"OCSPSigning", OID_OCSP_SIGNING},
    {NULL, 0},
};

/* The last two are for authorities alone. */
const struct word profile_key_usages[] = {
    {"digitalSignature", KEY_USAGE_DIGITAL_SIGNATURE},
    {"nonRepudiation", KEY_USAGE_NON_REPUDIATION},
    {"keyEncipherment", KEY_USAGE_KEY_ENCIPHERMENT},
    {"dataEncipherment", KEY_USAGE_DATA_ENCIPHERMENT},
    {"keyAgreement", KEY_USAGE_KEY_AGREEMENT},
    {"keyCertSign", KEY_USAGE_CERT_SIGN},
    {"cRLSign", KEY_USAGE_CRL_SIGN},
    {NULL, 0},
};

const struct word profile_name_kinds[] = {
    {"dns", GENERAL_NAME_DNS},
    {"ip", GENERAL_NAME_IP},
    {"email", GENERAL_NAME_EMAIL},
    {"uri", GENERAL_NAME_URI},
    {NULL, 0},
};

const struct word profile_attributes[] = {
    {"CN", OID_COMMON_NAME},
    {"O", OID_ORGANIZATION},
    {"OU", OID_ORGANIZATIONAL_UNIT},
    {"C", OID_COUNTRY},
    {"ST", OID_STATE},
    {"L", OID_LOCALITY},
    {"street", OID_STREET},
    {"postalCode", OID_POSTAL_CODE},
    {"DC", OID_DOMAIN_COMPONENT},
    {"UID", OID_USER_ID},
    {"SN", OID_SURNAME},
    {"GN", OID_GIVEN_NAME},
    {"title", OID_TITLE},
    {"emailAddress", OID_EMAIL_ADDRESS},
    {"serialNumber", OID_SERIAL_NUMBER},
    {"organizationIdentifier", OID_ORGANIZATION_IDENTIFIER},
    {NULL, 0},
};

const struct word profile_askers[] = {
    {"administrator", ASKER_ADMINISTRATOR},
    {"operator", ASKER_OPERATOR},
    {"account", ASKER_ACCOUNT},
    {"token", ASKER_TOKEN},
    {"anyone", ASKER_ANYONE},
    {NULL, 0},
};

const struct word profile_beyond_issuer[] = {
    {"cap", BEYOND_ISSUER_CAP},
    {"refuse", BEYOND_ISSUER_REFUSE},
    {NULL, 0},
};

_Static_assert(sizeof(profile_purposes) / sizeof(*profile_purposes) - 1 <=
                   PROFILE_PURPOSES_MAX,
    "a list without duplicates fits");
_Static_assert(sizeof(profile_attributes) / sizeof(*profile_attributes) - 1 <=
                   PROFILE_SUBJECT_MAX,
    "a list without duplicates fits");

const char *profile_word(const struct word *words, uint32_t value)
{
    for (; words->text != NULL; words++) {
        if (words->value == value)
            return words->text;
    }
    return NULL;
}
