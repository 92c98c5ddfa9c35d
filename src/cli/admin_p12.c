#include "cli/admin_p12.h"

#include "cli/unlocking.h"
#include "crypto/pkcs12_write.h"
#include "x509/name.h"
#include "x509/request.h"

#define PROFILE "client"
#define KEY_KIND "p256"

void admin_p12_free(struct admin_p12 *made)
{
    secret_free(&made->password);
    client_issued_free(&made->issued);
}

static bool check_unlocked(
    struct call *call, struct client *client, struct failure *why)
{
    struct client_state state = {0};
    bool is_locked = false;
    const struct client_key *key;

    if (!client_state(client, &state, why))
        return false;
    key = unusable_key(&state, NULL, &is_locked);
    if (key == NULL)
        return true;
    (void)fail_locked(call, key, is_locked, false, why);
    advise(call, "run chancery unlock first; or use --certificate, --link or "
                 "--local-user, which sign nothing");
    return false;
}

static bool issue(struct client *client, const struct private_key *key,
    const char *name, struct client_issued *issued, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("the subject", NAME_TEXT_MAX);
    RELEASED(buffer) request = BUFFER("the request", REQUEST_MAX);
    struct client_issue wish = {.profile = PROFILE};

    if (!name_of_common_name(name, &subject, why) ||
        !request_make(
            key, buffer_view(&subject), (struct bytes){0}, &request, why))
        return false;
    wish.request = buffer_view(&request);
    if (!client_issue(client, &wish, issued, why))
        return false;
    return issued->request_id[0] == '\0' ||
           fail_because(why, FAILURE_CONFLICT,
               "profile " PROFILE " waits for approvals (request %s): have it "
               "issued, and give it by --certificate",
               issued->request_id);
}

static bool take_password(
    const struct admin_wish *wish, struct secret *password, struct failure *why)
{
    return wish->p12_passphrase < 0
               ? new_password(password, why)
               : descriptor_read_secret(wish->p12_passphrase,
                     "the passphrase of the .p12", password, why);
}

static bool write(const struct admin_wish *wish, const struct private_key *key,
    const struct admin_p12 *made, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the PKCS#12 file", PKCS12_MAX);
    const struct pkcs12_contents contents = {.name = wish->name,
        .key = key,
        .certificate = made->issued.certificate,
        .chain = made->issued.chain,
        .chain_count = made->issued.chain_count};

    return pkcs12_write(&contents, &made->password, &file, why) &&
           file_write(
               wish->p12_out, buffer_view(&file), 0600, FILE_NEW_ONLY, why);
}

bool admin_p12_make(struct call *call, struct client *client,
    const struct admin_wish *wish, struct admin_p12 *made, struct failure *why)
{
    SCOPED_STRUCT(private_key) *key = NULL;

    return check_unlocked(call, client, why) &&
           take_password(wish, &made->password, why) &&
           key_generate(key_algorithm_named(KEY_KIND), &key, why) &&
           issue(client, key, wish->name, &made->issued, why) &&
           write(wish, key, made, why);
}
