package dev.lathe;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.TokenMask;
import dev.lathe.decode.constraint.TokenTexts;
import dev.lathe.decode.constraint.TokenVocabulary;
import dev.lathe.gguf.GgufFile;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.Tokenizer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;

/** Measures what docs/constraints.md tells: times of masks, and how many records of a model are valid. */
final class ConstraintSpeed {
    private static final int SIZE = 128_000;
    private static final String RECORD = """
            {"type": "object", "required": ["name", "age", "city", "email", "active"], "properties": {
              "name": {"type": "string", "minLength": 1, "maxLength": 30},
              "age": {"type": "integer", "minimum": 18, "maximum": 99},
              "city": {"type": "string", "minLength": 1, "maxLength": 30},
              "email": {"type": "string", "format": "email"},
              "active": {"type": "boolean"}}}""";

    private static final String SUMS =
            "root ::= term (\" \"? [-+*/] \" \"? term)*\nterm ::= [0-9]{1,9} | \"(\" root \")\"";

    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user(
            "Write a JSON record of a person with name, age, city, email and active. Answer with JSON only."));

    private ConstraintSpeed() {}

    /**
     * @param arguments {@code masks} and a file with a vocabulary; {@code records} or {@code drafts}, a model and
     *     how many
     */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "masks" -> masks(file);
            case "records" -> records(file, Integer.parseInt(arguments[2]));
            case "drafts" -> drafts(file, Integer.parseInt(arguments[2]));
            default -> throw new IllegalArgumentException("expected masks, records or drafts, got " + arguments[0]);
        }
    }

    /** A vocabulary of 128,000: the file's tokens, and pairs of them. */
    private record Enlarged(Tokenizer tokenizer, byte[][] pairs) implements TokenTexts {
        @Override
        public int size() {
            return SIZE;
        }

        @Override
        public byte[] bytes(int token) {
            int own = tokenizer.vocabularySize();
            return token < own ? tokenizer.bytes(token) : pairs[token - own];
        }

        @Override
        public boolean isEndOfGeneration(int token) {
            return token < tokenizer.vocabularySize() && tokenizer.isEndOfGeneration(token);
        }

        @Override
        public OptionalInt control(String piece) {
            return OptionalInt.empty();
        }

        @Override
        public int[] encode(String text) {
            return tokenizer.encode(text, false, false);
        }
    }

    private static TokenVocabulary vocabulary(Path file) throws Exception {
        Tokenizer tokenizer;
        try (GgufFile gguf = GgufFile.open(file)) {
            tokenizer = Tokenizer.from(gguf.metadata());
        }
        Random random = new Random(1);
        byte[][] pairs = new byte[SIZE - tokenizer.vocabularySize()][];
        for (int i = 0; i < pairs.length; i++) {
            byte[] first = tokenizer.bytes(random.nextInt(tokenizer.vocabularySize()));
            byte[] second = tokenizer.bytes(random.nextInt(tokenizer.vocabularySize()));
            pairs[i] = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, pairs[i], first.length, second.length);
        }
        long begin = System.nanoTime();
        TokenVocabulary vocabulary = TokenVocabulary.of(new Enlarged(tokenizer, pairs));
        System.out.printf(
                "vocabulary of %d tokens: %d ms%n", vocabulary.size(), (System.nanoTime() - begin) / 1_000_000);
        return vocabulary;
    }

    private static void masks(Path file) throws Exception {
        TokenVocabulary vocabulary = vocabulary(file);
        walks("record", () -> Constraint.jsonSchema(RECORD), vocabulary);
        walks("any JSON", Constraint::json, vocabulary);
        walks("sums (GBNF)", () -> Constraint.gbnf(SUMS), vocabulary);
        walks("pattern", () -> Constraint.regex("(?:[A-Z][a-z]{1,12} ){2,8}[0-9]{4}-[0-9]{2}"), vocabulary);
    }

    /**
     * Random texts, token by token, on a constraint that meets its states for the first time, then again on a new one.
     */
    private static void walks(String name, Supplier<Grammar> compiled, TokenVocabulary vocabulary) {
        for (String machine : List.of("cold", "warm")) {
            Grammar grammar = compiled.get();
            Random random = new Random(2);
            walk(name + ", " + machine + ", first 500", grammar, vocabulary, random, 500);
            walk(name + ", " + machine + ", the 20,000 after", grammar, vocabulary, random, 20_000);
        }
    }

    private static void walk(String name, Grammar grammar, TokenVocabulary vocabulary, Random random, int count) {
        long[] nanos = new long[count];
        Constraint.State state = grammar.start(vocabulary);
        int length = 0;
        for (int i = 0; i < count; i++) {
            long begin = cpuNanos();
            TokenMask mask = state.mask();
            nanos[i] = cpuNanos() - begin;
            int token = pick(mask, vocabulary, random);
            begin = cpuNanos();
            state = token < 0 || length++ > 300 ? null : state.then(token);
            nanos[i] += cpuNanos() - begin;
            if (state == null || state.isFinished()) {
                state = grammar.start(vocabulary);
                length = 0;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%-36s median %8.4f ms, p99 %8.4f ms, most %8.4f ms, all %7.1f ms%n",
                name,
                nanos[count / 2] / 1e6,
                nanos[count * 99 / 100] / 1e6,
                nanos[count - 1] / 1e6,
                Arrays.stream(nanos).sum() / 1e6);
    }

    /** What this thread computed, whatever else the machine does meanwhile. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static int pick(TokenMask mask, TokenVocabulary vocabulary, Random random) {
        BitSet allowed = new BitSet();
        for (int tries = 0; tries < 2_000; tries++) {
            int token = random.nextInt(vocabulary.size());
            if (mask.allows(token) && !vocabulary.isEndOfGeneration(token)) {
                return token;
            }
        }
        for (int token = 0; token < vocabulary.size(); token++) {
            allowed.set(token, mask.allows(token) && !vocabulary.isEndOfGeneration(token));
        }
        int count = allowed.cardinality();
        return count == 0
                ? -1
                : allowed.stream().skip(random.nextInt(count)).findFirst().orElse(-1);
    }

    private static Generation record(Session session, Grammar grammar, long seed, Decoding decoding) {
        return session.chat(QUESTION)
                .sampler(Sampler.temperature(1).topP(0.95f).seed(seed))
                .decoding(decoding)
                .constrain(grammar)
                .maxTokens(400);
    }

    private static void records(Path file, int count) throws Exception {
        Grammar grammar = Constraint.jsonSchema(RECORD);
        int valid = 0;
        long tokens = 0;
        long steps = 0;
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            for (int i = 0; i < count; i++) {
                Decoding decoding = Decoding.speculative(Draft.forced().orElse(Draft.ngram()));
                GenerationResult result = record(session, grammar, i, decoding).run();
                boolean accepted = grammar.accepts(result.text());
                valid += accepted ? 1 : 0;
                tokens += result.stats().generatedTokens();
                steps += result.stats().decoding().steps();
                if (i < 3 || !accepted) {
                    System.out.println(result.finishReason() + " " + result.text());
                }
            }
        }
        System.out.printf("%d of %d valid, %d tokens in %d steps%n", valid, count, tokens, steps);
    }

    /** What drafts save of the passes and of the time of the same records. */
    private static void drafts(Path file, int count) throws Exception {
        Grammar grammar = Constraint.jsonSchema(RECORD);
        Map<String, Decoding> strategies = new LinkedHashMap<>();
        strategies.put("plain", Decoding.autoregressive());
        strategies.put("forced", Decoding.speculative(Draft.forced()));
        strategies.put("n-gram", Decoding.speculative(Draft.ngram()));
        strategies.put("forced or n-gram", Decoding.speculative(Draft.forced().orElse(Draft.ngram())));
        Map<String, long[]> sums = new LinkedHashMap<>(); // nanoseconds, tokens, steps
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            for (int i = -2; i < count; i++) { // the first ones warm up
                String plain = null;
                for (Map.Entry<String, Decoding> strategy : strategies.entrySet()) {
                    GenerationResult result =
                            record(session, grammar, i, strategy.getValue()).run();
                    plain = plain == null ? result.text() : plain;
                    if (!plain.equals(result.text())) {
                        throw new AssertionError(strategy.getKey() + " wrote " + result.text() + ", not " + plain);
                    }
                    long[] sum = sums.computeIfAbsent(strategy.getKey(), key -> new long[3]);
                    if (i >= 0) {
                        sum[0] += result.stats().decodeTime().toNanos();
                        sum[1] += result.stats().generatedTokens();
                        sum[2] += result.stats().decoding().steps();
                    }
                }
            }
        }
        long[] plain = sums.get("plain");
        sums.forEach((name, sum) -> System.out.printf(
                "%-18s %d tokens in %d steps, %.1f tokens/s, %.2f times plain%n",
                name, sum[1], sum[2], sum[1] * 1e9 / sum[0], (double) plain[0] / sum[0]));
    }
}
