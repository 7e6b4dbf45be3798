package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheKernels;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LMulKernels;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.SparseKernels;
import dev.lathe.tensor.kernel.TernaryKernels;

/** The plain Java kernels. */
public final class ScalarKernels implements Kernels {
    public static final ScalarKernels INSTANCE = new ScalarKernels();

    private final ElementwiseKernels elementwise = new ScalarElementwise();
    private final MatrixKernels matrices = new ScalarMatrixKernels();
    private final AttentionKernels attention = new ScalarAttention();
    private final CacheKernels cache = new ScalarCache();
    private final LMulKernels lMul = new ScalarLMul();
    private final TernaryKernels ternary = new ScalarTernary();
    private final SparseKernels sparse = new ScalarSparse();

    private ScalarKernels() {}

    @Override
    public String name() {
        return "scalar";
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
