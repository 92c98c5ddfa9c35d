#include "authority/configuration_danger.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define WORD_MAX 64

static const struct danger purpose_to_sign_in = {"ESC1",
    "a purpose that signs people in",
    "smart cards and Kerberos know a person by a name that an authority must "
    "vouch for"};
static const struct danger any_purpose = {"ESC2", "any purpose",
    "a certificate says what it is for, purpose by purpose"};
static const struct danger agent = {"ESC3", "enrolment agents",
    "nobody asks in another's name: an operator issues under the operator's "
    "own"};
static const struct danger template_editors = {"ESC4", "editors of profiles",
    "who may write chancery.yaml, and nobody else, changes profiles"};
static const struct danger owners = {"ESC5", "rights on the authority's files",
    "DIR belongs to one user, and access is what the file system says"};
static const struct danger request_names = {"ESC6",
    "names from the request's attributes",
    "names come from the request's own subject and subjectAltName, within "
    "names and allowed-names"};
static const struct danger managers = {"ESC7", "managers of the authority",
    "roles are given to people by `chancery admin`"};
static const struct danger plain_http = {"ESC8", "enrolment over plain http",
    "doors are behind TLS and bound to it"};
static const struct danger no_binding = {"ESC9",
    "certificates that leave the account out",
    "what is certified is what was checked"};
static const struct danger weak_binding = {"ESC10", "weak account mapping",
    "accounts are known by issuer and serial, never by a name alone"};
static const struct danger plain_rpc = {"ESC11",
    "enrolment without channel binding",
    "no door takes a request that its caller's proof is not bound to"};
static const struct danger key_access = {"ESC12", "access to the key store",
    "keys are in the signer alone, which no door leads to"};
static const struct danger group_policy = {"ESC13", "policies linked to groups",
    "a policy identifier grants nothing here"};
static const struct danger mapping = {"ESC14", "mapping by name",
    "accounts are known by issuer and serial or key, never by a name"};
static const struct danger policies = {"ESC15",
    "application policies from the request",
    "extensions of a request that the profile does not give are dropped, and "
    "told"};
static const struct danger no_extension = {"ESC16",
    "leaving out security extensions",
    "no extension that a profile gives can be switched off"};

/* Spelled as normalised: letters and digits alone. */
static const struct {
    const char *word;
    const struct danger *danger;
} words[] = {
    {"1361413112022", &purpose_to_sign_in},
    {"smartcardlogon", &purpose_to_sign_in},
    {"pkinitclientauth", &purpose_to_sign_in},
    {"pkinitkpclientauth", &purpose_to_sign_in},
    {"pkinit", &purpose_to_sign_in},
    {"13615234", &purpose_to_sign_in},
    {"enrolleesuppliessubject", &request_names},
    {"anyextendedkeyusage", &any_purpose},
    {"anypurpose", &any_purpose},
    {"2529370", &any_purpose},
    {"nopurposes", &any_purpose},
    {"enrollmentagent", &agent},
    {"enrolmentagent", &agent},
    {"enrollmentagents", &agent},
    {"enrolmentagents", &agent},
    {"certificaterequestagent", &agent},
    {"certrequestagent", &agent},
    {"onbehalfof", &agent},
    {"1361413112021", &agent},
    {"editors", &template_editors},
    {"profileeditors", &template_editors},
    {"templateowners", &template_editors},
    {"writableby", &template_editors},
    {"acl", &owners},
    {"owners", &owners},
    {"fullcontrol", &owners},
    {"sanfromattributes", &request_names},
    {"sanfromrequestattributes", &request_names},
    {"editfattributesubjectaltname2", &request_names},
    {"attributesubjectaltname2", &request_names},
    {"requestattributes", &request_names},
    {"managers", &managers},
    {"manageca", &managers},
    {"managecertificates", &managers},
    {"officers", &managers},
    {"plainhttpenrolment", &plain_http},
    {"plainhttpenrollment", &plain_http},
    {"httpenrolment", &plain_http},
    {"httpenrollment", &plain_http},
    {"webenrollment", &plain_http},
    {"webenrolment", &plain_http},
    {"allowhttp", &plain_http},
    {"nosecurityextension", &no_binding},
    {"ctflagnosecurityextension", &no_binding},
    {"strongcertificatebindingenforcement", &weak_binding},
    {"certificatemappingmethods", &weak_binding},
    {"weakmapping", &weak_binding},
    {"withoutchannelbinding", &plain_rpc},
    {"nochannelbinding", &plain_rpc},
    {"channelbinding", &plain_rpc},
    {"ifenforceencrypticertrequest", &plain_rpc},
    {"plainrpcenrolment", &plain_rpc},
    {"plainrpcenrollment", &plain_rpc},
    {"hsmpassword", &key_access},
    {"hsmpin", &key_access},
    {"keystoreshell", &key_access},
    {"exportkeys", &key_access},
    {"issuancepolicygroup", &group_policy},
    {"issuancepolicies", &group_policy},
    {"policygroup", &group_policy},
    {"oidtogrouplink", &group_policy},
    {"oidgrouplink", &group_policy},
    {"msdsoidtogrouplink", &group_policy},
    {"altsecurityidentities", &mapping},
    {"mapbyname", &mapping},
    {"mapbysubject", &mapping},
    {"mapbyemail", &mapping},
    {"explicitmapping", &mapping},
    {"applicationpolicies", &policies},
    {"applicationpolicy", &policies},
    {"copyextensions", &policies},
    {"requestextensions", &policies},
    {"extensionsfromrequest", &policies},
    {"disableextensionlist", &no_extension},
    {"disableextensions", &no_extension},
    {"withoutextensions", &no_extension},
    {"omitextensions", &no_extension},
};

static void normalise(const char *word, char letters[static WORD_MAX])
{
    size_t length = 0;

    for (; *word != 0 && length + 1 < WORD_MAX; word++) {
        if (isalnum((unsigned char)*word))
            letters[length++] = (char)tolower((unsigned char)*word);
    }
    letters[length] = 0;
}

const struct danger *danger_of(const char *word)
{
    char letters[WORD_MAX];

    normalise(word, letters);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i].word, letters) == 0)
            return words[i].danger;
    }
    return NULL;
}
