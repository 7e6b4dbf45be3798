package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;

/** The kernels on the Vector API, at the machine's preferred width. Only loaded where the module is present. */
final class VectorKernels implements Kernels {
    /** Bits of one vector. */
    static final int BITS = FloatVector.SPECIES_PREFERRED.vectorBitSize();

    @Override
    public String name() {
        return "vector-" + BITS;
    }
}
