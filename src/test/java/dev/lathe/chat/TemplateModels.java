package dev.lathe.chat;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The reference templates, each with a vocabulary of single bytes and its marks as control tokens.
 *
 * @param marks the control tokens' pieces
 */
public record TemplateModels(String name, ChatTemplate template, Tokenizer tokenizer, TreeSet<String> marks) {
    private static final Pattern MARK = Pattern.compile("<[|\uFF5C][^<>\\s'\"]+[|\uFF5C]>|\\[/?[A-Z_]+]"
            + "|</?(?:s|think|tool_call|tool_response|start_of_turn|end_of_turn)>");

    static List<TemplateModels> all() throws IOException {
        List<TemplateModels> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(ReferenceData.require("templates"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".jinja"))
                    .sorted()
                    .toList()) {
                all.add(of(file.getFileName().toString().replace(".jinja", ""), Files.readString(file)));
            }
        }
        return all;
    }

    public static TemplateModels of(String name, String source) {
        TreeSet<String> marks = new TreeSet<>(List.of("<s>", "</s>"));
        MARK.matcher(source).results().forEach(found -> marks.add(found.group()));
        return new TemplateModels(name, ChatTemplate.of(source), Tokenizer.from(metadata(marks, source)), marks);
    }

    public static Metadata metadata(TreeSet<String> marks, String source) {
        List<String> pieces = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            boolean shown = b > ' ' && b < 127 || b > 160 && b != 173;
            pieces.add(Character.toString(shown ? b : 256 + hidden(b)));
            types.add(1);
        }
        for (String mark : marks) {
            pieces.add(mark);
            types.add(3);
        }
        return Metadata.builder()
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", pieces)
                .ints(
                        "tokenizer.ggml.token_type",
                        types.stream().mapToInt(Integer::intValue).toArray())
                .strings("tokenizer.ggml.merges", List.of())
                .uint32("tokenizer.ggml.bos_token_id", pieces.indexOf("<s>"))
                .uint32("tokenizer.ggml.eos_token_id", pieces.indexOf("</s>"))
                .bool("tokenizer.ggml.add_bos_token", false)
                .string("tokenizer.chat_template", source)
                .build();
    }

    /** The place of a byte among those that the byte-level alphabet moves. */
    private static int hidden(int b) {
        int place = 0;
        for (int other = 0; other < b; other++) {
            place += other > ' ' && other < 127 || other > 160 && other != 173 ? 0 : 1;
        }
        return place;
    }

    @Override
    public String toString() {
        return name;
    }
}
