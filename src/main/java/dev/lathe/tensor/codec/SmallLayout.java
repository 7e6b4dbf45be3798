package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Q1_0 and Q2_0: a scale of 16 bits, then one or two bits an element, consecutive elements from the low bits of a byte up.
 */
final class SmallLayout extends BlockLayout {
    private final int bits;

    SmallLayout(TensorType type) {
        super(type, type.blockSize(), type == TensorType.Q1_0 ? new float[] {-1, 1} : integers(-1, 2));
        bits = type == TensorType.Q1_0 ? 1 : 2;
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return LittleEndian.int16(source, at);
    }

    @Override
    void readScales(byte[] source, int at, float[] scales, float[] minima) {
        scales[0] = LittleEndian.half(source, at);
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (source[at + 2 + i * bits / 8] >> i * bits % 8 & (1 << bits) - 1);
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int i = 0; i < codes.length; i += 8 / bits) {
            int packed = 0;
            for (int j = 0; j < 8 / bits; j++) {
                packed |= codes[i + j] << j * bits;
            }
            target[at + 2 + i * bits / 8] = (byte) packed;
        }
    }
}
