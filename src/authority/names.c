#include "authority/names.h"

#include <stdio.h>

#include "authority/names_parts.h"
#include "base/text.h"
#include "x509/name_match.h"

/* At most EXTENSIONS_MAX and NAME_DRAFT_ATTRIBUTES_MAX short sentences. */
#define NOTICES_MAX (128 * 1024)

void issuance_names_free(struct issuance_names *names)
{
    buffer_free(&names->notices);
    buffer_free(&names->own_subject);
    buffer_free(&names->own_general_names);
    names->subject = names->general_names = (struct bytes){0};
    names->general_name_count = 0;
}

void name_show(struct bytes text, char shown[static NAME_SHOWN])
{
    RELEASED(buffer) visible = BUFFER("a shown name", 4096);
    struct failure unshown = {0};
    const char *as_text = "?";

    if (text_append_visible(
            &visible, text_beginning(text, NAME_SHOWN - 8), &unshown))
        (void)!buffer_as_text(&visible, &as_text, &unshown);
    (void)snprintf(shown, NAME_SHOWN, "%s", as_text);
}

/* The GeneralNames inside the request's subjectAltName; none: length 0. */
static bool requested_names(
    const struct request *request, struct bytes *names, struct failure *why)
{
    struct extension extension = {0};
    struct der_reader inside = {0};
    bool found = false;

    *names = (struct bytes){0};
    if (!extensions_find(
            request->extensions, OID_SUBJECT_ALT_NAME, &extension, &found, why))
        return false;
    if (!found)
        return true;
    if (!extension_general_names(extension.value, &inside, why))
        return false;
    *names = der_remaining(&inside);
    return true;
}

static bool check_found(const struct profile *profile, struct bytes issuer,
    const struct issuance_names *names, struct failure *why)
{
    if (profile->names_required && names->general_name_count == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "profile %s requires an alternative name and none was given",
            profile->name);
    if (name_is_empty(names->subject) && names->general_name_count == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate would have no name: neither a subject nor an "
            "alternative name was given");
    if (!profile->is_authority && name_matches(names->subject, issuer))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the subject is the name of the issuing authority itself: the "
            "certificate would be taken for self-signed");
    return true;
}

static bool decide(const struct enrolment *enrolment,
    const struct request *request, const struct profile *profile,
    struct bytes issuer, struct issuance_names *names, struct failure *why)
{
    RELEASED(issuance_names)
    found = {
        .notices = BUFFER("notices", NOTICES_MAX),
        .own_subject = BUFFER("subject", REQUEST_MAX * 4),
        .own_general_names = BUFFER("alternative names", REQUEST_MAX),
    };
    struct bytes alternative = enrolment->general_names;
    bool given = enrolment->subject.length > 0;

    /* A renewal never has more names than the certificate it renews. */
    if (alternative.length == 0 && enrolment->renews == 0 &&
        !requested_names(request, &alternative, why))
        return false;
    if (!names_decide_subject(given ? enrolment->subject : request->subject,
            profile, &found, why) ||
        !names_decide_alternative(alternative, profile, &found, why) ||
        !names_tell_extensions(request, profile, &found, why) ||
        !check_found(profile, issuer, &found, why))
        return false;
    *names = found;
    found = (struct issuance_names){0};
    return true;
}

/* The names of the server itself are those that chancery.yaml declares; its
 * allowed-names say what others may ask for. */
bool names_decide(const struct enrolment *enrolment,
    const struct request *request, const struct profile *profile,
    struct bytes issuer, struct issuance_names *names, struct failure *why)
{
    struct profile own;

    if (enrolment->caller->door != DOOR_OWN)
        return decide(enrolment, request, profile, issuer, names, why);
    own = *profile;
    own.restricts_names = false;
    return decide(enrolment, request, &own, issuer, names, why);
}
