// Runs the functions of web/enrol.js without a page: makes a key and a request,
// or a PKCS#12 of a key and the certificates for it.
//   node browser_key.cjs enrol.js FOLDER COMMON-NAME NAME...
// It writes FOLDER/request.pem, waits for the end of standard input, reads
// FOLDER/chain.pem, and writes FOLDER/store.p12 and FOLDER/password.
const fs = require("fs");
const vm = require("vm");
const {webcrypto} = require("crypto");

const [script, folder, common, ...names] = process.argv.slice(2);
const room = vm.createContext({
    crypto: webcrypto, TextEncoder, Uint8Array, btoa, atob, Error});
vm.runInContext(fs.readFileSync(script, "utf8") + `
;globalThis.it = {makeKey, makeRequest, makeStore, makePassword, unpem, pem};`,
room);
const {it} = room;

(async () => {
    const key = await it.makeKey();
    const request = await it.makeRequest(key, common, names);
    fs.writeFileSync(`${folder}/request.pem`,
        it.pem("CERTIFICATE REQUEST", request));
    process.stdout.write("made\n");
    fs.readFileSync(0);
    const chain = it.unpem(fs.readFileSync(`${folder}/chain.pem`, "utf8"));
    const password = it.makePassword();
    fs.writeFileSync(`${folder}/store.p12`,
        await it.makeStore(key, chain, password));
    fs.writeFileSync(`${folder}/password`, password);
})().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
});
