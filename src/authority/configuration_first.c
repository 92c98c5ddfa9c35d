#include "authority/configuration_first.h"

#include "crypto/algorithm.h"

static const char profiles_head[] =
    "\n"
    "# What may be issued.  A profile says what a certificate is for, who may "
    "ask for\n"
    "# it, and which keys and names it takes; what it does not list, it "
    "refuses.  []\n"
    "# means none, never all.  `chancery profiles lint` says what would be\n"
    "# dangerous; such a file is not used.\n"
    "#   purposes          serverAuth, clientAuth, codeSigning, "
    "emailProtection,\n"
    "#                     timeStamping, OCSPSigning\n"
    "#   key-usage         digitalSignature, nonRepudiation, keyEncipherment,\n"
    "#                     dataEncipherment, keyAgreement; what a kind of key "
    "can't\n"
    "#                     do is left out: keyEncipherment is for RSA alone;\n"
    "#                     keyCertSign and cRLSign are for authorities\n"
    "#   authority         yes: it makes authorities; path-length: how many "
    "more may\n"
    "#                     stand below such a one\n"
    "#   ocsp-no-check     yes: never asked about itself (RFC 6960, "
    "4.2.2.2.1)\n"
    "#   names             kinds of alternative names: dns, ip, email, uri\n"
    "#   names-required    yes: a certificate without such a name is refused\n"
    "#   allowed-names     what every name must match: example.org, "
    "\"*.example.org\",\n"
    "#                     \"@example.org\", 10.0.0.0/8, https://example.org; "
    "left\n"
    "#                     out: any name\n"
    "#   wildcards         no: \"*.example.org\" is no name to certify\n"
    "#   subject           attributes that the subject may have: CN, O, OU, C, "
    "...\n"
    "#   keys              kinds of keys that are certified\n"
    "#   lifetime          when the requester asks for none: 90d, 24h, 1y\n"
    "#   longest-lifetime  asking for more is refused\n"
    "#   beyond-issuer     cap: a lifetime that would pass the issuer's end "
    "ends with\n"
    "#                     it, and that is told; refuse\n"
    "#   who               who may ask: administrator, operator, account, "
    "token,\n"
    "#                     anyone; left out: [administrator, operator]\n"
    "#   approvals         how many people approve before it is issued: 0, 1, "
    "2\n"
    "#   browser-key       yes: its web page offers to make the key in the "
    "browser\n"
    "profiles:\n";

/* 397 days is what TLS clients of the open web accept at most; many of them
 * hold private authorities to it as well. */
static const char server[] = "  server:\n"
                             "    purposes: [serverAuth]\n"
                             "    key-usage: [digitalSignature, "
                             "keyEncipherment]\n"
                             "    names: [dns, ip]\n"
                             "    names-required: yes\n"
                             "    subject: [CN, O, OU, C, ST, L, "
                             "serialNumber]\n"
                             "    keys: [%s]\n"
                             "    lifetime: 90d\n"
                             "    longest-lifetime: 397d\n"
                             "    who: [administrator, operator]\n";

static const char client[] = "\n"
                             "  client:\n"
                             "    purposes: [clientAuth]\n"
                             "    key-usage: [digitalSignature]\n"
                             "    names: [email, dns, uri]\n"
                             "    names-required: no\n"
                             "    subject: [CN, O, OU, C, ST, L, "
                             "serialNumber]\n"
                             "    keys: [%s]\n"
                             "    lifetime: 365d\n"
                             "    longest-lifetime: 730d\n"
                             "    who: [administrator, operator]\n";

/* kb 44; RFC 8551, 2.3 and 4.4.2: signing needs digitalSignature, reading what
 * was encrypted keyEncipherment (RSA) or keyAgreement (EC). */
static const char email[] =
    "\n"
    "  # To sign mail and to read what was encrypted: one certificate does "
    "both.\n"
    "  email:\n"
    "    purposes: [emailProtection]\n"
    "    key-usage: [digitalSignature, keyEncipherment, keyAgreement]\n"
    "    names: [email]\n"
    "    names-required: yes\n"
    "    subject: [CN, O, OU, C, ST, L, SN, GN, serialNumber, emailAddress]\n"
    "    keys: [%s]\n"
    "    lifetime: 365d\n"
    "    longest-lifetime: 825d\n"
    "    who: [administrator, operator]\n";

static const char code_signing[] =
    "\n"
    "  # Programs and scripts.  Stamp the time of a signature, and it outlives "
    "its\n"
    "  # certificate.\n"
    "  code-signing:\n"
    "    purposes: [codeSigning]\n"
    "    key-usage: [digitalSignature]\n"
    "    names: []\n"
    "    subject: [CN, O, OU, C, ST, L, serialNumber]\n"
    "    keys: [%s]\n"
    "    lifetime: 365d\n"
    "    longest-lifetime: 460d\n"
    "    who: [administrator, operator]\n";

/* RFC 3161, 2.3: this purpose alone, critical, which compose does. */
static const char time_stamping[] =
    "\n"
    "  # A server that stamps times (RFC 3161); its stamps are checked for "
    "years.\n"
    "  time-stamping:\n"
    "    purposes: [timeStamping]\n"
    "    key-usage: [digitalSignature]\n"
    "    names: []\n"
    "    subject: [CN, O, OU, C, ST, L, serialNumber]\n"
    "    keys: [%s]\n"
    "    lifetime: 5y\n"
    "    longest-lifetime: 9y\n"
    "    who: [administrator, operator]\n";

static const char ocsp[] = "\n"
                           "  # A responder for OCSP.  Nobody asks whether it "
                           "is revoked itself, so it "
                           "does\n"
                           "  # not live long.\n"
                           "  ocsp:\n"
                           "    purposes: [OCSPSigning]\n"
                           "    key-usage: [digitalSignature]\n"
                           "    ocsp-no-check: yes\n"
                           "    names: []\n"
                           "    subject: [CN, O, OU, C, ST, L, serialNumber]\n"
                           "    keys: [%s]\n"
                           "    lifetime: 14d\n"
                           "    longest-lifetime: 30d\n"
                           "    who: [administrator, operator]\n";

static const char subordinate[] =
    "\n"
    "  # An authority below one of ours.  Where there are more administrators "
    "than\n"
    "  # one, let two approve it: approvals: 2.\n"
    "  subordinate:\n"
    "    purposes: []\n"
    "    key-usage: [keyCertSign, cRLSign]\n"
    "    authority: yes\n"
    "    path-length: 0\n"
    "    names: []\n"
    "    subject: [CN, O, OU, C, ST, L, serialNumber, organizationIdentifier, "
    "DC]\n"
    "    keys: [%s]\n"
    "    lifetime: 10y\n"
    "    longest-lifetime: 20y\n"
    "    who: [administrator]\n"
    "    approvals: 0\n";

static bool append_key_names(struct buffer *out, struct failure *why)
{
    const struct key_algorithm *first = key_algorithms();

    for (const struct key_algorithm *row = first; row->name != NULL; row++) {
        if (!buffer_print(
                out, why, "%s%s", row == first ? "" : ", ", row->name))
            return false;
    }
    return true;
}

bool configuration_append_profiles(struct buffer *out, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the kinds of keys", 1024);
    const char *keys = NULL;

    return append_key_names(&list, why) && buffer_as_text(&list, &keys, why) &&
           buffer_append_text(out, profiles_head, why) &&
           buffer_print(out, why, server, keys) &&
           buffer_print(out, why, client, keys) &&
           buffer_print(out, why, email, keys) &&
           buffer_print(out, why, code_signing, keys) &&
           buffer_print(out, why, time_stamping, keys) &&
           buffer_print(out, why, ocsp, keys) &&
           buffer_print(out, why, subordinate, keys);
}
