package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.IntegerPlane;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Unpacks tiles for the products of many rows: to 16-bit lanes, or half tiles to floats, [columns][32 rows]. Every number is exact. */
final class VectorUnpack {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorUnpack() {}

    /** Sets {@code words * (16 / bits)} columns to the fields of {@code bits} bits in each 16-bit lane, minus the center. */
    static void lanes(MemorySegment tile, long offset, int words, int bits, int center, int[] target, int at) {
        int fields = 16 / bits;
        int mask = ((1 << bits) - 1) * 0x10001;
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                IntVector v =
                        IntVector.fromMemorySegment(INTS, tile, offset + 4L * (word * IntegerPlane.WORD + j), ORDER);
                for (int field = 0; field < fields; field++) {
                    v.and(mask)
                            .reinterpretAsShorts()
                            .sub((short) center)
                            .reinterpretAsInts()
                            .intoArray(target, at + (word * fields + field) * IntegerPlane.WORD + j);
                    v = v.lanewise(VectorOperators.LSHR, bits);
                }
            }
        }
    }

    /** Sets 32 columns to the fields of twice {@code bits} words, minus the center; the highest bits are the 16th column. */
    static void fieldLanes(int bits, MemorySegment tile, long offset, int center, int[] target, int at) {
        int mask = ((1 << bits) - 1) * 0x10001;
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                int column = at + half * 16 * IntegerPlane.WORD + j;
                ShortVector last = ShortVector.zero(ShortVector.SPECIES_PREFERRED);
                for (int word = 0; word < bits; word++) {
                    IntVector v = IntVector.fromMemorySegment(
                            INTS, tile, offset + 4L * ((bits * half + word) * IntegerPlane.WORD + j), ORDER);
                    last = last.lanewise(VectorOperators.LSHR, 1)
                            .or(v.and(0x80008000).reinterpretAsShorts());
                    for (int field = 0; field < 15 / bits; field++) {
                        v.and(mask)
                                .reinterpretAsShorts()
                                .sub((short) center)
                                .reinterpretAsInts()
                                .intoArray(target, column);
                        v = v.lanewise(VectorOperators.LSHR, bits);
                        column += IntegerPlane.WORD;
                    }
                }
                last.lanewise(VectorOperators.LSHR, 16 - bits)
                        .sub((short) center)
                        .reinterpretAsInts()
                        .intoArray(target, column);
            }
        }
    }

    /** Sets 32 columns to the 6-bit integers of four times 3 words, minus the center. */
    static void sixBitLanes(MemorySegment tile, long offset, int center, int[] target, int at) {
        for (int quarter = 0; quarter < 4; quarter++) {
            for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                long from = offset + 4L * (quarter * 3 * IntegerPlane.WORD + j);
                int column = at + quarter * 8 * IntegerPlane.WORD + j;
                ShortVector last = ShortVector.zero(ShortVector.SPECIES_PREFERRED);
                for (int word = 0; word < 4; word++) {
                    IntVector v = last.lanewise(VectorOperators.LSHR, 4).reinterpretAsInts();
                    if (word < 3) {
                        v = IntVector.fromMemorySegment(INTS, tile, from + 4L * (word * IntegerPlane.WORD), ORDER);
                        last = last.lanewise(VectorOperators.LSHR, 4)
                                .or(v.and(0xf000f000).reinterpretAsShorts());
                    }
                    for (int field = 0; field < 2; field++) {
                        v.and(0x003f003f)
                                .reinterpretAsShorts()
                                .sub((short) center)
                                .reinterpretAsInts()
                                .intoArray(target, column);
                        v = v.lanewise(VectorOperators.LSHR, 6);
                        column += IntegerPlane.WORD;
                    }
                }
            }
        }
    }

    /** Sets 32 columns to what the nibbles of 8 words choose, minus the center. */
    static void levelLanes(byte[] table, MemorySegment tile, long offset, int center, int[] target, int at) {
        ByteVector levels = ByteVector.fromArray(BYTES, table, 0);
        for (int word = 0; word < 8; word++) {
            for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                IntVector v =
                        IntVector.fromMemorySegment(INTS, tile, offset + 4L * (word * IntegerPlane.WORD + j), ORDER);
                for (int odd = 0; odd < 2; odd++) {
                    ShortVector two = v.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
                    int column = at + (word * 4 + odd) * IntegerPlane.WORD + j;
                    two.and((short) 255).sub((short) center).reinterpretAsInts().intoArray(target, column);
                    two.lanewise(VectorOperators.LSHR, 8)
                            .sub((short) center)
                            .reinterpretAsInts()
                            .intoArray(target, column + 2 * IntegerPlane.WORD);
                    v = v.lanewise(VectorOperators.LSHR, 4);
                }
            }
        }
    }

    /** Sets 32 columns of half a tile to what the nibbles of 8 words choose, minus 128. */
    static void levelBytes(byte[] table, MemorySegment tile, long offset, float[] target, int at) {
        ByteVector levels = ByteVector.fromArray(BYTES, table, 0);
        for (int word = 0; word < 8; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector v =
                        IntVector.fromMemorySegment(INTS, tile, offset + 4L * (word * IntegerPlane.WORD + j), ORDER);
                for (int odd = 0; odd < 2; odd++) {
                    IntVector four = v.reinterpretAsBytes().selectFrom(levels).reinterpretAsInts();
                    int column = at + (word * 4 + odd) * 32 + j;
                    ((FloatVector) four.and(255).sub(128).convert(VectorOperators.I2F, 0)).intoArray(target, column);
                    ((FloatVector) four.lanewise(VectorOperators.LSHR, 16)
                                    .and(255)
                                    .sub(128)
                                    .convert(VectorOperators.I2F, 0))
                            .intoArray(target, column + 16);
                    ((FloatVector) four.lanewise(VectorOperators.LSHR, 8)
                                    .and(255)
                                    .sub(128)
                                    .convert(VectorOperators.I2F, 0))
                            .intoArray(target, column + 64);
                    ((FloatVector) four.lanewise(VectorOperators.LSHR, 24)
                                    .sub(128)
                                    .convert(VectorOperators.I2F, 0))
                            .intoArray(target, column + 80);
                    v = v.lanewise(VectorOperators.LSHR, 4);
                }
            }
        }
    }

    /** Sets {@code 2 * words} columns of half a tile to the bytes of each 16-bit lane minus 128. */
    static void bytes(MemorySegment tile, long offset, int words, float[] target, int at) {
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector v =
                        IntVector.fromMemorySegment(INTS, tile, offset + 4L * (word * IntegerPlane.WORD + j), ORDER);
                for (int field = 0; field < 2; field++) {
                    int column = at + (word * 2 + field) * 32 + j;
                    ((FloatVector) v.and(255).sub(128).convert(VectorOperators.I2F, 0)).intoArray(target, column);
                    ((FloatVector) v.lanewise(VectorOperators.LSHR, 16)
                                    .and(255)
                                    .sub(128)
                                    .convert(VectorOperators.I2F, 0))
                            .intoArray(target, column + 16);
                    v = v.lanewise(VectorOperators.LSHR, 8);
                }
            }
        }
    }

    /** Bits of float32. */
    static void floats(MemorySegment tile, long offset, int columns, float[] target) {
        for (int column = 0; column < columns; column++) {
            for (int j = 0; j < 32; j += LANES) {
                IntVector.fromMemorySegment(INTS, tile, offset + 4L * (column * IntegerPlane.ROWS + j), ORDER)
                        .reinterpretAsFloats()
                        .intoArray(target, column * 32 + j);
            }
        }
    }
}
