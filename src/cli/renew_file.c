#include "cli/renew_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/holder_key.h"
#include "x509/pkcs7.h"
#include "x509/request.h"

void renew_file_free(struct renew_file *file)
{
    contents_wipe(&file->contents);
    buffer_free(&file->contents);
    buffer_free(&file->der);
    buffer_free(&file->serial);
    buffer_free(&file->signed_request);
    buffer_free(&file->request);
}

/* --- its key ------------------------------------------------------------- */

/* "www.crt" has its key in "www.key". */
static bool key_beside(
    const char *path, char key_path[static PATH_ROOM], struct failure *why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    size_t length =
        dot == NULL || dot == name ? strlen(path) : (size_t)(dot - path);
    int written = snprintf(key_path, PATH_ROOM, "%.*s.key", (int)length, path);

    return (written > 0 && written < PATH_ROOM) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the path of the key's file is longer than %d bytes",
               PATH_ROOM - 1);
}

static bool has_key_inside(const struct input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind == INPUT_PRIVATE_KEY ||
            input->objects[i].kind == INPUT_ENCRYPTED_KEY)
            return true;
    }
    return false;
}

static bool find_key(struct call *call, const struct input *input,
    struct renew_file *file, struct failure *why)
{
    const char *given = call_text(call, "key");

    file->key_is_inside = given == NULL && has_key_inside(input);
    if (given != NULL || file->key_is_inside)
        (void)snprintf(file->key_path, PATH_ROOM, "%s",
            given != NULL ? given : file->path);
    else if (!key_beside(file->path, file->key_path, why))
        return false;
    file->key_is_there = access(file->key_path, F_OK) == 0;
    return given == NULL || file->key_is_there ||
           fail_because(
               why, FAILURE_NOT_FOUND, "there is no file %.500s", given);
}

/* --- a renewal in PKCS#7 ------------------------------------------------- */

/* It may stand beside a chain in PKCS#7, which is no renewal. */
static bool take_signed_request(
    const struct input *input, struct renew_file *file, struct failure *why)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct input_object *object = &input->objects[i];
        struct pkcs7_renewal renewal = {0};
        struct failure no_renewal = {0};

        if (object->kind != INPUT_PKCS7 ||
            !pkcs7_renewal_read(object->der, &renewal, &no_renewal))
            continue;
        if (renewal.certificate.length == 0 &&
            renewal.signer.serial.length == 0)
            return fail_because(why, FAILURE_UNSUITABLE,
                "%.500s names the old certificate by a key identifier alone; "
                "enclose the certificate",
                file->path);
        return buffer_append(&file->signed_request, object->der, why) &&
               buffer_append(&file->request, renewal.request, why) &&
               buffer_append(&file->der, renewal.certificate, why) &&
               buffer_append(&file->serial, renewal.signer.serial, why);
    }
    return true;
}

/* --- the certificate ----------------------------------------------------- */

static void look_at_form(const struct input *input, struct renew_file *file)
{
    size_t certificates = 0;

    for (size_t i = 0; i < input->count; i++) {
        certificates += input->objects[i].kind == INPUT_CERTIFICATE;
        file->is_pem |= input->objects[i].line > 0;
    }
    file->has_chain = certificates > 1;
}

static bool take_certificate(struct renew_file *file, struct failure *why)
{
    if (file->signed_request.length == 0 &&
        !input_certificate(
            buffer_view(&file->contents), file->path, &file->der, why))
        return false;
    if (file->der.length == 0)
        return true;
    if (!certificate_read(buffer_view(&file->der), &file->certificate, why))
        return false;
    buffer_clear(&file->serial);
    return buffer_append(&file->serial, file->certificate.tbs.serial, why);
}

bool renew_file_read(struct call *call, const char *path,
    struct renew_file *file, struct failure *why)
{
    RELEASED(input) input = {0};

    *file = (struct renew_file){.path = path,
        .contents = BUFFER("the old certificate", PEM_MAX),
        .der = BUFFER("the old certificate", CERTIFICATE_MAX),
        .serial = BUFFER("serial", 1024),
        .signed_request = BUFFER("the renewal", RENEWAL_MAX),
        .request = BUFFER("the request", REQUEST_MAX)};
    if (!file_read(path, &file->contents, why) ||
        !input_read(buffer_view(&file->contents), path, &input, why) ||
        !take_signed_request(&input, file, why) || !take_certificate(file, why))
        return false;
    look_at_form(&input, file);
    return find_key(call, &input, file, why);
}

bool renew_file_is_due(const struct renew_file *file, int64_t now)
{
    int64_t end = file->certificate.tbs.not_after;

    return now >= end - (end - file->certificate.tbs.not_before) / 3;
}
