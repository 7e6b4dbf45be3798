package dev.lathe.tensor.kernel;

/** What kernels derive from the bytes of {@link QuantizedActivations}, once for all layers that read the same rows. */
public enum ActivationForm {
    /** The values as 16-bit integers. */
    SHORTS,
    /** Each value minus 16 times the one before it in its group of four, modulo 2^16. */
    DIFFERENCES,
    /** For two neighbours, 2^15 minus 128 times their sum, modulo 2^16. */
    PAIRS,
    /** For eight neighbours, minus 32 times their sum, modulo 2^16. */
    EIGHTS,
    /** The values as floats. */
    FLOATS
}
