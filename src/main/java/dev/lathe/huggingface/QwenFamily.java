package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;

/** Qwen 2, with biases beside queries, keys and values, and Qwen 3, with norms of queries and keys. */
class QwenFamily extends Family {
    private final String architecture;

    QwenFamily(String architecture) {
        this.architecture = architecture;
    }

    @Override
    final String architecture() {
        return architecture;
    }

    @Override
    final void describeWindow(Config config, Keys keys) {
        if (config.json().findBoolean("use_sliding_window").orElse(false)) {
            if (config.layerTypes().isEmpty()) {
                throw new JsonException("'use_sliding_window' is true, but 'layer_types' does not say on which layers");
            }
            super.describeWindow(config, keys);
        }
    }
}
