package dev.lathe;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What a text held before its state took keys and values from elsewhere, to which it goes back unless they are this
 * model's.
 */
record HeldText(EvaluatedText text, InferenceState.Snapshot snapshot, int[] tokens) {
    static HeldText of(EvaluatedText text) {
        return new HeldText(text, text.state().snapshot(), text.tokens());
    }

    /**
     * Makes the text that of what its state holds now, and checks that the model's logits are those of where it comes
     * from; else the text is what it was.
     *
     * @param origin where it comes from
     * @param newTokens the tokens that the state should hold
     * @param logitsSum of the logits after the last of them
     * @throws IllegalArgumentException if the logits are others
     */
    void replaceBy(String origin, int[] newTokens, long logitsSum) {
        boolean same = false;
        try {
            text.restore(text.state().snapshot(), newTokens);
            same = logitsSum(text) == logitsSum;
        } finally {
            if (!same) {
                giveBack();
            }
        }
        if (!same) {
            throw otherModel(origin, "the logits after its last token are not those of this one");
        }
    }

    /** Makes the text what it was. */
    void giveBack() {
        text.restore(snapshot, tokens);
    }

    static void checkTokens(String origin, int[] tokens, int vocabularySize) {
        for (int token : tokens) {
            if (token < 0 || token >= vocabularySize) {
                throw otherModel(origin, "token " + token + " is outside of the vocabulary of " + vocabularySize);
            }
        }
    }

    private static IllegalArgumentException otherModel(String origin, String why) {
        return new IllegalArgumentException(origin + " comes from another model: " + why);
    }

    /** Evaluates the last position held once more; leaves the text as it is. */
    static long logitsSum(EvaluatedText text) {
        InferenceState state = text.state();
        int last = state.length() - 1;
        if (last < 0) {
            return 0;
        }
        state.rewind(last);
        return sum(state.forward(TokenBatch.lastLogits(text.token(last))).row(0));
    }

    /** A checksum of logits. */
    static long sum(float[] logits) {
        CRC32C sum = new CRC32C();
        ByteBuffer bits = ByteBuffer.allocate(Integer.BYTES);
        for (float logit : logits) {
            sum.update(bits.clear().putInt(Float.floatToRawIntBits(logit)).flip());
        }
        return sum.getValue();
    }
}
