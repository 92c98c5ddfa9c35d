#include <stdio.h>

#include "authority/control_protocol.h"
#include "authority/revoke.h"
#include "base/message.h"
#include "protocols/rest/certificates.h"

struct meant {
    struct rest_call *call;
    struct buffer *question;
};

/* The serial is the whole one, also where its first digits were given. */
static bool name_serial(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct meant *meant = context;

    return rest_reaches(meant->call, row->profile, why) &&
           message_add(meant->question, CONTROL_SERIAL, row->serial, why);
}

static bool ask(
    struct rest_call *call, struct buffer *question, struct failure *why)
{
    struct meant meant = {call, question};

    return rest_find_certificate(call, name_serial, &meant, why) &&
           rest_ask(call, question, why);
}

bool rest_revoke(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    const char *given = rest_member(call, "reason");
    const char *comment = rest_member(call, "comment");
    enum revocation_reason reason = REASON_UNSPECIFIED;

    return (given == NULL || revocation_reason_read(given, &reason, why)) &&
           message_add_number(
               &question, CONTROL_REASON, (uint64_t)reason, why) &&
           (comment == NULL ||
               message_add_text(&question, CONTROL_WORDS, comment, why)) &&
           ask(call, &question, why);
}

/* And release. */
bool rest_hold(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);

    return ask(call, &question, why);
}
