package dev.lathe.huggingface;

import dev.lathe.file.InputFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.MetadataType;
import dev.lathe.gguf.PrimitiveArray;
import dev.lathe.huggingface.tokenizer.TextFrame;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.huggingface.tokenizer.WordPieceRules;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

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

    /** Rows of the embedding may be more than tokens, to be a round number; a forged size is far more. */
    private static final int MAX_PADDING = 65_536;

    private static final int UNUSED = 5;
    private static final float SCORE_OF_UNUSED = -10_000;

    private final Path folder;
    private final Path file;
    private final JsonObject options;
    private final TokenizerJson tokenizer;

    /** Tokens that the model has. */
    private final int size;

    /**
     * Reads the files.
     *
     * @throws ModelFolderException if one is wrong
     * @throws IOException if one is absent or cannot be read
     */
    TokenizerFiles(Path folder, Config config) throws IOException {
        this.folder = folder;
        file = folder.resolve("tokenizer.json");
        size = config.integer("vocab_size");
        Path optionsFile = folder.resolve("tokenizer_config.json");
        options = Files.exists(optionsFile) ? ModelFolder.object(optionsFile) : new JsonObject(Map.of());
        JsonObject json = ModelFolder.object(file);
        try {
            tokenizer = TokenizerJson.read(json, options, roles(config));
            int pieces = tokenizer.pieces().size();
            if (pieces > size || size - (long) MAX_PADDING > 2L * pieces) {
                throw new JsonException(
                        "the vocabulary has " + pieces + " pieces, but config.json says that 'vocab_size' is " + size);
            }
        } catch (JsonException e) {
            throw new ModelFolderException(file, e);
        }
    }

    /** The tokens that the model's configuration has for roles. */
    private Map<String, Integer> roles(Config config) {
        Map<String, Integer> roles = new LinkedHashMap<>();
        for (String role : TokenizerJson.ROLES) {
            GenerationConfig.tokens(config.json().find(role + "_token_id")).stream()
                    .findFirst()
                    .ifPresent(token -> roles.put(role, token));
        }
        roles.forEach((role, token) -> {
            if (token < 0 || token >= size) {
                throw new JsonException("the " + role + " token is " + token + ", the vocabulary has " + size);
            }
        });
        return roles;
    }

    void describe(Metadata.Builder metadata) throws IOException {
        try {
            switch (tokenizer.kind()) {
                case UNIGRAM -> unigram(metadata);
                case WORD_PIECE -> wordPieces(metadata);
                case BPE -> bytePairs(metadata);
            }
            metadata.strings(PREFIX + "tokens", pieces());
            metadata.ints(PREFIX + "token_type", types());
            for (String[] role : ROLES) {
                tokenizer.role(role[0]).ifPresent(token -> metadata.uint32(PREFIX + role[1] + "_token_id", token));
            }
            describeFrame(metadata);
        } catch (JsonException e) {
            throw new ModelFolderException(file, e);
        }
        chatTemplate(options).ifPresent(template -> metadata.string("tokenizer.chat_template", template));
    }

    private void describeFrame(Metadata.Builder metadata) {
        TextFrame frame = tokenizer.frame();
        if (frame.before().size() > 1 || frame.after().size() > 1) {
            throw new JsonException("'post_processor' puts " + frame.before().size() + " tokens before a text and "
                    + frame.after().size() + " after it; at most one on each side is supported");
        }
        frame.before().forEach(token -> metadata.uint32(PREFIX + "bos_token_id", token));
        frame.after().forEach(token -> metadata.uint32(PREFIX + "eos_token_id", token));
        metadata.bool(PREFIX + "add_bos_token", !frame.before().isEmpty());
        metadata.bool(PREFIX + "add_eos_token", !frame.after().isEmpty());
        if (frame.endsFirstTwice()) {
            metadata.bool(PREFIX + "add_sep_token", true);
        }
    }

    /** Makes a tokenizer of the file, and tells its name where that fails. */
    <T> T make(Function<TokenizerJson, T> maker) {
        try {
            return maker.apply(tokenizer);
        } catch (JsonException | IllegalArgumentException e) {
            throw new ModelFolderException(file, e);
        }
    }

    /** A piece for each token that the model has. */
    private List<String> pieces() {
        List<String> pieces = new ArrayList<>(tokenizer.pieces());
        for (int token = 0; token < size; token++) {
            if (token == pieces.size()) {
                pieces.add("");
            }
            if (pieces.get(token).isEmpty()) {
                pieces.set(token, "[PAD" + token + "]");
            }
        }
        return pieces;
    }

    private int[] types() {
        byte[] given = tokenizer.types();
        int[] types = new int[size];
        for (int token = 0; token < size; token++) {
            types[token] = token < given.length ? given[token] : UNUSED;
        }
        return types;
    }

    private void bytePairs(Metadata.Builder metadata) {
        if (tokenizer.spellsBytes()) {
            metadata.string(PREFIX + "model", "llama");
            metadata.bool(PREFIX + "add_space_prefix", new SpaceMarks(tokenizer).arePrefixed());
            metadata.floats(PREFIX + "scores", ranks());
        } else {
            metadata.string(PREFIX + "model", "gpt2");
            Optional<String> name = WordPattern.of(tokenizer);
            metadata.string(PREFIX + "pre", name.orElse(TokenizerJson.PRE_TOKENIZER));
            if (name.isEmpty()) {
                // other readers refuse that name, and so cut no text wrongly
                metadata.string(TokenizerJson.METADATA_KEY, tokenizer.toJson());
            }
        }
        metadata.strings(PREFIX + "merges", tokenizer.merges());
    }

    /** Scores that rank pieces as their merges do, for readers that know no merges. */
    private float[] ranks() {
        List<String> merges = tokenizer.merges();
        float[] ranks = new float[size];
        Arrays.fill(ranks, -merges.size());
        for (int rank = merges.size() - 1; rank >= 0; rank--) {
            ranks[tokenizer.token(merges.get(rank).replaceFirst(" ", ""))] = -rank;
        }
        return ranks;
    }

    private void unigram(Metadata.Builder metadata) {
        if (tokenizer.spellsBytes()) {
            throw new JsonException("'byte_fallback' of a Unigram model is not supported");
        }
        UnigramText text = UnigramText.of(tokenizer);
        metadata.string(PREFIX + "model", "t5");
        metadata.string(PREFIX + "pre", "default");
        metadata.floats(PREFIX + "scores", scores());
        metadata.bool(PREFIX + "add_space_prefix", true);
        metadata.bool(PREFIX + "remove_extra_whitespaces", text.mergesSpaces());
        metadata.put(
                PREFIX + "precompiled_charsmap", PrimitiveArray.integers(MetadataType.UINT8, text.characterMapBytes()));
    }

    private float[] scores() {
        float[] given = tokenizer.scores();
        float[] scores = Arrays.copyOf(given, size);
        Arrays.fill(scores, given.length, size, SCORE_OF_UNUSED);
        return scores;
    }

    private void wordPieces(Metadata.Builder metadata) {
        WordPieceRules rules = tokenizer.wordPieces().orElseThrow();
        metadata.string(PREFIX + "model", "bert");
        metadata.string(PREFIX + "pre", "default");
        metadata.bool(PREFIX + "normalizer.lowercase", rules.lowercases());
        metadata.bool(PREFIX + "normalizer.strip_accents", rules.stripsAccents());
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
        return options.findText("chat_template");
    }
}
