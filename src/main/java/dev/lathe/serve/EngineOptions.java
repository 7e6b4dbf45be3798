package dev.lathe.serve;

import dev.lathe.model.CacheType;
import java.time.Duration;
import java.util.Objects;

/**
 * What an engine holds and how it schedules. Immutable; each method named after a component returns changed options.
 *
 * @param texts the most texts generated at once; others wait in the queue
 * @param queueCapacity the most requests that wait; more are refused
 * @param contextLength the most tokens of a text, prompt and answer together; 0 for the model's own context length
 * @param cacheType how keys and values are stored
 * @param longestPass how long a pass may take because of a prompt, while other texts wait for their next token: prompts
 *     are cut into chunks by it, of 16 rows at least
 * @param idleTexts the most texts that are kept after their answers, for prompts that begin as they do
 * @param headStart what a level of priority is worth: a request is treated as one that came so much earlier
 */
public record EngineOptions(
        int texts,
        int queueCapacity,
        int contextLength,
        CacheType cacheType,
        Duration longestPass,
        int idleTexts,
        Duration headStart) {
    /** 16 texts at once, 1024 waiting, exact keys and values, passes of 200 ms, 16 idle texts, 10 seconds a level. */
    public static final EngineOptions DEFAULT =
            new EngineOptions(16, 1024, 0, CacheType.F32, Duration.ofMillis(200), 16, Duration.ofSeconds(10));

    /** Checks each component. */
    public EngineOptions {
        Objects.requireNonNull(cacheType, "cacheType");
        require(texts >= 1, "texts", texts, "at least 1");
        require(queueCapacity >= 0, "queueCapacity", queueCapacity, "at least 0");
        require(contextLength >= 0, "contextLength", contextLength, "at least 1, or 0 for the model's own");
        require(longestPass.isPositive(), "longestPass", longestPass, "a positive duration");
        require(idleTexts >= 0, "idleTexts", idleTexts, "at least 0");
        require(!headStart.isNegative(), "headStart", headStart, "a duration that is not negative");
    }

    /** With so many texts at once. */
    public EngineOptions texts(int value) {
        return new EngineOptions(value, queueCapacity, contextLength, cacheType, longestPass, idleTexts, headStart);
    }

    /** With room for so many waiting requests. */
    public EngineOptions queueCapacity(int value) {
        return new EngineOptions(texts, value, contextLength, cacheType, longestPass, idleTexts, headStart);
    }

    /** With texts of so many tokens. */
    public EngineOptions contextLength(int value) {
        return new EngineOptions(texts, queueCapacity, value, cacheType, longestPass, idleTexts, headStart);
    }

    /** With keys and values stored this way. */
    public EngineOptions cacheType(CacheType value) {
        return new EngineOptions(texts, queueCapacity, contextLength, value, longestPass, idleTexts, headStart);
    }

    /** With passes that prompts make this long at most. */
    public EngineOptions longestPass(Duration value) {
        return new EngineOptions(texts, queueCapacity, contextLength, cacheType, value, idleTexts, headStart);
    }

    /** With so many texts kept after their answers. */
    public EngineOptions idleTexts(int value) {
        return new EngineOptions(texts, queueCapacity, contextLength, cacheType, longestPass, value, headStart);
    }

    /** With so much of a head start for each level of priority. */
    public EngineOptions headStart(Duration value) {
        return new EngineOptions(texts, queueCapacity, contextLength, cacheType, longestPass, idleTexts, value);
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }
}
