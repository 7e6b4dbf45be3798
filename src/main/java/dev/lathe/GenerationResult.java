package dev.lathe;

import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Token;
import java.util.List;

/**
 * A generation that has ended. Immutable.
 *
 * @param text the generated text, without prompt and stop string
 * @param tokens the generated tokens; where the model ended the text, the token that says so is the last
 * @param finishReason why it ended
 * @param stats what was done and how long it took
 */
public record GenerationResult(String text, List<Token> tokens, FinishReason finishReason, GenerationStatistics stats) {
    /** Copies the list. */
    public GenerationResult {
        tokens = List.copyOf(tokens);
    }

    static GenerationResult of(List<Token> tokens, FinishReason finishReason, GenerationStatistics stats) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token.text()));
        return new GenerationResult(text.toString(), tokens, finishReason, stats);
    }

    /** The ids of the generated tokens. */
    public int[] tokenIds() {
        return tokens.stream().mapToInt(Token::id).toArray();
    }
}
