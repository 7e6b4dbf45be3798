package dev.lathe.tools.generate;

import dev.lathe.Generation;
import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.TokenStream;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.ConstraintException;
import dev.lathe.text.ChatMessage;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.StartTimes;
import dev.lathe.tools.command.StreamedWeights;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Continues a text, token by token as they come, and says how fast it was. */
public final class CompleteCommand {
    private static final String HELP = """
            %s: continues a text.

              --prompt TEXT       the text; default: the beginning of a Java class, continued with temperature 0.8,
                                  top-p 0.9 and seed 2 unless a sampling option is given
              --prompt-file FILE  a file of text instead
              --suffix TEXT       what follows: writes what stands between, where the vocabulary has the tokens for that
              --chat              the text is a message to the model, laid out as its own file asks for
              --system TEXT       what the model is told before that message
              --max-tokens N      the most tokens to generate; default: 128, with --chat as many as fit
              --decoding NAME     how tokens are computed: autoregressive; speculative, ngram, rsd-c, rsd-s and
                                  self, which draft and verify; exit, which leaves the model early and may
                                  choose other tokens; auto, which measures and chooses; default: %s
              --json-schema FILE  generates JSON that follows the schema in this file
              --grammar FILE      generates a text of the grammar in this file, in llama.cpp's notation (GBNF)
            """ + Decodings.HELP + Sampling.HELP;

    private static final String PROMPT = """
            package org.example;

            /** A point in the plane. */
            public final class Point {
                private final double x;
                private final double y;

                public Point(double x, double y) {
            """;

    /** What continues that prompt best: a small model that always takes the likeliest token soon repeats itself. */
    private static final Sampler DEMONSTRATION =
            Sampler.temperature(0.8f).topP(0.9f).seed(2);

    /** What {@code --json} prints. */
    private record Result(
            String text,
            List<Integer> tokens,
            String finishReason,
            int promptTokens,
            double promptTokensPerSecond,
            double decodeTokensPerSecond,
            double timeToFirstTokenMillis,
            double startToFirstTokenMillis,
            StartTimes start,
            StreamedWeights weights,
            DecodingStatistics decoding,
            String kernels) {}

    private CompleteCommand() {}

    /** The command under a name, with a strategy of its own unless one is given. */
    public static Command command(String name, String decoding) {
        return new Command(HELP.formatted(name, decoding) + Program.LOADING, program -> run(program, decoding));
    }

    private static void run(Program program, String defaultDecoding) throws IOException {
        Options options = program.options;
        boolean demonstration = !options.has("--prompt") && !options.has("--prompt-file");
        Sampler sampler = demonstration && !Sampling.isGiven(options) ? DEMONSTRATION : Sampling.of(options);
        String prompt = prompt(options);
        boolean isChat = options.has("--chat");
        if (options.has("--system") && !isChat) {
            throw new Options.UsageException("--system is told before a message; add --chat");
        }
        if (options.has("--suffix") && (isChat || demonstration)) {
            throw new Options.UsageException(
                    "--suffix follows a text; give it by --prompt or --prompt-file, without --chat");
        }
        String decoding = options.word("--decoding", defaultDecoding, Decodings.NAMES);
        Optional<Constraint> constraint = constraint(options);
        StringBuilder text = new StringBuilder();
        List<Integer> tokens = new ArrayList<>();
        long firstTokenAt = 0;
        try (Model model = program.loadModel();
                Decodings decodings = new Decodings(options, model);
                Session session = model.newSession();
                TokenStream stream = constrained(generation(program, session, prompt), constraint)
                        .sampler(sampler)
                        .decoding(decodings.of(decoding))
                        .maxTokens(options.integer("--max-tokens", isChat ? Integer.MAX_VALUE : 128, 1))
                        .onPromptProgress((done, total) -> program.terminal.progress("prompt", done, total, "tokens"))
                        .stream()) {
            show(program, isChat ? "" : prompt);
            for (Token token : stream) {
                if (tokens.isEmpty()) {
                    firstTokenAt = System.currentTimeMillis();
                }
                tokens.add(token.id());
                text.append(token.text());
                show(program, token.text());
            }
            show(program, options.text("--suffix", "") + "\n");
            String finishReason = stream.finishReason().orElseThrow().name();
            report(program, model, text.toString(), tokens, finishReason, stream.stats(), firstTokenAt);
        }
    }

    private static Generation generation(Program program, Session session, String prompt) {
        if (program.options.has("--suffix")) {
            return session.fillInMiddle(prompt, program.options.text("--suffix", ""));
        }
        if (!program.options.has("--chat")) {
            return session.generate(prompt);
        }
        if (session.model().chatTemplate().isEmpty()) {
            throw new Program.FailureException(
                    program.modelFile() + " has no chat template; leave out --chat, or give a file of a chat model");
        }
        String system = program.options.text("--system", "");
        List<ChatMessage> messages = new ArrayList<>();
        if (!system.isEmpty()) {
            messages.add(ChatMessage.system(system));
        }
        messages.add(ChatMessage.user(prompt));
        return session.chat(messages);
    }

    private static Generation constrained(Generation generation, Optional<Constraint> constraint) {
        return constraint.map(generation::constrain).orElse(generation);
    }

    private static Optional<Constraint> constraint(Options options) throws IOException {
        if (options.has("--json-schema") && options.has("--grammar")) {
            throw new Options.UsageException("--json-schema and --grammar exclude each other; give one");
        }
        try {
            if (options.has("--json-schema")) {
                return Optional.of(Constraint.jsonSchema(Files.readString(options.file("--json-schema", null))));
            }
            return options.has("--grammar")
                    ? Optional.of(Constraint.gbnf(Files.readString(options.file("--grammar", null))))
                    : Optional.empty();
        } catch (ConstraintException e) {
            throw new Options.UsageException(e.getMessage());
        }
    }

    private static String prompt(Options options) throws IOException {
        if (options.has("--prompt") && options.has("--prompt-file")) {
            throw new Options.UsageException("--prompt and --prompt-file exclude each other; give one");
        }
        return options.has("--prompt-file")
                ? Files.readString(options.file("--prompt-file", null))
                : options.text("--prompt", PROMPT);
    }

    private static void show(Program program, String text) {
        if (!program.isJson()) {
            program.out.print(text);
            program.out.flush();
        }
    }

    private static void report(
            Program program,
            Model model,
            String text,
            List<Integer> tokens,
            String finishReason,
            GenerationStatistics stats,
            long firstTokenAt) {
        long start = ManagementFactory.getRuntimeMXBean().getStartTime();
        double timeToFirstToken =
                stats.timeToFirstToken().map(StartTimes::millis).orElse(Double.NaN);
        double startToFirstToken = tokens.isEmpty() ? Double.NaN : firstTokenAt - start;
        if (program.isJson()) {
            program.printJson(new Result(
                    text,
                    tokens,
                    finishReason,
                    stats.promptTokens(),
                    stats.promptTokensPerSecond(),
                    stats.decodeTokensPerSecond(),
                    timeToFirstToken,
                    startToFirstToken,
                    StartTimes.of(program.startMillis, model.loadReport(), timeToFirstToken),
                    model.weightStreaming().map(StreamedWeights::of).orElse(null),
                    stats.decoding(),
                    Kernels.inUse().name()));
            return;
        }
        program.terminal.note(
                "%d tokens at %.1f tokens/s (%s), prompt of %d at %.1f tokens/s, first token %.2f s after start",
                tokens.size(),
                stats.decodeTokensPerSecond(),
                finishReason,
                stats.promptTokens(),
                stats.promptTokensPerSecond(),
                startToFirstToken / 1000);
        model.weightStreaming().map(StreamedWeights::of).ifPresent(weights -> tell(program, weights));
    }

    private static void tell(Program program, StreamedWeights weights) {
        if (weights.experts() != null) {
            program.terminal.note(
                    "%d MB of weights in memory, %d of %d experts, which were there in %.1f%% of their uses; a pass took"
                            + " %.0f ms",
                    weights.residentBytes() / 1_000_000,
                    weights.places(),
                    weights.experts().experts(),
                    100 * weights.experts().hitRate(),
                    weights.meanPassMillis());
            return;
        }
        program.terminal.note(
                "%d MB of weights in memory, %d of %d layers read for each pass; a token predicted to take"
                        + " %.0f ms, a pass took %.0f ms",
                weights.residentBytes() / 1_000_000,
                weights.streamedLayers(),
                weights.layers(),
                weights.predictedPassMillis(),
                weights.meanPassMillis());
    }
}
