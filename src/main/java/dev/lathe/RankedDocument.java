package dev.lathe;

/**
 * A document and how well it answers a query.
 *
 * @param index its place among the documents given, from 0
 * @param document as given
 * @param score what the model's classification head says, higher is better; not a probability
 */
public record RankedDocument(int index, String document, float score) {}
