package dev.lathe.decode.constraint;

import java.util.Arrays;

/**
 * A state of an {@link Automaton} made deterministic: every node that may read the next byte, each with its stack.
 * Remembers where bytes lead, and its mask. What it is does not change; what it remembers may be written by several
 * threads, always with the same.
 */
final class AutomatonState {
    private static final CharacterClass[] CLASSES = CharacterClass.values();

    private final AutomatonStates owner;
    private final int[] nodes;
    private final Frame[] stacks;
    private final boolean accepts;
    private final int hash;
    private final AutomatonState[] next = new AutomatonState[256];
    private final CharacterStep[] characterSteps = new CharacterStep[CLASSES.length];
    private volatile TokenMask mask;

    /** Takes ownership of the arrays. */
    AutomatonState(AutomatonStates owner, int[] nodes, Frame[] stacks, boolean accepts) {
        this.owner = owner;
        this.nodes = nodes;
        this.stacks = stacks;
        this.accepts = accepts;
        int sum = Boolean.hashCode(accepts);
        for (int i = 0; i < nodes.length; i++) {
            sum = 31 * sum + 7 * nodes[i] + Frame.hash(stacks[i]);
        }
        this.hash = sum;
    }

    /** Whether the text may end here. */
    boolean accepts() {
        return accepts;
    }

    /** Whether nothing may follow. */
    boolean isFinished() {
        return nodes.length == 0;
    }

    AutomatonStates owner() {
        return owner;
    }

    int size() {
        return nodes.length;
    }

    int node(int index) {
        return nodes[index];
    }

    Frame stack(int index) {
        return stacks[index];
    }

    /** The same among other states. */
    AutomatonState among(AutomatonStates others) {
        return others.known(new AutomatonState(others, nodes, stacks, accepts));
    }

    /** The state after a byte; null where the byte cannot come. */
    AutomatonState step(byte b) {
        AutomatonState known = next[b & 0xFF];
        if (known == null) {
            known = owner.step(this, b & 0xFF);
            owner.fillAlike(this, b & 0xFF, known, next);
        }
        return known == owner.none() ? null : known;
    }

    /** Where the characters of a class lead. */
    CharacterStep characterStep(CharacterClass characters) {
        CharacterStep known = characterSteps[characters.ordinal()];
        if (known == null) {
            known = CharacterStep.of(this, characters);
            characterSteps[characters.ordinal()] = known;
        }
        return known;
    }

    /** Whether no class of characters is told apart here. */
    boolean isUniform() {
        for (CharacterClass characters : CLASSES) {
            if (!characterStep(characters).isUniform()) {
                return false;
            }
        }
        return true;
    }

    TokenMask mask() {
        TokenMask known = mask;
        if (known == null) {
            known = owner.mask(this);
            mask = known;
        }
        return known;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AutomatonState state
                && hash == state.hash
                && accepts == state.accepts
                && Arrays.equals(nodes, state.nodes)
                && Arrays.equals(stacks, state.stacks);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
