package dev.lathe.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import dev.lathe.decode.GenerationStatistics;

/** Tokens of a request, and how many of its prompt's were not evaluated again. Immutable. */
public final class LatheTokenUsage extends TokenUsage {
    private final int reusedInputTokenCount;

    private LatheTokenUsage(int input, int output, int reused) {
        super(input, output);
        this.reusedInputTokenCount = reused;
    }

    static LatheTokenUsage of(GenerationStatistics statistics) {
        return new LatheTokenUsage(
                statistics.promptTokens(), statistics.generatedTokens(), statistics.reusedPromptTokens());
    }

    /** Of the prompt's tokens, the ones whose keys and values a session still held. */
    public int reusedInputTokenCount() {
        return reusedInputTokenCount;
    }

    /** The sum of both, as services make it of several requests; of another kind of usage nothing was reused. */
    @Override
    public LatheTokenUsage add(TokenUsage that) {
        if (that == null) {
            return this;
        }
        return new LatheTokenUsage(
                sum(inputTokenCount(), that.inputTokenCount()),
                sum(outputTokenCount(), that.outputTokenCount()),
                reusedInputTokenCount + (that instanceof LatheTokenUsage lathe ? lathe.reusedInputTokenCount : 0));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LatheTokenUsage that
                && super.equals(other)
                && reusedInputTokenCount == that.reusedInputTokenCount;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + reusedInputTokenCount;
    }

    @Override
    public String toString() {
        return "LatheTokenUsage{" + super.toString() + ", reusedInputTokenCount=" + reusedInputTokenCount + "}";
    }
}
