#include "x509/signed_file.h"

#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "x509/authenticode.h"
#include "x509/ber.h"
#include "x509/pem.h"
#include "x509/pkcs7_oid.h"
#include "x509/smime.h"
#include "x509/time_stamp.h"

void signed_file_free(struct signed_file *file)
{
    signature_list_free(&file->signatures);
    buffer_free(&file->decoded);
    buffer_free(&file->rewritten);
    buffer_free(&file->canonical);
}

const char *signed_file_kind_name(enum signed_file_kind kind)
{
    static const char *const names[SIGNED_FILE_KINDS] = {
        [SIGNED_FILE_PLAIN] = "unsigned file",
        [SIGNED_FILE_CMS] = "signed data",
        [SIGNED_FILE_MAIL] = "signed mail",
        [SIGNED_FILE_PROGRAM] = "program",
        [SIGNED_FILE_TIME_STAMP] = "time-stamp",
    };

    return names[kind];
}

/* --- what it is ----------------------------------------------------------- */

/* What was found in the file; damage: it says it is something, and can't be
 * read as it. */
struct opened {
    enum signed_file_kind kind;
    struct bytes der; /* a ContentInfo, or a time-stamp's answer */
    struct smime mail;
    struct pe pe;
    struct failure damage;
};

static void prepare(struct signed_file *file)
{
    *file = (struct signed_file){
        .signatures = {.cpu_started_ms = clock_thread_cpu_ms()},
        .decoded = BUFFER("a signature in base64", SMIME_MAX),
        .rewritten = BUFFER("a signature in DER", 2 * BER_MAX),
        .canonical = BUFFER("a signed text", 2 * SMIME_MAX),
    };
}

/* BER becomes DER; what is neither stays, for its reader to refuse. */
static struct bytes as_der(
    struct signed_file *file, struct bytes bytes, struct failure *damage)
{
    if (!ber_is_indefinite(bytes))
        return bytes;
    if (!ber_to_der(bytes, &file->rewritten, damage))
        return bytes;
    return buffer_view(&file->rewritten);
}

/* A file that was cut still says what it was. */
static bool begins_as_signed(struct bytes bytes)
{
    const struct bytes type = CONTENTS("\x06\x09" PKCS7_ARC "\x02");
    size_t head = 2;

    if (bytes.length < 2)
        return false;
    if (bytes.start[1] >= 0x80)
        head += bytes.start[1] & 0x7fu;
    return bytes.length >= head + type.length &&
           memcmp(bytes.start + head, type.start, type.length) == 0;
}

static bool open_der(
    struct signed_file *file, struct bytes bytes, struct opened *opened)
{
    struct bytes der = {0};

    if (bytes.length == 0 || bytes.start[0] != DER_SEQUENCE)
        return false;
    der = as_der(file, bytes, &opened->damage);
    if (pkcs7_is_content_info(der) || begins_as_signed(bytes))
        opened->kind = SIGNED_FILE_CMS;
    else if (time_stamp_is_response(der))
        opened->kind = SIGNED_FILE_TIME_STAMP;
    else
        return false;
    opened->der = der;
    return true;
}

static bool open_pem(
    struct signed_file *file, struct bytes bytes, struct opened *opened)
{
    struct pem_walk walk = {0};
    struct pem_block block = {0};
    struct failure why = {0};

    if (bytes.length > PEM_MAX)
        return false;
    walk = pem_walk_of(bytes);
    if (!pem_next(&walk, &block, &file->decoded, &why)) {
        buffer_clear(&file->decoded);
        if (!pem_bare_base64(bytes, &file->decoded, &why))
            return false;
    }
    return open_der(file, buffer_view(&file->decoded), opened);
}

/* A mail's SignedData may be damaged, and it is signed mail all the same. */
static bool open_mail(
    struct signed_file *file, struct bytes bytes, struct opened *opened)
{
    struct bytes body = {0};

    if (!smime_read(bytes, &opened->mail, &opened->damage)) {
        opened->kind = SIGNED_FILE_MAIL;
        return true;
    }
    if (opened->mail.kind == SMIME_NONE)
        return false;
    opened->kind = SIGNED_FILE_MAIL;
    body = opened->mail.encoded;
    if (opened->mail.is_base64) {
        if (!base64_read(body, &file->decoded, &opened->damage))
            return true;
        body = buffer_view(&file->decoded);
    }
    opened->der = as_der(file, body, &opened->damage);
    return true;
}

static void open_file(
    struct signed_file *file, struct bytes bytes, struct opened *opened)
{
    if (pe_is(bytes)) {
        opened->kind = SIGNED_FILE_PROGRAM;
        if (!pe_read(bytes, &opened->pe, &opened->damage))
            return;
    } else if (!open_der(file, bytes, opened) &&
               !open_mail(file, bytes, opened)) {
        buffer_clear(&file->decoded);
        (void)open_pem(file, bytes, opened);
    }
    file->kind = opened->kind;
}

/* SignedData without signers and content: certificates for others. */
static bool is_chain(struct bytes der)
{
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    return pkcs7_read(der, &pkcs7, &why) && der_at_end(&pkcs7.signers) &&
           !pkcs7.has_content;
}

enum signed_file_kind signed_file_kind_of(struct bytes bytes)
{
    RELEASED(signed_file) file = {0};
    struct opened opened = {0};

    prepare(&file);
    open_file(&file, bytes, &opened);
    return opened.kind;
}

bool signed_file_is(struct bytes bytes)
{
    RELEASED(signed_file) file = {0};
    struct opened opened = {0};

    prepare(&file);
    open_file(&file, bytes, &opened);
    return opened.kind != SIGNED_FILE_PLAIN &&
           !(opened.kind == SIGNED_FILE_CMS && is_chain(opened.der));
}

/* --- no verdict of a signer ----------------------------------------------- */

static bool tell(struct signed_file *file, enum verdict_code code,
    const char *evidence, struct failure *why)
{
    struct signature_verdict *signature = NULL;

    if (!signature_list_add(&file->signatures, SIGNATURE_NONE, &signature, why))
        return false;
    (void)note_fail(&signature->notes, RULE_SIGNED, code, "%.350s", evidence);
    signature_conclude(signature, "the file");
    return true;
}

static bool tell_damage(
    struct signed_file *file, const struct failure *damage, struct failure *why)
{
    if (damage->kind == FAILURE_INTERNAL) {
        *why = *damage;
        return false;
    }
    return tell(file, VERDICT_MALFORMED, damage->reason, why);
}

/* kb 99: encrypted is not signed, nor damaged. */
static bool is_other_content(struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct bytes type = {0};
    struct failure why = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, &why) &&
           der_read_oid(&contents, &type, &why) &&
           !bytes_equal(type, PKCS7_SIGNED);
}

/* --- CMS ------------------------------------------------------------------ */

/* Lengths in BER's fashion further inside are rewritten too. */
static bool read_cms(struct signed_file *file, struct bytes der,
    struct pkcs7 *pkcs7, struct failure *damage)
{
    struct failure first = {0};

    if (pkcs7_read(der, pkcs7, &first))
        return true;
    *damage = first;
    if (file->rewritten.length > 0)
        return false;
    if (!ber_to_der(der, &file->rewritten, damage))
        return false;
    return pkcs7_read(buffer_view(&file->rewritten), pkcs7, damage);
}

static bool add_canonical(struct signed_file *file, struct bytes text,
    struct cms_content *content, struct failure *why)
{
    content->readings[content->count++] = text;
    if (text.length > SMIME_MAX)
        return true;
    if (!smime_canonical(text, &file->canonical, why))
        return false;
    if (!bytes_equal(buffer_view(&file->canonical), text))
        content->readings[content->count++] = buffer_view(&file->canonical);
    return true;
}

/* What is signed: given beside it, within the mail, or enclosed. */
static bool find_content(struct signed_file *file, const struct pkcs7 *pkcs7,
    const struct bytes *given, struct cms_content *content, struct failure *why)
{
    content->type = pkcs7->content_type;
    if (given != NULL)
        return add_canonical(file, *given, content, why);
    if (!pkcs7->has_content)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the signature is detached, and what it signs is not in this file; "
            "give it with --content FILE");
    content->readings[content->count++] = pkcs7->content;
    return true;
}

static bool verify_token(struct signed_file *file, struct bytes token,
    const struct bytes *given, const struct chain_question *question,
    struct failure *why)
{
    struct cms_content stamped = {0};

    file->kind = SIGNED_FILE_TIME_STAMP;
    if (given == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "this is a time-stamp, and what it stamps is not in this file; "
            "give it with --content FILE");
    stamped.readings[stamped.count++] = *given;
    return cms_verify_time_stamp(
        token, &stamped, question, &file->signatures, why);
}

static bool verify_cms(struct signed_file *file, struct bytes der,
    const struct bytes *given, const struct chain_question *question,
    struct failure *why)
{
    struct pkcs7 pkcs7 = {0};
    struct cms_content content = {0};
    struct failure damage = {0};

    if (is_other_content(der)) {
        (void)!pkcs7_read(der, &pkcs7, &damage);
        return tell(file, VERDICT_NO_SIGNATURE, damage.reason, why);
    }
    if (!read_cms(file, der, &pkcs7, &damage))
        return tell_damage(file, &damage, why);
    if (bytes_equal(pkcs7.content_type, TIME_STAMP_CONTENT))
        return verify_token(file, pkcs7.whole, given, question, why);
    if (der_at_end(&pkcs7.signers))
        return tell(
            file, VERDICT_NO_SIGNATURE, "the signed data has no signer", why);
    return find_content(file, &pkcs7, given, &content, why) &&
           cms_verify(&pkcs7, &content, question, SIGNATURE_OF_CMS,
               "the signed file", &file->signatures, why);
}

static bool verify_response(struct signed_file *file, struct bytes der,
    const struct bytes *given, const struct chain_question *question,
    struct failure *why)
{
    struct time_stamp_response response = {0};

    if (!time_stamp_response_read(der, &response, why))
        return false;
    if (response.token.length == 0)
        return tell(file, VERDICT_NO_SIGNATURE,
            "the time-stamping server answered that it made no stamp", why);
    return verify_token(file, response.token, given, question, why);
}

/* --- the file ------------------------------------------------------------- */

static bool verify_opened(struct signed_file *file, const struct opened *opened,
    const struct bytes *content, const struct chain_question *question,
    struct failure *why)
{
    const bool is_beside = opened->mail.kind == SMIME_DETACHED;

    if (opened->damage.kind != FAILURE_NONE)
        return tell_damage(file, &opened->damage, why);
    switch (opened->kind) {
    case SIGNED_FILE_PROGRAM:
        if (content != NULL)
            return fail_because(why, FAILURE_UNSUITABLE,
                "this is a program, which is its own content; --content is for "
                "detached signatures");
        return authenticode_verify(
            &opened->pe, question, &file->signatures, why);
    case SIGNED_FILE_CMS:
        return verify_cms(file, opened->der, content, question, why);
    case SIGNED_FILE_MAIL:
        return verify_cms(file, opened->der,
            content == NULL && is_beside ? &opened->mail.content : content,
            question, why);
    case SIGNED_FILE_TIME_STAMP:
        return verify_response(file, opened->der, content, question, why);
    case SIGNED_FILE_PLAIN:
    case SIGNED_FILE_KINDS:
        break;
    }
    return tell(file, VERDICT_NO_SIGNATURE,
        "it is no program for Windows or UEFI, no signed data (CMS, PKCS#7), "
        "no signed mail and no time-stamp",
        why);
}

/* What no other signature makes good again. */
static bool is_final(enum verdict_code code)
{
    return code == VERDICT_CONTENT_ALTERED || code == VERDICT_MALFORMED ||
           code == VERDICT_SIGNATURE_INVALID || code == VERDICT_REVOKED ||
           code == VERDICT_DISTRUSTED;
}

static size_t deciding_of(const struct signed_file *file)
{
    const struct signature_list *list = &file->signatures;
    size_t good = list->count;

    for (size_t i = 0; i < list->count; i++) {
        const struct verdict *verdict = &list->all[i]->verdict;
        bool decides = file->kind == SIGNED_FILE_PROGRAM
                           ? is_final(verdict->code)
                           : !verdict->valid;

        if (decides)
            return i;
        if (verdict->valid && good == list->count)
            good = i;
    }
    return good == list->count ? 0 : good;
}

const struct verdict *signed_file_verdict(const struct signed_file *file)
{
    return &file->signatures.all[file->deciding]->verdict;
}

bool signed_file_verify(struct bytes bytes, const struct bytes *content,
    const struct chain_question *question, struct signed_file *file,
    struct failure *why)
{
    RELEASED(signed_file) found = {0};
    struct opened opened = {0};

    prepare(&found);
    open_file(&found, bytes, &opened);
    if (!verify_opened(&found, &opened, content, question, why))
        return false;
    found.deciding = deciding_of(&found);
    found.der = opened.der;
    *file = found;
    found = (struct signed_file){0};
    return true;
}
