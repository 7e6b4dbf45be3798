package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheKernels;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LMulKernels;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.SparseKernels;
import dev.lathe.tensor.kernel.TernaryKernels;
import jdk.incubator.vector.FloatVector;

/** The kernels on the Vector API, at the machine's preferred width. Only loaded where the module is present. */
public final class VectorKernels implements Kernels {
    /** Bits of one vector. */
    public static final int BITS = FloatVector.SPECIES_PREFERRED.vectorBitSize();

    private final ElementwiseKernels elementwise = new VectorElementwise();
    private final MatrixKernels matrices = new VectorMatrixKernels();
    private final AttentionKernels attention = new VectorAttention();
    private final CacheKernels cache = new VectorCache();
    private final LMulKernels lMul = new VectorLMul();
    private final TernaryKernels ternary = new VectorTernary();
    private final SparseKernels sparse = new VectorSparse();

    @Override
    public String name() {
        return "vector-" + BITS;
    }

    @Override
    public ElementwiseKernels elementwise() {
        return elementwise;
    }

    @Override
    public AttentionKernels attention() {
        return attention;
    }

    @Override
    public CacheKernels cache() {
        return cache;
    }

    @Override
    public LMulKernels lMul() {
        return lMul;
    }

    @Override
    public TernaryKernels ternary() {
        return ternary;
    }

    @Override
    public MatrixKernels matrices() {
        return matrices;
    }

    @Override
    public SparseKernels sparse() {
        return sparse;
    }
}
