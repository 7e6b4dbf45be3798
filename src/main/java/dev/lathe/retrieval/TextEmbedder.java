package dev.lathe.retrieval;

import java.util.List;

/** Makes vectors of texts: a model, or anything else that does. Thread-safe. */
@FunctionalInterface
public interface TextEmbedder {
    /** A vector for each text, all of one length; the caller's own. */
    List<float[]> embed(List<String> texts);
}
