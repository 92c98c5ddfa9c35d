// One scene in headless Chromium, for tests/integration/test_browser.py.
//   node browse.cjs SCENE JSON      what it found, as JSON on standard output
// Node's modules are found through NODE_PATH. The browser's home, with its
// store of certificates, is HOME; CHROMIUM names the program.
const fs = require("fs");
const {chromium} = require("playwright-core");

const launch = (options) => chromium.launchPersistentContext(
    `${process.env.HOME}/profile`, {
        executablePath: process.env.CHROMIUM,
        headless: true,
        args: ["--no-sandbox", "--disable-gpu"],
        acceptDownloads: true,
        ...options,
    });

// Every body that leaves the browser.
const watch = (context, sent) => context.on("request", (request) => {
    const body = request.postDataBuffer();
    sent.push({
        url: request.url(),
        method: request.method(),
        body: body === null ? "" : body.toString("latin1"),
    });
});

const fileName = (url) => url.slice(new URL(url).origin.length).replace(
    /[^a-z0-9]+/gi, "-");

const mainText = (page) => page.innerText("main");

// With the certificate of the browser's store, at a page of administration.
const signIn = async (page, url) => {
    await page.goto(url);
    await page.click("main form button");
    await page.waitForSelector("text=Sign out");
};

// --- scenes -----------------------------------------------------------------
const scenes = {
    // Each page in light and dark, wide and as narrow as a telephone; those of
    // administration after signing in.
    audit: async ({urls, shots, entry}) => {
        const found = [];
        for (const colorScheme of ["light", "dark"]) {
            const context = await launch({colorScheme, bypassCSP: true});
            if (entry !== undefined) {
                await signIn(await context.newPage(), entry);
            }
            for (const url of urls) {
                const page = await context.newPage();
                await page.goto(url);
                for (const width of [1280, 360]) {
                    await page.setViewportSize({width, height: 900});
                    await page.screenshot({
                        path: `${shots}/${fileName(url)}${colorScheme}-` +
                            `${width}.png`,
                        fullPage: true,
                    });
                }
                const wide = await page.evaluate(
                    () => document.documentElement.scrollWidth);
                await page.addScriptTag(
                    {path: require.resolve("axe-core/axe.min.js")});
                const {violations} = await page.evaluate(() => axe.run());
                found.push({
                    url, colorScheme, scrolls: wide > 360,
                    violations: violations.map((one) =>
                        `${one.id}: ${one.nodes[0].html}`),
                });
                await page.close();
            }
            await context.close();
        }
        return found;
    },

    // A request is pasted, or its file chosen; without scripts.
    enrol: async ({url, request, file}) => {
        const context = await launch({javaScriptEnabled: false});
        const page = await context.newPage();
        await page.goto(url);
        if (request !== undefined) {
            await page.fill("textarea[name=request]", request);
        } else {
            await page.setInputFiles("input[name=file]", file);
        }
        await page.click("main form button");
        await page.waitForSelector("text=BEGIN CERTIFICATE");
        const [download] = await Promise.all([
            page.waitForEvent("download"), page.click("text=issuers, PEM")]);
        const answer = {
            text: await mainText(page),
            file: fs.readFileSync(await download.path(), "latin1"),
        };
        await context.close();
        return answer;
    },

    // The key is made in the page and taken home.
    key: async ({url, common, names}) => {
        const sent = [];
        const context = await launch({});
        watch(context, sent);
        const page = await context.newPage();
        const errors = [];
        page.on("pageerror", (error) => errors.push(error.message));
        page.on("console", (line) => {
            if (line.type() === "error") {
                errors.push(line.text());
            }
        });
        await page.goto(url);
        await page.fill("#common", common);
        await page.fill("#names", names);
        await page.click("#go");
        await page.waitForFunction(() =>
            !document.getElementById("taken").hidden ||
            document.getElementById("said").className === "bad",
        null, {timeout: 60000});
        const answer = {said: await page.innerText("#said"), sent, errors};
        if (await page.isVisible("#taken")) {
            answer.password = await page.innerText("#password");
            const [download] = await Promise.all([
                page.waitForEvent("download"), page.click("#file")]);
            answer.store = fs.readFileSync(
                await download.path()).toString("base64");
        }
        await context.close();
        return answer;
    },

    // Tab and Enter alone, from one page to another: each step names what is
    // reached by Tab, and what is pressed or typed there.
    keyboard: async ({url, steps}) => {
        const context = await launch({});
        const page = await context.newPage();
        await page.goto(url);
        for (const step of steps) {
            await reach(page, step.reach);
            if (step.type !== undefined) {
                await page.keyboard.type(step.type);
            }
            if (step.press !== undefined) {
                await Promise.all([
                    step.moves === false ? null : page.waitForNavigation(),
                    page.keyboard.press(step.press)]);
            }
        }
        const answer = {url: page.url(), text: await mainText(page)};
        await context.close();
        return answer;
    },

    // What a chart shows: its bars and the words on them, and its table, which
    // opens by a click.
    charts: async ({url}) => {
        const context = await launch({});
        const page = await context.newPage();
        await signIn(page, url);
        const found = [];
        for (const figure of await page.locator("figure").all()) {
            await figure.locator("summary").click();
            found.push(await figure.evaluate((node) => ({
                title: node.querySelector("figcaption").innerText,
                name: document.getElementById(node.querySelector("svg")
                    .getAttribute("aria-labelledby")).innerText,
                heights: [...node.querySelectorAll("rect")].map(
                    (bar) => bar.getBoundingClientRect().height),
                words: [...node.querySelectorAll("svg text")].map(
                    (text) => text.textContent),
                rows: [...node.querySelectorAll("tbody tr")].map(
                    (row) => [...row.children].map((cell) => cell.innerText)),
            })));
        }
        await context.close();
        return found;
    },

    text: async ({url}) => {
        const context = await launch({});
        const page = await context.newPage();
        const answer = await page.goto(url);
        const found = {
            status: answer.status(), text: await mainText(page),
            pictures: await page.locator("main svg").count(),
        };
        await context.close();
        return found;
    },
};

// Presses Tab until the focus is on something of this name (its text, label or
// value), which must be seen to have it.
const reach = async (page, name) => {
    for (let step = 0; step < 200; step += 1) {
        await page.keyboard.press("Tab");
        const found = await page.evaluate(() => {
            const here = document.activeElement;
            const label = here.labels?.[0]?.innerText ?? "";
            const style = getComputedStyle(here);
            return {
                name: label || here.innerText || here.value || "",
                isSeen: style.outlineStyle !== "none",
            };
        });
        if (found.name.trim().startsWith(name)) {
            if (!found.isSeen) {
                throw new Error(`the focus on “${name}” is not seen`);
            }
            return;
        }
    }
    throw new Error(`Tab never reaches “${name}” on ${page.url()}, where is:\n` +
        await mainText(page));
};

const [scene, wishes] = process.argv.slice(2);
scenes[scene](JSON.parse(wishes)).then(
    (found) => process.stdout.write(JSON.stringify(found)),
    (error) => {
        fs.writeSync(2, `${error.stack}\n`);
        process.exit(1); // which ends the browser, too
    });
