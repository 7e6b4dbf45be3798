package dev.lathe.huggingface;

/** EmbeddingGemma: Gemma 3 whose windows reach to both sides; its dense layers are modules after the pooled row. */
final class GemmaEmbeddingFamily extends Gemma3Family {
    @Override
    String architecture() {
        return "gemma-embedding";
    }

    @Override
    boolean isBidirectional() {
        return true;
    }
}
