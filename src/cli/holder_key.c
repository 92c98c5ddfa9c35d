#include "cli/holder_key.h"

#include "cli/passphrase.h"
#include "x509/input.h"
#include "x509/request.h"

static bool find_key(const struct input *input, const char *path,
    struct bytes *der, struct failure *why)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct input_object *object = &input->objects[i];

        if (object->kind != INPUT_PRIVATE_KEY &&
            object->kind != INPUT_ENCRYPTED_KEY)
            continue;
        *der = object->der;
        return true;
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is no private key in %.500s", path);
}

static bool read_passphrase(struct call *call, struct secret *passphrase,
    bool *is_given, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = -1;

    if (!passphrase_given(call, "key-passphrase-file", &descriptor, why))
        return false;
    *is_given = descriptor >= 0;
    return !*is_given ||
           descriptor_read_secret(descriptor,
               call_text(call, "key-passphrase-file"), passphrase, why);
}

static bool open_key(struct call *call, struct bytes der, const char *path,
    struct private_key **key, struct failure *why)
{
    RELEASED(secret) passphrase = {0};
    struct failure cause = {0};
    bool is_given = false;

    if (!read_passphrase(call, &passphrase, &is_given, why))
        return false;
    if (key_file_read(der, is_given ? &passphrase : NULL, key, &cause))
        return true;
    if (cause.kind == FAILURE_UNAVAILABLE)
        advise(call, "give its passphrase by --key-passphrase-file FILE");
    return fail_because(why, cause.kind, "%.500s: %s", path, cause.reason);
}

static bool read_found(struct call *call, struct bytes file, const char *path,
    struct private_key **key, struct failure *why)
{
    RELEASED(input) input = {0};
    struct bytes der = {0};

    if (!input_read(file, path, &input, why) ||
        !find_key(&input, path, &der, why))
        return false;
    /* Length 0: encrypted by PEM's own headers, which its reader refuses by
     * name. */
    return open_key(call, der.length > 0 ? der : file, path, key, why);
}

bool holder_key_read(struct call *call, const char *path,
    struct private_key **key, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("key file", PEM_MAX);
    bool ok = file_read(path, &file, why) &&
              read_found(call, buffer_view(&file), path, key, why);

    contents_wipe(&file);
    return ok;
}

void contents_wipe(struct buffer *contents)
{
    if (contents->length > 0)
        wipe(contents->start, contents->length);
}

bool holder_key_fits(const struct private_key *key, struct bytes spki,
    bool *fits, struct failure *why)
{
    RELEASED(buffer) own = BUFFER("public key", 64 * 1024);

    if (!private_key_append_spki(key, &own, why))
        return false;
    *fits = bytes_equal(buffer_view(&own), spki);
    return true;
}

bool holder_key_sign(const struct private_key *key, const char *text,
    struct bytes rest, struct buffer *signature, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("proof", 2 * REQUEST_MAX);
    uint8_t made[SIGNATURE_MAX];
    size_t length = 0;

    return buffer_append_text(&message, text, why) &&
           buffer_append(&message, rest, why) &&
           private_key_sign(key, key->algorithm->signs_with,
               buffer_view(&message), made, &length, why) &&
           buffer_append(signature, (struct bytes){made, length}, why);
}
