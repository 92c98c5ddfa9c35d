#include "x509/view/oid_name.h"

#include <stdio.h>
#include <string.h>

#include "x509/algorithm_identifier.h"

#define PKCS "1.2.840.113549.1."
#define MICROSOFT "1.3.6.1.4.1.311."
#define PKIX "1.3.6.1.5.5.7."
#define NIST "2.16.840.1.101.3.4."
#define NETSCAPE "2.16.840.1.113730."
#define ETSI "0.4.0."

/* In the order of their registries. */
static const struct {
    const char *oid, *name;
} registered[] = {
    {PKCS "7.1", "data"},
    {PKCS "7.2", "signedData"},
    {PKCS "7.3", "envelopedData"},
    {PKCS "7.4", "signedAndEnvelopedData"},
    {PKCS "7.5", "digestedData"},
    {PKCS "7.6", "encryptedData"},
    {PKCS "9.3", "contentType"},
    {PKCS "9.4", "messageDigest"},
    {PKCS "9.5", "signingTime"},
    {PKCS "9.6", "countersignature"},
    {PKCS "9.15", "smimeCapabilities"},
    {PKCS "9.16.1.4", "timeStampToken content"},
    {PKCS "9.16.1.9", "authenticated compressed data"},
    {PKCS "9.16.1.23", "authEnvelopedData"},
    {PKCS "9.16.2.12", "signingCertificate"},
    {PKCS "9.16.2.14", "timeStampToken"},
    {PKCS "9.16.2.47", "signingCertificateV2"},
    {PKCS "9.20", "friendlyName"},
    {PKCS "9.21", "localKeyId"},
    {PKCS "9.52", "cmsAlgorithmProtection"},
    {PKCS "5.12", "pbkdf2"},
    {PKCS "5.13", "pbes2"},
    {PKCS "1.8", "mgf1"},
    {"1.2.840.10045.1.1", "prime-field"},
    {"1.3.14.3.2.26", "sha1"},
    {"1.2.840.113549.2.5", "md5"},
    {NIST "2.1", "sha256"},
    {NIST "2.2", "sha384"},
    {NIST "2.3", "sha512"},
    {NIST "2.4", "sha224"},
    {NIST "2.8", "sha3-256"},
    {NIST "2.11", "shake128"},
    {NIST "2.12", "shake256"},
    {NIST "1.2", "aes128-CBC"},
    {NIST "1.42", "aes256-CBC"},
    {"1.2.840.113533.7.65.0", "entrustVersionInfo"},
    {"1.2.840.113583.1.1.5", "adobeDocumentSigning"},
    {"1.3.6.1.4.1.11129.2.4.4", "precertificateSigning"},
    {MICROSOFT "2.1.4", "spcIndirectData"},
    {MICROSOFT "2.1.11", "spcStatementType"},
    {MICROSOFT "2.1.12", "spcSpOpusInfo"},
    {MICROSOFT "2.1.15", "spcPeImageData"},
    {MICROSOFT "2.1.21", "individualCodeSigning"},
    {MICROSOFT "2.1.22", "commercialCodeSigning"},
    {MICROSOFT "2.4.1", "nestedSignature"},
    {MICROSOFT "3.3.1", "rfc3161 counter-signature"},
    {MICROSOFT "10.3.1", "trustListSigning"},
    {MICROSOFT "10.3.3", "microsoftServerGatedCrypto"},
    {MICROSOFT "10.3.4", "encryptingFileSystem"},
    {MICROSOFT "10.3.4.1", "fileRecovery"},
    {MICROSOFT "10.3.6", "windowsSystemComponentVerification"},
    {MICROSOFT "10.3.11", "keyRecovery"},
    {MICROSOFT "10.3.12", "documentSigning"},
    {MICROSOFT "10.3.13", "lifetimeSigning"},
    {MICROSOFT "20.2", "certificateTemplateName"},
    {MICROSOFT "20.2.1", "enrolmentAgent"},
    {MICROSOFT "20.2.2", "smartcardLogon"},
    {MICROSOFT "20.2.3", "userPrincipalName"},
    {MICROSOFT "21.1", "caVersion"},
    {MICROSOFT "21.2", "previousCaCertificateHash"},
    {MICROSOFT "21.4", "crlNextPublish"},
    {MICROSOFT "21.5", "caExchange"},
    {MICROSOFT "21.6", "keyRecoveryAgent"},
    {MICROSOFT "21.7", "certificateTemplate"},
    {MICROSOFT "21.10", "applicationPolicies"},
    {MICROSOFT "21.11", "applicationPolicyMappings"},
    {MICROSOFT "21.14", "publishedCrlLocations"},
    {MICROSOFT "21.19", "directoryServiceEmailReplication"},
    {MICROSOFT "25.2", "ntdsCaSecurity"},
    {MICROSOFT "25.2.1", "ntdsObjectSid"},
    {MICROSOFT "13.2.3", "osVersion"},
    {MICROSOFT "13.2.2", "enrolmentCspProvider"},
    {MICROSOFT "21.20", "requestClientInfo"},
    {PKIX "1.2", "biometricInfo"},
    {PKIX "1.3", "qcStatements"},
    {PKIX "1.7", "ipAddressBlocks"},
    {PKIX "1.8", "autonomousSystemIds"},
    {PKIX "1.10", "proxyCertificateInfo"},
    {PKIX "1.26", "tnAuthorizationList"},
    {PKIX "1.31", "acmeIdentifier"},
    {PKIX "2.1", "certificationPracticeStatement"},
    {PKIX "2.2", "userNotice"},
    {PKIX "3.5", "ipsecEndSystem"},
    {PKIX "3.6", "ipsecTunnel"},
    {PKIX "3.7", "ipsecUser"},
    {PKIX "3.13", "eapOverPpp"},
    {PKIX "3.14", "eapOverLan"},
    {PKIX "3.17", "ipsecIke"},
    {PKIX "3.21", "secureShellClient"},
    {PKIX "3.22", "secureShellServer"},
    {PKIX "3.27", "cmcAuthority"},
    {PKIX "3.28", "cmcArchive"},
    {PKIX "3.30", "bgpsecRouter"},
    {PKIX "3.31", "brandIndicatorForMessageIdentification"},
    {PKIX "3.36", "documentSigning"},
    {PKIX "8.4", "permanentIdentifier"},
    {PKIX "8.5", "xmppAddress"},
    {PKIX "8.7", "srvName"},
    {PKIX "8.9", "smtpUtf8Mailbox"},
    {PKIX "11.1", "qcStatements of RFC 3039"},
    {PKIX "11.2", "qcStatements of RFC 3739"},
    {PKIX "48.1.1", "ocspBasic"},
    {PKIX "48.1.2", "ocspNonce"},
    {PKIX "48.1.5", "ocspNoCheck"},
    {PKIX "48.1.6", "ocspArchiveCutoff"},
    {PKIX "48.3", "timeStamping access"},
    {PKIX "48.5", "caRepository"},
    {"1.3.6.1.5.2.3.4", "pkinitClient"},
    {"1.3.6.1.5.2.3.5", "pkinitKdc"},
    {"1.3.6.1.5.2.2", "kerberosPrincipalName"},
    {NETSCAPE "1.1", "netscapeCertificateType"},
    {NETSCAPE "1.2", "netscapeBaseUrl"},
    {NETSCAPE "1.3", "netscapeRevocationUrl"},
    {NETSCAPE "1.4", "netscapeCaRevocationUrl"},
    {NETSCAPE "1.7", "netscapeRenewalUrl"},
    {NETSCAPE "1.8", "netscapeCaPolicyUrl"},
    {NETSCAPE "1.12", "netscapeServerName"},
    {NETSCAPE "1.13", "netscapeComment"},
    {NETSCAPE "4.1", "netscapeServerGatedCrypto"},
    {"2.23.140.1.1", "CA/Browser Forum: extended validation"},
    {"2.23.140.1.2.1", "CA/Browser Forum: domain validated"},
    {"2.23.140.1.2.2", "CA/Browser Forum: organization validated"},
    {"2.23.140.1.2.3", "CA/Browser Forum: individual validated"},
    {"2.23.140.1.3", "CA/Browser Forum: extended validation code signing"},
    {"2.23.140.1.4.1", "CA/Browser Forum: code signing"},
    {"2.23.140.1.31", "CA/Browser Forum: onion service descriptor"},
    {"2.23.140.3.1", "cabfOrganizationIdentifier"},
    {"2.23.133.8.3", "tpmAttestationIdentityKey"},
    {ETSI "1862.1.1", "qcCompliance"},
    {ETSI "1862.1.2", "qcLimitValue"},
    {ETSI "1862.1.3", "qcRetentionPeriod"},
    {ETSI "1862.1.4", "qcSecureSignatureDevice"},
    {ETSI "1862.1.5", "qcDisclosureStatements"},
    {ETSI "1862.1.6", "qcType"},
    {ETSI "1862.1.6.1", "qcTypeSignature"},
    {ETSI "1862.1.6.2", "qcTypeSeal"},
    {ETSI "1862.1.6.3", "qcTypeWebAuthentication"},
    {ETSI "1862.1.7", "qcLegislation"},
    {ETSI "19495.2", "psd2Statement"},
    {ETSI "194121.1.1", "natural person semantics"},
    {ETSI "194121.1.2", "legal person semantics"},
    {"2.5.29.1", "authorityKeyIdentifier, old form"},
    {"2.5.29.9", "subjectDirectoryAttributes"},
    {"2.5.29.10", "basicConstraints, old form"},
    {"2.5.29.55", "targetInformation"},
    {"2.5.29.56", "noRevocationAvailable"},
    {"2.5.29.60", "expiredCertsOnCrl"},
};

const char *view_oid_name(struct bytes contents, char room[static OID_TEXT])
{
    char dotted[OID_TEXT] = "";
    struct failure why = {0};
    enum oid oid = oid_of(contents);

    if (oid != OID_UNKNOWN)
        return oid_row(oid)->name;
    if (!oid_print(contents, dotted, &why))
        return NULL;
    for (size_t i = 0; i < sizeof(registered) / sizeof(*registered); i++) {
        if (strcmp(registered[i].oid, dotted) == 0)
            return registered[i].name;
    }
    algorithm_name_print(contents, room);
    return strcmp(room, dotted) == 0 ? NULL : room;
}

void view_oid_print(struct bytes contents, char text[static VIEW_OID_TEXT])
{
    char dotted[OID_TEXT] = "an object identifier too long to show";
    char room[OID_TEXT] = "";
    struct failure why = {0};
    const char *name = view_oid_name(contents, room);

    (void)!oid_print(contents, dotted, &why);
    if (name == NULL)
        (void)snprintf(text, VIEW_OID_TEXT, "%s", dotted);
    else
        (void)snprintf(text, VIEW_OID_TEXT, "%s (%s)", name, dotted);
}
