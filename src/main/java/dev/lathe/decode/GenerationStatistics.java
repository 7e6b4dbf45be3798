package dev.lathe.decode;

import dev.lathe.decode.guard.GuardStatistics;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a generation did and how long it took, so far or in all. Time in which the caller did not ask for a token is not
 * counted.
 *
 * @param promptTokens tokens of the prompt
 * @param reusedPromptTokens of these, the ones that the session held already
 * @param promptTime time to evaluate the others, by a draft model too
 * @param generatedTokens tokens delivered
 * @param decodeTime time to compute the tokens after the first
 * @param timeToFirstToken from the start of the prompt's evaluation until the first token was ready
 * @param joules energy used, all programs' on the machine, where a limit of energy had it measured
 * @param finishReason why it ended; empty while it has not
 * @param seed what the sampler's numbers came from: to repeat a generation whose sampler had no seed
 * @param decoding what the strategy did
 * @param guard what its guard noted; empty if there was none
 */
public record GenerationStatistics(
        int promptTokens,
        int reusedPromptTokens,
        Duration promptTime,
        int generatedTokens,
        Duration decodeTime,
        Optional<Duration> timeToFirstToken,
        OptionalDouble joules,
        Optional<FinishReason> finishReason,
        long seed,
        DecodingStatistics decoding,
        Optional<GuardStatistics> guard) {
    /** Evaluated prompt tokens per second; 0 before the prompt is evaluated. */
    public double promptTokensPerSecond() {
        return perSecond(promptTokens - reusedPromptTokens, promptTime);
    }

    /** Generated tokens per second, the first one (which the prompt's pass gives) left out; 0 before the second. */
    public double decodeTokensPerSecond() {
        return perSecond(generatedTokens - 1, decodeTime);
    }

    private static double perSecond(int tokens, Duration time) {
        return tokens <= 0 || time.isZero() ? 0 : tokens / (time.toNanos() * 1e-9);
    }
}
