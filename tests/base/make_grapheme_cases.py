#!/usr/bin/env python3
"""Writes grapheme_cases.txt, a sample of Unicode 15.0's GraphemeBreakTest.txt: code points, "/" where a cluster ends.

Run by hand, in tests/base: python3 make_grapheme_cases.py [GraphemeBreakTest.txt of Debian's unicode-data] [step]
"""
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode/auxiliary/GraphemeBreakTest.txt"
step = int(sys.argv[2]) if len(sys.argv) > 2 else 3
with open(path, encoding="utf-8") as lines:
    cases = [line.split("#")[0].strip() for line in lines if line.startswith("÷")]
longer = [case for case in cases if case.count("×") + case.count("÷") > 3]
with open("grapheme_cases.txt", "w") as out:
    for case in cases[::step] + longer:
        out.write(case.strip("÷ \t").replace(" × ", " ").replace("÷", "/") + "\n")
