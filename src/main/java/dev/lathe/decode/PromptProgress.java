package dev.lathe.decode;

/** Told about a prompt after each batch of its tokens, on the thread that evaluates it. */
@FunctionalInterface
public interface PromptProgress {
    /**
     * A batch is done.
     *
     * @param evaluatedTokens tokens of the prompt that the state holds now, reused ones included
     * @param promptTokens tokens of the whole prompt
     */
    void evaluated(int evaluatedTokens, int promptTokens);
}
