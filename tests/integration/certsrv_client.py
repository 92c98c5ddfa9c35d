"""The calls of certsrv.py 2.1.1, with its expressions and its order, over the
standard library; and the script with curl that many wikis have."""
import base64
import re
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from program import SURROUNDINGS


class Denied(Exception):
    pass


class Pending(Exception):
    pass


class NotRetrieved(Exception):
    pass


class Certsrv:
    def __init__(self, server, user, password, listener="public",
                 certificate=None):
        self.address = server.url(listener, "/certsrv/")
        context = ssl.create_default_context(cafile=str(server.roots))
        if certificate:
            context.load_cert_chain(*certificate)
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context))
        self.headers = {"User-Agent": "Mozilla/5.0 certsrv (https://"
                                      "github.com/magnuswatn/certsrv)"}
        if user:
            word = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.headers["Authorization"] = f"Basic {word}"

    def ask(self, path, query=None, form=None, headers=None):
        """(type, text, headers); raises for every status but 200."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(
            self.address + path, data, {**self.headers, **(headers or {})})
        with self.opener.open(request, timeout=30) as answer:
            assert answer.status == 200
            return answer.headers["Content-Type"], answer.read(), answer.headers

    def check_credentials(self):
        try:
            self.ask("")
        except urllib.error.HTTPError as error:
            if error.code == 401:
                return False
            raise
        return True

    def submit(self, request, template, attributes=None):
        """The number of what was issued."""
        named = f"CertificateTemplate:{template}\r\n"
        _, page, _ = self.ask("certfnsh.asp", form={
            "Mode": "newreq",
            "CertRequest": request,
            "CertAttrib": named + (attributes or ""),
            "FriendlyType": "Saved-Request Certificate",
            "TargetStoreFlags": "0",
            "SaveCert": "yes"})
        text = page.decode()
        found = re.search(r"certnew.cer\?ReqID=(\d+)&", text)
        if found:
            return found.group(1)
        if re.search(r"Certificate Pending", text):
            raise Pending(re.search(r"Your Request Id is (\d+).",
                                    text).group(1))
        raise Denied(re.search(r'The disposition message is "([^"]+)',
                               text).group(1))

    def get_cert(self, request, template, encoding="b64", attributes=None):
        return self.get_existing_cert(
            self.submit(request, template, attributes), encoding)

    def get_existing_cert(self, number, encoding="b64"):
        kind, content, _ = self.ask(
            "certnew.cer", {"ReqID": number, "Enc": encoding})
        if kind != "application/pkix-cert":
            raise NotRetrieved(re.search(
                r"Disposition message:[^\t]+\t\t([^\r\n]+)",
                content.decode()).group(1))
        return content

    def renewals(self):
        _, page, _ = self.ask("certcarc.asp")
        return re.search(r"var nRenewals=(\d+);", page.decode()).group(1)

    def get_ca_cert(self, encoding="b64"):
        kind, content, _ = self.ask("certnew.cer", {
            "ReqID": "CACert", "Enc": encoding, "Renewal": self.renewals()})
        assert kind == "application/pkix-cert"
        return content

    def get_chain(self, encoding="bin"):
        kind, content, _ = self.ask("certnew.p7b", {
            "ReqID": "CACert", "Renewal": self.renewals(), "Enc": encoding})
        assert kind == "application/x-pkcs7-certificates"
        return content


# As scripts have it: one line, + for %2B first, then + for blanks; the link is
# what stands in quotes on the line after the function's; nothing is unpacked.
SCRIPT = r"""
set -eu
CERT=$(tr -d '\n\r' < "$CSR" | sed 's/+/%2B/g' | tr -s ' ' '+')
DATA="Mode=newreq&CertRequest=${CERT}&CertAttrib=CertificateTemplate:${TEMPLATE}"
DATA="${DATA}&TargetStoreFlags=0&SaveCert=yes&ThumbPrint="
OUTPUT=$(curl -sS --cacert "$ROOTS" -u "$ACCOUNT" "${CERTSRV}certfnsh.asp" \
  -H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' \
  -H 'Accept-Encoding: gzip, deflate' -H 'Connection: keep-alive' \
  -H "Referer: ${CERTSRV}certrqxt.asp" \
  -H 'User-Agent: Mozilla/5.0 (Windows NT 6.3; WOW64; Trident/7.0)' \
  -H 'Content-Type: application/x-www-form-urlencoded' --data "$DATA")
LINK=$(printf '%s\n' "$OUTPUT" | grep -A 1 'function handleGetCert() {' |
  tail -n 1 | cut -d '"' -f 2)
curl -sS --fail --cacert "$ROOTS" -u "$ACCOUNT" "${CERTSRV}${LINK}" \
  -H 'Accept-Encoding: gzip, deflate'
"""


def script(server, account, request, template):
    """What the script prints: the certificate."""
    return subprocess.run(
        ["bash", "-c", SCRIPT], stdin=subprocess.DEVNULL, timeout=60,
        check=True, capture_output=True, text=True,
        env=dict(SURROUNDINGS, CSR=str(request), TEMPLATE=template,
                 ROOTS=str(server.roots), ACCOUNT=account,
                 CERTSRV=server.url("public", "/certsrv/"))).stdout
