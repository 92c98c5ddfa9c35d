// Makes a key and a request in the browser, hands the request in, and gives the
// key home with its certificate, as a PKCS#12 under a password that is shown
// once. The key never leaves this page: what is sent is the request alone.
"use strict";

// --- DER --------------------------------------------------------------------
const bytes = (...parts) => {
    const all = parts.map((part) => Uint8Array.from(part));
    const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of all) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
};

const der = (tag, ...parts) => {
    const contents = bytes(...parts);
    const digits = [];
    if (contents.length < 0x80) {
        return bytes([tag, contents.length], contents);
    }
    for (let left = contents.length; left > 0; left = Math.floor(left / 256)) {
        digits.unshift(left % 256);
    }
    return bytes([tag, 0x80 | digits.length], digits, contents);
};

const sequence = (...parts) => der(0x30, ...parts);
const set = (...parts) => der(0x31, ...parts);
const octets = (...parts) => der(0x04, ...parts);
const text = (words) => new TextEncoder().encode(words);
const absent = Uint8Array.of(0x05, 0x00); // NULL

const integer = (number) => {
    const digits = [];
    do {
        digits.unshift(number & 0xff);
        number >>>= 8;
    } while (number > 0);
    return der(0x02, digits[0] & 0x80 ? [0] : [], digits);
};

const oid = (dotted) => {
    const arcs = dotted.split(".").map(Number);
    const out = [40 * arcs[0] + arcs[1]];
    for (const arc of arcs.slice(2)) {
        const digits = [arc & 0x7f];
        for (let left = arc >>> 7; left > 0; left >>>= 7) {
            digits.unshift(0x80 | (left & 0x7f));
        }
        out.push(...digits);
    }
    return der(0x06, out);
};

const base64 = (data) => btoa(String.fromCharCode(...data));

const pem = (label, data) =>
    `-----BEGIN ${label}-----\n` +
    base64(data).replace(/(.{64})/g, "$1\n").trimEnd() +
    `\n-----END ${label}-----\n`;

const unpem = (words) => {
    const found = [];
    const block = /-----BEGIN CERTIFICATE-----([^-]*)-----END/g;
    for (const match of words.matchAll(block)) {
        const raw = atob(match[1].replace(/\s/g, ""));
        found.push(Uint8Array.from(raw, (letter) => letter.charCodeAt(0)));
    }
    return found;
};

// --- the request (RFC 2986) -------------------------------------------------
const isAddress = (name) =>
    /^\d{1,3}(\.\d{1,3}){3}$/.test(name) &&
    name.split(".").every((part) => Number(part) < 256);

// RFC 5280, 4.2.1.6. IPv6 addresses and other kinds are for a request that is
// made elsewhere: what this page can't write it refuses.
const generalName = (name) => {
    if (!/^[\x21-\x7e]+$/.test(name)) {
        throw new Error(`“${name}” has other letters than a name may have here`);
    }
    if (name.includes("://")) {
        return der(0x86, text(name));
    }
    if (name.includes("@")) {
        return der(0x81, text(name));
    }
    if (isAddress(name)) {
        return der(0x87, name.split(".").map(Number));
    }
    if (!/^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name)) {
        throw new Error(`“${name}” is no host name, address, mailbox or URL`);
    }
    return der(0x82, text(name));
};

const subject = (commonName) =>
    commonName === "" ? sequence() : sequence(set(sequence(oid("2.5.4.3"),
        der(0x0c, text(commonName)))));

const attributes = (names) => {
    if (names.length === 0) {
        return der(0xa0);
    }
    const extension = sequence(oid("2.5.29.17"),
        octets(sequence(...names.map(generalName))));
    return der(0xa0, sequence(oid("1.2.840.113549.1.9.14"),
        set(sequence(extension))));
};

// WebCrypto gives r and s side by side; ECDSA-Sig-Value wants two INTEGERs.
const positive = (digits) => {
    let at = 0;
    while (at < digits.length - 1 && digits[at] === 0) {
        at += 1;
    }
    return der(0x02, digits[at] & 0x80 ? [0] : [], digits.slice(at));
};

const makeKey = () => crypto.subtle.generateKey(
    {name: "ECDSA", namedCurve: "P-256"}, true, ["sign", "verify"]);

const makeRequest = async (key, commonName, names) => {
    const spki = new Uint8Array(
        await crypto.subtle.exportKey("spki", key.publicKey));
    const body = sequence(
        integer(0), subject(commonName), spki, attributes(names));
    const raw = new Uint8Array(await crypto.subtle.sign(
        {name: "ECDSA", hash: "SHA-256"}, key.privateKey, body));
    const signature = sequence(
        positive(raw.slice(0, 32)), positive(raw.slice(32)));
    return sequence(body, sequence(oid("1.2.840.10045.4.3.2")),
        der(0x03, [0], signature));
};

// --- PKCS#12 (RFC 7292; PBES2 of RFC 8018) ----------------------------------
const ITERATIONS = 10000;
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

const encrypt = async (password, plain) => {
    const salt = random(16);
    const vector = random(16);
    const base = await crypto.subtle.importKey(
        "raw", text(password), "PBKDF2", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey(
        {name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS}, base,
        {name: "AES-CBC", length: 256}, false, ["encrypt"]);
    const sealed = new Uint8Array(
        await crypto.subtle.encrypt({name: "AES-CBC", iv: vector}, key, plain));
    const derive = sequence(oid("1.2.840.113549.1.5.12"), sequence(
        octets(salt), integer(ITERATIONS),
        sequence(oid("1.2.840.113549.2.9"), absent)));
    const cipher = sequence(oid("2.16.840.1.101.3.4.1.42"), octets(vector));
    const algorithm = sequence(
        oid("1.2.840.113549.1.5.13"), sequence(derive, cipher));
    return {algorithm, sealed};
};

// RFC 7292, B.2, with SHA-256 (blocks of 64 bytes): the key of the MAC.
const macKey = async (password, salt) => {
    const fill = (data) => {
        const out = new Uint8Array(Math.ceil(data.length / 64) * 64);
        out.forEach((_, at) => { out[at] = data[at % data.length]; });
        return out;
    };
    const wide = new Uint8Array(2 * password.length + 2); // BMPString, a zero
    [...password].forEach((letter, at) => {
        wide[2 * at + 1] = letter.charCodeAt(0);
    });
    let hash = bytes(new Uint8Array(64).fill(3), fill(salt), fill(wide));
    for (let round = 0; round < ITERATIONS; round += 1) {
        hash = new Uint8Array(await crypto.subtle.digest("SHA-256", hash));
    }
    return hash;
};

const data = (contents) => sequence(
    oid("1.2.840.113549.1.7.1"), der(0xa0, octets(contents)));

const bag = (type, value, ...bagAttributes) => sequence(
    oid(type), der(0xa0, value), ...bagAttributes);

const keyIdentifier = (id) => sequence(
    oid("1.2.840.113549.1.9.21"), set(octets(id)));

const certificateBag = (certificate, ...bagAttributes) => bag(
    "1.2.840.113549.1.12.10.1.3",
    sequence(oid("1.2.840.113549.1.9.22.1"), der(0xa0, octets(certificate))),
    ...bagAttributes);

const makeStore = async (key, certificates, password) => {
    const id = new Uint8Array(
        await crypto.subtle.digest("SHA-256", certificates[0])).slice(0, 20);
    const own = set(keyIdentifier(id));
    const plain = new Uint8Array(
        await crypto.subtle.exportKey("pkcs8", key.privateKey));
    const shrouded = await encrypt(password, plain);
    const keys = sequence(bag("1.2.840.113549.1.12.10.1.2",
        sequence(shrouded.algorithm, octets(shrouded.sealed)), own));
    const bags = certificates.map((certificate, at) =>
        at === 0 ? certificateBag(certificate, own)
            : certificateBag(certificate));
    const closed = await encrypt(password, sequence(...bags));
    const encrypted = sequence(oid("1.2.840.113549.1.7.6"),
        der(0xa0, sequence(integer(0), sequence(oid("1.2.840.113549.1.7.1"),
            closed.algorithm, der(0x80, closed.sealed)))));
    const safe = sequence(data(keys), encrypted);
    const salt = random(16);
    const mac = await crypto.subtle.importKey("raw",
        await macKey(password, salt), {name: "HMAC", hash: "SHA-256"}, false,
        ["sign"]);
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", mac, safe));
    plain.fill(0);
    return sequence(integer(3), data(safe), sequence(
        sequence(sequence(oid("2.16.840.1.101.3.4.2.1"), absent),
            octets(digest)),
        octets(salt), integer(ITERATIONS)));
};

// 125 bits, without letters that are read as others.
const makePassword = () => {
    const letters = "abcdefghijkmnpqrstuvwxyz23456789";
    return Array.from(random(25), (byte) => letters[byte & 31]).join("")
        .replace(/(.{5})(?=.)/g, "$1-");
};

// --- the page ---------------------------------------------------------------
const begin = () => {
    const form = document.getElementById("make");
    const said = document.getElementById("said");
    const say = (words, isBad) => {
        said.textContent = words;
        said.className = isBad ? "bad" : "";
    };

    const give = (store, password) => {
        const file = document.getElementById("file");
        file.href = URL.createObjectURL(
            new Blob([store], {type: "application/x-pkcs12"}));
        document.getElementById("password").textContent = password;
        document.getElementById("taken").hidden = false;
        form.hidden = true;
        say("Your certificate is issued.");
        file.focus();
    };

    const send = async (request) => {
        const answer = await fetch(form.action, {
            method: "POST",
            headers: {Accept: "application/pem-certificate-chain"},
            body: new URLSearchParams(
                {request: pem("CERTIFICATE REQUEST", request)}),
        });
        const words = await answer.text();
        if (answer.ok) {
            return unpem(words);
        }
        const page = new DOMParser().parseFromString(words, "text/html");
        throw new Error(page.querySelector("main")?.textContent.trim() ??
            `the server answers ${answer.status}`);
    };

    const make = async () => {
        const names = form.elements.names.value.split(/[\s,]+/).filter(Boolean);
        const key = await makeKey();
        const request = await makeRequest(
            key, form.elements.common.value.trim(), names);
        say("The request is on its way…");
        const certificates = await send(request);
        const password = makePassword();
        say("Packing key and certificate…");
        give(await makeStore(key, certificates, password), password);
    };

    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        form.elements.go.disabled = true;
        say("Making a key…");
        try {
            await make();
        } catch (error) {
            say(error.message, true);
        }
        form.elements.go.disabled = false;
    });
    form.hidden = false;
};

if (typeof document !== "undefined") {
    begin();
}
