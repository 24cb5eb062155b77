"""The tool's binary ($LOQUOR_TOOL), and the models that it is given."""
import os
import pathlib
import subprocess

import pytest

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
TOOL = os.environ["LOQUOR_TOOL"]


@pytest.fixture
def loquor():
    """loquor("info", model, ...): what the tool does with these arguments."""
    def call(*arguments, input=""):
        return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=500, input=input)
    return call
