#include <stdio.h>

#include "authority/control_protocol.h"
#include "authority/facts.h"
#include "base/base64.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"
#include "x509/input.h"

static bool read_certificate(
    const char *path, struct buffer *der, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the file", PEM_MAX);

    return file_read(path, &file, why) &&
           input_certificate(buffer_view(&file), path, der, why);
}

static bool write_question(struct call *call, struct bytes der,
    struct buffer *message, struct failure *why)
{
    const char *signer = call_text(call, "ca");
    int path_length = -1;
    int64_t lifetime_s = 0;

    return ceremony_call_path_length(call, &path_length, why) &&
           ceremony_call_lifetime(call, &lifetime_s, why) &&
           message_add(message, CONTROL_CERTIFICATE, der, why) &&
           (signer == NULL ||
               message_add_text(message, CONTROL_AUTHORITY, signer, why)) &&
           (path_length < 0 || message_add_number(message, CONTROL_NUMBER,
                                   (uint64_t)path_length, why)) &&
           message_add_number(
               message, CONTROL_LIFETIME, (uint64_t)lifetime_s, why);
}

static bool tell_written(const json_t *facts, struct bytes der,
    const char *file, struct failure *why)
{
    const char *name = json_string_value(json_object_get(facts, "name"));
    RELEASED(facts) shown = {0};

    if (!facts_read(der, true, &shown, why) || !print_shown(file, why) ||
        printf(": ") < 0 || !print_shown(shown.subject, why))
        return false;
    return printf(", certified by %s, valid until %s\n",
               name == NULL ? "us" : name, shown.not_after) > 0;
}

static bool tell(struct call *call, const json_t *facts, struct failure *why)
{
    const char *text = json_string_value(json_object_get(facts, "certificate"));
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) pem = BUFFER("certificate", PEM_MAX);
    const char *file = call_text(call, "out");
    SCOPED(json_t) *value = NULL;
    struct bytes written;

    if (!base64_read(bytes_of_text(text == NULL ? "" : text), &der, why) ||
        !certificate_print(buffer_view(&der), &pem, why))
        return false;
    written = buffer_view(call_given(call, "der") ? &der : &pem);
    if (file != NULL && !output_file_write(call, file, written, 0644, why))
        return false;
    if (!call->json && file == NULL)
        return output_bytes(written, why);
    if (!call->json)
        return tell_written(facts, buffer_view(&der), file, why);
    value = json_pack("{s:O, s:o, s:o}", "signed_by",
        json_object_get(facts, "name"), "certificate",
        certificate_to_json(buffer_view(&der)), "file",
        file == NULL ? json_null() : json_of_text(file));
    return output_json(value, why);
}

static bool rehearse(struct call *call, struct bytes der, struct failure *why)
{
    RELEASED(facts) facts = {0};
    SCOPED(json_t) *value = NULL;

    if (!facts_read(der, true, &facts, why))
        return false;
    if (call->json) {
        value = json_pack("{s:b, s:s, s:s}", "dry_run", 1, "subject",
            facts.subject, "sha256", facts.sha256);
        return output_json(value, why);
    }
    (void)printf("The name and key of this authority would be certified: ");
    return print_shown(facts.subject, why) && printf("\n") > 0;
}

bool run_ca_cross_sign(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    const char *file = call_text(call, "out");
    SCOPED(json_t) *facts = NULL;

    if ((file != NULL && !output_file_check(call, file, why)) ||
        !read_certificate(call->options.operands[0], &der, why) ||
        !write_question(call, buffer_view(&der), &message, why) ||
        !ceremony_call_begin(call, &ceremony, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, buffer_view(&der), why);
    return ceremony_call_ask(call, &ceremony, CONTROL_CROSS_SIGN,
               buffer_view(&message), &facts, why) &&
           tell(call, facts, why);
}
