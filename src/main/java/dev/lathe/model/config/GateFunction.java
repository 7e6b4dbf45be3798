package dev.lathe.model.config;

/** The function of a feed-forward part: of its gate, or where it has none of what its first matrix gives. */
public enum GateFunction {
    /** x / (1 + exp(-x)). */
    SILU,
    /** The tanh form of GELU. */
    GELU,
    /** GELU by the error function. */
    EXACT_GELU,
    /** max(x, 0)^2. */
    SQUARED_RELU,
    /** With gates g of at most 7 and inputs u from -7 to 7: g / (1 + exp(-1.702 g)) * (u + 1). */
    CLAMPED_SILU,
    /** {@link Xielu}, whose numbers each layer has of its own. */
    XIELU
}
