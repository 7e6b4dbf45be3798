package dev.lathe.decode.guard;

import java.util.Objects;
import java.util.Optional;

/**
 * What ends an answer that would go on for too long, and what is noted to tell whether it was an unusual one. Immutable
 * and thread-safe; each method named after a component returns a changed guard.
 *
 * @param lengthBudget how long an answer may be; empty for as long as the other limits allow
 * @param loopDetection when an answer is taken for a loop; empty for never
 * @param observes whether the probability of the end and the entropy of each next token are noted, which takes a pass
 *     over each row of logits
 * @param usual what answers of this kind usually are; empty if nothing is known
 */
public record Guard(
        Optional<LengthBudget> lengthBudget,
        Optional<LoopDetection> loopDetection,
        boolean observes,
        Optional<UsualAnswer> usual) {
    /** Ends nothing and notes nothing. */
    public static final Guard NONE = new Guard(Optional.empty(), Optional.empty(), false, Optional.empty());

    /** Checks each component. */
    public Guard {
        Objects.requireNonNull(lengthBudget, "lengthBudget");
        Objects.requireNonNull(loopDetection, "loopDetection");
        if (usual.isPresent() && !observes) {
            throw new IllegalArgumentException("a guard that knows what is usual, but notes nothing: let it observe");
        }
    }

    /** With this budget. */
    public Guard lengthBudget(LengthBudget value) {
        return new Guard(Optional.of(value), loopDetection, observes, usual);
    }

    /** With this detection of loops. */
    public Guard loopDetection(LoopDetection value) {
        return new Guard(lengthBudget, Optional.of(value), observes, usual);
    }

    /** Noting the probability of the end and the entropy of each next token, without knowing what is usual. */
    public Guard observing() {
        return new Guard(lengthBudget, loopDetection, true, usual);
    }

    /** Noting both, to compare them with what is usual. */
    public Guard usual(UsualAnswer value) {
        return new Guard(lengthBudget, loopDetection, true, Optional.of(value));
    }

    /** Whether it changes nothing and notes nothing. */
    public boolean isNone() {
        return equals(NONE);
    }
}
