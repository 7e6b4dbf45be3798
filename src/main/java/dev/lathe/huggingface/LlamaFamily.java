package dev.lathe.huggingface;

/** Llama and Mistral. GGUF files rotate neighbours where the folders rotate the halves of a head. */
final class LlamaFamily extends Family {
    @Override
    String architecture() {
        return "llama";
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
