#include <stdio.h>
#include <unistd.h>

#include "cli/admin_add.h"
#include "cli/authorities.h"
#include "cli/init_plan.h"
#include "cli/output.h"
#include "x509/pem.h"

/* --- --json
 * ----------------------------------------------------------------------------
 */

static bool authority_facts(const struct init_plan *plan, struct bytes der,
    const char *file, json_t **value, struct failure *why)
{
    RELEASED(facts) facts = {0};
    char path[PATH_ROOM];

    if (der.length == 0) {
        *value = json_null();
        return true;
    }
    if (!facts_read(der, true, &facts, why) ||
        !path_join(path, plan->directory, file, why))
        return false;
    *value = json_pack("{s:s, s:s, s:s, s:o}", "subject", facts.subject,
        "sha256", facts.sha256, "not_after", facts.not_after,
        "certificate_file", json_of_text(path));
    return *value != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool print_in_json(const struct init_plan *plan, struct bytes root,
    struct bytes issuing, bool by_itself, bool was_done, struct failure *why)
{
    SCOPED(json_t) *root_value = NULL;
    SCOPED(json_t) *issuing_value = NULL;
    SCOPED(json_t) *value = NULL;

    if (!authority_facts(plan, root, "publish/ca/root.cer", &root_value, why) ||
        !authority_facts(
            plan, issuing, "publish/ca/issuing.cer", &issuing_value, why))
        return false;
    value = json_pack("{s:o, s:O, s:O, s:b, s:b}", "directory",
        json_of_text(plan->directory), "root", root_value, "issuing",
        issuing_value, "unlocks_by_itself", (int)by_itself, "already_set_up",
        (int)was_done);
    if (plan->admin_facts != NULL && value != NULL &&
        json_object_set(value, "admin", plan->admin_facts) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(value, why);
}

/* --- for people ---------------------------------------------------------- */

static bool print_authority(
    const char *title, struct bytes der, struct failure *why)
{
    RELEASED(facts) facts = {0};
    char fingerprint[FINGERPRINT_TEXT];

    if (der.length == 0)
        return true;
    if (!facts_read(der, true, &facts, why))
        return false;
    fingerprint_print(facts.sha256, fingerprint);
    (void)printf("%-18s ", title);
    if (!print_shown(facts.subject, why))
        return false;
    (void)printf("\n  valid until      %s\n  SHA-256          %s\n",
        facts.not_after, fingerprint);
    return true;
}

static void print_protection(
    const struct init_plan *plan, const struct founded *founded)
{
    if (founded->unlocks_by_itself)
        (void)printf(
            "\nkeys/unlock opens the key that issues whenever a command needs "
            "it. It protects a\nkey file that is copied alone; not against "
            "somebody who can read all of DIR.\n`chancery keys passphrase` "
            "puts a passphrase of yours in its place.\n");
    else
        (void)printf("\nOnly your passphrase opens the key that issues: "
                     "`chancery unlock` asks for it.\n");
    if (plan->one_tier || plan->subordinate)
        return;
    (void)printf("\nThe root's key: %s\n", founded->root_key);
    if (plan->root_out != NULL)
        (void)printf("Take that folder to a safe place; nothing that issues "
                     "needs it.\n");
    else
        (void)printf("Nothing that issues needs it: move keys/root%s to a "
                     "safe place,\nor have it made elsewhere by init "
                     "--root-out.\n",
            plan->root_passphrase < 0 ? " and keys/unlock-root" : "");
}

static void print_next(const struct init_plan *plan)
{
    const char *directory = plan->is_default ? "" : plan->directory;
    const char *option = plan->is_default ? "" : " --dir ";

    (void)printf("\nNext, for example:\n"
                 "  chancery issue%s%s --profile server --san www.example.org "
                 "\\\n      --key-out www.key --out www.pem --chain\n"
                 "  chancery ca show%s%s --ca root\n"
                 "  chancery status%s%s\n"
                 "  chancery serve%s%s\n",
        option, directory, option, directory, option, directory, option,
        directory);
}

/* --- a folder that waits for its certificate ----------------------------- */

static bool report_request(struct call *call, const struct init_plan *plan,
    const struct founded *founded, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("request", PEM_MAX);
    SCOPED(json_t) *value = NULL;
    const char *text = NULL;

    if (!pem_append(
            &pem, "CERTIFICATE REQUEST", buffer_view(&founded->request), why) ||
        !buffer_as_text(&pem, &text, why) ||
        (plan->request != NULL && !output_file_write(call, plan->request,
                                      buffer_view(&pem), 0644, why)))
        return false;
    notice(call,
        "The authority is set up, and waits for its certificate: have the "
        "request certified, then give the answer to `chancery ca install "
        "FILE`.");
    if (!call->json)
        return plan->request != NULL || output_bytes(buffer_view(&pem), why);
    value = json_pack("{s:o, s:n, s:n, s:s, s:b, s:b}", "directory",
        json_of_text(plan->directory), "root", "issuing", "request", text,
        "unlocks_by_itself", (int)founded->unlocks_by_itself, "already_set_up",
        0);
    return output_json(value, why);
}

bool init_report(struct call *call, const struct init_plan *plan,
    const struct founded *founded, struct failure *why)
{
    struct bytes root = buffer_view(&founded->root);
    struct bytes issuing = buffer_view(&founded->issuing);

    if (plan->subordinate)
        return report_request(call, plan, founded, why);
    if (call->json)
        return print_in_json(
            plan, root, issuing, founded->unlocks_by_itself, false, why);
    (void)printf("The authority is set up in ");
    if (!print_shown(plan->directory, why))
        return false;
    (void)printf("\n\n");
    if (!print_authority(plan->one_tier ? "Authority" : "Root", root, why) ||
        !print_authority("Issuing authority", issuing, why))
        return false;
    print_protection(plan, founded);
    if (plan->admin_facts != NULL &&
        (putchar('\n') < 0 || !admin_tell(plan->admin_facts, why)))
        return false;
    print_next(plan);
    return true;
}

bool init_report_plan(const struct init_plan *plan, struct failure *why)
{
    SCOPED(json_t) *value =
        json_pack("{s:b, s:o, s:o, s:s, s:s, s:b, s:i, s:b}", "dry_run", 1,
            "directory", json_of_text(plan->directory), "name",
            json_of_text(plan->name), "url", plan->url, "key", plan->key->name,
            "one_tier", (int)plan->one_tier, "crl_shards", plan->crl_shards,
            "unlocks_by_itself", (int)(plan->passphrase < 0));

    return output_json(value, why);
}

/* --- a second time with the same settings -------------------------------- */

static struct bytes certificate_of(
    const struct authorities *authorities, const char *name)
{
    const struct authority_known *found = NULL;
    struct failure absent = {0};

    if (!authorities_find(authorities, name, &found, &absent))
        return (struct bytes){0};
    return buffer_view(&found->certificate);
}

bool init_report_done(
    struct call *call, const struct init_plan *plan, struct failure *why)
{
    RELEASED(authorities) authorities = {0};
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};
    char unlock[PATH_ROOM];

    if (!call->json)
        return printf("%s is already set up with these settings.\n",
                   plan->directory) >= 0 ||
               output_finish(why);
    return call_place(call, &place, why) &&
           place_open_store(&place, &store, why) &&
           authorities_read(store, &authorities, why) &&
           place_path(&place, "keys/unlock", unlock, why) &&
           print_in_json(plan, certificate_of(&authorities, "root"),
               certificate_of(&authorities, "issuing"),
               access(unlock, F_OK) == 0, true, why);
}
