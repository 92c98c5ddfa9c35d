"""connect.py PORT NAME ROOT: does Python's ssl take the server there?"""
import socket
import ssl
import sys

port, name, root = sys.argv[1:]
settings = ssl.create_default_context(cafile=root)
with socket.create_connection(("127.0.0.1", int(port)), 20) as plain:
    with settings.wrap_socket(plain, server_hostname=name) as secured:
        print(secured.version())
