// fetch.cjs URL ROOTS [LISTS]: what Node.js gets there; with LISTS the
// server's certificate must not be on them.
const fs = require("fs");
const https = require("https");

const [url, roots, lists] = process.argv.slice(2);

// Of a text with several only the first would be taken.
const each = (text) => text.match(/-----BEGIN[^]*?-----END X509 CRL-----/g);

https.get(url, {
    ca: fs.readFileSync(roots),
    crl: lists === undefined ? undefined : each(fs.readFileSync(lists, "utf8")),
}, (answer) => answer.pipe(process.stdout)).on("error", (error) => {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
});
