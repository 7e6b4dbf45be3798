package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.RandomSchemas;
import dev.lathe.decode.constraint.TokenMask;
import dev.lathe.decode.constraint.TokenVocabulary;
import dev.lathe.decode.constraint.Vocabularies;
import dev.lathe.decode.speculative.Verification;
import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** A constraint is a part of what is sampled: no strategy changes it, and none changes the text. */
class ConstrainedDecodingTest {
    private static final String[] PIECES = {
        "a", "b", "ab", "ba", "1", "2", "12", "{", "}", "[", "]", "\"", "\":", ",", ":", "{\"", "\"a", "a\"", "t",
        "true", "rue", "r", "u", "e", "-", "0", " ", "]}"
    };
    private static final TokenVocabulary VOCABULARY = Vocabularies.of(PIECES);
    private static final int END = PIECES.length;
    private static final int MOST_TOKENS = 24;

    /** What a schema's JSON is spelled with: characters, and pieces that go over the borders of its parts. */
    private static final String[] JSON_PIECES = Stream.concat(
                    IntStream.rangeClosed(' ', '~').mapToObj(Character::toString),
                    Stream.of(
                            "\n",
                            "{\"",
                            "\"p0",
                            "p0\":",
                            "\":",
                            "\": ",
                            ",\"p1\":",
                            "\",",
                            "\"}",
                            "}]",
                            "]}",
                            "12",
                            "00",
                            "-0",
                            "true",
                            "null",
                            "ab",
                            "x1",
                            "20",
                            "24-",
                            "e+",
                            "\u00e9"))
            .toArray(String[]::new);

    private static final Text JSON = new Text(JSON_PIECES, Vocabularies.of(JSON_PIECES));

    private record Text(String[] pieces, TokenVocabulary vocabulary) implements Detokenizer {
        static final Text SMALL = new Text(PIECES, VOCABULARY);

        @Override
        public String accept(int token) {
            return pieces[token];
        }

        @Override
        public String finish() {
            return "";
        }

        @Override
        public boolean isEndOfGeneration(int token) {
            return token == pieces.length;
        }
    }

    @Provide
    static Arbitrary<Grammar> grammars() {
        return Arbitraries.of(
                Constraint.regex("(?:ab|ba1*)+2?"),
                Constraint.regex("[ab]{3,9}(?:12|0)"),
                Constraint.gbnf("root ::= \"[\" (root (\",\" root)*)? \"]\" | [0-2]"),
                Constraint.gbnf("root ::= \"a\" root \"b\" | \"12\""),
                Constraint.choice("ab", "aba", "abab12", "true"),
                Constraint.jsonSchema("""
                        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"const": true}},
                         "required": ["a"]}"""),
                Constraint.jsonSchema("""
                        {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "required": ["a", "b"],
                         "properties": {"a": {"enum": [1, 2, "a"]},
                                        "b": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2}}}}}"""),
                Constraint.jsonSchema(
                        "{\"type\": \"array\", \"items\": {\"type\": \"string\", \"pattern\": \"^[ab]*$\"}}"));
    }

    private static ToyLanguageModel model(long seed) {
        return model(Text.SMALL, seed);
    }

    private static ToyLanguageModel model(Text text, long seed) {
        return new ToyLanguageModel(text.pieces().length + 1, 100, ToyLanguageModel.Law.hashed(3, 3, seed));
    }

    private record Result(List<Integer> tokens, String text, FinishReason finish, GenerationStatistics statistics) {}

    private static Result run(LanguageModel model, Constraint constraint, Sampler sampler, Decoding decoding) {
        return run(Text.SMALL, model, constraint, sampler, decoding);
    }

    private static Result run(
            Text words, LanguageModel model, Constraint constraint, Sampler sampler, Decoding decoding) {
        GenerationOptions options = GenerationOptions.DEFAULT
                .sampler(sampler)
                .decoding(decoding)
                .maxTokens(MOST_TOKENS)
                .constraint(constraint);
        EvaluatedText text = new EvaluatedText(model.newState(model.contextLength(), CacheType.F32), 4);
        try (GenerationLoop loop =
                new GenerationLoop(model, text, new int[] {1, 0, 3}, options, words, System::nanoTime)) {
            List<Token> tokens = new ArrayList<>();
            for (Optional<Token> token = loop.next(); token.isPresent(); token = loop.next()) {
                tokens.add(token.get());
            }
            return new Result(
                    tokens.stream().map(Token::id).toList(),
                    tokens.stream().map(Token::text).collect(Collectors.joining()),
                    loop.finishReason().orElseThrow(),
                    loop.statistics());
        }
    }

    private static List<Sampler> samplers(long seed) {
        return List.of(
                Sampler.greedy(),
                Sampler.temperature(1).seed(seed),
                Sampler.temperature(0.8f)
                        .topK(3)
                        .topP(0.9f)
                        .repetitionPenalty(1.2f)
                        .seed(seed));
    }

    /** What the definition says, without any strategy. */
    private static List<Integer> naive(Text words, LanguageModel model, Constraint constraint, Sampler sampler) {
        int end = words.pieces().length;
        EvaluatedText text = new EvaluatedText(model.newState(model.contextLength(), CacheType.F32), 4);
        List<Integer> path = new ArrayList<>(List.of(1, 0, 3));
        Uniforms uniforms = new Uniforms(sampler.seed().orElse(0));
        Constraint.State state = constraint.start(words.vocabulary());
        for (int i = 0; i < MOST_TOKENS && !state.isFinished(); i++) {
            int[] tokens = path.stream().mapToInt(Integer::intValue).toArray();
            FloatMatrix logits = text.evaluate(tokens);
            TokenMask mask = state.mask();
            Sampler masked = sampler;
            for (int token = 0; token <= end; token++) {
                masked = mask.allows(token) ? masked : masked.logitBias(token, Float.NEGATIVE_INFINITY);
            }
            int token = masked.sample(logits, 0, uniforms.at(i), tokens);
            path.add(token);
            if (token == end) {
                break;
            }
            state = state.then(token);
        }
        return path.subList(3, path.size());
    }

    private static void isPlain(Text words, Grammar grammar, long seed, List<Sampler> samplers) {
        LanguageModel model = model(words, seed);
        Draft other = Draft.model(model(words, seed + 1));
        List<Decoding> strategies = new ArrayList<>(Strategies.exact(model));
        strategies.add(Decoding.speculative(Draft.forced()));
        strategies.add(Decoding.speculative(Draft.forced().orElse(Draft.ngram().orElse(other))));
        strategies.add(Decoding.auto(Draft.forced(), Draft.ngram()));
        strategies.add(Decoding.recursiveSpeculative(Draft.forced().orElse(Draft.model(model)))
                .branching(3, 2, 1)
                .verification(Verification.SAMPLER_MATCH));
        for (Sampler sampler : samplers) {
            Result plain = run(words, model, grammar, sampler, Decoding.autoregressive());
            assertEquals(naive(words, model, grammar, sampler), plain.tokens());
            for (Decoding decoding : strategies) {
                Result result = run(words, model, grammar, sampler, decoding);
                assertEquals(plain.tokens(), result.tokens(), decoding::toString);
                assertEquals(plain.text(), result.text(), decoding::toString);
                assertEquals(plain.finish(), result.finish(), decoding::toString);
            }
        }
    }

    @Property(tries = 30)
    void everyExactStrategyGivesThePlainTextUnderTheSameMask(@ForAll("grammars") Grammar grammar, @ForAll long seed) {
        isPlain(Text.SMALL, grammar, seed, samplers(seed));
    }

    @Provide
    static Arbitrary<String> schemas() {
        return RandomSchemas.all();
    }

    @Property(tries = 15)
    void everyExactStrategyGivesThePlainTextOfAnySchema(@ForAll("schemas") String schema, @ForAll long seed) {
        isPlain(JSON, Constraint.jsonSchema(schema), seed, samplers(seed).subList(0, 2));
    }

    @Property(tries = 20)
    void everyStrategyObeys(@ForAll("grammars") Grammar grammar, @ForAll long seed) {
        LanguageModel model = model(seed);
        for (Decoding decoding : Strategies.all(model)) {
            Result result = run(model, grammar, Sampler.temperature(1).seed(seed), decoding);
            boolean ended = result.finish() == FinishReason.END_OF_TEXT;
            assertTrue(ended || result.tokens().size() == MOST_TOKENS, decoding::toString);
            assertEquals(ended, ended && grammar.accepts(result.text()), () -> decoding + ": " + result.text());
            Constraint.State state = grammar.start(VOCABULARY);
            for (int token : result.tokens()) {
                assertTrue(state.mask().allows(token), decoding::toString);
                state = token == END ? state : state.then(token);
            }
        }
    }

    @Test
    void forcedDraftsSavePassesWhereThereIsNoChoice() {
        Grammar grammar = Constraint.regex("\\{\"a\":\\[(?:true,){4}[12]\\]\\}");
        LanguageModel model = model(3);
        Decoding forced = Decoding.speculative(Draft.forced()).draftLength(6);
        long plain = run(model, grammar, Sampler.greedy(), Decoding.autoregressive())
                .statistics()
                .decoding()
                .steps();
        long drafted = run(model, grammar, Sampler.greedy(), forced)
                .statistics()
                .decoding()
                .steps();
        assertTrue(drafted < plain, drafted + " steps, and " + plain + " without drafts");
    }

    @Test
    void aGenerationEndsWhereNothingMayFollow() {
        Result result = run(model(1), Constraint.choice("ab"), Sampler.greedy(), Decoding.autoregressive());
        assertEquals("ab", result.text());
        assertEquals(FinishReason.END_OF_TEXT, result.finish());
        assertTrue(!result.tokens().contains(END), result.tokens().toString());
    }

    /** A filter of one's own: no token twice in a row. */
    private record NoRepeats(TokenVocabulary vocabulary, int last) implements Constraint, Constraint.State {
        @Override
        public State start(TokenVocabulary words) {
            return new NoRepeats(words, -1);
        }

        @Override
        public TokenMask mask() {
            return TokenMask.of(vocabulary.size(), token -> token != last);
        }

        @Override
        public State then(int token) {
            return new NoRepeats(vocabulary, token);
        }
    }

    @Property(tries = 10)
    void aFilterOfOnesOwnIsAConstraint(@ForAll long seed) {
        LanguageModel model = model(seed);
        Sampler sampler = Sampler.temperature(0.5f).seed(seed);
        List<Integer> plain = run(model, new NoRepeats(null, -1), sampler, Decoding.autoregressive())
                .tokens();
        for (int i = 1; i < plain.size(); i++) {
            assertTrue(!plain.get(i).equals(plain.get(i - 1)), plain.toString());
        }
        for (Decoding decoding : Strategies.exact(model)) {
            assertEquals(
                    plain,
                    run(model, new NoRepeats(null, -1), sampler, decoding).tokens(),
                    decoding::toString);
        }
    }

    @Test
    void whatTheVocabularyCannotSpellIsRefusedBeforeThePrompt() {
        assertThrows(
                IllegalArgumentException.class,
                () -> run(model(1), Constraint.regex("z"), Sampler.greedy(), Decoding.autoregressive()));
    }
}
