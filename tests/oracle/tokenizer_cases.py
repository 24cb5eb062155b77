"""Strings on which tokenizers tend to differ, and how an encoding of them is recorded."""

import unicodedata

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

# What normalizers of encoders tell apart: case, accents, marks, Chinese characters, control characters, clusters
# of characters, characters that are newer than other libraries' tables.
ENCODER_STRINGS = [
    "İİ Σας ΣΑΣ ǅ ß ẞ ΰ ŉ", "ÀÉÎÕÜ àéîõü ñ Ñ ç Ç ø Ø ł", "a\u0301e\u0300o\u0308", "e\u0301\u0327", "\u0344\u0958\u2126\u212b",
    "漢字A漢b字", "\u3400\U00020000\U0002a700\U0002b820\U0002b920\uf900", "a\u0000b\ufffdc\u200dd\u0085e\u00a0f\u2028g\u000bh",
    "a\tb\nc\rd", "\u0890\u08e2\U00013430", "don't, can't; I'm \u2018quoted\u2019 \u201cdouble\u201d ``so'' '' do not . ! ?",
    "$5 + 3 = 8 < 9 > 7 ^ ~ | `", "a\u00b7b\u2014c\u3001d\uff0ce\u166df\u2e4fg\U000111c9h\u01bf", "unaffable unwanted running runners",
    "[CLS] a [SEP] [MASK] [PAD] [UNK]", "a[MASK]b", "supercalifragilistic", "a" * 100, "b" * 101, "x" * 300,
    "\u00b2\ufe0f \u00b2\u0301 e\u0301 e\u0301\u0301 A\u0300 A\u200d ..\u0301 .. ... ....", "\r\n\r\n \r \n", "\u0e33\u0e01\u0e33 \u0600a \u0600e\u0301",
    "\u32ff\ua7f2\uab69\U00011938 \u3300\ufdfa", "\u1e9b\u0323 \ufb2c \u2460\u2461 \u00bd \u2122 \uff9e\uff8a\uff9e", "\u1100\u1161\u11a8 \uac01 \u1100\uac00",
    "\u1734a \u1885b \ua9bdc \u1cf2d \u07fde \u0afaf \u0301\u0328", "a\u0316\u0301 a\u08d4\u0316 a\u07fd\u0316", "  leading and trailing  ", "one  two   three    four",
    "\u2581a \u2581 b\u2581", "<extra_id_0> x <extra_id_0>", "a <mask> b", "<unk> x<unk>y <unk><unk>", "\u4f60\u4f60<unk>\u4f60", "<0x41> <0xE4>",
    "Привет МИР Ёлка Й", "ΑΒΓ ά έ", "ＡＢＣ１２３", "ﬁne ﬀ ﬃ", "🇫🇷🇩🇪🇮 👩\u200d👩 ©\u200d© ☺️ ©️", "\u0915\u094d\u0937 \u0915\u0903", "1,234.56 12:30 a.b.c", "ab abab <tool>ab",
]  # fmt: skip

# What DeepSeek-V3's three expressions tell apart: the ends of the ranges of Chinese characters and kana, numbers of all
# scripts, signs before letters and before newlines, marks, and what none of the three matches.
DEEPSEEK_STRINGS = [
    "\u4dff\u4e00\u9fa5\u9fa6", "\u303f\u3040\u3041\u309f\u30a0\u30ff\u3100", "a漢b字c", "東京タワー2024年12月31日", "漢字、かな。カナ！ﾊﾝｶｸ",
    " 漢字 かな ", "漢\u3099字\u0301か", "々〆㐀龦𠮷豈", "1234漢5678字", "a1234567b", "١٢٣٤٥", "१२३४ ⅫⅫⅫⅫ ²³¹⁴ ½¼¾⅓", "𝟘𝟙𝟚𝟛 ①②③④ 一二三四", " 1 12 123 1234",
    "1\u03012\u0301", "3.14,15-16", "0xABCdef", "!hello !!hello ?!hello", "!été", "!é", "_snake_case __init__ $HOME ~user #tag @name", "a.b.c(d)[e]{f}",
    "«quoted» “quoted” —dash …dots", " «a» “b” —c", "€5 £6 ¥7 ₿8 €a £b", "+a =b <c >d |e ^f `g", "∑x ∂y ©z ™a °b", "!\n", "!!\r\n\r\nx", " !\n\n y", "? \n z", "a!\n b",
    "...\n...\n", "-\n-\r-", "\n!a", "\r!", "e\u0301\u0302f", "\u0301a", " \u0301a", "\n\u0301a", "1\u0301a", "!\u0301a", "a\u20ddb", "\u0903\u0301", "की कि", "👍\u200da\u200d!",
    "\u00a0a", "\u00a0\u00a0a", "\u00a0!", " \u00a0 a", "a\u00a0", "\u3000a\u3000!", "\u2028a\u2029!", "\u0085a\u0085!", "a ", "a  ", "! ", "! \n ", "漢 ", "1 ", "1  \n", "\t\ta\t!",
    "\x00\x00a", "\x00\x00!", "\x00\x00\x00", "a\x00 b\x00", "\u200b\u200ba", "\u200b\u200b", "a\u200b", "\ue000\ue000x", "\ue000漢\ue000", "\u00ad\u00ad1", "\x7f!\x7f a",
    "\ufeff\ufeffa\ufeff", "<｜begin▁of▁sentence｜>", "<｜begin▁of▁sentence｜>Hi<｜end▁of▁sentence｜>", "<｜User｜>漢字?<｜Assistant｜><think>\n1+1=2\n</think>\n\n2", "｜▁｜",
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
    # Where marks are put in order, offsets of tokenizers are of the places that they had before.
    decomposed = "".join(unicodedata.normalize("NFD", c) for c in text)
    if offsets and decomposed == unicodedata.normalize("NFD", text):
        case["offsets"] = flatten(encoding.offsets)
    return case


def pair_cases(tokenizer, strings):
    """Pairs of texts, whole, without special tokens, and cut: ids, types, texts and words of their tokens."""
    pairs = [("", ""), ("a", ""), ("", "b")] + list(zip(strings[::7], strings[3::7]))
    cuts = [None, None, (9, "longest_first", "right"), (7, "longest_first", "left"), (12, "only_first", "right"),
            (12, "only_second", "left"), (5, "longest_first", "right")]  # fmt: skip
    cases = []
    for number, (first, second) in enumerate(pairs):
        cut = cuts[number % len(cuts)]
        special = number % 5 != 1
        tokenizer.no_truncation()
        if cut:
            tokenizer.enable_truncation(max_length=cut[0], strategy=cut[1], direction=cut[2])
        case = {"text": first, "second": second, "special": special, "cut": cut}
        try:
            encoding = tokenizer.encode(first, second, add_special_tokens=special)
        except Exception:  # the strategy cannot
            cases.append({**case, "fails": True})
            continue
        none = [-1 if value is None else value for value in encoding.sequence_ids]
        words = [-1 if value is None else value for value in encoding.word_ids]
        cases.append({**case, "ids": encoding.ids, "type_ids": encoding.type_ids, "sequence_ids": none,
                      "word_ids": words})  # fmt: skip
    tokenizer.no_truncation()
    return cases


def sentencepiece_case(processor, text, offsets=False):
    """The ids of a text by a SentencePieceProcessor; what equals its default is left out."""
    ids = processor.encode(text)
    case = {"ids": ids}
    # Unknown pieces are special, and left out.
    decoded = processor.decode([i for i in ids if not processor.is_unknown(i)])
    if decoded != text:
        case["decoded"] = decoded
    if offsets:
        pieces = processor.encode(text, return_type="proto").pieces
        case["offsets"] = flatten((piece.begin, piece.end) for piece in pieces)
    return case
