package dev.lathe.retrieval;

/**
 * A passage that was found.
 *
 * @param id of its entry
 * @param text what it says
 * @param score the cosine of its vector and the question's
 */
public record Passage(int id, String text, float score) {}
