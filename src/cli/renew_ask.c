#include "cli/renew_ask.h"

#include <stdio.h>

#include "authority/renew.h"
#include "cli/holder_key.h"
#include "cli/renew_place.h"

void renew_asking_free(struct renew_asking *asking)
{
    if (asking->new_key != asking->old_key)
        private_key_free(asking->new_key);
    private_key_free(asking->old_key);
    staged_key_free(&asking->staged);
    buffer_free(&asking->request);
    client_issued_free(&asking->issued);
    *asking = (struct renew_asking){0};
}

/* --- the old key --------------------------------------------------------- */

static bool read_old_key(struct renew_asking *asking, struct failure *why)
{
    const struct renew_file *file = asking->file;
    bool fits = false;

    if (!file->key_is_there || file->signed_request.length > 0)
        return true;
    if (!holder_key_read(asking->call, file->key_path, &asking->old_key, why) ||
        !holder_key_fits(
            asking->old_key, file->certificate.tbs.key.whole, &fits, why))
        return false;
    return fits ||
           fail_because(why, FAILURE_CONFLICT,
               "%.300s is not the key of %.300s", file->key_path, file->path);
}

/* --- the request --------------------------------------------------------- */

static bool read_csr(struct renew_asking *asking, struct failure *why)
{
    RELEASED(buffer) contents = BUFFER("the request", PEM_MAX);
    RELEASED(buffer) enclosed = BUFFER("certificate", CERTIFICATE_MAX);
    const char *path = call_text(asking->call, "csr");

    return file_read(path, &contents, why) &&
           input_request(
               buffer_view(&contents), path, &asking->request, &enclosed, why);
}

static bool make_request(struct renew_asking *asking,
    const struct private_key *key, struct failure *why)
{
    const struct tbs_certificate *old = &asking->file->certificate.tbs;
    struct extension extension = {0};
    struct der_reader names = {0};
    bool found = false;

    if (!extensions_find(
            old->extensions, OID_SUBJECT_ALT_NAME, &extension, &found, why) ||
        (found && !extension_general_names(extension.value, &names, why)))
        return false;
    return request_make(key, old->subject,
        found ? der_remaining(&names) : (struct bytes){0}, &asking->request,
        why);
}

static bool make_new_key(struct renew_asking *asking, struct failure *why)
{
    struct public_key_parts parts = {0};

    if (!spki_parts(&asking->file->certificate.tbs.key, &parts, why))
        return false;
    if (asking->in_place)
        return renew_stage_key(
            asking->call, asking->file, parts.algorithm, &asking->new_key, why);
    return key_generate(parts.algorithm, &asking->new_key, why) &&
           stage_key(asking->call, asking->new_key,
               call_text(asking->call, "key-out"), &asking->staged, why);
}

static bool request_with_old_key(
    struct renew_asking *asking, struct failure *why)
{
    if (asking->old_key == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "--reuse-key needs the old key, and %.300s is not there",
            asking->file->key_path);
    return make_request(asking, asking->old_key, why);
}

static bool prepare_request(struct renew_asking *asking, struct failure *why)
{
    asking->request = BUFFER("the request", REQUEST_MAX);
    if (asking->file->signed_request.length > 0)
        return buffer_append(
            &asking->request, buffer_view(&asking->file->request), why);
    if (call_given(asking->call, "csr"))
        return read_csr(asking, why);
    if (call_given(asking->call, "reuse-key"))
        return request_with_old_key(asking, why);
    return make_new_key(asking, why) &&
           make_request(asking, asking->new_key, why);
}

/* --- asking -------------------------------------------------------------- */

/* The same key for the same old certificate gets the same new one: what was
 * broken off is asked for again. */
#define ORIGIN_ROOM 200

static bool print_origin(const struct renew_asking *asking, struct bytes key,
    char origin[static ORIGIN_ROOM], struct failure *why)
{
    char serial[SERIAL_TEXT], sha256[SHA256_TEXT];

    if (!sha256_text(key, sha256, why))
        return false;
    serial_print(buffer_view(&asking->file->serial), serial);
    (void)snprintf(origin, ORIGIN_ROOM, "renew:%s:%s", serial, sha256);
    return true;
}

static bool check_answer(
    const struct renew_asking *asking, struct bytes key, struct failure *why)
{
    struct certificate certificate = {0};

    if (asking->issued.request_id[0] != '\0')
        return true;
    if (!certificate_read(asking->issued.certificate, &certificate, why))
        return false;
    return bytes_equal(certificate.tbs.key.whole, key) ||
           fail_because(why, FAILURE_INTERNAL,
               "the authority answered with a certificate for another key");
}

bool renew_ask(struct renew_asking *asking, struct failure *why)
{
    RELEASED(buffer) proof = BUFFER("proof", SIGNATURE_MAX);
    struct request request = {0};
    struct client_issue wish = {0};
    char origin[ORIGIN_ROOM];

    if (!read_old_key(asking, why) || !prepare_request(asking, why) ||
        !request_read(buffer_view(&asking->request), &request, why) ||
        !print_origin(asking, request.key.whole, origin, why) ||
        (asking->old_key != NULL &&
            !holder_key_sign(asking->old_key, RENEWAL_PROOF,
                buffer_view(&asking->request), &proof, why)))
        return false;
    wish.renews = buffer_view(&asking->file->serial);
    wish.request = buffer_view(&asking->request);
    wish.proof = buffer_view(&proof);
    wish.signed_request = buffer_view(&asking->file->signed_request);
    wish.origin = origin;
    return client_issue(asking->client, &wish, &asking->issued, why) &&
           check_answer(asking, request.key.whole, why) &&
           (asking->staged.beside[0] == '\0' ||
               staged_key_settle(asking->call, &asking->staged, why));
}
