#include "unit/x509/lint_mutations.h"

/* What is as near as it can be to breaking the rule, and does not. */
const struct lint_mutation lint_neighbours[] = {
    {"distribution-point-complete",
        "leaf; ext crlDistributionPoints 30073005a203820161"},
    {"server-825-days", "server; from 20180401; days 825"},
    {"server-398-days", "server; from 20201001; days 398"},
    {"server-397-days", "server; from 20201001; days 397"},
    {"server-200-days", "server; from 20260401; days 200"},
    {"server-200-days", "server; from 20260301; days 300"},
    {"server-100-days", "server; from 20270401; days 100"},
    {"server-47-days", "server; from 20290401; days 47"},
    {"code-signing-460-days", "code; from 20260401; days 460"},
    {"server-39-months", "server; from 20160801; days 1185"},
    {"serial-longest", "leaf; serial 0101010101010101010101010101010101010101"},
    {"serial-random", "leaf; serial 01010101010101010101010101010101"},
    {"attribute-lengths",
        "leaf; attr O c aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaa"},
    {"subject-alt-name-dns-label-length",
        "leaf; san dns:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaa"},
    {"subject-alt-name-dns-wildcard-first", "leaf; san dns:*.a.b"},
    {"subject-alt-name-dns-wildcard-left", "leaf; san dns:*.a.b"},
    {"subject-alt-name-dns-wildcard-whole", "leaf; san dns:*.a.b"},
    {"subject-alt-name-dns-wildcard-bare", "leaf; san dns:*.a"},
    {"subject-alt-name-dns-a-label", "leaf; san dns:xn--mnchen-3ya.de"},
    {"subject-alt-name-dns-a-label", "leaf; san dns:xn--fiqs8s"},
    {"subject-alt-name-dns-reserved-label", "leaf; san dns:XN--fiqs8s"},
    {"subject-alt-name-dns-underscore-place", "leaf; san dns:a_b.c"},
    {"subject-alt-name-dns-empty-label", "leaf; san dns:a.b"},
    {"subject-alt-name-dns-hyphen", "leaf; san dns:a-b.c"},
    {"subject-alt-name-dns-characters", "leaf; san dns:*.a_b-0.Z"},
    {"subject-alt-name-dns-length",
        "leaf; san dns:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"subject-alt-name-uri-host", "leaf; san uri:sip:alice@host"},
    {"subject-alt-name-uri-host", "leaf; san uri:https://10.0.0.1/a"},
    {"subject-alt-name-uri-host",
        "leaf; san uri:https://user@www.example.org:80/a"},
    {"subject-alt-name-uri-host", "leaf; san uri:https://[2001:db8::1]:1/"},
    {"subject-alt-name-uri-form", "leaf; san uri:urn:a:b"},
    {"subject-alt-name-mailbox", "leaf; san email:a.b+c@d.example"},
    {"subject-alt-name-once", "leaf; san dns:a.b|email:a.b"},
    {"address-reserved", "server; san ip:hex:08080808"},
    {"address-reserved", "server; san ip:hex:20014860486000000000000000008888"},
    {"reverse-name-reserved", "server; san dns:8.8.8.8.in-addr.arpa"},
    {"common-name-exactly",
        "server; subject CN=2001:db8::1; san ip:hex:20010db8000000000"
        "000000000000001"},
    {"common-name-exactly", "server; subject CN=10.0.0.1; san ip:hex:0a000001"},
    {"common-name-among", "server; subject CN=WWW.example.org"},
    {"attributes-ordered",
        "server; subject CN=a,OU=b,GN=c,SN=d,O=e,STREET=f,postalCode="
        "1,L=g,ST=h,C=DE,DC=i"},
    {"attributes-once",
        "server; subject CN=a,STREET=b,STREET=c,OU=d,OU=e,DC=f,DC=g"},
    {"country-code", "leaf; attr C 13 XX"},
    {"attribute-says-something", "leaf; attr O 13 A-"},
    {"attribute-entities", "leaf; attr OU c R&D"},
    {"attribute-encoded-twice", "leaf; attr OU c hex:c3a4c3b6"},
    {"name-constraints-uri",
        "subordinate; ext nameConstraints 3012a010300e860c2e6578616d7"
        "06c652e636f6d"},
    {"name-constraints-range",
        "subordinate; ext nameConstraints 300ea00c300a87080a000000fff"
        "e0000"},
    {"name-constraints-minimum",
        "subordinate; ext nameConstraints 300ca00a30088203612e6280010"
        "0"},
    {"explicit-text-length",
        "leaf; ext certificatePolicies 3081e63081e306032a03043081db30"
        "81d806082b060105050702023081cb0c81c8616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "616161616161616161616161616161616161616161616161616161616161"
        "6161616161616161"},
    {"registration-country",
        "mail; subject organizationIdentifier=NTRGB-1234,C=GB"},
    {"registration-country",
        "mail; subject organizationIdentifier=LEIXG-1234,C=GB"},
    {"registration-country",
        "mail; subject organizationIdentifier=1234567,C=GB"},
    {"key-usage-encoding", "leaf; ext keyUsage 03020780"},
    {"key-usage-length", "leaf; ext keyUsage 0303078000"},
    {"basic-constraints-default", "leaf; ext basicConstraints 3000"},
    {"purposes-consistent", "leaf; ku 5"},
    {"key-usage-halves", "leaf; ku 91"},
    {"path-length", "subordinate; ext basicConstraints 30060101ff020100"},
    {"time-stamping-purpose",
        "leaf; eku timeStamping; critical extendedKeyUsage"},
    {"dates-encoding",
        "leaf; validity 170d3439313233313233353935395a180f32303530303"
        "130313030303030305a"},
    {"subordinate-purposes-mixed", "authority; eku serverAuth|clientAuth"},
    {"organization-validated-name", "authority; subject CN=a"},
    {"mail-distribution-points-http",
        "mail; policies 2.23.140.1.5.1.1; cdp http://a.b/c|ldap://a.b"
        "/c"},
    {"mail-key-usage", "mail; ku 13"},
    {"server-status", "server; drop crlDistributionPoints"},
    {"subject-differs", "root; days 3"},
    {0},
};
