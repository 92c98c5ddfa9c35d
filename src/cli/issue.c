#include "cli/authorities.h"
#include "cli/issue_key.h"
#include "cli/issue_output.h"
#include "cli/output.h"
#include "cli/unlocking.h"
#include "x509/certificate.h"
#include "x509/request.h"

/* --- issuing
 * --------------------------------------------------------------------------------
 */

/* The same idempotency key for another key gives the certificate of that other
 * key: it would not fit what we were asked for. */
static bool check_key(const struct issue_wish *wish,
    const struct client_issued *issued, struct failure *why)
{
    struct certificate certificate = {0};
    struct request request = {0};

    if (!certificate_read(issued->certificate, &certificate, why) ||
        !request_read(buffer_view(&wish->request), &request, why))
        return false;
    if (bytes_equal(certificate.tbs.key.whole, request.key.whole))
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "this --idempotency-key was used before, for another key");
}

static bool issue(struct call *call, struct client *client,
    struct issue_wish *wish, struct failure *why)
{
    RELEASED(client_issued) issued = {0};
    RELEASED(staged_key) staged = {0};

    if (wish->key_file != NULL &&
        (!issue_wish_make_request(wish, why) ||
            !stage_key(call, wish->key, wish->key_file, &staged, why)))
        return false;
    if (!client_issue(client, &wish->asked, &issued, why))
        return false;
    if (issued.request_id[0] != '\0')
        return (wish->key_file == NULL ||
                   staged_key_settle(call, &staged, why)) &&
               issue_output_waiting(call, wish, &issued, why);
    return check_key(wish, &issued, why) &&
           (wish->key_file == NULL || staged_key_settle(call, &staged, why)) &&
           issue_output(call, wish, &issued, why);
}

/* What can be checked without the keeper. */
static bool rehearse(struct call *call, const struct place *place,
    const struct issue_wish *wish, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    const struct profile *profile = NULL;

    return place_read_settings(place, NULL, &settings, why) &&
           configuration_profile(
               settings, wish->asked.profile, &profile, why) &&
           issue_output_plan(call, wish, why);
}

/* An authority's certificate is made in a ceremony (server/client.h). */
static bool is_ceremony(const struct place *place,
    const struct issue_wish *wish, bool *is, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    const struct profile *profile = NULL;
    struct failure unknown = {0};

    if (!place_read_settings(place, NULL, &settings, why))
        return false;
    *is = configuration_profile(
              settings, wish->asked.profile, &profile, &unknown) &&
          profile->is_authority;
    return true;
}

bool run_issue(struct call *call, struct failure *why)
{
    struct client_need need = {.signs = true};
    RELEASED(issue_wish) wish = {0};
    SCOPED_STRUCT(client) *client = NULL;
    struct place place = {0};

    if (!issue_wish_read(call, &wish, why) || !call_place(call, &place, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &place, &wish, why);
    return is_ceremony(&place, &wish, &need.ceremony, why) &&
           call_client(call, &place, &need, &client, why) &&
           issue(call, client, &wish, why);
}
