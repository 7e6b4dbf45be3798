package dev.lathe.model.config;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The families of decoders that can be run, and in what they differ. */
public enum Architecture {
    /** Llama 2 and 3, SmolLM2, Mistral: gated SiLU; rotary pairs (2i, 2i + 1), as GGUF files permute them. */
    LLAMA("llama", RotaryOrder.PAIRS, GateFunction.SILU),
    /** Qwen 2 and 2.5: as Llama with biases and rotary pairs (i, i + half). */
    QWEN2("qwen2", RotaryOrder.HALVES, GateFunction.SILU),
    /** Qwen 3 without experts: norms of the heads of queries and keys. */
    QWEN3("qwen3", RotaryOrder.HALVES, GateFunction.SILU, Trait.HEAD_NORMS),
    /** Gemma 3 (text): sliding windows in most layers, norms before and after each half of a block, gated GELU. */
    GEMMA3("gemma3", RotaryOrder.HALVES, GateFunction.GELU, Trait.HEAD_NORMS, Trait.POST_NORMS),
    /** StarCoder 2: layer norms, biases everywhere, GELU without a gate. */
    STARCODER2("starcoder2", RotaryOrder.HALVES, GateFunction.GELU, Trait.LAYER_NORMS, Trait.NO_GATE);

    /** Which elements of a head rotate together. */
    public enum RotaryOrder {
        /** (2i, 2i + 1). */
        PAIRS,
        /** (i, i + half of the rotated dimensions). */
        HALVES
    }

    /** The function of the feed-forward part: of its gate, or where it has none of what its first matrix gives. */
    public enum GateFunction {
        /** x / (1 + exp(-x)). */
        SILU,
        /** The tanh form of GELU. */
        GELU
    }

    /** What some families have and most have not. */
    private enum Trait {
        HEAD_NORMS,
        POST_NORMS,
        LAYER_NORMS,
        NO_GATE
    }

    private final String key;
    private final RotaryOrder rotaryOrder;
    private final GateFunction gateFunction;
    private final List<Trait> traits;

    Architecture(String key, RotaryOrder rotaryOrder, GateFunction gateFunction, Trait... traits) {
        this.key = key;
        this.rotaryOrder = rotaryOrder;
        this.gateFunction = gateFunction;
        this.traits = List.of(traits);
    }

    /**
     * The family of a file's model, also of one that left its family's shape.
     *
     * @throws GgufException if it cannot be run
     */
    public static Architecture of(Metadata metadata) {
        String name = LatheFormat.baseArchitecture(metadata);
        for (Architecture architecture : values()) {
            if (architecture.key.equals(name)) {
                return architecture;
            }
        }
        String supported = Arrays.stream(values()).map(Architecture::key).collect(Collectors.joining(", "));
        throw new GgufException("architecture '" + name + "' cannot be run; supported: " + supported, -1);
    }

    /** The value of {@code general.architecture}, also the prefix of the other keys. */
    public String key() {
        return key;
    }

    /** Which elements of a head rotate together. */
    public RotaryOrder rotaryOrder() {
        return rotaryOrder;
    }

    /** The function of the feed-forward part. */
    public GateFunction gateFunction() {
        return gateFunction;
    }

    /** Whether each head of the queries and keys is normed before it rotates. */
    public boolean headNorms() {
        return traits.contains(Trait.HEAD_NORMS);
    }

    /** Whether the outputs of attention and of the feed-forward part are normed before they are added. */
    public boolean postNorms() {
        return traits.contains(Trait.POST_NORMS);
    }

    /** Whether the norms of the residual stream are layer norms, which subtract the mean and add a shift. */
    public boolean layerNorms() {
        return traits.contains(Trait.LAYER_NORMS);
    }

    /** Whether the feed-forward part multiplies the function of one matrix with another. */
    public boolean gated() {
        return !traits.contains(Trait.NO_GATE);
    }
}
