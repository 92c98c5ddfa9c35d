// verify.cjs ROOT NAME LEAF BETWEEN...: does node follow the chain to ROOT and
// find NAME in the leaf?
"use strict";
const { X509Certificate } = require("crypto");
const { readFileSync } = require("fs");

const [rootFile, name, ...files] = process.argv.slice(2);
const root = new X509Certificate(readFileSync(rootFile));
const chain = files.map((file) => new X509Certificate(readFileSync(file)));

function refuse(sentence) {
    console.log(sentence);
    process.exit(1);
}

chain.forEach((certificate, i) => {
    const issuer = chain[i + 1] || root;
    if (!issuer.ca)
        refuse(`${issuer.subject} is not an authority`);
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
        refuse(`${certificate.subject} is not issued by ${issuer.subject}`);
    const now = Date.now();
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo))
        refuse(`${certificate.subject} is not valid now`);
});
if (chain[0].checkHost(name) === undefined)
    refuse(`the certificate is not for ${name}`);
const purposes = chain[0].keyUsage || [];
if (!purposes.includes("1.3.6.1.5.5.7.3.1"))
    refuse("the certificate is not for servers");
