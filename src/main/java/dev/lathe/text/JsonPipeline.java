package dev.lathe.text;

import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.split.DigitGroupSplitter;
import dev.lathe.text.split.RegexSplitter;
import dev.lathe.text.split.ScannedText;
import dev.lathe.text.split.Splitter;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code tokenizer.json} does to a text before its words are merged: its {@code normalizer} and {@code
 * pre_tokenizer}. Both are lists of steps; a new one is a case here.
 */
final class JsonPipeline {
    private static final String GPT_2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String DIGIT_GROUPS = "(?=(\\d{3})+(?!\\d))";
    private static final String DIGIT_GROUPS_OF_WORDS = "\\d{1,3}(?=(?:\\d{3})*\\b)";
    private static final char SPACE_MARK = SubwordModel.SPACE_MARK;

    private TextNormalizer normalizer = (text, begins) -> text;
    private final List<Splitter> steps = new ArrayList<>();
    private boolean byteLevel;
    private boolean prefixesSpace;
    private boolean splitsAtSpaces;

    private JsonPipeline() {}

    static JsonPipeline of(TokenizerJson tokenizer) {
        JsonPipeline pipeline = new JsonPipeline();
        tokenizer.normalizers().forEach(pipeline::addNormalizer);
        tokenizer.preTokenizers().forEach(pipeline::addPreTokenizer);
        pipeline.byteLevel |= tokenizer.decodesBytes();
        return pipeline;
    }

    static IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException("tokenizer.json: " + what + " is not supported");
    }

    TextNormalizer normalizer() {
        return normalizer;
    }

    Splitter[] steps() {
        return steps.toArray(Splitter[]::new);
    }

    boolean byteLevel() {
        return byteLevel;
    }

    /** Whether a space is put before a text. */
    boolean prefixesSpace() {
        return prefixesSpace;
    }

    private void add(TextNormalizer next) {
        normalizer = normalizer.then(next);
    }

    private void addNormalizer(JsonObject json) {
        switch (json.text("type")) {
            case "NFC" -> addForm(Normalizer.Form.NFC);
            case "NFD" -> addForm(Normalizer.Form.NFD);
            case "NFKC" -> addForm(Normalizer.Form.NFKC);
            case "NFKD" -> addForm(Normalizer.Form.NFKD);
            case "Lowercase" -> add((text, begins) -> text.toLowerCase(Locale.ROOT));
            case "StripAccents" -> {
                Pattern accents = Pattern.compile("\\p{M}");
                add((text, begins) -> accents.matcher(text).replaceAll(""));
            }
            case "Strip" -> {
                boolean left = json.findBoolean("strip_left").orElse(true);
                boolean right = json.findBoolean("strip_right").orElse(true);
                add((text, begins) -> strip(text, left, right));
            }
            case "Prepend" -> {
                String prefix = json.text("prepend");
                prefixesSpace |= prefix.equals(Character.toString(SPACE_MARK));
                add((text, begins) -> begins && !text.isEmpty() ? prefix + text : text);
            }
            case "Replace" -> {
                Pattern pattern = pattern(json);
                String content = Matcher.quoteReplacement(json.text("content"));
                add((text, begins) -> pattern.matcher(text).replaceAll(content));
            }
            case "Precompiled" -> {
                CharacterMap map = new CharacterMap(
                        base64(json.findText("precompiled_charsmap").orElse("")));
                add((text, begins) -> map.apply(text));
            }
            default -> throw unsupported("the normalizer \"" + json.text("type") + "\"");
        }
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException broken) {
            throw new IllegalArgumentException("tokenizer.json: precompiled_charsmap is no Base64", broken);
        }
    }

    private void addForm(Normalizer.Form form) {
        add((text, begins) -> Normalizer.normalize(text, form));
    }

    private static String strip(String text, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (right && end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isSpace(char character) {
        return ScannedText.kindOf(character) == ScannedText.SPACE;
    }

    private static Pattern pattern(JsonObject json) {
        JsonObject pattern = json.object("pattern");
        return pattern.find("String").isPresent()
                ? Pattern.compile(Pattern.quote(pattern.text("String")))
                : RegexSplitter.compile(pattern.text("Regex"));
    }

    private void addPreTokenizer(JsonObject json) {
        switch (json.text("type")) {
            case "ByteLevel" -> addByteLevel(json);
            case "Split" -> addSplit(json);
            case "Digits" -> {
                boolean each = json.findBoolean("individual_digits").orElse(false);
                steps.add(new RegexSplitter(each ? "\\p{N}" : "\\p{N}+"));
            }
            case "Punctuation" -> {
                String behavior = json.findText("behavior").orElse("Isolated");
                steps.add(new RegexSplitter(Pattern.compile("[\\p{P}$+<=>^`|~]"), behavior(behavior, false)));
            }
            case "WhitespaceSplit" -> {
                splitsAtSpaces = true;
                Pattern spaces = Pattern.compile("\\p{IsWhite_Space}+");
                add((text, begins) -> strip(spaces.matcher(text).replaceAll(" "), true, true));
            }
            case "Metaspace" -> addMetaspace(json);
            default -> throw unsupported("the pre-tokenizer \"" + json.text("type") + "\"");
        }
    }

    private void addByteLevel(JsonObject json) {
        byteLevel = true;
        if (json.findBoolean("add_prefix_space").orElse(true)) {
            add((text, begins) -> text.startsWith(" ") ? text : " " + text);
        }
        if (json.findBoolean("use_regex").orElse(true)) {
            steps.add(new RegexSplitter(GPT_2));
        }
    }

    private void addSplit(JsonObject json) {
        boolean inverted = json.findBoolean("invert").orElse(false);
        JsonObject pattern = json.object("pattern");
        String regex = pattern.findText("Regex").orElse("");
        if (regex.equals(DIGIT_GROUPS) || regex.equals(DIGIT_GROUPS_OF_WORDS)) {
            steps.add(new DigitGroupSplitter(
                    regex.equals(DIGIT_GROUPS_OF_WORDS)
                            ? DigitGroupSplitter.Kind.GROUPS_OF_WORDS
                            : DigitGroupSplitter.Kind.BEFORE_GROUPS));
            return;
        }
        steps.add(new RegexSplitter(
                pattern(json), behavior(json.findText("behavior").orElse("Isolated"), inverted)));
    }

    /** What is between matches being the match does not matter where both are pieces. */
    private static RegexSplitter.Behavior behavior(String name, boolean inverted) {
        return switch (inverted && !name.equals("Isolated") && !name.equals("Removed") ? "inverted" : name) {
            case "Isolated" -> RegexSplitter.Behavior.ISOLATED;
            case "MergedWithPrevious" -> RegexSplitter.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> RegexSplitter.Behavior.MERGED_WITH_NEXT;
            case "Removed" -> {
                if (!inverted) {
                    throw unsupported("a pre-tokenizer that removes what it finds");
                }
                yield RegexSplitter.Behavior.ISOLATED;
            }
            default -> throw unsupported("a split with behavior \"" + name + "\"");
        };
    }

    private void addMetaspace(JsonObject json) {
        if (!json.findText("replacement").orElse("\u2581").equals(Character.toString(SPACE_MARK))) {
            throw unsupported("a Metaspace with another replacement than U+2581");
        }
        String scheme = json.findText("prepend_scheme")
                .orElse(json.findBoolean("add_prefix_space").orElse(true) ? "always" : "never");
        prefixesSpace |= !scheme.equals("never");
        boolean prefixes = !scheme.equals("never");
        boolean alone = splitsAtSpaces;
        if (json.findBoolean("split").orElse(true)) {
            Pattern mark = Pattern.compile(Pattern.quote(Character.toString(SPACE_MARK)));
            steps.add(new RegexSplitter(mark, RegexSplitter.Behavior.MERGED_WITH_NEXT));
        }
        add((text, begins) -> {
            String marked = text.replace(' ', SPACE_MARK);
            boolean prefixed = prefixes && begins && !marked.isEmpty() && (alone || marked.charAt(0) != SPACE_MARK);
            return prefixed ? SPACE_MARK + marked : marked;
        });
    }
}
