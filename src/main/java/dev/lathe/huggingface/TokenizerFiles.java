package dev.lathe.huggingface;

import dev.lathe.file.InputFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.MetadataType;
import dev.lathe.gguf.PrimitiveArray;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** {@code tokenizer.json}, {@code tokenizer_config.json} and the chat template: a tokenizer, and the keys of a GGUF file. */
final class TokenizerFiles {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int MAX_TEMPLATE_BYTES = 16 << 20;

    /** Names of roles in folders and in GGUF files. */
    private static final String[][] ROLES = {
        {"bos", "bos"},
        {"eos", "eos"},
        {"unk", "unknown"},
        {"sep", "seperator"}, // the format's spelling
        {"pad", "padding"},
        {"cls", "cls"},
        {"mask", "mask"}
    };

    private final Path folder;
    private final Config config;
    private final Path file;
    private final JsonObject tokenizer;
    private final JsonObject options;
    private final VocabularyTable vocabulary;

    /**
     * Reads the files.
     *
     * @throws ModelFolderException if one is wrong
     * @throws IOException if one is absent or cannot be read
     */
    TokenizerFiles(Path folder, Config config) throws IOException {
        this.folder = folder;
        this.config = config;
        file = folder.resolve("tokenizer.json");
        Path optionsFile = folder.resolve("tokenizer_config.json");
        options = Files.exists(optionsFile) ? ModelFolder.object(optionsFile) : new JsonObject(Map.of());
        tokenizer = ModelFolder.object(file);
        try {
            vocabulary = VocabularyTable.of(tokenizer, config.integer("vocab_size"));
        } catch (JsonException e) {
            throw new ModelFolderException(file, e);
        }
    }

    void describe(Metadata.Builder metadata) throws IOException {
        try {
            switch (tokenizer.object("model").text("type")) {
                case "Unigram" -> unigram(tokenizer, vocabulary, metadata);
                case "WordPiece" -> wordPieces(tokenizer, metadata);
                default -> bytePairs(tokenizer, vocabulary, metadata);
            }
            metadata.strings(PREFIX + "tokens", vocabulary.pieces());
            metadata.ints(PREFIX + "token_type", vocabulary.types());
            for (String[] role : ROLES) {
                role(role[0]).ifPresent(token -> metadata.uint32(PREFIX + role[1] + "_token_id", token));
            }
            TextFrame frame = TextFrame.of(tokenizer, vocabulary);
            frame.before().ifPresent(token -> metadata.uint32(PREFIX + "bos_token_id", token));
            frame.after().ifPresent(token -> metadata.uint32(PREFIX + "eos_token_id", token));
            metadata.bool(PREFIX + "add_bos_token", frame.before().isPresent());
            metadata.bool(PREFIX + "add_eos_token", frame.after().isPresent());
            if (frame.endsFirstTwice()) {
                metadata.bool(PREFIX + "add_sep_token", true);
            }
        } catch (JsonException e) {
            throw new ModelFolderException(file, e);
        }
        chatTemplate(options).ifPresent(template -> metadata.string("tokenizer.chat_template", template));
    }

    /** Makes a tokenizer of both files. */
    <T> T make(BiFunction<JsonObject, JsonObject, T> maker) {
        Map<String, JsonValue> named = new LinkedHashMap<>(options.members());
        for (String end : List.of("bos", "eos")) {
            role(end)
                    .ifPresent(token -> named.put(
                            end + "_token", new JsonString(vocabulary.pieces().get(token))));
        }
        try {
            return maker.apply(tokenizer, new JsonObject(named));
        } catch (JsonException | IllegalArgumentException e) {
            throw new ModelFolderException(file, e);
        }
    }

    private static void bytePairs(JsonObject tokenizer, VocabularyTable vocabulary, Metadata.Builder metadata) {
        if (tokenizer.object("model").findBoolean("byte_fallback").orElse(false)) {
            metadata.string(PREFIX + "model", "llama");
            metadata.bool(PREFIX + "add_space_prefix", new SpaceMarks(tokenizer).arePrefixed());
            metadata.floats(PREFIX + "scores", vocabulary.scores());
        } else {
            metadata.string(PREFIX + "model", "gpt2");
            metadata.string(PREFIX + "pre", WordPattern.of(tokenizer));
        }
        metadata.strings(PREFIX + "merges", vocabulary.merges());
    }

    private static void unigram(JsonObject tokenizer, VocabularyTable vocabulary, Metadata.Builder metadata) {
        UnigramText text = UnigramText.of(tokenizer);
        metadata.string(PREFIX + "model", "t5");
        metadata.string(PREFIX + "pre", "default");
        metadata.floats(PREFIX + "scores", vocabulary.scores());
        metadata.bool(PREFIX + "add_space_prefix", true);
        metadata.bool(PREFIX + "remove_extra_whitespaces", text.mergesSpaces());
        metadata.put(
                PREFIX + "precompiled_charsmap", PrimitiveArray.integers(MetadataType.UINT8, text.characterMapBytes()));
    }

    private static void wordPieces(JsonObject tokenizer, Metadata.Builder metadata) {
        JsonObject normalizer = tokenizer.object("normalizer");
        JsonObject preTokenizer = tokenizer.object("pre_tokenizer");
        if (!normalizer.text("type").equals("BertNormalizer")
                || !normalizer.findBoolean("clean_text").orElse(true)
                || !normalizer.findBoolean("handle_chinese_chars").orElse(true)
                || !preTokenizer.text("type").equals("BertPreTokenizer")) {
            throw new JsonException("'normalizer' and 'pre_tokenizer' of WordPiece are not those of BERT: "
                    + normalizer.toJson() + ", " + preTokenizer.toJson());
        }
        boolean lowercases = normalizer.findBoolean("lowercase").orElse(true);
        metadata.string(PREFIX + "model", "bert");
        metadata.string(PREFIX + "pre", "default");
        metadata.bool(PREFIX + "normalizer.lowercase", lowercases);
        metadata.bool(
                PREFIX + "normalizer.strip_accents",
                normalizer.findBoolean("strip_accents").orElse(lowercases));
    }

    /** The token of a role, by the tokenizer's configuration or the model's. */
    private Optional<Integer> role(String name) {
        Optional<Integer> token = text(options.find(name + "_token"))
                .map(vocabulary::token)
                .or(() -> GenerationConfig.tokens(config.json().find(name + "_token_id")).stream()
                        .findFirst());
        token.filter(found -> found < 0 || found >= vocabulary.pieces().size()).ifPresent(found -> {
            throw new JsonException("the " + name + " token is " + found + ", the vocabulary has "
                    + vocabulary.pieces().size());
        });
        return token;
    }

    /** A text, or the content of an object. */
    private static Optional<String> text(Optional<JsonValue> value) {
        return value.map(found -> switch (found) {
            case JsonString text -> text.text();
            case JsonObject object -> object.text("content");
            default -> throw new JsonException("a special token is " + found.kind() + ", a text is expected");
        });
    }

    private Optional<String> chatTemplate(JsonObject options) throws IOException {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            return Optional.of(new String(InputFile.readAll(file, MAX_TEMPLATE_BYTES), StandardCharsets.UTF_8));
        }
        Optional<JsonValue> template = options.find("chat_template");
        if (template.orElse(null) instanceof JsonArray named) {
            return named.elements().stream()
                    .filter(each -> each instanceof JsonObject object
                            && object.findText("name").orElse("").equals("default"))
                    .findFirst()
                    .map(each -> ((JsonObject) each).text("template"));
        }
        return text(template);
    }
}
