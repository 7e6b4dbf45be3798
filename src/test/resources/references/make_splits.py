"""Writes splits.json: how 300 mixed strings are cut by the regular expressions of published tokenizers, by the `tokenizers`
package. Usage: python3 make_splits.py. Made with tokenizers 0.23.3.

The names are those of tokenizer.ggml.pre; each list of expressions is what the tokenizer.json of such models has, one step each.
Pieces are told by their lengths in UTF-16 units.
"""
import json, os, random
from tokenizers import Regex, pre_tokenizers

S = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
UPPER, LOWER, BEFORE = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}%s]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}%s]", r"[^\r\n\p{L}\p{N}]?"
def cl100k(digits, contraction=S + "|"):
    return contraction + BEFORE + r"\p{L}+|" + digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
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
