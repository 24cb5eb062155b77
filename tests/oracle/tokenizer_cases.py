"""Strings on which tokenizers tend to differ, and how an encoding of them is recorded."""

STRINGS = [
    "", " ", "  ", "   ", "          ", "\n", "\n\n", "\n\n\n", " \n", "\n ", " \n \n ", "\t", "\t\t", "\r\n", "\r\n\r\n",
    "\r", "a\r\nb", "\n\t\n", " \t ", "a", " a", "a ", "  a", "a  ", "  a  b  ", "a   b", "a    b\n\n\n   c", "\ta\tb",
    "Hello", "Hello world", "Hello, world!", " Hello  world ", "hello\nworld", "hello \n world", "HELLO WORLD", "HeLLo",
    "The quick brown fox jumps over the lazy dog.", "What is the capital of France?", "Once upon a time",
    "I'm", "we've they'll he'd isn't it's you're", "I'M WE'VE THEY'LL HE'D ISN'T IT'S YOU'RE", "'s 's''s", "don’t it’s",
    "'twas the dogs' 'til", "x'd'll've", "0", "1", "12", "123", "1234", "12345", "123456", "1234567890", "3.14159",
    "1,000,000", "-1e-10", "0x1F600", "١٢٣٤", "²³¹½Ⅷ", "a1b22c333d4444", " 1 22 333 4444", "v1.2.3-rc4", "50%", "$100.00",
    "!", "!!!", "...", " ...", "?!?!", "---", "a-b_c", "#include <stdio.h>", "foo(bar)[baz]{qux}", "a==b!=c<=d>=e", "\\n\\t\\\\",
    "https://example.org/a?b=c&d=e#f", "name@example.org", "/usr/local/bin", "C:\\dir\\file", "<b>bold</b>", "```python\nprint('x')\n```",
    "if x:\n    return 1\nelse:\n        return 2\n", "{\"a\": [1, 2, {\"b\": null}]}",
    "café", "cafe\u0301", "naïve façade", "Ångström Å Å", "ﬁ ﬂ ﬃ", "ｆｕｌｌ ｗｉｄｔｈ", "①②③", "ß ẞ ŉ ǆ", "İstanbul ıI",
    "Größe Straße", "Привет, мир!", "Ελληνικά", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดีชาวโลก", "ខ្ញុំ",
    "你好世界", "你好，世界！", "こんにちは世界", "ｶﾀｶﾅ カタカナ", "안녕하세요", "한글 \u1112\u1161\u11ab", "漢字かな交じり文123", "𠮷野家",
    "😀", "😀😀😀", "a😀b", " 😀 ", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷🇩🇪", "❤️", "☃︎", "🧑🏾‍💻 writes",
    "e\u0301\u0302\u0303", "a\u0300\u0316b", "\u0301", " \u0301", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A", "\u200b", "a\u200bb", "\u200d", "\ufeffBOM", "\u00a0nbsp\u00a0", "a\u2003b\u3000c",
    "\u2028line\u2029paragraph", "\u0085next", "\u00ad", "\x00", "a\x00b", "\x01\x02\x1f\x7f", "\ufffd", "\ufffd\ufffd", "\uffff", "\U0010ffff", "\ue000",
    "▁", "▁▁", "a▁b", "Ġ", "ĠHello", "ĊĊ", "Â", "<0x41>", "<0x0A>", "##ing", "</w>",
    "<s>", "</s>", "<unk>", "<s>a</s>", "<|endoftext|>", "a<|endoftext|>b", "a <|endoftext|> b", "<|endoftext|><|endoftext|>",
    "<|endoftext", "<|begin_of_text|>", "<|begin_of_text|>Hello<|eot_id|>", "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>",
    "<|im_start|>user\nHi<|im_end|>\n", "<think>\nhm\n</think>\n\nyes", "<mask>", "a <mask> b", "a  <mask>  b", "[INST] Hi [/INST]",
    "[INST]Hi[/INST]", " <s> ", "<S>", "<pad>", "<|reserved_special_token_0|>", "<tool>", "a<tool>b", "a <tool> b", "tool<tool>tool", "<r>", "a <r>  b", "<word>", "a<word>b", "a <word> b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababab", "================", "                                ", "\n" * 17, "!?" * 11, "🎉" * 5, "ー" * 9,
    "The library reads a model.\n\nIt's 2024-01-02 03:04:05.678 UTC; 12,345.67 €.\n\tIndented   text…  “quoted” — done.\n",
]  # fmt: skip


def flatten(pairs):
    return [number for pair in pairs for number in pair]


def hugging_face_case(tokenizer, text, offsets=False):
    """The ids of a text by a tokenizers.Tokenizer; what equals its default is left out."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    case = {"ids": encoding.ids}
    with_special = tokenizer.encode(text, add_special_tokens=True).ids
    if with_special != encoding.ids:
        case["ids_with_special"] = with_special
    tokenizer.encode_special_tokens = True
    plain = tokenizer.encode(text, add_special_tokens=False).ids
    tokenizer.encode_special_tokens = False
    if plain != encoding.ids:
        case["ids_plain"] = plain
    decoded = tokenizer.decode(encoding.ids, skip_special_tokens=False)
    if decoded != text:
        case["decoded"] = decoded
    skipped = tokenizer.decode(encoding.ids, skip_special_tokens=True)
    if skipped != decoded:
        case["decoded_skipping_special"] = skipped
    if offsets:
        case["offsets"] = flatten(encoding.offsets)
    return case


def sentencepiece_case(processor, text, offsets=False):
    """The ids of a text by a SentencePieceProcessor; what equals its default is left out."""
    ids = processor.encode(text)
    case = {"ids": ids}
    decoded = processor.decode(ids)
    if decoded != text:
        case["decoded"] = decoded
    if offsets:
        pieces = processor.encode(text, return_type="proto").pieces
        case["offsets"] = flatten((piece.begin, piece.end) for piece in pieces)
    return case
