package dev.lathe.tensor.kernel;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A set of kernels with another attention.
 *
 * @param base everything else
 * @param attention the attention
 */
public record KernelsWithAttention(Kernels base, AttentionKernels attention) implements Kernels {
    @Override
    public String name() {
        return base.name();
    }

    @Override
    public ElementwiseKernels elementwise() {
        return base.elementwise();
    }

    @Override
    public CacheKernels cache() {
        return base.cache();
    }

    @Override
    public LMulKernels lMul() {
        return base.lMul();
    }

    @Override
    public TernaryKernels ternary() {
        return base.ternary();
    }

    @Override
    public MatrixKernels matrices() {
        return base.matrices();
    }

    @Override
    public Optional<ProductKernel> product(TileLayout layout) {
        return base.product(layout);
    }

    @Override
    public Optional<FloatKernel> floats() {
        return base.floats();
    }

    @Override
    public Optional<TilePacking> packing(String format, Supplier<Optional<LaneBits>> bits) {
        return base.packing(format, bits);
    }

    @Override
    public SparseKernels sparse() {
        return base.sparse();
    }
}
