"""A person with a certificate at the admin pages, as a browser without scripts
would have it: cookies, forms that are filled in and sent, redirects."""
import http.client
import re
import ssl
import urllib.parse
from html.parser import HTMLParser

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12


class Forms(HTMLParser):
    """The forms of a page: [{"action", "method", "fields"}]."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.open = None
        self.select = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.open = {"action": given["action"], "method": given["method"],
                         "fields": {}}
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag == "input" and "name" in given:
            self.open["fields"][given["name"]] = given.get("value", "")
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and (self.select not in self.open["fields"] or
                                  "selected" in given):
            self.open["fields"][self.select] = given["value"]

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


class Page:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def forms(self):
        return Forms(self.text).forms

    def form(self, action_end):
        found = [form for form in self.forms
                 if form["action"].endswith(action_end)]
        assert len(found) == 1, (action_end, self.forms, self.text)
        return found[0]

    @property
    def words(self):
        """Its text without markup, blanks made one."""
        bare = re.sub(r"<[^>]*>", " ", self.text)
        return re.sub(r"\s+", " ", bare)


class Person:
    """One with this role and a certificate of the authority's; or, without a
    role, whoever brings these files, or none."""

    def __init__(self, server, files=None, host="localhost"):
        self.server = server
        self.files = files
        self.host = host
        self.cookie = None
        context = ssl.create_default_context(cafile=str(server.roots))
        if files:
            context.load_cert_chain(*map(str, files))
        self.context = context

    def ask(self, method, path, form=None, headers=None, cookie=True):
        """One exchange, without following."""
        port = self.server.ports["admin"]
        sent = {"Host": f"{self.host}:{port}"}
        if cookie and self.cookie:
            sent["Cookie"] = self.cookie
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        connection = http.client.HTTPSConnection(
            "localhost", port, context=self.context, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            page = Page(answer.status, answer.headers,
                        answer.read().decode())
        finally:
            connection.close()
        for value in page.headers.get_all("Set-Cookie") or []:
            self.cookie = value.split(";")[0]
        return page

    def get(self, path, **options):
        page = self.ask("GET", path, **options)
        for _ in range(5):
            if page.status != 303:
                return page
            page = self.ask("GET", page.headers["Location"], **options)
        raise AssertionError("it is sent on and on")

    def send(self, form, follow=True, **given):
        """Presses the button of a form, with these fields filled in."""
        assert form["method"] == "post"
        page = self.ask("POST", form["action"], {**form["fields"], **given})
        if follow and page.status == 303:
            return self.get(page.headers["Location"])
        return page

    def sign_in(self, path="/admin/"):
        page = self.get(path)
        return self.send(page.form("/admin/sign-in"))

    def post(self, path, action_end, **given):
        """Opens a page, and presses the button of one of its forms."""
        return self.send(self.get(path).form(action_end), **given)


def person(server, folder, name, role):
    """Somebody who was added with a .p12, as a browser with it."""
    p12 = folder / f"{name}.p12"
    facts = server.authority.facts("admin add", name, "--role", role,
                                   "--p12-out", p12)
    return Person(server, opened(p12, facts["password"], folder / name))


def opened(p12, password, beginning):
    """(certificate with its chain, key) of a .p12, as files."""
    key, certificate, chain = pkcs12.load_key_and_certificates(
        p12.read_bytes(), password.encode())
    pem = serialization.Encoding.PEM
    files = (beginning.with_suffix(".pem"), beginning.with_suffix(".key"))
    files[0].write_bytes(b"".join(one.public_bytes(pem)
                                  for one in (certificate, *chain)))
    files[1].write_bytes(key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files
