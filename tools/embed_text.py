#!/usr/bin/env python3
"""Writes a text file as a C function that returns it.

usage: embed_text.py OUTPUT FLOOR/HEADER.h FUNCTION FILE
"""
import pathlib
import sys


def main():
    output, header, function, source = sys.argv[1:]
    text = pathlib.Path(source).read_bytes()
    if not text or 0 in text:
        sys.exit(f"{source}: a text without zeros belongs here")
    # Numbers, since C knows no string of more than 4095 bytes.
    values = [f"'\\x{byte:02x}'" for byte in text] + ["0"]
    lines = [", ".join(values[at:at + 10]) for at in range(0, len(values), 10)]
    pathlib.Path(output).write_text(
        f'#include "{header}"\n\n'
        + "static const char text[] = {\n    "
        + ",\n    ".join(lines) + "};\n\n"
        + f"const char *{function}(void)\n{{\n    return text;\n}}\n",
        encoding="ascii")


main()
