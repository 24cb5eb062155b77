"""Answers a question with a model: hello.py MODEL "QUESTION" """
import sys

import loquor


def main() -> int:
    if len(sys.argv) != 3:
        print(f"usage: {sys.argv[0]} MODEL QUESTION", file=sys.stderr)
        return 2
    path, question = sys.argv[1:]
    try:
        model = loquor.Model(path)
        stream = model.chat().stream if model.has_chat_template else model.stream
        for piece in stream(question):
            print(piece, end="", flush=True)
        print()
    except loquor.Error as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
