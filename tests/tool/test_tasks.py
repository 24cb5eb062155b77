"""The tasks of encoders on the command line."""
import json

from conftest import GOLDEN

TEXTS = ("the night", "an engine")


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def task(loquor, command, model, *arguments, **options):
    return printed(loquor(command, GOLDEN / f"tasks_{model}", *arguments, **options))


def test_each_task_prints_lines_and_json(loquor):
    calls = [
        ("classify", "entail", TEXTS, 6),
        ("zero-shot", "entail", (*TEXTS, "--label", "day", "--label", "water"), 4),
        ("tag", "tag", (*TEXTS, "--ignore-labels", "none"), None),
        ("fill-mask", "mask", ("the [MASK]", "--top-k", "3"), 3),
        ("rerank", "rerank", ("a night", *TEXTS), 2),
        ("answer", "answer", ("who", "the engine climbed", "--top-k", "2"), 2),
        ("score", "mask", TEXTS, 2),
    ]
    for command, model, arguments, lines in calls:
        found = json.loads(task(loquor, command, model, *arguments, "--json"))
        text = task(loquor, command, model, *arguments)
        assert found and text.count("\n") == (lines or sum(map(len, found)))


def test_embed_prints_rows(loquor):
    rows = [json.loads(line) for line in task(loquor, "embed", "embed", *TEXTS, "--json").splitlines()]
    assert [row["text"] for row in rows] == list(TEXTS) and len(rows[0]["embedding"]) == 24
    lines = task(loquor, "embed", "embed", input="\n".join(TEXTS))
    assert [len(line.split()) for line in lines.splitlines()] == [24, 24]
    assert len(task(loquor, "embed", "embed", "a", "--dimensions", "5").split()) == 5


def test_another_model_is_refused(loquor):
    done = loquor("tag", GOLDEN / "tasks_mask", "a")
    assert done.returncode == 1
    assert done.stderr == "loquor: this model has no token classification head: its class is BertForMaskedLM\n"
