package dev.lathe.tools.shape;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a folder as Hugging Face serves it as a GGUF file. */
public final class ConvertCommand {
    private static final String HELP = """
            Convert: writes a folder with config.json, tokenizer.json and safetensors as a GGUF file.

              FOLDER              the folder to read
              OUT                 the GGUF file to write
              --type TYPE         F32, F16 or BF16; default: as the folder has
            """;

    private ConvertCommand() {}

    public static Command command() {
        return new Command(HELP, ConvertCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        Path folder = options.model("FOLDER", null);
        Path out = options.target("OUT");
        if (options.has("--type")) {
            TensorType type = TensorType.valueOf(options.word("--type", null, List.of("F32", "F16", "BF16")));
            Recipe recipe = Recipe.of(Quantize.to(type));
            try (CompressedModel made = Model.compress(folder, recipe, LoadOptions.DEFAULT, CompressionProgress.NONE)) {
                made.save(out);
            }
        } else {
            try (OpenTensorSource source = Model.open(folder)) {
                GgufWriter.to(out).copyOf(source).write();
            }
        }
        try (OpenTensorSource written = Model.open(out)) {
            print(program, written.tensors().size(), Files.size(out));
        }
    }

    private static void print(Program program, int tensors, long bytes) {
        if (program.isJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("bytes", bytes);
            result.put("tensors", tensors);
            program.printJson(result);
        } else {
            program.out.printf(Locale.ROOT, "%,d tensors, %,d bytes written%n", tensors, bytes);
        }
    }
}
