#include "cli/admin_add.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/control_protocol.h"
#include "base/clock.h"
#include "cli/admin_p12.h"
#include "cli/output.h"
#include "store/store.h"
#include "x509/certificate.h"
#include "x509/input.h"

/* --- what was asked for -------------------------------------------------- */

bool admin_wish_check(
    struct call *call, const struct admin_wish *wish, struct failure *why)
{
    int ways = (wish->certificate != NULL) + (wish->p12_out != NULL) +
               wish->link + (wish->local_user != NULL);

    if (ways != 1)
        return fail_usage(call, why,
            "one of --certificate FILE, --p12-out FILE, --link and "
            "--local-user USER is needed: how is %.60s to be known?",
            wish->name);
    return wish->p12_out == NULL || output_file_check(call, wish->p12_out, why);
}

static bool read_user(const char *name, uint64_t *user, struct failure *why)
{
    const struct passwd *found;
    char *end = NULL;

    if (name[strspn(name, "0123456789")] == '\0') {
        errno = 0;
        *user = strtoul(name, &end, 10);
        if (errno == 0 && end != name && *user < UINT32_MAX)
            return true;
        return fail_because(
            why, FAILURE_MALFORMED, "\"%.40s\" is no user's number", name);
    }
    found = getpwnam(name);
    if (found == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "this machine has no user named %.80s", name);
    *user = found->pw_uid;
    return true;
}

static bool add_user(
    const char *name, struct buffer *message, struct failure *why)
{
    uint64_t user = 0;

    return read_user(name, &user, why) &&
           message_add_number(message, CONTROL_NUMBER, user, why);
}

/* In any encoding; the exact certificate counts, not the names in it. */
static bool add_certificate(
    const char *path, struct buffer *message, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the certificate's file", PEM_MAX);
    RELEASED(buffer) der = BUFFER("the certificate", CERTIFICATE_MAX);

    return file_read(path, &file, why) &&
           input_certificate(buffer_view(&file), path, &der, why) &&
           message_add(message, CONTROL_DER, buffer_view(&der), why);
}

static bool add_person(const struct admin_wish *wish, bool dry,
    struct buffer *message, struct failure *why)
{
    return message_add_text(message, CONTROL_NAME, wish->name, why) &&
           message_add_text(message, CONTROL_ROLE, wish->role, why) &&
           message_add_number(message, CONTROL_DRY, dry, why);
}

static bool set(
    json_t *facts, const char *key, json_t *value, struct failure *why)
{
    return json_object_set_new(facts, key, value) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* --- by what is there, or a link ----------------------------------------- */

static bool add_known(struct client *client, const struct admin_wish *wish,
    json_t **facts, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CERTIFICATE_MAX + 4096);

    return add_person(wish, wish->dry, &message, why) &&
           (wish->certificate == NULL ||
               add_certificate(wish->certificate, &message, why)) &&
           (wish->local_user == NULL ||
               add_user(wish->local_user, &message, why)) &&
           client_call(client, CONTROL_PERSON_ADD, buffer_view(&message), -1,
               facts, why);
}

/* The whole address where the authority has one, otherwise the path. */
static bool set_link(json_t *facts, const char *secret, struct failure *why)
{
    RELEASED(buffer) link = BUFFER("the link", 4096);
    const char *text = NULL;
    bool ok = buffer_print(&link, why, "%s/admin/link/%s",
                  json_text(facts, "url"), secret) &&
              buffer_as_text(&link, &text, why) &&
              set(facts, "link", json_string(text), why);

    if (link.length > 0)
        wipe(link.start, link.length);
    return ok;
}

static bool add_by_link(struct client *client, const struct admin_wish *wish,
    json_t **facts, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", 4096);
    char secret[SECRET_TEXT_ROOM], sha256[SHA256_TEXT];
    bool ok = new_secret("", secret, sha256, why) &&
              add_person(wish, wish->dry, &message, why) &&
              message_add_text(&message, CONTROL_HASH, sha256, why) &&
              client_call(client, CONTROL_PERSON_ADD, buffer_view(&message), -1,
                  facts, why) &&
              (wish->dry || set_link(*facts, secret, why));

    wipe(secret, sizeof(secret));
    return ok;
}

/* --- by a new key -------------------------------------------------------- */

/* Is this person possible at all?  Before a certificate is issued. */
static bool try_person(struct client *client, const struct admin_wish *wish,
    json_t **facts, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", 4096);

    return add_person(wish, true, &message, why) &&
           client_call(client, CONTROL_PERSON_ADD, buffer_view(&message), -1,
               facts, why);
}

/* What could not be bound to the person is of no use to anybody. */
static void take_back(struct client *client, struct bytes der)
{
    RELEASED(buffer) message = BUFFER("question", 4096);
    struct certificate certificate = {0};
    SCOPED(json_t) *facts = NULL;
    struct failure ignored = {0};

    if (certificate_read(der, &certificate, &ignored) &&
        message_add(
            &message, CONTROL_SERIAL, certificate.tbs.serial, &ignored) &&
        message_add_number(
            &message, CONTROL_REASON, REASON_CESSATION_OF_OPERATION, &ignored))
        (void)!client_call(client, CONTROL_REVOKE, buffer_view(&message), -1,
            &facts, &ignored);
}

static bool bind(struct client *client, const struct admin_wish *wish,
    struct bytes certificate, json_t **facts, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CERTIFICATE_MAX + 4096);

    return add_person(wish, false, &message, why) &&
           message_add(&message, CONTROL_DER, certificate, why) &&
           client_call(client, CONTROL_PERSON_ADD, buffer_view(&message), -1,
               facts, why);
}

static bool set_p12(const struct admin_wish *wish, const struct admin_p12 *made,
    json_t *facts, struct failure *why)
{
    const struct secret *password = &made->password;

    return set(facts, "p12_file", json_of_text(wish->p12_out), why) &&
           (wish->p12_passphrase >= 0 ||
               set(facts, "password",
                   json_stringn(
                       (const char *)password->start, password->length),
                   why));
}

static bool add_by_p12(struct call *call, struct client *client,
    const struct admin_wish *wish, json_t **facts, struct failure *why)
{
    RELEASED(admin_p12) made = {0};
    SCOPED(json_t) *tried = NULL;

    if (!try_person(client, wish, &tried, why))
        return false;
    if (wish->dry) {
        *facts = KEEP(json_t, &tried);
        return true;
    }
    if (admin_p12_make(call, client, wish, &made, why)) {
        if (bind(client, wish, made.issued.certificate, facts, why))
            return set_p12(wish, &made, *facts, why);
        (void)unlink(wish->p12_out);
    }
    if (made.issued.certificate.length > 0)
        take_back(client, made.issued.certificate);
    return false;
}

/* --- all of it ----------------------------------------------------------- */

bool admin_add(struct call *call, struct client *client,
    const struct admin_wish *wish, json_t **facts, struct failure *why)
{
    SCOPED(json_t) *made = NULL;
    bool ok = wish->p12_out != NULL ? add_by_p12(call, client, wish, &made, why)
              : wish->link          ? add_by_link(client, wish, &made, why)
                                    : add_known(client, wish, &made, why);

    if (ok)
        *facts = KEEP(json_t, &made);
    return ok;
}

static bool tell_way(const json_t *facts, struct failure *why)
{
    const json_t *user = json_object_get(facts, "local_user");

    if (*json_text(facts, "certificate_sha256") != '\0')
        (void)printf("  certificate  %s\n  until        %s\n",
            json_text(facts, "certificate_sha256"),
            json_text(facts, "not_after"));
    if (json_is_integer(user))
        (void)printf(
            "  local user   %lld\n", (long long)json_integer_value(user));
    if (*json_text(facts, "p12_file") != '\0') {
        (void)printf("  written      ");
        if (!print_shown(json_text(facts, "p12_file"), why))
            return false;
        (void)putchar('\n');
    }
    if (*json_text(facts, "password") != '\0' &&
        !show_once("Its password", json_text(facts, "password"), why))
        return false;
    if (*json_text(facts, "link") == '\0')
        return true;
    (void)printf("  link until   %s\n", json_text(facts, "link_until"));
    return show_once(
        "The link, good for one use", json_text(facts, "link"), why);
}

bool admin_tell(const json_t *facts, struct failure *why)
{
    if (json_is_true(json_object_get(facts, "dry_run")))
        (void)printf("Nothing is changed; this would be:\n");
    if (!print_shown(json_text(facts, "name"), why))
        return false;
    (void)printf(", %s%s\n", json_text(facts, "role"),
        json_is_true(json_object_get(facts, "renewed"))
            ? ", who was there, with another way in"
            : "");
    return tell_way(facts, why);
}
