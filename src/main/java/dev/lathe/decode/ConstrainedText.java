package dev.lathe.decode;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.TokenMask;
import dev.lathe.decode.constraint.TokenVocabulary;
import java.util.Optional;

/**
 * A generated text as its constraint sees it. What comes after the end of the text is free: a strategy may commit more
 * than the loop around it delivers. One thread at a time.
 */
final class ConstrainedText {
    private final TokenVocabulary vocabulary; // null without constraint
    private final ConstraintEvent event; // null without constraint
    private Constraint.State state; // null without constraint, and after the end
    private boolean finished;

    private ConstrainedText(TokenVocabulary vocabulary, Constraint.State state, ConstraintEvent event) {
        this.vocabulary = vocabulary;
        this.event = event;
        this.state = state;
    }

    /** A text that may be any. */
    static ConstrainedText free() {
        return new ConstrainedText(null, null, null);
    }

    /**
     * A text before its first token; sees to it that there can be one.
     *
     * @param event what masks are asked through
     */
    static ConstrainedText of(Optional<Constraint> constraint, Detokenizer detokenizer, ConstraintEvent event) {
        if (constraint.isEmpty()) {
            return free();
        }
        TokenVocabulary vocabulary = detokenizer.vocabulary();
        ConstrainedText text = new ConstrainedText(vocabulary, constraint.get().start(vocabulary), event);
        text.checked(text.state);
        return text;
    }

    boolean isConstrained() {
        return vocabulary != null;
    }

    /** Whether the text is complete, so that only its end could follow. */
    boolean isFinished() {
        return finished;
    }

    /** Whether the text has come to an end that the constraint allows. */
    boolean isComplete() {
        return isConstrained() && state == null;
    }

    /** Where the text is after more tokens; empty if it is not constrained there: after its end, or off the way. */
    Optional<Constraint.State> after(int... path) {
        Constraint.State at = state;
        for (int i = 0; i < path.length && at != null; i++) {
            at = allows(at, path[i]) && !vocabulary.isEndOfGeneration(path[i]) ? at.then(path[i]) : null;
            at = at == null || at.isFinished() ? null : at;
        }
        return Optional.ofNullable(at);
    }

    /** The tokens that may follow; empty if all may. */
    Optional<TokenMask> mask(int... path) {
        return after(path).map(this::checked);
    }

    private TokenMask checked(Constraint.State at) {
        TokenMask mask = event.mask(at);
        if (mask.count() == 0) {
            throw new IllegalStateException("the constraint allows no token here: a mask must allow at least one");
        }
        return mask;
    }

    private boolean allows(Constraint.State at, int token) {
        return event.mask(at).allows(token);
    }

    /** Goes on by a token. */
    void append(int token) {
        if (state == null) {
            return;
        }
        if (!allows(state, token)) {
            throw new IllegalStateException("token " + token + " was chosen, which the constraint does not allow");
        }
        state = vocabulary.isEndOfGeneration(token) ? null : state.then(token);
        finished = state != null && state.isFinished();
        state = finished ? null : state;
    }
}
