"""A served authority, and those who ask it over REST."""
import http.client
import json
import ssl
import subprocess

from consumers import CLEAN
from openapi import Document

ROOT = "/api/v1"


class Client:
    """One who asks; keeps its connection."""

    def __init__(self, server, listener, *, token=None, certificate=None):
        context = ssl.create_default_context(cafile=str(server.roots))
        if certificate:
            context.load_cert_chain(*certificate)
        self.port = server.ports[listener]
        self.context = context
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection = None

    def send(self, method, target, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                "localhost", self.port, context=self.context, timeout=30)
        self.connection.request(method, target, body,
                                {**self.headers, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def ask(self, method, target, body=None, headers=None):
        """(status, headers, body); a connection that the server closed behind
        an answer is opened again."""
        try:
            return self.send(method, target, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError,
                ConnectionResetError):
            self.connection = None
            return self.send(method, target, body, headers)

    def close(self):
        if self.connection:
            self.connection.close()


def openssl(*words, **options):
    return subprocess.run(["openssl", *map(str, words)], env=CLEAN, check=True,
                          capture_output=True, **options).stdout


class World:
    """A served authority, those who ask, and what they ask for."""

    def __init__(self, authority, server, folder):
        self.authority, self.server, self.folder = authority, server, folder
        self.clients = {}

    def prepare(self):
        self.clients["nobody"] = Client(self.server, "public")
        self.clients["liar"] = Client(self.server, "public", token="x" * 43)
        for role in ("operator", "approver", "auditor"):
            token = self.authority.facts(
                "token create", f"t-{role}", "--role", role, "--profiles",
                "server", "--names", "*.example.org")["token"]
            self.clients[role] = Client(self.server, "public", token=token)
        self.clients["person"] = self.person("alice")
        status, _, text = self.clients["nobody"].ask("GET", "/api/openapi.json")
        assert status == 200
        self.document = Document(text)
        self.serial = self.issue()["serial"]
        self.request = self.wait()

    def person(self, name):
        key, leaf = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        issued = self.authority.facts("issue", "--profile", "client",
                                      "--subject", f"CN={name}",
                                      "--san", f"email:{name}@example.org",
                                      "--key-out", key)
        leaf.write_text(issued["certificate"] + "".join(issued["chain"]))
        self.authority.run("admin add", name, "--role", "administrator",
                           "--certificate", leaf)
        return Client(self.server, "admin", certificate=(leaf, key))

    def csr(self, stem, name="www.example.org"):
        """A new request, as PEM."""
        return openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                       "ec_paramgen_curve:P-256", "-nodes", "-subj", "/",
                       "-addext", f"subjectAltName=DNS:{name}",
                       "-keyout", self.folder / f"{stem}.key").decode()

    def post(self, target, body, client="person", headers=None):
        return self.clients[client].ask(
            "POST", ROOT + target, json.dumps(body),
            {"Content-Type": "application/json", **(headers or {})})

    def issue(self, stem="leaf"):
        status, _, body = self.post("/certificates", {
            "profile": "server", "csr": self.csr(stem)})
        assert status == 201, body
        return json.loads(body)

    def wait(self, stem="waits"):
        """The id of a request that waits."""
        status, headers, body = self.post("/certificates", {
            "profile": "watched", "csr": self.csr(stem)})
        assert status == 202, body
        found = json.loads(body)["request"]["id"]
        assert headers["Location"] == f"{ROOT}/requests/{found}"
        return found
