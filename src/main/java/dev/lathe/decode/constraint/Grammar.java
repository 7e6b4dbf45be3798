package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts of a context-free grammar: a regular expression, a choice, a schema or rules, compiled. States and masks that
 * were met are remembered, for the vocabulary that was used last and in at most some 64 MB; one grammar for many
 * generations is faster than many. Immutable but for that memory, and thread-safe.
 */
public final class Grammar implements Constraint {
    private static final int MOST_FORCED = 256; // bytes

    private final RuleSet rules; // no longer changed
    private final Expression root;
    private volatile Automaton automaton; // compiled when first used
    private volatile AutomatonStates states;

    private Grammar(RuleSet rules, Expression root) {
        this.rules = rules;
        this.root = root;
    }

    /** A grammar that is compiled, and so checked, at once. */
    static Grammar of(RuleSet rules, Expression root) {
        Grammar grammar = new Grammar(rules, root);
        grammar.automaton();
        return grammar;
    }

    /** A grammar that is checked when it is first used; it takes ownership of the rules. */
    static Grammar uncompiled(RuleSet rules, Expression root) {
        return new Grammar(rules, root);
    }

    RuleSet rules() {
        return rules;
    }

    Expression root() {
        return root;
    }

    private Automaton automaton() {
        Automaton known = automaton;
        if (known == null) {
            synchronized (this) {
                known = automaton == null ? compile() : automaton;
                automaton = known;
            }
        }
        return known;
    }

    private Automaton compile() {
        Automaton compiled = Automaton.of(rules, root);
        if (new AutomatonStates(compiled, null).start().isFinished()) {
            throw new ConstraintException("the constraint allows the empty text alone");
        }
        return compiled;
    }

    @Override
    public Constraint.State start(TokenVocabulary vocabulary) {
        return new State(states(vocabulary).start());
    }

    /** Whether a text, in UTF-8, is one of the grammar's. */
    public boolean accepts(byte... text) {
        AutomatonState state = new AutomatonStates(automaton(), null).start();
        for (byte b : text) {
            state = roomy(state).step(b);
            if (state == null) {
                return false;
            }
        }
        return state.accepts();
    }

    /** Whether a text is one of the grammar's. */
    public boolean accepts(String text) {
        return accepts(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The states to be used on a vocabulary from now on. */
    private AutomatonStates states(TokenVocabulary vocabulary) {
        AutomatonStates known = states;
        if (known == null || known.vocabulary() != vocabulary || known.isFull()) {
            known = new AutomatonStates(automaton(), vocabulary);
            states = known;
        }
        return known;
    }

    /** The same state where there is room for those that follow. */
    private AutomatonState roomy(AutomatonState state) {
        state.owner().beginWork();
        return state.owner().isFull() ? state.among(states(state.owner().vocabulary())) : state;
    }

    private final class State implements Constraint.State {
        private final AutomatonState state;

        State(AutomatonState state) {
            this.state = state;
        }

        @Override
        public TokenMask mask() {
            return state.mask();
        }

        @Override
        public State then(int token) {
            AutomatonState at = roomy(state);
            byte[] bytes = at.owner().vocabulary().bytes(token);
            for (byte b : bytes) {
                at = at.step(b);
                if (at == null) {
                    break;
                }
            }
            if (at == null || bytes.length == 0) {
                throw new IllegalArgumentException("token " + token + " is not allowed here");
            }
            return new State(at);
        }

        @Override
        public boolean isFinished() {
            return state.isFinished();
        }

        @Override
        public int[] forced() {
            byte[] forced = new byte[MOST_FORCED];
            int count = 0;
            AutomatonState at = state;
            while (count < MOST_FORCED && at != null) {
                int only = at.accepts() ? -1 : onlyByte(at);
                if (only >= 0) {
                    forced[count++] = (byte) only;
                }
                at = only < 0 ? null : at.step((byte) only);
            }
            return count == 0 ? Constraint.State.super.forced() : encode(Arrays.copyOf(forced, count));
        }

        /** The tokens of what is forced, up to its last whole character, or a control token. */
        private int[] encode(byte... forced) {
            if (forced[0] == TokenVocabulary.CONTROL_BEGIN) {
                return Constraint.State.super.forced();
            }
            int end = 0;
            while (end < forced.length && forced[end] != TokenVocabulary.CONTROL_BEGIN) {
                end++;
            }
            return encodeText(Arrays.copyOf(forced, end));
        }

        private int[] encodeText(byte... forced) {
            int end = forced.length;
            while (end > 0 && (forced[end - 1] & 0xC0) == 0x80) {
                end--;
            }
            boolean ascii = end == forced.length && forced[end - 1] >= 0;
            int whole = ascii ? end : Math.max(0, end - 1);
            String text = new String(forced, 0, whole, StandardCharsets.UTF_8);
            return text.isEmpty() ? new int[0] : state.owner().vocabulary().encode(text);
        }
    }

    private static int onlyByte(AutomatonState state) {
        int only = -1;
        for (int b = 0; b < 256; b++) {
            if (state.step((byte) b) != null) {
                if (only >= 0) {
                    return -1;
                }
                only = b;
            }
        }
        return only;
    }
}
