#include <stdlib.h>

#include "x509/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is read once is read again from what it is sealed to. */
static void check_seal(const struct certificate *certificate)
{
    RELEASED(buffer) sealed = BUFFER("sealed", CERTIFICATE_MAX + 64);
    struct failure why = {0};

    if (!certificate_seal(certificate->tbs.whole,
            certificate->signature_algorithm, certificate->signature, &sealed,
            &why) ||
        !bytes_equal(buffer_view(&sealed), certificate->whole))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate certificate = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};
    char serial[SERIAL_TEXT] = "";

    if (!certificate_read(
            (struct bytes){.start = data, .length = size}, &certificate, &why))
        return 0;
    serial_print(certificate.tbs.serial, serial);
    (void)!spki_parts(&certificate.tbs.key, &parts, &why);
    check_seal(&certificate);
    return 0;
}
