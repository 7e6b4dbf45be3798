package dev.lathe;

import dev.lathe.chat.Reply;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Token;
import dev.lathe.route.AnswerSignals;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A generation that has ended. Immutable.
 *
 * @param text the generated text, without prompt and stop string
 * @param tokens the generated tokens; where the model ended the text, the token that says so is the last
 * @param finishReason why it ended
 * @param stats what was done and how long it took
 * @param reply the answer of a conversation taken apart: what is said, thought and called; else the text
 */
public record GenerationResult(
        String text, List<Token> tokens, FinishReason finishReason, GenerationStatistics stats, Reply reply) {
    /** Copies the list. */
    public GenerationResult {
        tokens = List.copyOf(tokens);
    }

    static GenerationResult of(
            Prompt prompt, List<Token> tokens, FinishReason finishReason, GenerationStatistics stats) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token.text()));
        return new GenerationResult(text.toString(), tokens, finishReason, stats, prompt.read(tokens));
    }

    /** Of a generation that ended before it began. */
    static GenerationResult unstarted(int promptTokens, String strategy, FinishReason reason) {
        GenerationStatistics stats = new GenerationStatistics(
                promptTokens,
                0,
                Duration.ZERO,
                0,
                Duration.ZERO,
                Optional.empty(),
                OptionalDouble.empty(),
                Optional.of(reason),
                0,
                DecodingStatistics.none(strategy),
                Optional.empty());
        return new GenerationResult("", List.of(), reason, stats, new Reply("", "", List.of()));
    }

    /**
     * How sure the model was of this answer, to decide whether another shall give it.
     *
     * @throws IllegalArgumentException if it was generated without {@link Generation#logProbabilities}
     */
    public AnswerSignals signals() {
        return AnswerSignals.of(tokens);
    }

    /** The ids of the generated tokens. */
    public int[] tokenIds() {
        return tokens.stream().mapToInt(Token::id).toArray();
    }
}
