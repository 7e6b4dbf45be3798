package dev.lathe.tensor.codec;

/**
 * The low two bits of 256 codes in 64 bytes: each half of 128 has 32 bytes, and bits {@code 2j} and {@code 2j + 1} of its byte
 * {@code i} are its element {@code 32 j + i}.
 */
final class TwoBitPlane {
    private TwoBitPlane() {}

    static void read(byte[] source, int at, byte[] codes) {
        for (int run = 0; run < 8; run++) {
            for (int i = 0; i < 32; i++) {
                codes[32 * run + i] = (byte) (source[at + 32 * (run / 4) + i] >> 2 * (run % 4) & 3);
            }
        }
    }

    static void write(byte[] codes, byte[] target, int at) {
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i++) {
                int bits = 0;
                for (int j = 0; j < 4; j++) {
                    bits |= (codes[128 * half + 32 * j + i] & 3) << 2 * j;
                }
                target[at + 32 * half + i] = (byte) bits;
            }
        }
    }
}
