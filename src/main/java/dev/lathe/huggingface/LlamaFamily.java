package dev.lathe.huggingface;

/** Llama and Mistral. GGUF files rotate neighbours where the folders rotate the halves of a head. */
final class LlamaFamily extends Family {
    @Override
    String architecture() {
        return "llama";
    }

    @Override
    int interleavedHeads(String name, Config config) {
        return interleaved(name, config);
    }

    /** Heads of queries and of keys. */
    static int interleaved(String name, Config config) {
        if (name.contains(".attn_q.")) {
            return config.headCount();
        }
        return name.contains(".attn_k.") ? config.keyValueHeadCount() : 0;
    }
}
