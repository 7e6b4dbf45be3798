package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * NVFP4: four scales of eight bits (no sign, four bits of exponent, three of mantissa), then for each group of 16 elements eight
 * bytes, low nibbles its first half.
 */
final class Nvfp4Layout extends BlockLayout {
    Nvfp4Layout(float[] levels) {
        super(TensorType.NVFP4, 16, levels);
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        throw new UnsupportedOperationException("NVFP4 has a scale of 8 bits for every 16 elements");
    }

    @Override
    void readScales(byte[] source, int at, float[] scales, float[] minima) {
        for (int group = 0; group < 4; group++) {
            scales[group] = scale(source[at + group] & 0xff);
        }
    }

    /** Half of what the byte stands for, since the levels are doubled. */
    private static float scale(int bits) {
        if (bits == 0x7f) {
            return 0;
        }
        int exponent = bits >> 3 & 15;
        int mantissa = bits & 7;
        return exponent == 0 ? mantissa * 0x1p-10f : (8 + mantissa) * 0x1p-11f * (1 << exponent);
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int i = 0; i < 64; i++) {
            codes[i] = (byte) (source[at + 4 + i / 16 * 8 + i % 8] >> i / 8 % 2 * 4 & 15);
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int i = 0; i < 32; i++) {
            int first = i / 8 * 16 + i % 8;
            target[at + 4 + i] = (byte) (codes[first] | codes[first + 8] << 4);
        }
    }
}
