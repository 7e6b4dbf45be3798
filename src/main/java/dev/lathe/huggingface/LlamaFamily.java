package dev.lathe.huggingface;

/** Llama, Mistral and XVERSE. GGUF files rotate neighbours where the folders rotate the halves of a head. */
final class LlamaFamily extends Family {
    private final String architecture;

    LlamaFamily(String architecture) {
        this.architecture = architecture;
    }

    @Override
    String architecture() {
        return architecture;
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
