#!/usr/bin/env python3
"""Makes docs/agreement.md of what the tests found:

    LOQUOR_AGREEMENT=/some/file ctest --test-dir build/tests -R '^(nn|decode)$'
    python3 tests/golden/agreement_table.py /some/file > docs/agreement.md
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
HEAD = """# Agreement with transformers

How far the tiny golden models of each family are from transformers 5.23.0 in f32: the largest difference of any hidden
state or logit, in units of the largest value of its kind (2e-5 fails the test); greedy ids that are equal; beam
searches, each with another option, whose sequences are equal and whose scores differ by at most 1e-4 (where they are
above 1, of their size). Made by `tests/golden/agreement_table.py` from a run of the tests on AVX-512.

| family | classes of transformers | largest difference | greedy ids | beam searches |
|---|---|---|---|---|
"""


def main():
    found = defaultdict(lambda: {"difference": 0.0, "greedy": 0, "beam": 0, "classes": set()})
    for line in Path(sys.argv[1]).read_text().splitlines():
        model, what, value = line.split("\t")
        config = json.loads((HERE / model / "config.json").read_text())
        family = found[config["model_type"]]
        family["classes"].update(config["architectures"])
        if what == "difference":
            family["difference"] = max(family["difference"], float(value))
        else:
            family[what] += int(float(value))
    print(HEAD, end="")
    for name, family in sorted(found.items()):
        classes = ", ".join(f"`{name}`" for name in sorted(family["classes"]))
        counts = [str(family[what]) if family[what] else "" for what in ("greedy", "beam")]
        print(f"| `{name}` | {classes} | {family['difference']:.1e} | {counts[0]} | {counts[1]} |")


if __name__ == "__main__":
    main()
