"""TLS servers and clients that meet a certificate in a handshake."""
import contextlib

from consumers import HERE, say
from holder import NAME, PASSWORD
from path_consumers import nss_database
from serving import free_port, served

NGINX = """daemon off;
master_process off;
pid {work}/nginx.pid;
error_log {work}/error.log info;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        {more}
        location / {{ return 200 "served\\n"; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(holder, work, more=""):
    port, configuration = free_port(), work / "nginx.conf"
    configuration.write_text(NGINX.format(
        work=work, port=port, chain=holder.chain(work), key=holder.key,
        more=more))
    with served(port, work / "nginx.out", "/usr/sbin/nginx", "-p", work, "-e",
                work / "error.log", "-c", configuration):
        yield port


@contextlib.contextmanager
def openssl_server(holder, work, *more):
    port = free_port()
    with served(port, work / "server.out", "openssl", "s_server", "-accept",
                f"127.0.0.1:{port}", "-cert", holder.leaf, "-key", holder.key,
                "-cert_chain", holder.chain(work), "-www", *more):
        yield port


# --- clients that judge a server ---------------------------------------------

def curl(port, root, *more):
    return say("curl", "-sS", "--fail", "--max-time", 20, "--noproxy", "*",
               "--cacert", root, "--resolve", f"{NAME}:{port}:127.0.0.1",
               *more, f"https://{NAME}:{port}/")


def nginx_and_curl(holder, work):
    with nginx(holder, work) as port:
        return curl(port, holder.root)


def openssl_both(holder, work):
    with openssl_server(holder, work) as port:
        return say("openssl", "s_client", "-connect", f"127.0.0.1:{port}",
                   "-servername", NAME, "-verify_hostname", NAME,
                   "-verify_return_error", "-CAfile", holder.root)


def nginx_and_gnutls(holder, work):
    with nginx(holder, work) as port:
        return say("gnutls-cli", "--x509cafile", holder.root, "-p", port,
                   "--sni-hostname", NAME, "--verify-hostname", NAME,
                   "127.0.0.1")


def nginx_and_nss(holder, work):
    base, failed = nss_database(holder, work)
    if failed:
        return False, failed
    with nginx(holder, work) as port:
        return say("tstclnt", "-h", "127.0.0.1", "-p", port, "-a", NAME, "-d",
                   base, "-Q", "-v")


def nginx_and_java(java):
    def ask(holder, work):
        with nginx(holder, work) as port:
            return java.run("connect", port, NAME, holder.root)
    return ask


def nginx_and_go(go):
    def ask(holder, work):
        with nginx(holder, work) as port:
            return say(go.program, "connect", port, NAME, holder.root)
    return ask


def nginx_and_python(holder, work):
    with nginx(holder, work) as port:
        return say("/usr/bin/python3", HERE / "connect.py", port, NAME,
                   holder.root)


# --- servers that judge a client ---------------------------------------------

def as_client(holder, work):
    return ["--cert", holder.chain(work), "--key", holder.key]


def nginx_for_clients(server):
    def ask(holder, work):
        own = work / "server"
        own.mkdir()
        with nginx(server, own, "ssl_verify_client on; ssl_verify_depth 3; "
                   f"ssl_client_certificate {server.root};") as port:
            done, words = curl(port, server.root, *as_client(holder, work))
        return done, words + (own / "error.log").read_text()
    return ask


def openssl_for_clients(server):
    def ask(holder, work):
        own = work / "server"
        own.mkdir()
        with openssl_server(server, own, "-Verify", 3, "-verify_return_error",
                            "-CAfile", server.root) as port:
            done, words = curl(port, server.root, *as_client(holder, work))
        return done, words + (own / "server.out").read_text()
    return ask


def gnutls_for_clients(server):
    def ask(holder, work):
        own, port = work / "server", free_port()
        own.mkdir()
        with served(port, own / "server.out", "gnutls-serv", "-p", port,
                    "--http", "--require-client-cert", "--verify-client-cert",
                    "--x509cafile", server.root, "--x509certfile",
                    server.chain(own), "--x509keyfile", server.key):
            done, words = curl(port, server.root, *as_client(holder, work))
        return done, words + (own / "server.out").read_text()
    return ask


def nss_with_key(holder, work):
    """A database with the holder's key, too."""
    base, failed = nss_database(holder, work)
    if failed:
        return base, failed
    done, words = say("pk12util", "-i", holder.packed(work), "-d", base, "-W",
                      PASSWORD, "-K", "")
    return base, None if done else words


def nss_for_clients(server):
    def ask(holder, work):
        own, port = work / "server", free_port()
        own.mkdir()
        base, failed = nss_with_key(server, own)
        assert not failed, failed
        with served(port, own / "server.out", "selfserv", "-d", base, "-n",
                    "leaf", "-p", port, "-r", "-r", "-v") as process:
            done, words = curl(port, server.root, *as_client(holder, work))
            return done, words + process.words
    return ask
