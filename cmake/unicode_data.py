"""The Unicode Character Database 15.0 (Debian: unicode-data), as the scripts beside this read it: from the folder that
their argument names, else /usr/share/unicode.
"""
import pathlib
import re
import sys

UCD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")


def lines(name):
    for line in (UCD / name).read_text(encoding="utf-8").splitlines():
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if fields != [""]:
            yield fields


def code_points(field):
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


version = re.search(r"-(\d+\.\d+\.\d+)\.txt", (UCD / "PropList.txt").read_text()[:200]).group(1)
assert version == "15.0.0", version
