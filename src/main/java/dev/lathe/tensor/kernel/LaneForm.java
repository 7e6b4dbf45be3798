package dev.lathe.tensor.kernel;

/** Forms of activations that the Vector API kernels read: integers and floats wider than bytes, in the order of the columns. */
public enum LaneForm implements ActivationForm {
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
