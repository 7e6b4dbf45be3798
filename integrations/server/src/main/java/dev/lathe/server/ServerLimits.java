package dev.lathe.server;

import java.time.Duration;

/**
 * What a server holds at most. Immutable; each method named after a component returns changed limits.
 *
 * @param sessions generations at the same time
 * @param queueLength requests that wait for a session; one more is answered 429
 * @param queueTime how long a request waits; then it is answered 429
 * @param contextLength tokens of a prompt and its answer; 0 for the model's own
 * @param maxTokens tokens of an answer, where a request does not ask for fewer
 * @param choices answers to one request
 * @param bodyBytes bytes of a request's body; a longer one is answered 413
 * @param generationTime how long an answer may take; it ends as if by its length
 * @param transferTime how long a client may take to send its request, or to take one event of a stream
 * @param stopTime how long a stopping server waits for answers under way before it cancels them
 */
public record ServerLimits(
        int sessions,
        int queueLength,
        Duration queueTime,
        int contextLength,
        int maxTokens,
        int choices,
        int bodyBytes,
        Duration generationTime,
        Duration transferTime,
        Duration stopTime) {
    /** For one machine and a few users. */
    public static final ServerLimits DEFAULT = new ServerLimits(
            2,
            32,
            Duration.ofMinutes(1),
            0,
            Integer.MAX_VALUE,
            8,
            4 << 20,
            Duration.ofMinutes(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    /** Checks each component. */
    public ServerLimits {
        require(sessions >= 1, "sessions", sessions, "at least 1");
        require(queueLength >= 0, "queueLength", queueLength, "at least 0");
        require(contextLength >= 0, "contextLength", contextLength, "at least 0");
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        require(choices >= 1, "choices", choices, "at least 1");
        require(bodyBytes >= 1, "bodyBytes", bodyBytes, "at least 1");
        require(!queueTime.isNegative(), "queueTime", queueTime, "not negative");
        require(generationTime.isPositive(), "generationTime", generationTime, "positive");
        require(transferTime.isPositive(), "transferTime", transferTime, "positive");
        require(!stopTime.isNegative(), "stopTime", stopTime, "not negative");
    }

    /** With so many sessions. */
    public ServerLimits sessions(int value) {
        return new ServerLimits(
                value,
                queueLength,
                queueTime,
                contextLength,
                maxTokens,
                choices,
                bodyBytes,
                generationTime,
                transferTime,
                stopTime);
    }

    /** With a queue of this length. */
    public ServerLimits queueLength(int value) {
        return new ServerLimits(
                sessions,
                value,
                queueTime,
                contextLength,
                maxTokens,
                choices,
                bodyBytes,
                generationTime,
                transferTime,
                stopTime);
    }

    /** With this context length. */
    public ServerLimits contextLength(int value) {
        return new ServerLimits(
                sessions,
                queueLength,
                queueTime,
                value,
                maxTokens,
                choices,
                bodyBytes,
                generationTime,
                transferTime,
                stopTime);
    }

    /** With answers of at most so many tokens. */
    public ServerLimits maxTokens(int value) {
        return new ServerLimits(
                sessions,
                queueLength,
                queueTime,
                contextLength,
                value,
                choices,
                bodyBytes,
                generationTime,
                transferTime,
                stopTime);
    }

    /** With bodies of at most so many bytes. */
    public ServerLimits bodyBytes(int value) {
        return new ServerLimits(
                sessions,
                queueLength,
                queueTime,
                contextLength,
                maxTokens,
                choices,
                value,
                generationTime,
                transferTime,
                stopTime);
    }

    /** With this time to stop. */
    public ServerLimits stopTime(Duration value) {
        return new ServerLimits(
                sessions,
                queueLength,
                queueTime,
                contextLength,
                maxTokens,
                choices,
                bodyBytes,
                generationTime,
                transferTime,
                value);
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }
}
