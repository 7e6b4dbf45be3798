package dev.lathe.model;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The families of decoders that can be run, and in what they differ. */
public enum Architecture {
    /** Llama 2 and 3, SmolLM2, Mistral: gated SiLU; rotary pairs (2i, 2i + 1), as GGUF files permute them. */
    LLAMA("llama", RotaryOrder.PAIRS, false, false, GateFunction.SILU),
    /** Qwen 2 and 2.5: as Llama with biases and rotary pairs (i, i + half). */
    QWEN2("qwen2", RotaryOrder.HALVES, false, false, GateFunction.SILU),
    /** Qwen 3 without experts: norms of the heads of queries and keys. */
    QWEN3("qwen3", RotaryOrder.HALVES, true, false, GateFunction.SILU),
    /** Gemma 3 (text): sliding windows in most layers, norms before and after each half of a block, gated GELU. */
    GEMMA3("gemma3", RotaryOrder.HALVES, true, true, GateFunction.GELU);

    /** Which elements of a head rotate together. */
    public enum RotaryOrder {
        /** (2i, 2i + 1). */
        PAIRS,
        /** (i, i + half of the rotated dimensions). */
        HALVES
    }

    /** The function of the feed-forward gate. */
    public enum GateFunction {
        /** x / (1 + exp(-x)). */
        SILU,
        /** The tanh form of GELU. */
        GELU
    }

    private final String key;
    private final RotaryOrder rotaryOrder;
    private final boolean headNorms;
    private final boolean postNorms;
    private final GateFunction gateFunction;

    Architecture(String key, RotaryOrder rotaryOrder, boolean headNorms, boolean postNorms, GateFunction gateFunction) {
        this.key = key;
        this.rotaryOrder = rotaryOrder;
        this.headNorms = headNorms;
        this.postNorms = postNorms;
        this.gateFunction = gateFunction;
    }

    /** The value of {@code general.architecture}, also the prefix of the other keys. */
    public String key() {
        return key;
    }

    /** Which elements of a head rotate together. */
    public RotaryOrder rotaryOrder() {
        return rotaryOrder;
    }

    /** Whether each head of the queries and keys is normed before it rotates. */
    public boolean headNorms() {
        return headNorms;
    }

    /** Whether the outputs of attention and of the feed-forward part are normed before they are added. */
    public boolean postNorms() {
        return postNorms;
    }

    /** The function of the feed-forward gate. */
    public GateFunction gateFunction() {
        return gateFunction;
    }

    /** All supported keys, for error messages. */
    static String supported() {
        return Arrays.stream(values()).map(Architecture::key).collect(Collectors.joining(", "));
    }
}
