package dev.lathe.tools.lab;

import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.measure.Divergence;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Progress;
import dev.lathe.measure.Windows;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.text.Tokenizer;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Measures how well a model predicts a text, and how far it is from the model it was made of. */
public final class PerplexityCommand {
    private static final String HELP =
            """
            Perplexity: how well a model predicts a text, as llama.cpp's tool counts it.

              --text FILE         the text to measure on
              --context N         tokens in a window, of which the second half is scored; default: 512
              --stride N          overlapping windows so far apart, each scored on its last N tokens
              --windows N         the most windows to take; default: all
              --cache TYPE        how keys and values are stored: %s; default: F32
              --lmul LIST         approximate products of so many mantissa bits, 1 to 16 or 0 for exact ones: in linear
                                  layers, in attention; such as 0,3
              --base FILE         the model it was made of, to measure the divergence from
            %s""".formatted(String.join(", ", Options.namesOf(CacheType.class)), RunRecord.HELP);

    private PerplexityCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, PerplexityCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (!options.has("--text")) {
            throw new Options.UsageException("--text is missing; give a file of text to measure on");
        }
        String text = Files.readString(options.file("--text", null));
        CacheType cacheType = options.choice("--cache", CacheType.F32);
        Windows windows = windows(options);
        Progress progress = (done, total, value) ->
                program.terminal.progress("window", done, total, "perplexity %.4f".formatted(value));
        Map<String, Object> result = new LinkedHashMap<>();
        try (Model model = Model.load(program.modelFile(), program.loadOptions().arithmetic(arithmetic(options)))) {
            Tokenizer tokenizer = model.tokenizer();
            int[] tokens = tokenizer.encode(text);
            OptionalInt bos = tokenizer.bos();
            Windows ready = tokenizer.addsBos() && bos.isPresent() ? windows.beginningWith(bos.getAsInt()) : windows;
            if (options.has("--base")) {
                try (Model base = Model.load(options.file("--base", null))) {
                    Divergence measured = Divergence.between(
                            base.languageModel(), model.languageModel(), tokens, ready, cacheType, progress);
                    put(result, measured.model());
                    result.put("klMean", measured.mean());
                    result.put("kl99", measured.quantile99());
                    result.put("topAgreement", measured.topAgreement());
                }
            } else {
                put(result, Perplexity.of(model.languageModel(), tokens, ready, cacheType, progress));
            }
            model.expertUse().ifPresent(use -> result.put("expertsPerToken", use.expertsPerToken()));
        }
        RunRecord.keep(program, List.of("--text", "--base"), result, Map.of());
        result.put("kernels", Kernels.inUse().name());
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-14s%s%n", name, value));
        }
    }

    private static Arithmetic arithmetic(Options options) {
        int[] bits = options.integers("--lmul", "0,0", 0);
        if (bits.length != 2 || bits[0] > 16 || bits[1] > 16) {
            throw new Options.UsageException(
                    "--lmul takes two numbers of 0 to 16: the bits in linear layers and in attention, such as 0,3");
        }
        return Arithmetic.EXACT.lMulInLinearLayers(bits[0]).lMulInAttention(bits[1]);
    }

    private static Windows windows(Options options) {
        Windows windows = Windows.of(options.integer("--context", 512, 3));
        if (options.has("--stride")) {
            windows = windows.stride(options.integer("--stride", 1, 1));
        }
        return options.has("--windows") ? windows.limit(options.integer("--windows", 1, 1)) : windows;
    }

    private static void put(Map<String, Object> result, Perplexity measured) {
        result.put("perplexity", measured.value());
        result.put("error", measured.error());
        result.put("tokens", measured.tokenCount());
    }
}
