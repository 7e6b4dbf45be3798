package dev.lathe.tensor.kernel;

import dev.lathe.tensor.KernelSet;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One complete set of kernels. Every set gives the same bits; they differ in speed only. Immutable and thread-safe.
 */
public interface Kernels extends KernelSet {
    /** Norms, softmax, gates and rotary positions. */
    ElementwiseKernels elementwise();

    /** The products of attention. */
    AttentionKernels attention();

    /** Unpacks quantized keys and values. */
    CacheKernels cache();

    /** Sums of approximate products. */
    LMulKernels lMul();

    /** Sums of ternary weights. */
    TernaryKernels ternary();

    /** The steps of matrix products. */
    MatrixKernels matrices();

    /** What computes products of a layout as a whole; empty where they are made of the steps of {@link #matrices}. */
    default Optional<ProductKernel> product(TileLayout layout) {
        return Optional.empty();
    }

    /** What computes products of plain numbers as a whole; empty where they are made of the steps of {@link #matrices}. */
    default Optional<FloatKernel> floats() {
        return Optional.empty();
    }

    /**
     * What packs tiles of a type of weights; empty where plain Java does.
     *
     * @param format the name of the type
     * @param bits tells where the bits come from, when the format is seen for the first time; empty if packing it is more than
     *     moving bits
     */
    default Optional<TilePacking> packing(String format, Supplier<Optional<LaneBits>> bits) {
        return Optional.empty();
    }

    /** Products of matrices with absent weights. */
    SparseKernels sparse();

    /** This set, with attention whose products are approximate. */
    default Kernels withAttention(LMul lMul) {
        return new KernelsWithAttention(this, new LMulAttention(lMul, lMul()));
    }

    /** What a caller holds without knowing what is in it. */
    static Kernels of(KernelSet set) {
        return (Kernels) set;
    }
}
