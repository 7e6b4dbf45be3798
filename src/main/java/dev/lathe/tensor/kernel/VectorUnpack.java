package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Unpacks half tiles to floats, [columns][32 rows], for the products of many rows. Every number is exact. */
final class VectorUnpack {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorUnpack() {}

    /** Sets {@code words * (16 / bits)} columns to the fields of {@code bits} bits in each 16-bit lane, minus the center. */
    static void fields(int[] tile, int offset, int words, int bits, int center, float[] target, int at) {
        int fields = 16 / bits;
        int mask = (1 << bits) - 1;
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector v = IntVector.fromArray(INTS, tile, offset + word * IntegerPlane.WORD + j);
                for (int field = 0; field < fields; field++) {
                    int column = at + (word * fields + field) * 32 + j;
                    ((FloatVector) v.and(mask).sub(center).convert(VectorOperators.I2F, 0)).intoArray(target, column);
                    ((FloatVector) v.lanewise(VectorOperators.LSHR, 16)
                                    .and(mask)
                                    .sub(center)
                                    .convert(VectorOperators.I2F, 0))
                            .intoArray(target, column + 16);
                    v = v.lanewise(VectorOperators.LSHR, bits);
                }
            }
        }
    }

    /** Adds 16 times the fields to columns that hold the nibbles. */
    static void addUpperFields(int[] tile, int offset, int words, int bits, float[] target, int at) {
        int fields = 16 / bits;
        int mask = (1 << bits) - 1;
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector v = IntVector.fromArray(INTS, tile, offset + word * IntegerPlane.WORD + j);
                for (int field = 0; field < fields; field++) {
                    int column = at + (word * fields + field) * 32 + j;
                    ((FloatVector) v.and(mask).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.broadcast(FLOATS, 16f), FloatVector.fromArray(FLOATS, target, column))
                            .intoArray(target, column);
                    ((FloatVector) v.lanewise(VectorOperators.LSHR, 16)
                                    .and(mask)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.broadcast(FLOATS, 16f), FloatVector.fromArray(FLOATS, target, column + 16))
                            .intoArray(target, column + 16);
                    v = v.lanewise(VectorOperators.LSHR, bits);
                }
            }
        }
    }

    /** Bits of float32. */
    static void floats(int[] tile, int offset, int columns, float[] target) {
        for (int column = 0; column < columns; column++) {
            for (int j = 0; j < 32; j += LANES) {
                IntVector.fromArray(INTS, tile, offset + column * IntegerPlane.ROWS + j)
                        .reinterpretAsFloats()
                        .intoArray(target, column * 32 + j);
            }
        }
    }
}
