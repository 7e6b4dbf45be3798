package dev.lathe.tensor.kernel;

import java.util.Optional;

/**
 * A set of kernels with another attention.
 *
 * @param base everything else
 * @param attention the attention
 */
record KernelsWithAttention(Kernels base, AttentionKernels attention) implements Kernels {
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
    public SparseKernels sparse() {
        return base.sparse();
    }
}
