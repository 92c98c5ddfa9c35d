"""fetch.py URL ROOTS [LISTS]: what Python's urllib gets there; with LISTS the
server's certificate must not be on them."""
import ssl
import sys
import urllib.request

url, roots, *lists = sys.argv[1:]
settings = ssl.create_default_context(cafile=roots)
for path in lists:
    settings.load_verify_locations(cafile=path)
    settings.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
with urllib.request.urlopen(url, timeout=20, context=settings) as answer:
    sys.stdout.buffer.write(answer.read())
