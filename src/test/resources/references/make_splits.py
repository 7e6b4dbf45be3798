"""Writes splits.json: how 300 mixed strings are cut by the regular expressions of published tokenizers, by the `tokenizers`
package; and character_tokens.json: tokens of the same strings by two small vocabularies of BPE over characters, one that marks
spaces and spells unknown characters in bytes (as Gemma 4 and Sarvam do), one that leaves both out (as Jina Embeddings 2 in
Chinese does). Usage: python3 make_splits.py. Made with tokenizers 0.23.3.

The names are those of tokenizer.ggml.pre; each list of expressions is what the tokenizer.json of such models has, one step each.
Pieces are told by their lengths in UTF-16 units.
"""
import json, os, random
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

S = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
UPPER, LOWER, BEFORE = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}%s]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}%s]", r"[^\r\n\p{L}\p{N}]?"
def cl100k(digits, contraction=S + "|", end=SPACES):
    return contraction + BEFORE + r"\p{L}+|" + digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|" + end
def cased(ending, digits, restriction="", slash="/"):
    up, low = UPPER % restriction, LOWER % restriction
    return f"{BEFORE}{up}*{low}+{ending}|{BEFORE}{up}+{low}*{ending}|{digits}" + r"| ?[^\s\p{L}\p{N}]+[\r\n%s]*|" % slash + SPACES
DEEPSEEK_WORDS = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
KANA = "[一-龥\u3040-ゟ゠-ヿ]+"
BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+"
GROUPS = r"\d{1,3}(?=(?:\d{3})*(?!\d))"
PATTERNS = {
    "gpt-2": [GPT_2],
    "smollm": [r"\p{N}", GPT_2],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT_2, "[0-9][0-9][0-9]"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT_2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "llama-bpe": [cl100k(r"\p{N}{1,3}")],
    "dbrx": [cl100k(r"\p{N}{1,3}")],
    "glm5": [cl100k(r"\p{N}{1,3}")],
    "jais-2": [cl100k(r"\p{N}{1,3}", end=r"\s*[\r\n]+|" + "|".join(r"\s{%d}(?!\S)" % n for n in (512, 256, 128, 64, 32, 16, 8, 4))
               + r"|\s{1,2}(?!\S)|\s{1}")],
    "gemma4": [r"[^\n]+|[\n]+"],
    "sarvam-moe": [r"[^\n]+|[\n]+"],
    "whitespace": [r"\S+"],
    "qwen2": [cl100k(r"\p{N}")],
    "qwen35": [S + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + SPACES],
    "deepseek-v3": [r"\p{N}{1,3}", KANA, DEEPSEEK_WORDS + r"| ?[\p{P}\p{S}]+[\r\n]*|" + SPACES],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", r"\p{N}"],
    "spark2_5": [r"\p{N}{1,3}", KANA, DEEPSEEK_WORDS + r"| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+", r"\p{N}"],
    "gpt-4o": [cased(S + "?", r"\p{N}{1,3}")],
    "granite-embed-multi-97m": [cased(S + "?", r"\p{N}{1,3}")],
    "tekken": [cased("", r"\p{N}")],
    "youtu": ["[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + KANA, cased(S + "?", r"\p{N}")],
    "kimi-k2": [r"[\p{Han}]+|" + cased(S + "?", r"\p{N}{1,3}", r"&&[^\p{Han}]", "")],
    "tiny_aya": [r"\d{1,3}(?=(?:\d{3})*\b)", cased(S + "?", r"\p{N}{1,3}")],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
    "chameleon": ["<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )", r"\p{N}",
                  r"[\p{P}!-/:-@\[-`{-~]", GPT_2],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "afmoe": [GROUPS, "[一-鿿㐀-䶿豈-\ufaff\u3040-ゟ゠-ヿ･-ﾟ⼀-⿟\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f"
              "\ua9e0-\ua9ff가-\ud7af\u1100-\u11ff]+", DEEPSEEK_WORDS + r"| ?[\p{P}\p{S}]+[\r\n]*|" + SPACES],
    "bailingmoe": [r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "seed-coder": [S + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + SPACES],
    "ufakzeka": [cl100k(r"\p{N}", "")],
    "laguna": [r"[^\n]+|[\n]+", cl100k(r"\p{N}")],
    "minicpm5": [r"\p{N}{1,3}", cl100k(r"\p{N}+")],
    "exaone-moe": [S + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
}
PARTS = ["a", "The", "hello", "WORLD", "camelCaseWord", "XMLHttpRequest", "don't", "WE'RE", "it'S", "'", "''", "i'll", "O'D", "l'été",
         "naïve", "Straße", "e\u0301", "İstanbul'da", "Привет", "МОСКВА", "ελληνικά", "שלום", "مرحبا،", "हिन्दी", "বাংলা", "ไทยภาษา", "ລາວ",
         "漢字", "かな", "カタカナ", "ｶﾀ", "한국어", "ㄱㄴ", "ㄅㄆ", "中文。", "，", "…", "“q”", "0", "7", "42", "123", "1234", "1234567", "3.14159", "٣٤٥", "१२३", "½", "Ⅻ",
         "²", "!", "?!", "...", "--", "$5", "a+b=c", "x<y>z", "`code`", "foo_bar", "a/b", "//c", "@me", "#1", "{};", "[0]", "\\n", "|", "~", "^",
         "😀", "👩‍💻", "🇩🇪", "€", "©", "№", "\u00a0", "\u3000", "\u2003", " ", "  ", "   ", "    ", "\t", "\t\t", "\n", "\n\n", "\r\n", " \n", "\n  ", "\n/",
         "<sentinel:12>", "IMGIMGABCZ", "end.", "Mr.", "e-mail", "ʼn", "ǅ", "ª", "ⁿ"]

def units(text): return len(text.encode("utf-16-le")) // 2

draw = random.Random(11)
strings = ["", " ", "\n", "'s", "a 's 'S", "  a  b  ", "1234567 12345678", "x\n\ny\n", "a\r\n\r\nb"]
while len(strings) < 300:
    glue = draw.choice(["", "", " ", " ", "  "])
    text = glue.join(draw.choice(PARTS) for _ in range(draw.randint(1, 9)))
    if text not in strings: strings.append(text)
splits = {}
for name, patterns in PATTERNS.items():
    splitter = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(p), "isolated") for p in patterns])
    splits[name] = []
    for text in strings:
        pieces = [piece for piece, _ in splitter.pre_tokenize_str(text)]
        assert "".join(pieces) == text, (name, text)
        splits[name].append([units(piece) for piece in pieces])
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "splits.json"), "w", encoding="utf-8") as out:
    body = ",\n".join(f'"{name}": ' + json.dumps(cut, separators=(",", ":")) for name, cut in splits.items())
    out.write('{"strings": ' + json.dumps(strings, ensure_ascii=True) + ',\n"splits": {' + body + "}}\n")

def vocabulary(texts, normalizer, training, first, characters):
    """Pieces and merges learnt from texts, of so many characters at most, behind the first pieces."""
    learner = Tokenizer(models.BPE())
    learner.normalizer, learner.pre_tokenizer = normalizer, training
    learner.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=characters + 200, limit_alphabet=characters, show_progress=False))
    model = json.loads(learner.to_str())["model"]
    pieces = first + sorted(model["vocab"], key=model["vocab"].get)
    return {piece: token for token, piece in enumerate(pieces)}, [tuple(merge) for merge in model["merges"]]

texts = strings + [" ".join(PARTS)] * 3
marks = normalizers.Replace(" ", "\u2581")
pieces, merges = vocabulary(texts, marks, pre_tokenizers.Split(Regex(r"[^\n]+|[\n]+"), "isolated"),
                            ["<unk>", "<bos>"] + ["<0x%02X>" % b for b in range(256)], 110)
gemma = Tokenizer(models.BPE(pieces, merges, byte_fallback=True))
gemma.normalizer, gemma.pre_tokenizer = marks, pre_tokenizers.Split(" ", "merged_with_previous")
words, word_merges = vocabulary(texts, normalizers.Sequence([]), pre_tokenizers.WhitespaceSplit(), ["<unk>", "<bos>"], 400)
jina = Tokenizer(models.BPE(words, word_merges))
jina.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "character_tokens.json"), "w", encoding="utf-8") as out:
    json.dump({name: {"pieces": list(vocab), "merges": [" ".join(m) for m in pairs],
                      "tokens": [tokenizer.encode(text).ids for text in strings]}
               for name, vocab, pairs, tokenizer in (("gemma4", pieces, merges, gemma), ("whitespace", words, word_merges, jina))},
              out, separators=(",", ":"))
    out.write("\n")
