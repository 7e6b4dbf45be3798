package dev.lathe.tools.shape;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionReport;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.quantize.Mix;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Makes a model's file smaller: encodes its weights in fewer bits. */
public final class QuantizeCommand {
    private static final String HELP = """
            Quantize: makes a model's file smaller.

              IN                  the GGUF file to make smaller
              OUT                 the GGUF file to write
              --type TYPE         what to encode matrices as, such as Q4_0 or Q8_0
              --mix NAME          a named mix: %s
              --bytes N           the file's bytes at most: types are chosen by what they cost; needs --calibration
              --bits-per-weight X bits a weight at most on average, chosen likewise
              --calibration FILE  text to measure on which weights matter; alone, errors are weighted by importance
              --sequences N       the most pieces of 512 tokens of that text to use; default: 128
              --importance FILE   importances measured before, as by llama-imatrix
              --rare-experts F    the share of each layer's experts that are chosen least often; needs --rare-type
              --rare-type TYPE    what to encode those as; needs --calibration or --importance
              --gptq              lets weights make up for the errors of others (GPTQ); needs --calibration
              --awq               scales channels before rounding (AWQ); needs --calibration
              --clip              clips outermost weights where that helps; needs --calibration
            """.formatted(String.join(", ", names(Mix.values())));

    /** For what the written file says of its making. */
    private static final int SPARE_BYTES = 512;

    private QuantizeCommand() {}

    public static Command command() {
        return new Command(HELP, QuantizeCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (options.has("--model")) {
            throw new Options.UsageException("--model is of no use here; IN is the model");
        }
        Path in = options.model("IN", null);
        Path out = options.target("OUT");
        LoadOptions threads = new LoadOptions(options.has("--threads") ? options.integer("--threads", 1, 1) : 0);
        Recipe recipe = recipe(options);
        program.interruptOnce();
        try (CompressedModel made = Model.compress(
                in, recipe, threads, (step, part, parts) -> program.terminal.progress(step, part, parts, ""))) {
            made.save(out);
            print(program, made.report(), Files.size(out));
        }
    }

    private static Recipe recipe(Options options) throws IOException {
        Transform quantize = calibrated(types(options), options);
        if (!options.has("--calibration")) {
            return Recipe.of(quantize);
        }
        Path text = options.file("--calibration", null);
        return Recipe.of(quantize)
                .calibratedOn(Calibration.text(text).sequences(options.integer("--sequences", 128, 1)));
    }

    private static Quantize types(Options options) throws IOException {
        if (Stream.of("--type", "--mix", "--bytes", "--bits-per-weight")
                        .filter(options::has)
                        .count()
                != 1) {
            throw new Options.UsageException("give one of --type, --mix, --bytes and --bits-per-weight");
        }
        if (options.has("--bytes") || options.has("--bits-per-weight")) {
            requireCalibration(options, options.has("--bytes") ? "--bytes" : "--bits-per-weight");
        }
        if (options.has("--mix")) {
            return Quantize.mix(options.word("--mix", null, names(Mix.values())));
        }
        if (options.has("--bytes")) {
            return Quantize.within(tensorBytes(options.file("IN", null), options.longInteger("--bytes", 0)));
        }
        if (options.has("--bits-per-weight")) {
            return Quantize.withinBitsPerWeight(options.decimal("--bits-per-weight", 0, 1, 32));
        }
        return Quantize.to(TensorType.valueOf(options.word("--type", null, names(TensorType.values()))));
    }

    /** What a file of so many bytes leaves for tensors. */
    private static long tensorBytes(Path in, long fileBytes) throws IOException {
        try (GgufFile file = GgufFile.open(in)) {
            long tensors =
                    file.tensors().stream().mapToLong(TensorInfo::byteCount).sum();
            return fileBytes - (Files.size(in) - tensors) - SPARE_BYTES;
        }
    }

    private static void requireCalibration(Options options, String option) {
        if (!options.has("--calibration")) {
            throw new Options.UsageException(option + " needs a text; add --calibration FILE");
        }
    }

    private static Transform calibrated(Quantize types, Options options) throws IOException {
        Quantize quantize = types;
        boolean calibration = options.has("--calibration");
        for (String option : List.of("--gptq", "--awq", "--clip", "--sequences")) {
            if (options.has(option)) {
                requireCalibration(options, option);
            }
        }
        if (options.has("--importance") && calibration) {
            throw new Options.UsageException("--importance and --calibration exclude each other; give one");
        }
        if (options.has("--rare-experts") != options.has("--rare-type")) {
            throw new Options.UsageException("--rare-experts and --rare-type go together; give both");
        }
        if (options.has("--rare-experts")) {
            if (!options.has("--importance")) {
                requireCalibration(options, "--rare-experts");
            }
            quantize = quantize.rareExperts(
                    Double.parseDouble(Float.toString(options.decimal("--rare-experts", 0, 0, 0.99f))),
                    TensorType.valueOf(options.word("--rare-type", null, names(TensorType.values()))));
        }
        if (options.has("--importance")) {
            return quantize.weightedBy(ImportanceMatrix.read(options.file("--importance", null)));
        }
        Quantize method = calibration ? quantize.weighted() : quantize;
        method = options.has("--awq") ? method.awq() : method;
        method = options.has("--clip") ? method.clipped() : method;
        return options.has("--gptq") ? method.gptq() : method;
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static void print(Program program, CompressionReport report, long fileBytes) {
        if (!program.isJson()) {
            program.out.print(report.toText());
            program.out.printf(Locale.ROOT, "%,d bytes written%n", fileBytes);
            return;
        }
        StepReport step = report.steps().getLast();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("bitsPerWeight", report.bitsPerWeight());
        result.put("bytes", fileBytes);
        result.put("seconds", step.seconds());
        result.put("tensors", step.tensors());
        result.put("notes", step.notes());
        program.printJson(result);
    }
}
