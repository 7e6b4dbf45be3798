package dev.lathe;

import dev.lathe.decode.SampleBatch;
import dev.lathe.decode.Token;

/** Tells a listener about samples, however they are drawn. */
final class ToldSamples implements SampleBatch.Listener {
    private final Prompt prompt;
    private final SampleListener listener;
    private int first; // number of the first sample of those side by side
    private boolean goesOn = true;

    ToldSamples(Prompt prompt, SampleListener listener) {
        this.prompt = prompt;
        this.listener = listener;
    }

    /** The samples from this number on are drawn now. */
    void begin(int number) {
        first = number;
    }

    /** Whether more samples are wanted. */
    boolean goesOn() {
        return goesOn;
    }

    @Override
    public boolean token(int sample, Token token) {
        return listener.token(first + sample, token);
    }

    @Override
    public boolean ended(int sample, SampleBatch.Generated generated) {
        goesOn = listener.ended(first + sample, result(generated));
        return goesOn;
    }

    /** Reads one sample alone. */
    GenerationResult read(TokenStream stream) {
        GenerationResult result = stream.readWhile(token -> listener.token(first, token));
        goesOn = listener.ended(first, result);
        return result;
    }

    GenerationResult result(SampleBatch.Generated generated) {
        return GenerationResult.of(prompt, generated.tokens(), generated.finishReason(), generated.statistics());
    }
}
