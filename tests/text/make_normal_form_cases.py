#!/usr/bin/env python3
"""Writes normal_form_cases.txt, a sample of Unicode 15.0's NormalizationTest.txt: a text; its forms C, D, KC, KD.

Run by hand, in tests/text: python3 make_normal_form_cases.py [NormalizationTest.txt.bz2 of Debian's unicode-data] [step]
"""
import bz2
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode/NormalizationTest.txt.bz2"
step = int(sys.argv[2]) if len(sys.argv) > 2 else 40
with bz2.open(path, "rt", encoding="utf-8") as lines:
    cases = [line.split(";")[:5] for line in lines if line[:1] in "0123456789ABCDEF" and ";" in line]
with open("normal_form_cases.txt", "w") as out:
    out.writelines(";".join(case) + "\n" for case in cases[::step])
