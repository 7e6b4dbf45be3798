package dev.lathe.tensor.kernel;

import java.lang.System.Logger.Level;

/** Chooses the kernels once; each reason to fall back is a branch with its own cure. */
final class KernelChoice {
    static final Kernels BEST = choose();

    private KernelChoice() {}

    private static Kernels choose() {
        if (KernelChoice.class.getModule().getLayer() == null
                && ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            System.getLogger("dev.lathe")
                    .log(
                            Level.WARNING,
                            "the Vector API is not available: results are right, but many times slower;"
                                    + " start java with --add-modules jdk.incubator.vector");
            return Kernels.scalar();
        }
        VectorKernels kernels = new VectorKernels();
        if (VectorKernels.BITS < 128) {
            System.getLogger("dev.lathe")
                    .log(
                            Level.WARNING,
                            "this virtual machine has vectors of " + VectorKernels.BITS
                                    + " bits: results are right, but many times slower; run on x86-64 or AArch64 with C2");
            return Kernels.scalar();
        }
        return kernels;
    }
}
