package dev.lathe.decode.constraint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Regular expressions, GBNF and choices: which texts they accept, and what their masks allow. */
class GrammarTest {
    @Provide
    static Arbitrary<String> patterns() {
        Arbitrary<String> single =
                Arbitraries.of("a", "b", "c", "é", ".", "[ab]", "[^a]", "[b-é]", "\\d", "\\.", "\\w");
        return Arbitraries.recursive(
                () -> single,
                inner -> Arbitraries.oneOf(
                        inner.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join("", parts)),
                        inner.list().ofMinSize(2).ofMaxSize(3).map(parts -> "(?:" + String.join("|", parts) + ")"),
                        inner.flatMap(body -> Arbitraries.of("*", "+", "?", "{2}", "{1,3}", "{0,2}?", "{2,}")
                                .map(count -> "(" + body + ")" + count))),
                0,
                3);
    }

    @Provide
    static Arbitrary<String> texts() {
        return Arbitraries.of("a", "b", "c", "é", "1", ".", "\n", "中", "😀")
                .list()
                .ofMaxSize(7)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 400)
    void aPatternAcceptsWhatJavasDoes(@ForAll("patterns") String pattern, @ForAll("texts") String text) {
        boolean expected = Pattern.compile(pattern).matcher(text).matches();
        assertEquals(expected, Constraint.regex(pattern).accepts(text), pattern);
    }

    @Property(tries = 100)
    void drawnTextsMatchAndEveryStateGoesOn(@ForAll("patterns") String pattern, @ForAll long seed) {
        byte[] text = RandomWalk.text(Constraint.regex(pattern), Vocabularies.ofBytes(), 20, new Random(seed));
        String string = new String(text, StandardCharsets.UTF_8)
                .replace('\u0085', 'x'); // ends a line in Java, not in ECMAScript
        assertTrue(Pattern.compile(pattern).matcher(string).matches(), () -> pattern + " and " + string);
    }

    @Property(tries = 100)
    void aMaskAllowsTheTokensWhoseBytesGoOn(@ForAll("patterns") String pattern, @ForAll("texts") String before) {
        String[] pieces = {"a", "b", "c", "ab", "abc", "bb", "é", "aé", "1", "..", "中a", ".", "ba1"};
        TokenVocabulary vocabulary = Vocabularies.of(pieces);
        Grammar grammar = Constraint.regex(pattern);
        Automaton automaton = Automaton.of(new RuleSet(), RegexParser.parse(pattern));
        AutomatonState state = read(new AutomatonStates(automaton, vocabulary).start(), before);
        if (state == null) {
            return;
        }
        TokenMask mask = vocabulary.mask(state);
        for (int token = 0; token < pieces.length; token++) {
            assertEquals(read(state, pieces[token]) != null, mask.allows(token), pieces[token]);
        }
        assertEquals(grammar.accepts(before), mask.allows(pieces.length));
    }

    private static AutomatonState read(AutomatonState start, String text) {
        AutomatonState state = start;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            state = state == null ? null : state.step(b);
        }
        return state;
    }

    @Property(tries = 200)
    void everyCharacterIsInASetOrItsComplement(@ForAll int low, @ForAll int length, @ForAll int of) {
        int from = Math.floorMod(low, 0x110000);
        int to = Math.min(0x10FFFF, from + Math.floorMod(length, 0x3000));
        int character = Math.floorMod(of, 0x110000);
        if (character >= 0xD800 && character < 0xE000) {
            return;
        }
        CharacterSet set = CharacterSet.NONE.with(from, to).with('x', 'z');
        String text = Character.toString(character);
        boolean in = Grammar.of(new RuleSet(), set.utf8()).accepts(text);
        assertEquals(set.contains(character), in);
        assertEquals(!in, Grammar.of(new RuleSet(), set.complement().utf8()).accepts(text));
    }

    @Test
    void gbnfDescribesNestedTexts() {
        Grammar grammar = Constraint.gbnf("""
                # sums in brackets
                root ::= term ("+" term)*   # a comment
                term ::= [0-9]{1,3} | "(" ( root
                  ) ")" | name
                name ::= [a-z] [^+()0-9 \\n]*
                """);
        for (String text : List.of("1", "123+(4+x)", "((((7))))", "abc+1")) {
            assertTrue(grammar.accepts(text), text);
        }
        for (String text : List.of("", "1234", "(1", "1)", "+1", "((((7)))")) {
            assertFalse(grammar.accepts(text), text);
        }
        assertTrue(grammar.accepts("(".repeat(20_000) + "7" + ")".repeat(20_000)));
    }

    @Test
    void gbnfReadsEscapesClassesAndCounts() {
        Grammar grammar = Constraint.gbnf("root ::= \"\\x41\\u00e9\\\"\" [\\]\\-x]? . {2} end{0,1}\nend::=\"\\n\"");
        assertTrue(grammar.accepts("Aé\"]中z\n"));
        assertTrue(grammar.accepts("Aé\"ab"));
        assertFalse(grammar.accepts("Aé\"a"));
    }

    @Test
    void aChoiceIsOneOfItsTextsHoweverMany() {
        List<String> texts =
                IntStream.range(0, 20_000).mapToObj(Integer::toString).toList();
        Grammar grammar = Constraint.choice(texts);
        assertTrue(grammar.accepts("19999"));
        assertTrue(grammar.accepts("7"));
        assertFalse(grammar.accepts("20000"));
        assertFalse(grammar.accepts("07"));
        assertThrows(ConstraintException.class, () -> Constraint.choice(List.of("", "")));
    }

    private static void refused(String message, Runnable compile) {
        String got = assertThrows(ConstraintException.class, compile::run).getMessage();
        assertTrue(got.contains(message), got);
    }

    @Test
    void mistakesAreNamedWithTheirPlace() {
        refused("character 5", () -> Constraint.regex("ab(c"));
        refused("look-around", () -> Constraint.regex("a(?=b)"));
        refused("an escape", () -> Constraint.regex("(a)\\1"));
        refused("an anchor", () -> Constraint.regex("a^b"));
        refused("possessive", () -> Constraint.regex("a*+"));
        refused("nothing to repeat", () -> Constraint.regex("*a"));
        refused(
                "line 2, column 10: the rule \"none\" is not defined",
                () -> Constraint.gbnf("root ::= a\na ::= \"\" none"));
        refused("line 1, column 12", () -> Constraint.gbnf("root ::= \"a"));
        refused("twice", () -> Constraint.gbnf("root ::= \"a\"\nroot ::= \"b\""));
        refused("no rule \"root\"", () -> Constraint.gbnf("start ::= \"a\""));
        refused("no text at all", () -> Constraint.gbnf("root ::= \"a\" root"));
        refused("the empty text alone", () -> Constraint.regex(""));
    }

    @Test
    void leftRecursionIsRefusedWhereverItHides() {
        refused("\"e\" is left recursive", () -> Constraint.gbnf("root ::= e\ne ::= e \"+\" | \"1\""));
        refused(
                "left recursive",
                () -> Constraint.gbnf("root ::= a\na ::= b \"x\" | \"y\"\nb ::= \"\" c* a\nc ::= \"c\""));
        String chain = IntStream.range(0, 30_000)
                .mapToObj(i -> "r" + i + " ::= r" + (i + 1) + " \"x\"")
                .collect(Collectors.joining("\n"));
        refused("left recursive", () -> Constraint.gbnf("root ::= r0\n" + chain + "\nr30000 ::= r0 | \"a\""));
    }

    @Test
    @Slow
    void hostileGrammarsAreRefusedOrReadInBoundedTime() {
        Assertions.assertTimeout(Duration.ofMinutes(2), () -> {
            assertFalse(Constraint.regex("(a*)*b").accepts("a".repeat(50_000)));
            assertFalse(Constraint.regex("(a|a|aa)*(a|aa)*b").accepts("a".repeat(50_000)));
            assertTrue(Constraint.regex("(a?){200}a{200}").accepts("a".repeat(300)));
            refused("more than", () -> Constraint.regex("(((a{1000}){1000}){1000}){1000}"));
            refused("nested deeper", () -> Constraint.regex("(".repeat(10_000)));
            refused("nested deeper", () -> Constraint.gbnf("root ::= " + "(".repeat(100_000)));
            refused("expected at most", () -> Constraint.regex("a".repeat(1_000_000)));
            Grammar brackets = Constraint.gbnf("root ::= \"a\" root root | \"a\" root | \"b\"");
            refused("too ambiguous", () -> brackets.accepts("a".repeat(100_000)));
            Grammar manyWays =
                    Constraint.gbnf("root ::= x* \"b\"\nx ::= y | z | \"a\" x \"a\"\ny ::= \"a\"\nz ::= \"a\" y?");
            refused("too ambiguous", () -> manyWays.accepts("a".repeat(100_000)));
        });
    }

    @Test
    void aTextUpToItsMarkerIsFreeAndWhatFollowsIsNot() {
        String[] pieces = {"a", "b", "<", "/", ">", "</", "b>", "1", ">1", "</b>"};
        TokenVocabulary vocabulary = Vocabularies.of(pieces);
        int end = pieces.length;
        Constraint.State state =
                Constraint.after("</b>", Constraint.regex("1+")).start(vocabulary);
        assertFalse(state.mask().allows(end));
        for (int token : new int[] {0, 2, 2, 3, 1}) { // a<</b
            assertTrue(state.mask().allows(token));
            state = state.then(token);
        }
        assertFalse(state.mask().allows(8)); // beyond the marker
        assertTrue(state.mask().allows(6)); // the marker is not completed by b>
        state = state.then(4);
        assertEquals(1, state.mask().count());
        assertTrue(state.mask().allows(7));
        assertTrue(state.then(7).mask().allows(end));
        assertTrue(Constraint.onceSeen("</b>", Constraint.regex("1"))
                .start(vocabulary)
                .mask()
                .allows(end));
    }

    @Test
    void forcedTokensAreThoseOfTheOnlyText() {
        TokenVocabulary vocabulary = Vocabularies.of("a", "b", "na", "name", "\"", "{\"");
        Constraint.State start = Constraint.regex("\\{\"name\"[ab]*").start(vocabulary);
        assertArrayEquals(new int[] {5, 3, 4}, start.forced());
        assertArrayEquals(new int[0], start.then(5).then(3).then(4).forced());
    }

    @Test
    void aVocabularyWithoutTheBytesIsRefusedInsteadOfAnEmptyMask() {
        Constraint.State start = Constraint.regex("ab").start(Vocabularies.of("a", "c"));
        Constraint.State stuck = start.then(0);
        refused("no token of the vocabulary", stuck::mask);
    }

    @Test
    @Slow
    void fullMemoryOfStatesIsReplacedAndTheAnswersStay() {
        Grammar grammar = Constraint.gbnf("root ::= \"(\" root \")\" | [a-z]");
        int depth = 120_000; // states of some 150 MB in all
        byte[] text = new byte[2 * depth + 1];
        Arrays.fill(text, 0, depth, (byte) '(');
        text[depth] = 'x';
        Arrays.fill(text, depth + 1, text.length, (byte) ')');
        assertTrue(grammar.accepts(text));
        assertFalse(grammar.accepts(Arrays.copyOf(text, text.length - 1)));
    }
}
