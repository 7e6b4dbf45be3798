package dev.lathe.huggingface;

import dev.lathe.file.InputFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code tokenizer.json}, {@code tokenizer_config.json} and the chat template as the keys of a GGUF file. */
final class TokenizerFiles {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int MAX_TEMPLATE_BYTES = 16 << 20;

    private final Path folder;
    private final Config config;

    TokenizerFiles(Path folder, Config config) {
        this.folder = folder;
        this.config = config;
    }

    void describe(Metadata.Builder metadata) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Path optionsFile = folder.resolve("tokenizer_config.json");
        JsonObject options = Files.exists(optionsFile) ? ModelFolder.object(optionsFile) : new JsonObject(Map.of());
        try {
            JsonObject tokenizer = ModelFolder.object(file);
            JsonObject model = tokenizer.object("model");
            if (!model.text("type").equals("BPE")) {
                throw new JsonException(
                        "the tokenizer's model is " + model.text("type") + "; only BPE is read from folders");
            }
            VocabularyTable vocabulary = VocabularyTable.of(tokenizer, config.integer("vocab_size"));
            boolean spellsBytes = model.findBoolean("byte_fallback").orElse(false);
            if (spellsBytes) {
                metadata.string(PREFIX + "model", "llama");
                metadata.bool(PREFIX + "add_space_prefix", new SpaceMarks(tokenizer).arePrefixed());
                metadata.floats(PREFIX + "scores", vocabulary.scores());
            } else {
                metadata.string(PREFIX + "model", "gpt2");
                metadata.string(PREFIX + "pre", WordPattern.of(tokenizer));
            }
            metadata.strings(PREFIX + "tokens", vocabulary.pieces());
            metadata.ints(PREFIX + "token_type", vocabulary.types());
            metadata.strings(PREFIX + "merges", vocabulary.merges());
            specialTokens(options, vocabulary, metadata);
            List<String> frame = frame(tokenizer.findObject("post_processor"));
            metadata.bool(PREFIX + "add_bos_token", frame.getFirst().equals("SpecialToken"));
            metadata.bool(PREFIX + "add_eos_token", frame.getLast().equals("SpecialToken"));
        } catch (JsonException e) {
            throw new ModelFolderException(file, e);
        }
        chatTemplate(options).ifPresent(template -> metadata.string("tokenizer.chat_template", template));
    }

    private void specialTokens(JsonObject options, VocabularyTable vocabulary, Metadata.Builder metadata) {
        String[][] roles = {{"bos", "bos"}, {"eos", "eos"}, {"unk", "unknown"}, {"pad", "padding"}};
        for (String[] role : roles) {
            Optional<Integer> token = text(options.find(role[0] + "_token"))
                    .map(vocabulary::token)
                    .or(() -> GenerationDefaults.tokens(config.json().find(role[0] + "_token_id")).stream()
                            .findFirst());
            token.ifPresent(found -> {
                if (found < 0 || found >= vocabulary.pieces().size()) {
                    throw new JsonException("the " + role[0] + " token is " + found + ", the vocabulary has "
                            + vocabulary.pieces().size());
                }
                metadata.uint32(PREFIX + role[1] + "_token_id", found);
            });
        }
    }

    /** A text, or the content of an object. */
    private static Optional<String> text(Optional<JsonValue> value) {
        return value.map(found -> switch (found) {
            case JsonString text -> text.text();
            case JsonObject object -> object.text("content");
            default -> throw new JsonException("a special token is " + found.kind() + ", a text is expected");
        });
    }

    /**
     * The kinds of what a single text is framed by, from first to last; of a text on its own where nothing says more.
     */
    private static List<String> frame(Optional<JsonObject> processor) {
        if (processor.isEmpty()) {
            return List.of("Sequence");
        }
        JsonObject found = processor.get();
        switch (found.text("type")) {
            case "TemplateProcessing" -> {
                List<String> kinds = found.array("single").elements().stream()
                        .map(part -> part instanceof JsonObject object
                                        && object.members().size() == 1
                                ? object.members().keySet().iterator().next()
                                : "")
                        .toList();
                if (kinds.stream().filter("Sequence"::equals).count() != 1
                        || !kinds.stream().allMatch(kind -> kind.equals("Sequence") || kind.equals("SpecialToken"))
                        || kinds.size() > 3) {
                    throw new JsonException("'post_processor' frames a text by " + kinds
                            + "; at most one special token on each side is supported");
                }
                return kinds;
            }
            case "ByteLevel" -> {
                return List.of("Sequence");
            }
            case "Sequence" -> {
                List<String> frame = List.of("Sequence");
                for (JsonValue element : found.array("processors").elements()) {
                    List<String> next =
                            frame(element instanceof JsonObject object ? Optional.of(object) : Optional.empty());
                    frame = next.size() > 1 ? next : frame;
                }
                return frame;
            }
            default -> throw new JsonException("'post_processor' is of the unknown type " + found.text("type"));
        }
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
