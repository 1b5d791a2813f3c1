#!/usr/bin/env python3
"""usage: PROGRAM --experimental-dump-help | man_page.py SECTION DATE

Writes a manual page from what a program says of its own options, on standard output.
"""

import json
import sys


def escaped(text):
    return text.replace("\\", "\\e").replace("-", "\\-")


def lines(text):
    """Text as input for man: no line may begin with a control character."""
    for line in text.split("\n"):
        yield "\\&" + escaped(line) if line.startswith((".", "'")) else escaped(line)


def option(argument):
    """An argument's names and value, set as the manual does."""
    names = [("--" if name["kind"].startswith("long") and name["kind"] != "longWithSingleDash" else "-") + name["name"]
             for name in argument.get("names", [])]
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR" + (" ..." if argument["isRepeating"] else "")
    text = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return text + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")


def options(command):
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True):
            continue
        yield ".TP"
        yield option(argument)
        text = argument.get("abstract", "")
        if argument.get("defaultValue"):
            text += f" (default: {argument['defaultValue']})"
        yield from lines(text or "\\&")


def discussion(command):
    if command.get("discussion"):
        yield ".nf"
        yield from lines(command["discussion"])
        yield ".fi"


def page(command, section, date):
    name = command["commandName"]
    yield f'.TH {name.upper()} {section} {date} Sedge "Sedge"'
    yield ".SH NAME"
    yield f"{escaped(name)} \\- {escaped(command['abstract'].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    subcommands = [each for each in command.get("subcommands", []) if each["commandName"] != "help"]
    yield f".B {name}"
    yield "\\fIcommand\\fR [\\fIoption\\fR ...]" if subcommands else "[\\fIoption\\fR ...]"
    yield ".SH DESCRIPTION"
    yield from lines(command["abstract"])
    yield from discussion(command)
    yield ".SH OPTIONS"
    yield from options(command)
    for each in subcommands:
        yield f".SH {name.upper()} {each['commandName'].upper()}"
        yield from lines(each["abstract"])
        yield from discussion(each)
        yield from options(each)
        for inner in each.get("subcommands", []):
            yield f".SS {name} {each['commandName']} {inner['commandName']}"
            yield from lines(inner["abstract"])
            yield from discussion(inner)
            yield from options(inner)
    yield ".SH FILES"
    yield "/etc/sedge/sedge.toml, /var/lib/sedge/, /usr/share/sedge/bundles/"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    print("\n".join(page(json.load(sys.stdin)["command"], sys.argv[1], sys.argv[2])))


main()
