package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TernaryKernels;
import dev.lathe.tensor.kernel.TernaryProduct;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Ternary sums on the Vector API, in 16-bit lanes: 256 activations of at most 127 fit. A weight's bit is spread over its
 * lane and lets the activation through or not.
 */
final class VectorTernary implements TernaryKernels {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    @Override
    public void sums(MemorySegment weights, long at, int words, short[] x, int xAt, int[] sums) {
        for (int j = 0; j < IntegerPlane.WORD; j += INTS.length()) {
            ShortVector added = ShortVector.zero(SHORTS);
            ShortVector subtracted = added;
            for (int word = 0; word < words; word++) {
                ShortVector v = IntVector.fromMemorySegment(
                                INTS, weights, at + 4L * (word * IntegerPlane.WORD + j), ORDER)
                        .reinterpretAsShorts();
                for (int field = 0; field < TernaryProduct.WORD_COLUMNS; field++) {
                    short a = x[xAt + word * TernaryProduct.WORD_COLUMNS + field];
                    added = added.add(v.lanewise(VectorOperators.LSHL, 15 - 2 * field)
                            .lanewise(VectorOperators.ASHR, 15)
                            .and(a));
                    subtracted = subtracted.add(v.lanewise(VectorOperators.LSHL, 14 - 2 * field)
                            .lanewise(VectorOperators.ASHR, 15)
                            .and(a));
                }
            }
            int row = IntegerPlane.row(j);
            IntVector sum = added.sub(subtracted).reinterpretAsInts();
            sum.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .intoArray(sums, row);
            sum.lanewise(VectorOperators.ASHR, 16).intoArray(sums, row + 16);
        }
    }
}
