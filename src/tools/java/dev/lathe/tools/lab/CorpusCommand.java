package dev.lathe.tools.lab;

import dev.lathe.EmbeddingOptions;
import dev.lathe.Embeddings;
import dev.lathe.Model;
import dev.lathe.lab.scale.Prototypes;
import dev.lathe.lab.scale.SampleSize;
import dev.lathe.lab.scale.TextPipeline;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** Makes a text to calibrate with from larger ones. */
public final class CorpusCommand {
    private static final String HELP = """
            Corpus: filters texts, drops near duplicates, mixes, samples, and tells what each step left; writes what is left as
            one file, to calibrate or to measure with.

              OUT                 the file to write
              --texts FILES       files that are cut into texts
              --split REGEX       what stands between texts; default: lines that are empty
              --lengths A:B       keeps texts of A to B characters; default: 200:20000
              --repetitive X      drops texts of which one line makes more than this share; default: 0.3
              --duplicates X      drops texts that share this much of their runs of five words with an earlier one;
                                  default: 0.7
              --mix FILES         other files, cut and filtered alike, that make a part of the whole
              --mix-share X       which part; default: 0.3
              --prototypes N      keeps N texts: the most typical of N groups of similar ones, by --embedding
              --embedding FILE    a model that makes vectors of texts
              --sample N          keeps at most N texts, drawn
              --seed N            of all draws; default: 1
              --error X           tells of how many texts the mean loss by --model is within X of that of all
            """;

    private static final int PILOT = 12;

    private final Program program;
    private final Options options;
    private final Pattern split;

    private CorpusCommand(Program program) {
        this.program = program;
        this.options = program.options;
        try {
            split = Pattern.compile(options.text("--split", "\\R\\s*\\R"));
        } catch (PatternSyntaxException broken) {
            throw new Options.UsageException("--split is no regular expression: " + broken.getDescription());
        }
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> new CorpusCommand(program).run());
    }

    private void run() throws IOException {
        Path target = options.target("OUT");
        long seed = options.longInteger("--seed", 1);
        if (!options.has("--texts")) {
            throw new Options.UsageException("--texts is missing; give files to make a corpus of");
        }
        TextPipeline pipeline = filtered(options.files("--texts"));
        if (options.has("--mix")) {
            pipeline = pipeline.mix(
                    filtered(options.files("--mix")), options.decimal("--mix-share", 0.3f, 0.001f, 0.999f), seed);
        }
        if (options.has("--prototypes")) {
            pipeline = typical(pipeline, options.integer("--prototypes", 1, 1), seed);
        }
        if (options.has("--sample")) {
            pipeline = pipeline.sample(options.integer("--sample", 1, 1), seed);
        }
        if (pipeline.texts().isEmpty()) {
            throw new Program.FailureException(
                    "no text is left; filter less:\n" + pipeline.report().text());
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("texts", pipeline.texts().size());
        result.put(
                "characters",
                pipeline.texts().stream().mapToLong(String::length).sum());
        if (options.has("--error")) {
            result.put("textsNeeded", needed(pipeline.texts(), options.decimal("--error", 0, 1e-6f, 100)));
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.writeString(part, String.join("\n\n", pipeline.texts()) + "\n");
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        if (program.isJson()) {
            result.put("steps", pipeline.report().rows());
            program.printJson(result);
        } else {
            program.out.print(pipeline.report().text());
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-14s%s%n", name, value));
        }
    }

    private TextPipeline filtered(List<Path> files) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            Stream.of(split.split(Files.readString(file)))
                    .filter(text -> !text.isBlank())
                    .forEach(texts::add);
        }
        String lengths = options.text("--lengths", "200:20000");
        if (!lengths.matches("\\d{1,9}:\\d{1,9}")) {
            throw new Options.UsageException("--lengths is \"" + lengths + "\"; give two numbers, such as 200:20000");
        }
        String[] bounds = lengths.split(":");
        return TextPipeline.of(texts)
                .keepLengths(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]))
                .dropRepetitive(options.decimal("--repetitive", 0.3f, 0, 1))
                .dropDuplicates(options.decimal("--duplicates", 0.7f, 0, 1));
    }

    private TextPipeline typical(TextPipeline pipeline, int count, long seed) throws IOException {
        if (!options.has("--embedding")) {
            throw new Options.UsageException(
                    "--prototypes groups texts by their vectors; add --embedding FILE, a model that makes them");
        }
        List<String> texts = pipeline.texts();
        try (Model model = Model.load(options.file("--embedding", null), program.loadOptions())) {
            Embeddings embeddings = model.embed(texts, EmbeddingOptions.DEFAULT.truncated(true));
            double[][] vectors = new double[texts.size()][];
            for (int i = 0; i < vectors.length; i++) {
                float[] vector = embeddings.vectors().get(i);
                vectors[i] = new double[vector.length];
                for (int j = 0; j < vector.length; j++) {
                    vectors[i][j] = vector[j];
                }
            }
            return pipeline.choose(
                    "typical of " + count + " groups",
                    Prototypes.of(vectors, Math.min(count, vectors.length), seed)
                            .examples());
        }
    }

    /** From the losses of a few texts. */
    private long needed(List<String> texts, double error) throws IOException {
        try (Model model = program.loadModel()) {
            double[] losses = texts.stream()
                    .map(text -> model.tokenizer().encode(text))
                    .filter(tokens -> tokens.length >= 2 * 16)
                    .limit(PILOT)
                    .mapToDouble(tokens -> StrictMath.log(Perplexity.of(
                                    model.languageModel(),
                                    tokens,
                                    Windows.of(Math.min(tokens.length, model.contextLength()))
                                            .limit(1))
                            .value()))
                    .toArray();
            return SampleSize.forError(losses, error, texts.size());
        }
    }
}
