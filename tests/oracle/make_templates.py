#!/usr/bin/env python3
"""Renders chat templates as transformers' apply_chat_template does; writes templates.json.

Run by hand: python make_templates.py [--data FOLDER] [--model GGUF]. Made with transformers 5.23.0,
jinja2 3.1.6, gguf 0.19.0. Templates under a model's own licence are named by file and sha256 only.
"""

import argparse
import copy
import hashlib
import json
import os
from pathlib import Path

import gguf
import jinja2
from transformers.utils.chat_template_utils import _compile_jinja_template, render_jinja_template

from template_cases import BEYOND, CONVERSATIONS, OWN_TEMPLATES, SNIPPETS

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loquor"
FIXED = {"date_string": "26 Jul 2024"}  # the only variable whose default may be today's date


def outcome(render):
    """The rendered text, or the kind and text of the error; only raise_exception's text is a contract."""
    try:
        return {"expected": render()}
    except jinja2.exceptions.TemplateError as error:
        kind = "raised" if type(error) is jinja2.exceptions.TemplateError else type(error).__name__
        return {"error": kind, "message": str(error)}
    except (TypeError, ZeroDivisionError, ValueError) as error:
        return {"error": type(error).__name__, "message": str(error)}


def snippet_case(template, variables):
    # The variables are copied: what a template does to them must not reach the record.
    rendered = outcome(lambda: _compile_jinja_template(template).render(**copy.deepcopy(variables)))
    return {"template": template, "variables": variables, **rendered}


def conversation_case(template, conversation, special_tokens):
    variables = {**FIXED, **conversation.get("variables", {})}

    def render():
        (text,), _ = render_jinja_template(
            [copy.deepcopy(conversation["messages"])],
            tools=conversation.get("tools"),
            chat_template=template,
            add_generation_prompt=conversation["add_generation_prompt"],
            **special_tokens,
            **variables,
        )
        return text

    return {**conversation, "variables": variables, **outcome(render)}


def template_record(name, template, special_tokens, source=None):
    record = {"name": name, "sha256": hashlib.sha256(template.encode()).hexdigest()}
    record.update({"file": source} if source else {"template": template})
    record["special_tokens"] = special_tokens
    record["cases"] = [conversation_case(template, item, special_tokens) for item in CONVERSATIONS]
    errors = sum("error" in case for case in record["cases"])
    print(f"{name}: {len(record['cases'])} conversations, {errors} of them errors")
    return record


def token_text(value):
    return value["content"] if isinstance(value, dict) else value


def all_templates(data, model):
    field = gguf.GGUFReader(model).fields
    pieces = field["tokenizer.ggml.tokens"].contents()
    names = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "pad_token": "padding"}
    tokens = {key: pieces[field[f"tokenizer.ggml.{name}_token_id"].contents()] for key, name in names.items()}
    yield template_record("smollm2", field["tokenizer.chat_template"].contents(), tokens)
    for name in ("llama3_1", "qwen3"):
        config = json.loads((data / name / "tokenizer_config.json").read_text(encoding="utf-8"))
        tokens = {key: token_text(config[key]) for key in names if config.get(key)}
        yield template_record(name, config["chat_template"], tokens, f"{name}/tokenizer_config.json")
    for name, (template, begin, end) in OWN_TEMPLATES.items():
        tokens = {"bos_token": begin} if begin else {}
        yield template_record(name, template, {**tokens, "eos_token": end})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "../../../shared/data/tokenizers")
    parser.add_argument("--model", type=Path, default=CACHE / "SmolLM2-135M-Instruct.Q4_1.gguf")
    arguments = parser.parse_args()
    records = {
        "snippets": [snippet_case(*snippet) for snippet in SNIPPETS],
        "beyond": [snippet_case(*snippet) for snippet in BEYOND],
        "templates": list(all_templates(arguments.data, arguments.model)),
    }
    print(f"{len(records['snippets'])} snippets, {len(records['beyond'])} beyond")
    parts = []
    for name, cases in records.items():
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        parts.append(f'"{name}": [\n{lines}\n]')
    (HERE / "templates.json").write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
