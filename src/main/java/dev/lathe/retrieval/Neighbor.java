package dev.lathe.retrieval;

/**
 * An entry that was found.
 *
 * @param id the entry
 * @param score its similarity to the query; larger is nearer
 * @param label what it was labelled with
 */
public record Neighbor(int id, float score, int label) {}
