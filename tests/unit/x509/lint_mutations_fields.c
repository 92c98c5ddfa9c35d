#include "unit/x509/lint_mutations.h"

const struct lint_mutation lint_mutations_of_fields[] = {
    {"certificate-readable",
        "leaf; validity 170b323630313031303030305a170d323630343031303"
        "0303030305a"},
    {"algorithms-agree", "leaf; beside 300d06092a864886f70d01010b0500"},
    {"extensions-readable", "leaf; ext basicConstraints 3100"},
    {"extension-defaults", "leaf; false subjectAltName"},
    {"basic-constraints-default", "leaf; ext basicConstraints 3003010100"},
    {"lists-not-empty", "leaf; ext subjectAltName 3000"},
    {"lists-not-empty", "leaf; ext issuerAltName 3000"},
    {"lists-not-empty", "leaf; ext certificatePolicies 3000"},
    {"lists-not-empty", "leaf; ext policyMappings 3000"},
    {"lists-not-empty", "leaf; ext extendedKeyUsage 3000"},
    {"lists-not-empty", "leaf; ext crlDistributionPoints 3000"},
    {"lists-not-empty", "leaf; ext freshestCRL 3000"},
    {"lists-not-empty", "leaf; ext authorityInfoAccess 3000"},
    {"lists-not-empty", "leaf; ext subjectInfoAccess 3000"},
    {"lists-not-empty", "leaf; ext 2.5.29.9 3000"},
    {"version-3", "leaf; version 2"},
    {"extensions-need-version-3", "leaf; version 2"},
    {"unique-identifiers-version", "leaf; version 1; unique 810100"},
    {"unique-identifiers-absent", "leaf; unique 820200ff"},
    {"utc-time-seconds",
        "leaf; validity 170b323630313031303030305a170d323630343031303"
        "0303030305a"},
    {"utc-time-zulu",
        "leaf; validity 17113236303130313030303030302b30313030170d323"
        "6303430313030303030305a"},
    {"generalized-time-seconds",
        "leaf; validity 170d3236303130313030303030305a180d32303531303"
        "43031303030305a"},
    {"generalized-time-zulu",
        "leaf; validity 170d3236303130313030303030305a180e32303531303"
        "43031303030303030"},
    {"time-fraction",
        "leaf; validity 170d3236303130313030303030305a181132303531303"
        "430313030303030302e355a"},
    {"dates-encoding",
        "leaf; validity 170d3236303130313030303030305a180f32303236303"
        "430313030303030305a"},
    {"serial-positive", "leaf; serial 8001010101010101010101010101010101"},
    {"serial-positive", "leaf; serial 00"},
    {"serial-longest",
        "leaf; serial 010101010101010101010101010101010101010101"},
    {"serial-shortest", "leaf; serial 01010101010101"},
    {"serial-random", "leaf; serial 010101010101010101010101010101"},
    {"signature-algorithm", "leaf; algorithm 300d06092a864886f70d0101050500"},
    {"signature-sha1", "leaf; algorithm 300d06092a864886f70d0101050500"},
    {"signature-algorithm-known",
        "leaf; algorithm 300d06092a864886f70d0101040500"},
    {"signature-parameters", "leaf; algorithm 300b06092a864886f70d01010b"},
    {"signature-pss", "leaf; algorithm 300d06092a864886f70d01010a3000"},
    {"signature-fits-issuer", "leaf; algorithm 300d06092a864886f70d01010b0500"},
    {"issuer-present", "leaf; issuer "},
    {"issuer-matches", "leaf; issuer CN=Another"},
    {"dates-ordered", "leaf; days -10"},
    {"dates-nested", "leaf; days 4000"},
    {"dates-nested", "leaf; from 20200101"},
    {"server-39-months", "server; from 20160801; days 1200"},
    {"server-825-days", "server; from 20180401; days 826"},
    {"server-398-days", "server; from 20201001; days 399"},
    {"server-397-days", "server; from 20201001; days 398"},
    {"server-200-days", "server; from 20260401; days 201"},
    {"server-100-days", "server; from 20270401; days 101"},
    {"server-47-days", "server; from 20290401; days 48"},
    {"code-signing-460-days", "code; from 20260401; days 461"},
    {"key-algorithm", "leaf; rsa 00ff 03"},
    {"key-type", "server; key 3014300e06072a8648ce380401300302010103020001"},
    {"key-curve",
        "server; key 3052301006072a8648ce3d020106052b81040021033e0004"
        "010101010101010101010101010101010101010101010101010101010101"
        "010101010101010101010101010101010101010101010101010101010101"},
    {"key-curve-encoding",
        "server; key 304f300d06072a8648ce3d020130020500033e0004010101"
        "010101010101010101010101010101010101010101010101010101010101"
        "010101010101010101010101010101010101010101010101010101"},
    {"key-rsa-parameters",
        "server; key 305a300b06092a864886f70d010101034b003048024100ca"
        "d2fb23401e45267c60637649e013d7db8789e153b49c606d290f1b21471f"
        "3028254eed0a8707212e9431e161d751cbdba60d604adfd824007d26f639"
        "7743d50203010001"},
    {"key-not-pss",
        "server; key 305a300b06092a864886f70d01010a034b003048024100ca"
        "d2fb23401e45267c60637649e013d7db8789e153b49c606d290f1b21471f"
        "3028254eed0a8707212e9431e161d751cbdba60d604adfd824007d26f639"
        "7743d50203010001"},
    {"rsa-readable",
        "server; key 3014300d06092a864886f70d01010105000303000400"},
    {"rsa-modulus-2048",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 010001"},
    {"rsa-modulus-1024",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 010001"},
    {"rsa-modulus-octets",
        "server; rsa 03dbd9d732079d3bd7a38976503b6411d654c66175767727"
        "e06063a04624be59ba1180f8af96b603be1b237573316f7b91d7e11e2468"
        "b93a5a6ea9b665a51a0f 010001"},
    {"rsa-modulus-odd",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d4 010001"},
    {"rsa-small-factors",
        "server; rsa 2a4521ab72910dd7a431175f14746ab244b86f7b05be0d2d"
        "6599234607de73a7344c6a45aae78bb8d4456c35a622ae4127fdd24d0a36"
        "0e4201ea0e1ccbf36f 010001"},
    {"rsa-close-primes",
        "server; rsa 00acab78e0306fc02ee6d82ca9f3f7b25be616b8f7f69b6b"
        "b9f45de666d79b0f2793551453eee7322cd1d11a5b8f4efe17aa06255f60"
        "c7cc32479777ddd7e831dd 010001"},
    {"rsa-exponent-positive",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 ff01"},
    {"rsa-exponent-odd",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 010002"},
    {"rsa-exponent-three",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 01"},
    {"rsa-exponent-not-one",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 01"},
    {"rsa-exponent-range",
        "server; rsa 00cad2fb23401e45267c60637649e013d7db8789e153b49c"
        "606d290f1b21471f3028254eed0a8707212e9431e161d751cbdba60d604a"
        "dfd824007d26f6397743d5 03"},
    {"subject-present", "leaf; subject ; drop subjectAltName"},
    {"subject-readable", "leaf; attrs 257"},
    {"authority-named", "subordinate; subject "},
    {"subject-differs", "leaf; subject CN=Issuing Authority,O=Example"},
    {"relative-names", "leaf; attrs 257"},
    {"string-types", "leaf; attr O 1e 0001"},
    {"string-types", "leaf; attr O 14 0001"},
    {"string-types", "leaf; attr O 1c 0001"},
    {"string-types", "leaf; attr O 16 0001"},
    {"string-types", "leaf; attr O 12 0001"},
    {"string-alphabet", "leaf; attr O 13 A&B"},
    {"string-alphabet", "leaf; attr O c hex:c328"},
    {"string-alphabet", "leaf; attr emailAddress 16 hex:c3a4"},
    {"string-controls", "leaf; attr O c hex:410042"},
    {"string-controls", "leaf; attr O c hex:410a42"},
    {"string-controls", "leaf; attr O c hex:411f42"},
    {"string-controls", "leaf; attr O c hex:417f42"},
    {"string-controls", "leaf; attr O c hex:41c28042"},
    {"attribute-encodings", "server; attr L 16 Bonn"},
    {"country-printable", "leaf; attr C c DE"},
    {"serial-number-printable", "leaf; attr serialNumber c 1"},
    {"issuer-country-printable", "leaf; issuer-attr C c DE"},
    {"subject-leading-blank", "leaf; attr OU c  a"},
    {"subject-trailing-blank", "leaf; attr OU c a "},
    {"issuer-leading-blank", "leaf; issuer CN=\\ a"},
    {"issuer-trailing-blank", "leaf; issuer CN=a\\ "},
    {"attribute-lengths",
        "leaf; attr CN 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr O 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr OU 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr L 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr ST 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr STREET 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr serialNumber 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr title 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr pseudonym 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr postalCode 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaa"},
    {"attribute-lengths",
        "leaf; attr businessCategory 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr DC 16 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr UID 13 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-lengths",
        "leaf; attr emailAddress 16 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"attribute-empty", "leaf; attr OU c "},
    {"country", "leaf; attr C 13 USA"},
    {"country", "leaf; attr C 13 U1"},
    {"personal-name-lengths",
        "leaf; attr GN c aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaa"},
    {"country-code", "leaf; attr C 13 YY"},
    {"country-upper-case", "leaf; attr C 13 de"},
    {"attribute-says-something", "server; attr STREET 13 - ."},
    {"attribute-entities", "server; attr OU c a&amp;b"},
    {"email-single", "leaf; attr emailAddress 16 a@b.c d@e.f"},
    {"attributes-ordered", "server; subject C=DE,CN=www.example.org"},
    {"attributes-once", "server; subject CN=www.example.org,O=a,O=b,C=DE"},
    {"common-name-once", "server; subject CN=a,CN=b"},
    {"relative-names-single", "server; subject CN=a+O=b"},
    {"issuer-relative-names-single", "server; issuer CN=a+O=b"},
    {"common-name-among", "server; subject CN=b.example.org"},
    {"common-name-exactly", "server; subject CN=WWW.example.org"},
    {"common-name-reserved", "server; subject CN=10.0.0.1"},
    {"unit-of-organization", "server; subject CN=www.example.org,OU=a"},
    {"unit-absent", "server; subject CN=www.example.org,OU=a,O=b,C=DE"},
    {"email-among", "leaf; attr emailAddress 16 a@b.c"},
    {"authority-country", "authority; subject CN=a,O=b"},
    {"authority-organization", "authority; subject CN=a,C=DE"},
    {"authority-common-name", "authority; subject O=a,C=DE"},
    {"timestamps-some", "leaf; ext signedCertificateTimestampList 04020000"},
    {"signature-sha1-2017", "leaf; algorithm 300d06092a864886f70d0101050500"},
    {"signature-ecdsa", "leaf; algorithm 300a06082a8648ce3d040303"},
    {"signature-ecdsa", "leaf; algorithm 300c06082a8648ce3d0403020500"},
    {"key-identifier-encoding",
        "server; key 304f300d06072a8648ce3d020130020500033e000401010101010101"
        "010101010101010101010101010101010101010101010101010101010101010101"
        "010101010101010101010101010101010101"},
    {"code-signing-39-months", "code; days 1300"},
    {"attribute-replacement", "leaf; attr OU c hex:efbfbd"},
    {"attribute-encoded-twice", "leaf; attr OU c hex:c383c2a4"},
    {0},
};
