#include "x509/chain/explain.h"

/* What is said of the certificate, behind its name; what each code means; what
 * mends it.  For chancery-verify(1) and docs/verdicts.md as well. */
static const struct code_page pages[VERDICT_CODES] = {
    [VERDICT_OK] = {"ok",
        "A path leads from the certificate to a trusted one, and every rule "
        "that was asked for is kept.",
        ""},
    [VERDICT_MALFORMED] = {"malformed",
        "The bytes are no certificate, or an extension in it can't be read.",
        "get the file anew from whoever issued it"},
    [VERDICT_SIGNATURE_INVALID] = {"signature-invalid",
        "The signature was checked with the issuer's key, and the arithmetic "
        "says no: what was signed was changed, or another key signed it.",
        "get the certificate anew from its issuer; if the issuer changed its "
        "key, add the certificate of the key that signed with --untrusted"},
    [VERDICT_ALGORITHM_REFUSED] = {"algorithm-refused",
        "The signature's algorithm is broken, unknown, or not for the key.",
        "have it issued again under an algorithm in use, as SHA-256 with "
        "ECDSA or RSA"},
    [VERDICT_KEY_TOO_WEAK] = {"key-too-weak",
        "A key is too short, too long to be checked, or no key on its curve.",
        "make a new key of a usual kind (p256, rsa3072) and have the "
        "certificate issued for it"},
    [VERDICT_EXPIRED] = {"expired",
        "The time that was asked for lies behind the end of the "
        "certificate's validity.",
        "renew the certificate, or ask for a time within its validity with "
        "--time"},
    [VERDICT_NOT_YET_VALID] = {"not-yet-valid",
        "The time that was asked for lies before the begin of the "
        "certificate's validity.",
        "wait until it begins, or ask for a time within its validity with "
        "--time"},
    [VERDICT_ISSUER_MISSING] = {"issuer-missing",
        "No certificate at hand is the issuer: a chain was sent or stored "
        "without all of its intermediates.",
        "add the issuer's certificate with --untrusted, or with --roots if it "
        "is a root you trust"},
    [VERDICT_ROOT_UNTRUSTED] = {"root-untrusted",
        "The path ends at a root that is not among the trusted ones.",
        "if you trust this root, add its certificate with --roots"},
    [VERDICT_SELF_SIGNED_UNTRUSTED] = {"self-signed-untrusted",
        "The certificate is signed by its own key and is not trusted itself.",
        "if you trust this very certificate, add it with --roots"},
    [VERDICT_DISTRUSTED] = {"distrusted",
        "A certificate of the path is on the list of distrusted ones.",
        "have a certificate issued by another authority"},
    [VERDICT_NAME_MISMATCH] = {"name-mismatch",
        "The certificate names others than the one that was asked for. Only "
        "subjectAltName counts, never the common name.",
        "ask for a name that it has, or have it issued for this one"},
    [VERDICT_NAME_MISSING] = {"name-missing",
        "The certificate has no name of the kind that was asked for in "
        "subjectAltName. A common name does not count.",
        "have it issued with the name in subjectAltName"},
    [VERDICT_USAGE_MISMATCH] = {"usage-mismatch",
        "The key usage or extended key usage of a certificate does not allow "
        "what was asked for.",
        "use a certificate that was issued for this purpose, or ask for "
        "another one with --purpose"},
    [VERDICT_NOT_AN_AUTHORITY] = {"not-an-authority",
        "A certificate that issued another one may not: it is no CA, or its "
        "key usage leaves out keyCertSign.",
        "have the certificate issued by an authority"},
    [VERDICT_PATH_TOO_LONG] = {"path-too-long",
        "More certificates stand below an authority than its path length, or "
        "--max-depth, allows.",
        "have it issued by an authority nearer to the root"},
    [VERDICT_NAME_CONSTRAINT_VIOLATED] = {"name-constraint-violated",
        "A name in a certificate lies outside what an authority above it may "
        "certify.",
        "have it issued by an authority that may certify this name"},
    [VERDICT_POLICY_VIOLATED] = {"policy-violated",
        "No certificate policy that was asked for, or that an authority "
        "requires, holds along the whole path.",
        "have it issued under the policy, or ask for one that it has with "
        "--policy"},
    [VERDICT_CRITICAL_EXTENSION_UNKNOWN] = {"critical-extension-unknown",
        "A certificate has a critical extension that nobody here understands, "
        "so that it must be refused.",
        "have it issued without the extension, or with it not critical"},
    [VERDICT_PROFILE_VIOLATED] = {"profile-violated",
        "The path keeps RFC 5280, section 6, but breaks a rule of the profile "
        "that was asked for with --profile.",
        "have it issued as the profile wants it, or ask without --profile"},
    [VERDICT_REVOKED] = {"revoked",
        "The issuer, or whom it trusts with that, says that the certificate "
        "is revoked.",
        "stop using it and have a new one issued, for a new key if the old "
        "one is lost"},
    [VERDICT_REVOCATION_UNKNOWN] = {"revocation-unknown",
        "Nothing at hand says whether the certificate is revoked, and "
        "--revocation hard wants it known. Unknown is not revoked. An OCSP "
        "answer that is outdated, damaged or by the wrong signer says nothing; "
        "the rule tells which.",
        "fetch the list or answer that the issuer publishes and add it with "
        "--crl or --ocsp"},
    [VERDICT_CRL_EXPIRED] = {"crl-expired",
        "The revocation list at hand is not of the time that was asked for.",
        "fetch the present one and add it with --crl"},
    [VERDICT_CRL_MALFORMED] = {"crl-malformed",
        "The revocation list at hand can't be read.",
        "fetch it anew and add it with --crl"},
    [VERDICT_CRL_SIGNATURE_INVALID] = {"crl-signature-invalid",
        "The signature of the revocation list is not by the key that it should "
        "be by.",
        "fetch it anew from its issuer and add it with --crl"},
    [VERDICT_BUDGET_EXCEEDED] = {"budget-exceeded",
        "The answer would have cost more than one question may: a limit, "
        "which is named, was reached. That is no answer about the signatures.",
        "give fewer certificates with --untrusted: only those of the chain"},
    [VERDICT_NO_SIGNATURE] = {"no-signature",
        "The file carries no signature at all.",
        "get the signed file, or its detached signature"},
    [VERDICT_CONTENT_ALTERED] = {"content-altered",
        "The content is not what was signed: its digest differs.",
        "get the file anew from its origin, and do not use this one"},
    [VERDICT_EXPIRED_WITHOUT_TIMESTAMP] = {"expired-without-timestamp",
        "The signer's certificate has expired, and no valid time-stamp says "
        "that it signed before that.",
        "have it signed anew, with a time-stamp"},
    [VERDICT_WRONG_PASSWORD] = {"wrong-password",
        "The container does not open with this password.",
        "give the password that it was made with"},
    [VERDICT_UNSUPPORTED_ALGORITHM] = {"unsupported-algorithm",
        "The container is encrypted with something that this library does not "
        "have.",
        "have it written anew with AES and PBKDF2"},
};

const struct code_page *explain_code(enum verdict_code code)
{
    return (size_t)code < VERDICT_CODES ? &pages[code] : NULL;
}
