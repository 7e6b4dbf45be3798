package dev.lathe.search;

/**
 * A step of an answer: its tokens up to the one that completes the separator, which may hold more than that.
 *
 * @param text its text
 * @param begin its first token
 * @param end the token after its last
 */
public record Step(String text, int begin, int end) {}
