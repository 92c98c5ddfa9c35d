#include "server/founding.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/found.h"
#include "base/file_failure.h"
#include "base/message.h"
#include "server/client_internal.h"
#include "server/founding_stage.h"
#include "x509/pem.h"
#include "x509/request.h"

void founded_free(struct founded *founded)
{
    buffer_free(&founded->root);
    buffer_free(&founded->issuing);
    buffer_free(&founded->request);
}

bool founding_name(
    const char *name, bool root, struct buffer *der, struct failure *why)
{
    RELEASED(buffer) common_name = BUFFER("name", 512);
    const char *text = NULL;

    return buffer_append_text(&common_name, name, why) &&
           (!root || buffer_append_text(&common_name, " Root", why)) &&
           buffer_as_text(&common_name, &text, why) &&
           name_of_common_name(text, der, why);
}

/* --- what is made on the way --------------------------------------------- */

struct making {
    const struct founding *founding;
    struct stage stage;
    int passphrase, root_passphrase; /* ours to close */
    struct keys_report root, issuing;
    struct founded founded;
};

static void making_free(struct making *making)
{
    stage_free(&making->stage);
    descriptor_close(&making->passphrase);
    descriptor_close(&making->root_passphrase);
    keys_report_free(&making->root);
    keys_report_free(&making->issuing);
    founded_free(&making->founded);
}

static void say(const struct founding *founding, const char *step)
{
    if (founding->progress != NULL)
        founding->progress(step);
}

/* --- passphrases --------------------------------------------------------- */

static bool take_passphrase(int given, const char *folder, const char *name,
    int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];

    if (given < 0)
        return path_join(path, folder, name, why) &&
               write_random_passphrase(path, descriptor, why);
    *descriptor = fcntl(given, F_DUPFD_CLOEXEC, 3);
    return *descriptor >= 0 || fail_because(why, FAILURE_INTERNAL,
                                   "the passphrase can't be copied");
}

/* unlock-root lies beside the root's folder, or in it when it is taken out. */
static bool take_passphrases(struct making *making, struct failure *why)
{
    const struct founding *founding = making->founding;
    char keys[PATH_ROOM];

    if (!path_join(keys, making->stage.building.directory, "keys", why) ||
        !take_passphrase(
            founding->passphrase, keys, "unlock", &making->passphrase, why))
        return false;
    making->founded.unlocks_by_itself = founding->passphrase < 0;
    if (founding->one_tier || founding->subordinate)
        return true;
    return take_passphrase(founding->root_passphrase,
        founding->root_out != NULL ? founding->root_out : keys, "unlock-root",
        &making->root_passphrase, why);
}

/* A descriptor that may have been read before. */
static int from_start(int descriptor)
{
    (void)lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

/* --- keys
 * ----------------------------------------------------------------------------
 */

static bool find_existing(
    const struct founding *founding, int *key_file, struct failure *why)
{
    SCOPED_STRUCT(key_inventory) *inventory = key_inventory_new();
    const struct key_record *record;
    char keys[PATH_ROOM], path[PATH_ROOM];

    if (inventory == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!list_keys(founding->directory, founding->program,
            founding->use_key_passphrase, inventory, why))
        return false;
    record = key_inventory_find_usable(inventory, founding->use_key);
    if (record == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no usable key %.64s lies in %s/keys (see init --list-keys)",
            founding->use_key, founding->directory);
    return path_join(keys, founding->directory, "keys", why) &&
           path_join(path, keys, record->label, why) &&
           file_open(path, O_RDONLY, 0, key_file, why);
}

static bool reuse_key(struct making *making, struct bytes subject, int key_file,
    struct keys_report *report, struct failure *why)
{
    const struct founding *founding = making->founding;
    SCOPED_DESCRIPTOR int existing = -1;

    return find_existing(founding, &existing, why) &&
           keys_encrypt_anew(founding->program, existing, key_file,
               founding->use_key_passphrase < 0
                   ? -1
                   : from_start(founding->use_key_passphrase),
               from_start(making->passphrase), subject, report, why);
}

static bool make_key(struct making *making, bool root, bool reuse,
    struct keys_report *report, struct failure *why)
{
    const struct founding *founding = making->founding;
    RELEASED(buffer) subject = BUFFER("name", 4096);
    SCOPED_DESCRIPTOR int key_file = -1;
    char path[PATH_ROOM];
    int passphrase = root && !founding->one_tier ? making->root_passphrase
                                                 : making->passphrase;

    if (!founding_name(founding->name, root, &subject, why) ||
        !stage_new_key(&making->stage, root, root ? "root.key" : "issuing.key",
            &key_file, path, why))
        return false;
    if (root)
        (void)snprintf(making->founded.root_key, PATH_ROOM, "%s", path);
    if (reuse)
        return reuse_key(
                   making, buffer_view(&subject), key_file, report, why) ||
               (why->kind == FAILURE_UNAVAILABLE && keys_failed_at(path, why));
    return keys_make(founding->program, founding->algorithm,
               buffer_view(&subject), key_file, from_start(passphrase), report,
               why) ||
           keys_failed_at(path, why);
}

static bool make_keys(struct making *making, struct failure *why)
{
    const struct founding *founding = making->founding;
    const bool reuse = founding->use_key != NULL;

    if (!founding->one_tier) {
        say(founding, "making the issuing authority's key");
        if (!make_key(making, false, reuse, &making->issuing, why))
            return false;
    }
    if (founding->subordinate)
        return buffer_append(
            &making->founded.request, making->issuing.request, why);
    say(founding, "making the root's key");
    return make_key(
        making, true, reuse && founding->one_tier, &making->root, why);
}

/* --- certificates -------------------------------------------------------- */

#define FOUNDING_LIFETIME_S (INT64_C(40) * 366 * 86400)

/* What the root may sign while it is founded: itself, and an authority. */
static bool limit_root(const struct making *making, struct household_key *key,
    uint8_t identifier[static KEY_IDENTIFIER_BYTES], struct failure *why)
{
    struct request request = {0};

    if (!buffer_append(&key->certificate, making->root.request, why) ||
        !request_read(buffer_view(&key->certificate), &request, why) ||
        !key_identifier(request.key.bits, identifier, why))
        return false;
    key->limits = (struct signer_limits){.name = FOUND_ROOT,
        .issuer = request.subject,
        .own_key = request.key.whole,
        .key_identifier = {identifier, KEY_IDENTIFIER_BYTES},
        .not_after = TIME_WITHOUT_END,
        .longest_lifetime_s = FOUNDING_LIFETIME_S,
        .key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN,
        .may_make_authorities = true,
        .may_sign_itself = true};
    return file_open(making->founded.root_key, O_RDONLY, 0, &key->file, why);
}

static bool take_certificates(
    struct making *making, struct bytes answer, struct failure *why)
{
    struct reader reader = reader_of(answer);
    struct field root = {0};
    struct field issuing = {0};

    return message_next(&reader, &root, why) &&
           message_next(&reader, &issuing, why) &&
           buffer_append(&making->founded.root, root.value, why) &&
           buffer_append(&making->founded.issuing, issuing.value, why);
}

static const struct channel_rule keeper_answers[] = {
    {CONTROL_FOUNDED, "founded", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_DONE, "done", CONTROL_FRAME_MAX, 1, 0},
    {CONTROL_FAILED, "failed", 4096, 1, 0},
    {0},
};

static bool write_question(
    const struct making *making, struct buffer *message, struct failure *why)
{
    if (making->founding->subordinate)
        return message_add_text(message, CONTROL_NAME, FOUND_ISSUING, why) &&
               message_add(
                   message, CONTROL_REQUEST, making->issuing.request, why);
    return message_add(
               message, CONTROL_ROOT_REQUEST, making->root.request, why) &&
           message_add(
               message, CONTROL_ISSUING_REQUEST, making->issuing.request, why);
}

static bool ask_keeper(
    struct making *making, struct household *household, struct failure *why)
{
    const bool waits = making->founding->subordinate;
    RELEASED(buffer) message = BUFFER("requests", CONTROL_FRAME_MAX);
    struct client client = {0};
    struct bytes answer = {0};
    bool ok;

    if (!write_question(making, &message, why) ||
        !channel_new(descriptor_keep(&household->connection), keeper_answers, 0,
            &client.channel, why))
        return false;
    ok = client_ask(&client, waits ? CONTROL_AUTHORITY_AWAIT : CONTROL_FOUND,
             buffer_view(&message), -1, waits ? CONTROL_DONE : CONTROL_FOUNDED,
             &answer, why) &&
         (waits || take_certificates(making, answer, why));
    channel_free(client.channel);
    return ok;
}

static bool sign_certificates(struct making *making,
    const struct household_keys *keys, struct failure *why)
{
    SCOPED_DESCRIPTOR int sign_log = -1;
    SCOPED_DESCRIPTOR int lock = -1;
    struct household household = {0};
    struct household_plan plan = {.program = making->founding->program,
        .place = &making->stage.building,
        .mode = KEEPER_FOUNDS,
        .keys = keys,
        .listener = -1};
    bool ok;

    if (!place_lock(plan.place, &lock, why) ||
        !household_open_sign_log(plan.place, &sign_log, why) ||
        !stage_give_to_owner(&making->stage, why))
        return false;
    plan.lock = lock;
    plan.sign_log = sign_log;
    plan.passphrase =
        from_start(making->founding->one_tier ? making->passphrase
                                              : making->root_passphrase);
    if (!household_start(&plan, &household, why))
        return false;
    ok = signer_state_is_open(&household.keys, FAILURE_INTERNAL, why) &&
         ask_keeper(making, &household, why);
    household_end(&household);
    return ok;
}

static bool make_certificates(struct making *making, struct failure *why)
{
    RELEASED(household_keys)
    keys = {.count = 1,
        .keys[0] = {.certificate = BUFFER("request", REQUEST_MAX), .file = -1}};
    const struct household_keys no_keys = {0};
    uint8_t identifier[KEY_IDENTIFIER_BYTES];

    if (making->founding->subordinate)
        return sign_certificates(making, &no_keys, why);
    say(making->founding, "signing the certificates");
    return limit_root(making, &keys.keys[0], identifier, why) &&
           sign_certificates(making, &keys, why);
}

/* --- files
 * ------------------------------------------------------------------------------
 */

static bool write_settings(struct making *making, struct failure *why)
{
    const struct founding *founding = making->founding;
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    char path[PATH_ROOM];
    bool ok = founding->settings.length > 0
                  ? buffer_append(&text, founding->settings, why)
                  : configuration_write_first(founding->name, founding->url,
                        founding->algorithm, founding->one_tier,
                        founding->crl_shards, &text, why);

    return ok &&
           place_path(&making->stage.building, "chancery.yaml", path, why) &&
           file_write(path, buffer_view(&text), 0644, FILE_NEW_ONLY, why);
}

static bool write_certificate(const char *folder, const char *name, bool pem,
    struct bytes der, mode_t mode, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("certificate", 2 * CERTIFICATE_MAX);
    char path[PATH_ROOM];
    bool ok = pem ? pem_append(&text, "CERTIFICATE", der, why)
                  : buffer_append(&text, der, why);

    return ok && path_join(path, folder, name, why) &&
           file_write(path, buffer_view(&text), mode, FILE_NEW_ONLY, why);
}

static bool write_certificates(struct making *making, struct failure *why)
{
    const struct bytes root = buffer_view(&making->founded.root);
    const struct bytes issuing = buffer_view(&making->founded.issuing);
    char keys[PATH_ROOM], publish[PATH_ROOM], ca[PATH_ROOM];

    if (!place_path(&making->stage.building, "keys", keys, why) ||
        !place_path(&making->stage.building, "publish", publish, why) ||
        !place_path(&making->stage.building, "publish/ca", ca, why))
        return false;
    if (!write_certificate(
            making->stage.root_folder, "root.crt", true, root, 0600, why) ||
        !write_certificate(publish, "roots.pem", true, root, 0644, why) ||
        !write_certificate(ca, "root.cer", false, root, 0644, why))
        return false;
    return making->founding->one_tier ||
           (write_certificate(keys, "issuing.crt", true, issuing, 0600, why) &&
               write_certificate(
                   ca, "issuing.cer", false, issuing, 0644, why) &&
               write_certificate(
                   publish, "intermediates.pem", true, issuing, 0644, why));
}

/* The keeper signs what is missing when it starts; why it could not is in its
 * log.  The addresses in the first certificates must lead somewhere. */
static bool check_lists(const struct making *making, struct failure *why)
{
    char path[PATH_ROOM];

    if (!place_path(&making->stage.building,
            making->founding->one_tier ? "publish/crl/root.crl"
                                       : "publish/crl/issuing.crl",
            path, why))
        return false;
    return making->founding->subordinate || access(path, F_OK) == 0 ||
           fail_because(why, FAILURE_INTERNAL,
               "the first revocation list could not be published");
}

/* Set-up has succeeded only when the authority starts and its key signs: no
 * state where init says success and start fails (kb 5). */
static bool prove_start(struct making *making, struct failure *why)
{
    const struct client_options options = {
        .program = making->founding->program, .passphrase = making->passphrase};
    SCOPED_DESCRIPTOR int lock = -1;
    struct household household = {0};
    bool ok;

    say(making->founding, "starting the authority to prove it");
    if (!stage_give_to_owner(&making->stage, why) ||
        !place_lock(&making->stage.building, &lock, why) ||
        !client_start_household(
            &options, &making->stage.building, lock, -1, &household, why))
        return false;
    ok = signer_state_is_open(&household.keys, FAILURE_INTERNAL, why);
    household_end(&household);
    return ok && check_lists(making, why);
}

static bool check_wishes(const struct founding *founding, struct failure *why)
{
    if (founding->subordinate &&
        (founding->one_tier || founding->root_out != NULL))
        return fail_because(why, FAILURE_UNSUITABLE,
            "--subordinate makes no root: it goes neither with --one-tier nor "
            "with --root-out");
    if (founding->one_tier && founding->root_out != NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a root that issues itself can't be taken away: --root-out goes "
            "with two tiers");
    return founding->use_key != NULL ||
           key_algorithm_probe(founding->algorithm, why);
}

static bool make_all(struct making *making, struct failure *why)
{
    return check_wishes(making->founding, why) &&
           stage_begin(making->founding, &making->stage, why) &&
           write_settings(making, why) && take_passphrases(making, why) &&
           make_keys(making, why) && make_certificates(making, why) &&
           (making->founding->subordinate || write_certificates(making, why)) &&
           prove_start(making, why) && stage_keep(&making->stage, why);
}

/* Where the root's key lies once everything is in place. */
static void settle_root_key(struct making *making)
{
    const struct founding *founding = making->founding;

    if (founding->root_out == NULL)
        (void)snprintf(making->founded.root_key, PATH_ROOM, "%.900s/keys/%s",
            making->stage.directory,
            founding->one_tier ? "root.key" : "root/root.key");
}

bool found_authority(const struct founding *founding, struct founded *founded,
    struct failure *why)
{
    RELEASED(making)
    making = {.founding = founding,
        .stage = {.hold = -1, .root_out_hold = -1, .is_kept = true},
        .passphrase = -1,
        .root_passphrase = -1,
        .founded = {.root = BUFFER("certificate", CERTIFICATE_MAX),
            .issuing = BUFFER("certificate", CERTIFICATE_MAX),
            .request = BUFFER("request", REQUEST_MAX)}};

    if (!make_all(&making, why))
        return false;
    settle_root_key(&making);
    *founded = making.founded;
    making.founded = (struct founded){0};
    return true;
}
