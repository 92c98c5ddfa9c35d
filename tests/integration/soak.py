"""A soak: everything that is asked of a server at once, while its parts are
killed in turn (tools/soak.py, test_soak.py)."""
import base64
import http.client
import itertools
import json
import os
import pathlib
import random
import signal
import ssl
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from admin_browser import person
from pages import open_profile
from program import DONE, UNAVAILABLE
from served import until
from soak_books import Books, Disturbances, Tally, Unavailable, Wrong

PASSWORD = "correct horse battery"
BACK_SECONDS = 30
# What a role may grow by while it lives, after its first seconds.
GROWTH_KIB, WARM_SECONDS = 16 * 1024, 5
# Its SQLite caches: 64 MiB of the writer, 16 of the index, 8 of a reader.
KEEPER_GROWTH_KIB = 96 * 1024
PAGES = ("/", "/roots", "/enrol", "/enrol/server", "/status", "/view",
         "/api/openapi.json", "/roots.pem", "/ca/issuing.cer")

REST_OF_ADMIN = ("/api/v1/certificates?limit=5", "/api/v1/journal?limit=5",
                 "/api/v1/status", "/api/v1/requests")
ADMIN_PAGES = ("/admin/", "/admin/certificates", "/admin/requests",
               "/admin/crl", "/admin/journal", "/admin/profiles")


def prepare(authority, folder):
    """Opens a profile to all doors; before it is served."""
    open_profile(authority, "server", "account, token, anyone")
    (folder / "password").write_text(PASSWORD)
    authority.run("account add", "printer", "--profiles", "server", "--names",
                  "*.example.org", "--passphrase-file", folder / "password")


class Soak:
    """Those who ask a served authority, and what they were answered."""

    def __init__(self, server, folder, seed=1):
        self.server, self.authority = server, server.authority
        self.folder, self.seed = folder, seed
        self.disturbances, self.tally = Disturbances(), Tally()
        self.issuer = x509.load_pem_x509_certificate(
            (self.authority.directory / "keys" / "issuing.crt").read_bytes())
        self.books = Books(self.issuer, self.disturbances)
        self.numbers = itertools.count()
        self.ends = threading.Event()
        self.back = []  # (role, seconds until all answered)
        self.seen = {}  # process: [role, first seen, KiB when warm, KiB]
        self.trusting = ssl.create_default_context(cafile=str(server.roots))
        self.alice = person(server, folder, "alice", "administrator")
        self.turn = threading.Lock()  # of alice's browser
        self.as_alice = ssl.create_default_context(cafile=str(server.roots))
        self.as_alice.load_cert_chain(*self.alice.files)
        self.token = self.authority.facts(
            "token create", "soak", "--role", "operator", "--profiles",
            "server", "--names", "*.example.org")["token"]

    # --- asking -------------------------------------------------------------

    def ask(self, listener, method, path, body=None, headers=None):
        """(status, body) over a connection of its own."""
        port = self.server.ports[listener]
        if listener == "plain":
            connection = http.client.HTTPConnection("localhost", port,
                                                    timeout=70)
        else:
            connection = http.client.HTTPSConnection(
                "localhost", port, timeout=70, context=self.as_alice
                if listener == "admin" else self.trusting)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        if status == 503:
            raise Unavailable(f"{method} {path}: 503 {content[:200]}")
        return status, content

    def wants(self, expected, listener, method, path, body=None, headers=None):
        status, content = self.ask(listener, method, path, body, headers)
        if status not in expected:
            raise Wrong(f"{method} {path}: {status} {content[:300]}")
        return content

    def request(self):
        """(name, PKCS#10 as PEM) of a new key."""
        name = f"n{next(self.numbers)}.example.org"
        made = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([])).add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(name)]), critical=False).sign(
                    ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        return name, made.public_bytes(serialization.Encoding.PEM).decode()

    def rest(self, target, body, headers=None, expected=(200, 201)):
        return json.loads(self.wants(
            expected, "public", "POST", f"/api/v1{target}", json.dumps(body),
            {"Authorization": f"Bearer {self.token}",
             "Content-Type": "application/json", **(headers or {})}))

    # --- what is done -------------------------------------------------------

    def issue_by_rest(self, _):
        """The same Idempotency-Key gets the same certificate, whatever died
        in between."""
        name, request = self.request()
        words = ("/certificates", {"profile": "server", "csr": request},
                 {"Idempotency-Key": name})
        try:
            first = self.rest(*words)
        except Unavailable:
            first = self.rest(*words)
        if self.rest(*words)["serial"] != first["serial"]:
            raise Wrong(f"two certificates for the key {name}")
        self.books.issued(first["certificate"], name)

    def issue_by_certsrv(self, _):
        name, request = self.request()
        word = base64.b64encode(f"printer:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {word}",
                   "Content-Type": "application/x-www-form-urlencoded"}
        page = self.wants({200}, "public", "POST", "/certsrv/certfnsh.asp",
                          urllib.parse.urlencode({
                              "Mode": "newreq", "CertRequest": request,
                              "CertAttrib": "CertificateTemplate:server\r\n",
                              "TargetStoreFlags": "0", "SaveCert": "yes"}),
                          headers).decode()
        _, found, rest = page.partition("certnew.cer?ReqID=")
        if not found:
            raise Wrong(f"certfnsh.asp: {page[-600:]}")
        self.books.issued(self.wants(
            {200}, "public", "GET", "/certsrv/certnew.cer?Enc=b64&ReqID="
            + rest.partition("&")[0], None, headers), name)

    def issue_by_page(self, _):
        name, request = self.request()
        self.books.issued(self.wants(
            {200}, "public", "POST", "/enrol/server",
            urllib.parse.urlencode({"request": request}),
            {"Content-Type": "application/x-www-form-urlencoded",
             "Accept": "application/pem-certificate-chain"}), name)

    def issue_by_command(self, _):
        name, request = self.request()
        outcome = self.authority.attempt("issue", "--profile", "server",
                                         "--csr", "-", text=request)
        if outcome.status == UNAVAILABLE:
            raise Unavailable(str(outcome))
        if outcome.status != DONE:
            raise Wrong(str(outcome))
        self.books.issued(outcome.out, name)

    def revoke(self, chance):
        entry = self.books.some(chance, is_valid=True)
        if entry is None:
            return
        entry.is_asked = True
        self.rest(f"/certificates/{entry.certificate.serial_number:x}/revoke",
                  {"reason": "superseded"})
        entry.revoked_at = time.monotonic()

    def ask_status(self, chance, entry=None, seconds=5):
        entry = entry or self.books.some(chance)
        if entry is None:
            return None
        question = ocsp.OCSPRequestBuilder().add_certificate(
            entry.certificate, self.issuer,
            chance.choice((hashes.SHA1(), hashes.SHA256())))
        if chance.random() < 0.3:
            question = question.add_extension(
                x509.OCSPNonce(chance.randbytes(32)), critical=False)
        encoded = question.build().public_bytes(serialization.Encoding.DER)
        listener = chance.choice(("plain", "public"))
        asked_at = time.monotonic()
        told = self.wants({200}, listener, "POST", "/ocsp", encoded,
                          {"Content-Type": "application/ocsp-request"}) \
            if chance.random() < 0.5 else self.wants(
                {200}, listener, "GET", "/ocsp/" + urllib.parse.quote(
                    base64.b64encode(encoded).decode(), safe=""))
        return self.books.judge_status(entry, told, asked_at, seconds)

    def fetch_list(self, chance, seconds=60):
        asked_at, before = time.monotonic(), self.books.list_number
        told = self.wants({200}, chance.choice(("plain", "public")), "GET",
                          "/crl/issuing.crl")
        number, _ = self.books.judge_list(told, asked_at, seconds)
        if number < before:
            raise Wrong(f"CRL {number} after {before}")

    def look_at_page(self, chance):
        self.wants({200}, "public", "GET", chance.choice(PAGES), None,
                   {"Accept": "text/html" if chance.random() < 0.5 else "*/*"})

    def administer(self, chance):
        self.wants({200}, "admin", "GET", chance.choice(REST_OF_ADMIN))

    def browse(self, chance):
        """A person's session ends with the keeper: they sign in again."""
        path = chance.choice(ADMIN_PAGES)
        with self.turn:
            try:
                page = self.alice.get(path)
                if any(form["action"] == "/admin/sign-in"
                       for form in page.forms):
                    page = self.alice.sign_in(path)
            except (OSError, http.client.HTTPException) as error:
                raise Unavailable(f"{path}: {error!r}") from error
        if page.status == 503:
            raise Unavailable(f"{path}: {page.words}")
        if page.status != 200 or 'action="/admin/sign-out"' not in page.text:
            raise Wrong(f"{path}: {page.status} {page.words[:300]}")

    # --- running ------------------------------------------------------------

    def work(self, number, deeds):
        chance = random.Random(f"{self.seed} {number}")
        while not self.ends.is_set():
            deed = chance.choice(deeds)
            with self.tally.attempt(deed.__name__, self.disturbances):
                deed(chance)
            self.look_at_processes()
            self.ends.wait(chance.random() * 0.05)

    def answers(self):
        """Does every part answer: store, keys, OCSP keys, all listeners?"""
        chance = random.Random(self.seed)
        try:
            self.issue_by_rest(chance)
            self.administer(chance)
            question = ocsp.OCSPRequestBuilder().add_certificate(
                self.books.some(chance).certificate, self.issuer,
                hashes.SHA1()).add_extension(
                    x509.OCSPNonce(os.urandom(32)), critical=False)
            told = self.wants(
                {200}, "plain", "POST", "/ocsp", question.build().public_bytes(
                    serialization.Encoding.DER),
                {"Content-Type": "application/ocsp-request"})
            return ocsp.load_der_ocsp_response(told).response_status == \
                ocsp.OCSPResponseStatus.SUCCESSFUL
        except Unavailable:
            return False

    def kill(self, role, chance):
        victim = chance.choice(self.server.children()[role])
        self.disturbances.begin()
        begin = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in self.server.children().get(role, [])
              and self.server.children().get(role), f"{role} again",
              BACK_SECONDS)
        until(self.answers, f"answers after the end of {role}", BACK_SECONDS)
        self.back.append((role, time.monotonic() - begin))
        self.disturbances.end()

    def run(self, seconds, pause):
        """A part is killed every pause seconds; the last pause has none."""
        until(self.answers, "the first answers")
        before = self.at_rest()
        issuing = [self.issue_by_rest, self.issue_by_page]
        asking = [self.ask_status, self.fetch_list, self.look_at_page,
                  self.administer, self.browse]
        # One printer: two passwords at once from one address may have to wait.
        crews = [issuing + [self.issue_by_certsrv],
                 issuing + [self.issue_by_command], [self.revoke],
                 asking, asking, [self.ask_status]]
        threads = [threading.Thread(target=self.work, args=item)
                   for item in enumerate(crews)]
        for thread in threads:
            thread.start()
        try:
            self.disturb(time.monotonic() + seconds, pause)
        finally:
            self.ends.set()
            for thread in threads:
                thread.join()
        self.settle()
        return before, self.at_rest()

    def disturb(self, end, pause):
        chance = random.Random(self.seed)
        roles = itertools.cycle(sorted(self.server.children()))
        while time.monotonic() + 2 * pause < end:
            time.sleep(pause)
            self.kill(next(roles), chance)
        time.sleep(max(0.0, end - time.monotonic()))

    # --- afterwards ---------------------------------------------------------

    def settle(self):
        """All that was acknowledged holds, and is told."""
        listed = {int(row["serial"], 16): row["status"]
                  for row in self.authority.facts("list")}
        time.sleep(5)
        for entry in self.books.all():
            serial = entry.certificate.serial_number
            with self.tally.attempt("settle", self.disturbances):
                if serial not in listed:
                    raise Wrong(f"{serial:x} was handed out and is not stored")
                if entry.revoked_at and listed[serial] != "revoked":
                    raise Wrong(f"{serial:x} is {listed[serial]}")
                if entry.is_asked:
                    self.ask_status(random.Random(serial), entry, 0)
        with self.tally.attempt("settle", self.disturbances):
            self.authority.run("audit verify")

    def at_rest(self):
        """{role: (processes, most descriptors)} while nobody asks."""
        time.sleep(2)
        return {role: (len(processes), max(
            len(list(pathlib.Path(f"/proc/{process}/fd").iterdir()))
            for process in processes))
            for role, processes in self.server.children().items()}

    def look_at_processes(self):
        """Notes what each has in memory, once a second."""
        now = time.monotonic()
        if now < self.seen.get("next", 0):
            return
        self.seen["next"] = now + 1
        for role, processes in self.server.children().items():
            for process in processes:
                size = resident_kib(process, "RssAnon")
                seen = self.seen.setdefault(process, [role, now, None, size])
                if seen[2] is None and now - seen[1] > WARM_SECONDS:
                    seen[2] = size
                seen[3] = size or seen[3]

    def growth(self):
        """{role: most KiB that one process grew by}"""
        found = {}
        for name, seen in self.seen.items():
            if name != "next" and seen[2]:
                found[seen[0]] = max(found.get(seen[0], 0), seen[3] - seen[2])
        return found


def resident_kib(process, kind="VmRSS"):
    """kind: RssAnon is what it has of its own. 0: it is gone."""
    try:
        text = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines()
                 if line.startswith(f"{kind}:")), 0)


def check(soak, before, after):
    """What is wrong, in words."""
    wrong = list(soak.tally.wrong)
    for role, (count, descriptors) in after.items():
        if count != before[role][0]:
            wrong.append(f"{count} processes are {role}, {before[role][0]} were")
        if descriptors > before[role][1] + 2:
            wrong.append(f"{role}: {descriptors} descriptors, "
                         f"{before[role][1]} before")
    for role, more in soak.growth().items():
        if more > (KEEPER_GROWTH_KIB if role == "keeper" else GROWTH_KIB):
            wrong.append(f"{role} grew by {more} KiB")
    return wrong


def report(soak, before, after):
    """What was done, for people."""
    lines = [f"{name:18} {count:8} done {soak.tally.away.get(name, 0):6} away"
             for name, count in sorted(soak.tally.done.items())]
    for role in sorted(before):
        times = sorted(seconds for name, seconds in soak.back if name == role)
        lines.append(
            f"{role:8} killed {len(times)} times, answers again after "
            f"{times[len(times) // 2] if times else 0:.2f} s (at most "
            f"{max(times, default=0):.2f}); grew by "
            f"{soak.growth().get(role, 0)} KiB; descriptors "
            f"{before[role][1]}, then {after[role][1]}")
    return "\n".join(lines)
