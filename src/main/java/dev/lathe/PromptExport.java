package dev.lathe;

import java.time.Duration;

/**
 * What sending a prompt's keys and values took.
 *
 * @param tokens tokens of the prompt
 * @param reusedTokens of these, the ones that the session held already
 * @param byteCount bytes sent
 * @param bytesWhileEvaluating of these, the ones sent before the prompt was evaluated
 * @param evaluated time until the prompt was evaluated
 * @param sent time until the channel had taken the last byte
 */
public record PromptExport(
        int tokens, int reusedTokens, long byteCount, long bytesWhileEvaluating, Duration evaluated, Duration sent) {}
