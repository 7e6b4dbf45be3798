package dev.lathe.server;

import java.time.Duration;

/**
 * What a server holds at most. Immutable; each method named after a component returns changed limits.
 *
 * @param texts answers that are generated at the same time, in passes that they share
 * @param queueLength answers that wait for their turn; one more is refused with status 429
 * @param contextLength tokens of a prompt and its answer; 0 for the model's own
 * @param maxTokens tokens of an answer, where a request does not ask for fewer
 * @param choices answers to one request
 * @param bodyBytes bytes of a request's body; a longer one is answered 413
 * @param generationTime how long an answer may take, its time in the queue included; it ends as if by its length, and
 *     with status 429 if its turn did not come
 * @param transferTime how long a client may take to send its request, or to take one event of a stream
 * @param stopTime how long a stopping server waits for answers under way before it cancels them
 */
public record ServerLimits(
        int texts,
        int queueLength,
        int contextLength,
        int maxTokens,
        int choices,
        int bodyBytes,
        Duration generationTime,
        Duration transferTime,
        Duration stopTime) {
    /** For one machine and a few users. */
    public static final ServerLimits DEFAULT = new ServerLimits(
            16,
            64,
            0,
            Integer.MAX_VALUE,
            8,
            4 << 20,
            Duration.ofMinutes(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    /** Checks each component. */
    public ServerLimits {
        require(texts >= 1, "texts", texts, "at least 1");
        require(queueLength >= 0, "queueLength", queueLength, "at least 0");
        require(contextLength >= 0, "contextLength", contextLength, "at least 0");
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        require(choices >= 1, "choices", choices, "at least 1");
        require(bodyBytes >= 1, "bodyBytes", bodyBytes, "at least 1");
        require(generationTime.isPositive(), "generationTime", generationTime, "positive");
        require(transferTime.isPositive(), "transferTime", transferTime, "positive");
        require(!stopTime.isNegative(), "stopTime", stopTime, "not negative");
    }

    /** With so many answers at the same time. */
    public ServerLimits texts(int value) {
        return new ServerLimits(
                value,
                queueLength,
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
                texts, value, contextLength, maxTokens, choices, bodyBytes, generationTime, transferTime, stopTime);
    }

    /** With this context length. */
    public ServerLimits contextLength(int value) {
        return new ServerLimits(
                texts, queueLength, value, maxTokens, choices, bodyBytes, generationTime, transferTime, stopTime);
    }

    /** With answers of at most so many tokens. */
    public ServerLimits maxTokens(int value) {
        return new ServerLimits(
                texts, queueLength, contextLength, value, choices, bodyBytes, generationTime, transferTime, stopTime);
    }

    /** With bodies of at most so many bytes. */
    public ServerLimits bodyBytes(int value) {
        return new ServerLimits(
                texts, queueLength, contextLength, maxTokens, choices, value, generationTime, transferTime, stopTime);
    }

    /** With answers that may take so long. */
    public ServerLimits generationTime(Duration value) {
        return new ServerLimits(
                texts, queueLength, contextLength, maxTokens, choices, bodyBytes, value, transferTime, stopTime);
    }

    /** With so much time for clients to send and to take. */
    public ServerLimits transferTime(Duration value) {
        return new ServerLimits(
                texts, queueLength, contextLength, maxTokens, choices, bodyBytes, generationTime, value, stopTime);
    }

    /** With this time to stop. */
    public ServerLimits stopTime(Duration value) {
        return new ServerLimits(
                texts, queueLength, contextLength, maxTokens, choices, bodyBytes, generationTime, transferTime, value);
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }
}
