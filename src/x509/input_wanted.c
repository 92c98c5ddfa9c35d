#include <stdlib.h>
#include <string.h>

#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/input.h"
#include "x509/pkcs7.h"
#include "x509/request.h"

/* --- what a file holds ---------------------------------------------------- */

static size_t count_of(const struct input *input, enum input_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < input->count; i++)
        count += input->objects[i].kind == kind ? 1 : 0;
    return count;
}

static bool append_kind(struct buffer *text, enum input_kind kind, size_t count,
    const char *joint, struct failure *why)
{
    if (count == 1)
        return buffer_print(text, why, "%s%s", joint, input_kind_name(kind));
    return buffer_print(
        text, why, "%s%zu %s", joint, count, input_kind_plural(kind));
}

/* "2 certificates, a private key" */
static bool append_holdings(
    const struct input *input, struct buffer *text, struct failure *why)
{
    const char *joint = "";

    for (unsigned int kind = 0; kind < INPUT_KINDS; kind++) {
        size_t count = count_of(input, (enum input_kind)kind);

        if (count == 0)
            continue;
        if (!append_kind(text, (enum input_kind)kind, count, joint, why))
            return false;
        joint = ", ";
    }
    return true;
}

static const char *cure_for(const struct input *input, enum input_kind wanted)
{
    if (count_of(input, INPUT_PKCS12) > 0)
        return "; \"openssl pkcs12 -nokeys\" takes the certificates out of "
               "PKCS#12";
    if (wanted == INPUT_REQUEST &&
        (count_of(input, INPUT_PRIVATE_KEY) > 0 ||
            count_of(input, INPUT_ENCRYPTED_KEY) > 0))
        return "; a key stays with its owner, and \"openssl req -new -key\" "
               "makes a request with it";
    return "";
}

static bool refuse_holdings(const struct input *input, const char *name,
    enum input_kind wanted, struct failure *why)
{
    RELEASED(buffer) holdings = BUFFER("what a file holds", 1024);

    if (!append_holdings(input, &holdings, why))
        return false;
    return fail_because(why, FAILURE_MALFORMED, "%.150s holds %.*s, not %s%s",
        name, (int)holdings.length, (const char *)holdings.start,
        input_kind_name(wanted), cure_for(input, wanted));
}

/* One object that looks like nothing known is left to the reader of what was
 * wanted, who can say where it is wrong. */
static void claim_only_object(struct input *input, enum input_kind wanted)
{
    if (input->count == 1 && input->objects[0].kind == INPUT_OTHER)
        input->objects[0].kind = wanted;
}

static bool fail_in(const char *name, const struct input_object *object,
    const struct failure *cause, struct failure *why)
{
    if (object->line > 0)
        return fail_because(why, cause->kind,
            "%.150s, the block on line %zu: %.200s", name, object->line,
            cause->reason);
    if (object->offset > 0)
        return fail_because(why, cause->kind,
            "%.150s, the object at byte %zu: %.200s", name, object->offset,
            cause->reason);
    return fail_because(
        why, cause->kind, "%.150s: %.240s", name, cause->reason);
}

/* --- all of one kind ------------------------------------------------------ */

static void keep_kind(struct input *input, enum input_kind kind)
{
    size_t kept = 0;

    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind == kind)
            input->objects[kept++] = input->objects[i];
    }
    input->count = kept;
}

/* By length, then by bytes. */
static int compare_objects(const void *a, const void *b)
{
    struct bytes first = ((const struct input_object *)a)->der;
    struct bytes second = ((const struct input_object *)b)->der;

    if (first.length != second.length)
        return first.length < second.length ? -1 : 1;
    return first.length == 0 ? 0
                             : memcmp(first.start, second.start, first.length);
}

static void sort_and_drop_duplicates(struct input *input)
{
    size_t kept = 0;

    qsort(
        input->objects, input->count, sizeof(*input->objects), compare_objects);
    for (size_t i = 0; i < input->count; i++) {
        if (kept > 0 &&
            bytes_equal(input->objects[i].der, input->objects[kept - 1].der))
            continue;
        input->objects[kept++] = input->objects[i];
    }
    input->count = kept;
}

/* Leaves every object of the kind once, or refuses with what there is. */
static bool read_kind(struct bytes file, const char *name, enum input_kind kind,
    struct input *input, struct failure *why)
{
    if (!input_read(file, name, input, why))
        return false;
    claim_only_object(input, kind);
    if (count_of(input, kind) == 0)
        return refuse_holdings(input, name, kind, why);
    keep_kind(input, kind);
    sort_and_drop_duplicates(input);
    return true;
}

static bool check_size(struct bytes file, const char *name, struct failure *why)
{
    return file.length <= PEM_MAX ||
           fail_because(why, FAILURE_MALFORMED,
               "%.150s has %zu bytes; at most %d are read", name, file.length,
               PEM_MAX);
}

bool input_certificates(struct bytes file, const char *name,
    struct input *certificates, struct failure *why)
{
    RELEASED(input) found = {0};
    struct certificate certificate = {0};
    struct failure cause = {0};

    if (!check_size(file, name, why) ||
        !read_kind(file, name, INPUT_CERTIFICATE, &found, why))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        if (!certificate_read(found.objects[i].der, &certificate, &cause))
            return fail_in(name, &found.objects[i], &cause, why);
    }
    *certificates = found;
    found = (struct input){0};
    return true;
}

bool input_crls(struct bytes file, const char *name, struct input *crls,
    struct failure *why)
{
    RELEASED(input) found = {0};
    struct failure cause = {0};
    struct crl crl = {0};

    if (!read_kind(file, name, INPUT_CRL, &found, why))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        if (!crl_read(found.objects[i].der, &crl, &cause))
            return fail_in(name, &found.objects[i], &cause, why);
    }
    *crls = found;
    found = (struct input){0};
    return true;
}

/* --- one certificate ------------------------------------------------------ */

struct end_names {
    struct bytes issuer;
    struct bytes subject;
};

/* Did this one issue another of them, to judge by the names? */
static bool issued_another(
    const struct end_names *names, size_t count, size_t issuer)
{
    for (size_t i = 0; i < count; i++) {
        if (i != issuer && bytes_equal(names[i].issuer, names[issuer].subject))
            return true;
    }
    return false;
}

static bool find_leaf(const struct input *certificates,
    const struct end_names *names, const char *name, size_t *leaf,
    struct failure *why)
{
    size_t leaves = 0;

    for (size_t i = 0; i < certificates->count; i++) {
        if (issued_another(names, certificates->count, i))
            continue;
        *leaf = i;
        leaves++;
    }
    if (leaves == 1)
        return true;
    if (leaves == 0)
        return fail_because(why, FAILURE_CONFLICT,
            "%.150s holds %zu certificates that issued one another, and one is "
            "wanted",
            name, certificates->count);
    return fail_because(why, FAILURE_CONFLICT,
        "%.150s holds %zu certificates that issued none of the others, and one "
        "is wanted, alone or with its chain",
        name, leaves);
}

static bool leaf_of(const struct input *certificates, const char *name,
    size_t *leaf, struct failure *why)
{
    struct end_names *names = calloc(certificates->count, sizeof(*names));
    struct certificate certificate = {0};
    bool ok = true;

    if (names == NULL)
        return fail_because(why, FAILURE_INTERNAL,
            "no memory for the names of %zu certificates", certificates->count);
    for (size_t i = 0; ok && i < certificates->count; i++) {
        ok = certificate_read(certificates->objects[i].der, &certificate, why);
        names[i] =
            (struct end_names){certificate.tbs.issuer, certificate.tbs.subject};
    }
    ok = ok && find_leaf(certificates, names, name, leaf, why);
    free(names);
    return ok;
}

bool input_certificate(struct bytes file, const char *name, struct buffer *der,
    struct failure *why)
{
    RELEASED(input) certificates = {0};
    size_t leaf = 0;

    return input_certificates(file, name, &certificates, why) &&
           leaf_of(&certificates, name, &leaf, why) &&
           buffer_append(der, certificates.objects[leaf].der, why);
}

/* --- one request ---------------------------------------------------------- */

/* Certificates alone have neither content nor signer. */
static bool is_signed_by_somebody(const struct input_object *object)
{
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    return object->kind == INPUT_PKCS7 &&
           pkcs7_read(object->der, &pkcs7, &why) &&
           (pkcs7.has_content || !der_at_end(&pkcs7.signers));
}

/* Leaves the plain and the wrapped requests, each once. */
static void keep_requests(struct input *input)
{
    size_t kept = 0;

    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind == INPUT_REQUEST ||
            is_signed_by_somebody(&input->objects[i]))
            input->objects[kept++] = input->objects[i];
    }
    input->count = kept;
    sort_and_drop_duplicates(input);
}

static bool read_one_request(struct bytes file, const char *name,
    struct input *input, struct failure *why)
{
    RELEASED(buffer) holdings = BUFFER("what a file holds", 1024);

    if (!input_read(file, name, input, why))
        return false;
    claim_only_object(input, INPUT_REQUEST);
    if (!append_holdings(input, &holdings, why))
        return false;
    if (count_of(input, INPUT_REQUEST) + count_of(input, INPUT_PKCS7) == 0)
        return refuse_holdings(input, name, INPUT_REQUEST, why);
    keep_requests(input);
    if (input->count == 1)
        return true;
    if (input->count > 1)
        return fail_because(why, FAILURE_CONFLICT,
            "%.150s holds %zu different requests, and one is wanted", name,
            input->count);
    return fail_because(why, FAILURE_MALFORMED,
        "%.150s holds %.*s, not a request", name, (int)holdings.length,
        (const char *)holdings.start);
}

/* The signed bytes are a PKCS#10 in any encoding, and no further wrapping. */
static bool append_content(
    struct bytes content, struct buffer *request, struct failure *why)
{
    RELEASED(input) inside = {0};

    if (!read_one_request(content, "the signed content", &inside, why))
        return false;
    return inside.objects[0].kind == INPUT_REQUEST
               ? buffer_append(request, inside.objects[0].der, why)
               : fail_because(why, FAILURE_MALFORMED,
                     "the signed content is a PKCS#7 once more; a PKCS#10 is "
                     "wanted in it");
}

static bool unwrap(struct bytes der, struct buffer *request,
    struct buffer *old_certificate, struct failure *why)
{
    struct pkcs7_renewal renewal = {0};
    size_t length = request->length;

    if (!pkcs7_renewal_read(der, &renewal, why))
        return false;
    if (renewal.certificate.length == 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the old certificate is not enclosed in this renewal");
    if (!pkcs7_renewal_verify(&renewal, renewal.certificate, why) ||
        !append_content(renewal.request, request, why))
        return false;
    if (buffer_append(old_certificate, renewal.certificate, why))
        return true;
    request->length = length;
    return false;
}

bool input_request(struct bytes file, const char *name, struct buffer *request,
    struct buffer *old_certificate, struct failure *why)
{
    RELEASED(input) found = {0};
    struct request read = {0};
    struct failure cause = {0};

    if (!check_size(file, name, why) ||
        !read_one_request(file, name, &found, why))
        return false;
    if (found.objects[0].kind == INPUT_REQUEST)
        return request_read(found.objects[0].der, &read, &cause)
                   ? buffer_append(request, found.objects[0].der, why)
                   : fail_in(name, &found.objects[0], &cause, why);
    return unwrap(found.objects[0].der, request, old_certificate, &cause) ||
           fail_in(name, &found.objects[0], &cause, why);
}
