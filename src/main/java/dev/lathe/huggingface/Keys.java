package dev.lathe.huggingface;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.PrimitiveArray;

/** Puts keys that begin with an architecture's name. */
record Keys(String architecture, Metadata.Builder metadata) {
    void count(String key, long value) {
        metadata.uint32(architecture + "." + key, value);
    }

    void number(String key, double value) {
        metadata.float32(architecture + "." + key, (float) value);
    }

    /** Numbers of layers, by their whole key. */
    void wholeKey(String key, float... values) {
        metadata.floats(key, values);
    }

    void text(String key, String value) {
        metadata.string(architecture + "." + key, value);
    }

    void flag(String key, boolean value) {
        metadata.bool(architecture + "." + key, value);
    }

    void counts(String key, int... values) {
        metadata.put(architecture + "." + key, PrimitiveArray.of(values));
    }

    void booleans(String key, boolean... values) {
        metadata.put(architecture + "." + key, PrimitiveArray.of(values));
    }
}
