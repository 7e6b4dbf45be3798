package dev.lathe.decode;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One generated token. Immutable.
 *
 * @param id the token's id in the vocabulary
 * @param text the text that this token releases: whole code points only, empty where its bytes or a possible stop
 *     string are not complete yet; the texts of all tokens of a generation joined are its text
 * @param index its place among the generated tokens, from 0
 * @param logProbability log-softmax of the model's raw logits at this token; present if log-probabilities were asked
 *     for
 * @param alternatives the most probable tokens at this place by the raw logits, as many as asked for, most probable
 *     first
 */
public record Token(
        int id, String text, int index, OptionalDouble logProbability, List<TokenProbability> alternatives) {
    /** Copies the list. */
    public Token {
        alternatives = List.copyOf(alternatives);
    }
}
