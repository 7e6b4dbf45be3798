package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** TQ2_0: 64 bytes of two bits an element, a scale of 16 bits. TQ1_0: 52 bytes of five elements each, a scale of 16 bits. */
final class TernaryLayout extends BlockLayout {
    private final boolean packedByThree;
    private final int halfAt;

    TernaryLayout(TensorType type) {
        super(type, 256, type == TensorType.TQ1_0 ? integers(-1, 1) : integers(-1, 2));
        packedByThree = type == TensorType.TQ1_0;
        halfAt = type.blockBytes() - 2;
    }

    @Override
    int lastCode() {
        return 2;
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return LittleEndian.int16(source, at + halfAt);
    }

    @Override
    void readScales(byte[] source, int at, float[] scales, float[] minima) {
        scales[0] = LittleEndian.half(source, at + halfAt);
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        if (packedByThree) {
            readDigits(source, at, 32, 5, codes, 0);
            readDigits(source, at + 32, 16, 5, codes, 160);
            readDigits(source, at + 48, 4, 4, codes, 240);
        } else {
            TwoBitPlane.read(source, at, codes);
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        if (packedByThree) {
            writeDigits(codes, 0, 32, 5, target, at);
            writeDigits(codes, 160, 16, 5, target, at + 32);
            writeDigits(codes, 240, 4, 4, target, at + 48);
        } else {
            TwoBitPlane.write(codes, target, at);
        }
    }

    /** The byte is a fraction of 256: multiplied by three, what overflows is the next digit. */
    private static void readDigits(byte[] source, int at, int bytes, int digits, byte[] codes, int to) {
        for (int i = 0; i < bytes; i++) {
            int fraction = source[at + i] & 0xff;
            for (int digit = 0; digit < digits; digit++) {
                codes[to + digit * bytes + i] = (byte) (3 * fraction >> 8);
                fraction = 3 * fraction & 0xff;
            }
        }
    }

    private static void writeDigits(byte[] codes, int from, int bytes, int digits, byte[] target, int at) {
        for (int i = 0; i < bytes; i++) {
            int number = 0;
            for (int digit = 0; digit < 5; digit++) {
                number = 3 * number + (digit < digits ? codes[from + digit * bytes + i] : 0);
            }
            target[at + i] = (byte) ((256 * number + 242) / 243);
        }
    }
}
