package dev.lathe.tensor;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The quantized types that have kernels: where a block's integers and scales lie in a GGUF file, and in which planes they
 * are packed. A new type is a constant here, and a plane where its integers or scales are of a new kind.
 *
 * <p>Layouts: the GGUF block formats (ggml project). All numbers are little-endian.
 */
enum BlockFormat {
    Q4_0(TensorType.Q4_0, new TileLayout(IntegerPlane.FOUR, true, ScalePlane.SCALE)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            nibbleHalves(source, at + 2, block, out);
        }
    },
    Q4_1(TensorType.Q4_1, new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SCALE_AND_MINIMUM)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            out.scale(block, 1, half(source, at + 2));
            nibbleHalves(source, at + 4, block, out);
        }
    },
    Q5_0(TensorType.Q5_0, new TileLayout(IntegerPlane.FIVE, true, ScalePlane.SCALE)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            out.fiveBits(block, 0, nibblesOf16Bytes(source, at + 6, 0), half(source, at + 2));
            out.fiveBits(block, 1, nibblesOf16Bytes(source, at + 6, 4), half(source, at + 4));
        }
    },
    Q5_1(TensorType.Q5_1, new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SCALE_AND_MINIMUM)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            out.scale(block, 1, half(source, at + 2));
            out.fiveBits(block, 0, nibblesOf16Bytes(source, at + 8, 0), half(source, at + 4));
            out.fiveBits(block, 1, nibblesOf16Bytes(source, at + 8, 4), half(source, at + 6));
        }
    },
    Q8_0(TensorType.Q8_0, new TileLayout(IntegerPlane.EIGHT, true, ScalePlane.SCALE)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            for (int word = 0; word < 16; word++) {
                out.integers(block, word, half(source, at + 2 + 2 * word) ^ 0x8080); // two bytes plus 128
            }
        }
    },
    IQ4_NL(TensorType.IQ4_NL, new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SCALE)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            out.scale(block, 0, half(source, at));
            nibbleHalves(source, at + 2, block, out);
        }
    },
    IQ4_XS(TensorType.IQ4_XS, new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SUPER_SCALE)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at));
            int high = half(source, at + 2);
            for (int block = 0; block < 8; block++) {
                int low = source[at + 4 + block / 2] >>> 4 * (block % 2) & 15;
                out.scale(8 * superBlock + block, 0, (low | (high >>> 2 * block & 3) << 4) - 32);
                nibbleHalves(source, at + 8 + 16 * block, 8 * superBlock + block, out);
            }
        }
    },
    /** Its integers are twice its 4-bit floats; its scale is a power of two. */
    MXFP4(TensorType.MXFP4, new TileLayout(IntegerPlane.FLOAT_FOUR, true, ScalePlane.BRAIN_SCALE)) {
        @Override
        void pack(byte[] source, int at, int block, TileWriter out) {
            int exponent = (source[at] & 255) - 1; // of half the scale
            out.scale(block, 0, exponent > 0 ? exponent << 7 : 0x40 >>> -exponent);
            nibbleHalves(source, at + 1, block, out);
        }
    },
    Q2_K(TensorType.Q2_K, new TileLayout(IntegerPlane.TWO, false, ScalePlane.SUPER_SCALE_AND_MINIMUM_OF_16)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at + 80));
            out.superScale(superBlock, 1, half(source, at + 82));
            for (int block = 0; block < 8; block++) {
                out.scale(8 * superBlock + block, 0, half(source, at + 2 * block));
                for (int word = 0; word < 4; word++) {
                    int bytes = at + 16 + 32 * (block / 4) + 8 * word;
                    int shift = 2 * (block % 4);
                    int first = pairOfFourBytes(word(source, bytes) >>> shift);
                    int second = pairOfFourBytes(word(source, bytes + 4) >>> shift);
                    out.integers(8 * superBlock + block, word, first | second << 8);
                }
            }
        }
    },
    Q3_K(TensorType.Q3_K, new TileLayout(IntegerPlane.THREE, true, ScalePlane.SUPER_SCALE_OF_16)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at + 108));
            for (int block = 0; block < 8; block++) {
                int scales = 0;
                for (int i = 0; i < 2; i++) {
                    int group = 2 * block + i;
                    int low = source[at + 96 + group % 8] >>> 4 * (group / 8) & 15;
                    int high = source[at + 104 + group % 4] >>> 2 * (group / 4) & 3;
                    scales |= ((low | high << 4) - 32 & 255) << 8 * i;
                }
                out.scale(8 * superBlock + block, 0, scales);
                for (int column = 0; column < 32; column++) {
                    int low = source[at + 32 + 32 * (block / 4) + column] >>> 2 * (block % 4) & 3;
                    int high = source[at + column] >>> block & 1;
                    out.integer(8 * superBlock + block, column, low + 4 * high - 4);
                }
            }
        }
    },
    TQ1_0(TensorType.TQ1_0, new TileLayout(IntegerPlane.TERNARY, true, ScalePlane.SCALE_OF_256)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at + 52));
            for (int column = 0; column < 256; column++) {
                // columns 0..159: 5 digits of 32 bytes; 160..239: 5 digits of 16; 240..255: 4 digits of 4
                int index = column < 160 ? column % 32 : column < 240 ? 32 + column % 16 : 48 + column % 4;
                int digit = column < 160 ? column / 32 : column < 240 ? (column - 160) / 16 : (column - 240) / 4;
                int rest = source[at + index] * POWERS_OF_3[digit] & 255; // the fraction after so many digits, of 256
                out.integer(8 * superBlock + column / 32, column % 32, (rest * 3 >>> 8) - 1);
            }
        }
    },
    TQ2_0(TensorType.TQ2_0, new TileLayout(IntegerPlane.TERNARY, true, ScalePlane.SCALE_OF_256)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at + 64));
            for (int column = 0; column < 256; column++) {
                int bits = source[at + 32 * (column / 128) + column % 32] >>> 2 * (column / 32 % 4) & 3;
                out.integer(8 * superBlock + column / 32, column % 32, bits - 1);
            }
        }
    },
    Q4_K(TensorType.Q4_K, new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SUPER_SCALE_AND_MINIMUM)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            superScalesAndMinima(source, at, superBlock, out);
            groupsOf64(source, at + 16, superBlock, out);
        }
    },
    Q5_K(TensorType.Q5_K, new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SUPER_SCALE_AND_MINIMUM)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            superScalesAndMinima(source, at, superBlock, out);
            for (int block = 0; block < 8; block++) {
                for (int half = 0; half < 2; half++) {
                    int bits = 0;
                    for (int i = 0; i < 16; i += 4) {
                        bits |= bitOfFourBytes(word(source, at + 16 + 16 * half + i) >>> block) << i;
                    }
                    int from = at + 48 + 32 * (block / 2) + 16 * half;
                    out.fiveBits(8 * superBlock + block, half, nibblesOf16Bytes(source, from, 4 * (block % 2)), bits);
                }
            }
        }
    },
    Q6_K(TensorType.Q6_K, new TileLayout(IntegerPlane.SIX, true, ScalePlane.SUPER_SCALE_OF_16)) {
        @Override
        void pack(byte[] source, int at, int superBlock, TileWriter out) {
            out.superScale(superBlock, 0, half(source, at + 208));
            for (int block = 0; block < 8; block++) {
                int quarter = block % 4;
                int low = at + 64 * (block / 4) + 32 * (quarter % 2);
                int high = at + 128 + 32 * (block / 4);
                out.scale(8 * superBlock + block, 0, half(source, at + 192 + 2 * block));
                for (int i = 0; i < 32; i += 8) {
                    int first = word(source, low + i) >>> 4 * (quarter / 2) & 0x0f0f0f0f;
                    int second = word(source, low + i + 4) >>> 4 * (quarter / 2) & 0x0f0f0f0f;
                    first |= (word(source, high + i) >>> 2 * quarter & 0x03030303) << 4;
                    second |= (word(source, high + i + 4) >>> 2 * quarter & 0x03030303) << 4;
                    out.sixBits(8 * superBlock + block, i / 8, first, second);
                }
            }
        }
    };

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int[] POWERS_OF_3 = {1, 3, 9, 27, 81};

    private final TensorType type;
    private final TileLayout layout;

    BlockFormat(TensorType type, TileLayout layout) {
        this.type = type;
        this.layout = layout;
    }

    TensorType type() {
        return type;
    }

    TileLayout layout() {
        return layout;
    }

    /** Packs the block (of 32 columns, or of 256 for the K types) that starts at a byte of a row. */
    abstract void pack(byte[] source, int at, int block, TileWriter out);

    /** The format of a type; null where the type has no kernel. */
    static BlockFormat of(TensorType type) {
        for (BlockFormat format : values()) {
            if (format.type == type) {
                return format;
            }
        }
        return null;
    }

    private static int half(byte[] source, int at) {
        return (short) SHORT.get(source, at) & 0xffff;
    }

    private static int word(byte[] source, int at) {
        return (int) INT.get(source, at);
    }

    /** The low nibbles of four bytes, side by side. */
    private static int nibbleOfFourBytes(int bytes) {
        int x = bytes & 0x0f0f0f0f;
        x = (x | x >>> 4) & 0x00ff00ff;
        return (x | x >>> 8) & 0xffff;
    }

    /** The low two bits of four bytes, side by side. */
    private static int pairOfFourBytes(int bytes) {
        int x = bytes & 0x03030303;
        x = (x | x >>> 6) & 0x000f000f;
        return (x | x >>> 12) & 0xff;
    }

    /** The low bit of four bytes, side by side. */
    private static int bitOfFourBytes(int bytes) {
        int x = bytes & 0x01010101;
        x = (x | x >>> 7) & 0x00030003;
        return (x | x >>> 14) & 0xf;
    }

    /** The nibbles that begin at a bit of each of 16 bytes. */
    private static long nibblesOf16Bytes(byte[] source, int at, int bit) {
        long nibbles = 0;
        for (int i = 0; i < 16; i += 4) {
            nibbles |= (long) nibbleOfFourBytes(word(source, at + i) >>> bit) << 4 * i;
        }
        return nibbles;
    }

    /** 16 bytes: low nibbles are columns 0..15, high nibbles 16..31. */
    private static void nibbleHalves(byte[] source, int at, int block, TileWriter out) {
        for (int word = 0; word < 4; word++) {
            int bytes = word(source, at + 4 * word);
            out.integers(block, word, nibbleOfFourBytes(bytes));
            out.integers(block, 4 + word, nibbleOfFourBytes(bytes >>> 4));
        }
    }

    /** Four groups of 32 bytes: low nibbles are one block, high nibbles the next. */
    private static void groupsOf64(byte[] source, int at, int superBlock, TileWriter out) {
        for (int group = 0; group < 4; group++) {
            int block = 8 * superBlock + 2 * group;
            for (int word = 0; word < 8; word++) {
                int bytes = word(source, at + 32 * group + 4 * word);
                out.integers(block, word, nibbleOfFourBytes(bytes));
                out.integers(block + 1, word, nibbleOfFourBytes(bytes >>> 4));
            }
        }
    }

    /** d, dmin and 12 bytes of eight 6-bit scales and eight 6-bit minima. */
    private static void superScalesAndMinima(byte[] source, int at, int superBlock, TileWriter out) {
        out.superScale(superBlock, 0, half(source, at));
        out.superScale(superBlock, 1, half(source, at + 2));
        for (int block = 0; block < 8; block++) {
            int scale;
            int minimum;
            if (block < 4) {
                scale = source[at + 4 + block] & 63;
                minimum = source[at + 8 + block] & 63;
            } else {
                int low = source[at + 8 + block];
                scale = low & 15 | (source[at + block] >> 6 & 3) << 4;
                minimum = low >> 4 & 15 | (source[at + 4 + block] >> 6 & 3) << 4;
            }
            out.scale(8 * superBlock + block, 0, scale | minimum << 8);
        }
    }
}
