package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import dev.lathe.tensor.kernel.Kernels;
import java.util.function.Supplier;

/**
 * Unpacking of keys and values by another set, which is asked for when the first of them is unpacked: a cache of floats never is.
 *
 * @param base gives the set
 */
record DeferredCache(Supplier<Kernels> base) implements CacheKernels {
    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        base.get().cache().unpackKeys(blocks, words, at, scales, scaleAt, size, tile);
    }

    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        base.get().cache().unpackValues(blocks, words, at, scales, scaleAt, size, tile);
    }

    @Override
    public void widen(short[] halves, int at, int count, float[] target) {
        base.get().cache().widen(halves, at, count, target);
    }
}
