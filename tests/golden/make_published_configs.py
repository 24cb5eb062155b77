#!/usr/bin/env python3
"""Puts two files beside published_configs.json, which has the config.json of well-known models; run by hand:

    python3 tests/golden/make_published_configs.py

with transformers 5.23.0. published_configs_5.json has the same as transformers 5 saves them, config_defaults.json what
each model_type takes where a key is missing. What transformers does not know itself is left out.
"""

import json
import tempfile
from dataclasses import fields
from pathlib import Path

import transformers

HERE = Path(__file__).parent


def as_saved(config):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config))
        transformers.AutoConfig.from_pretrained(folder).save_pretrained(folder)
        return json.loads((Path(folder) / "config.json").read_text())


def defaults(model_type):
    plain = (bool, int, float, str)
    kind = type(transformers.AutoConfig.for_model(model_type))
    return {field.name: field.default for field in fields(kind) if isinstance(field.default, plain)}


def write(name, values):
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in values.items()]
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    published = json.loads((HERE / "published_configs.json").read_text())
    known = {name: config for name, config in published.items() if config["model_type"] != "chatglm"}
    write("published_configs_5.json", {name: as_saved(config) for name, config in known.items()})
    kinds = sorted({config["model_type"] for config in known.values()})
    write("config_defaults.json", {kind: defaults(kind) for kind in kinds})


if __name__ == "__main__":
    main()
