package dev.lathe.tensor.codec;

/** Q8_0, TQ1_0 and TQ2_0: the largest magnitude becomes the highest integer; ties are rounded away from zero. */
final class MagnitudeEncoder implements BlockEncoder {
    private final BlockLayout layout;
    private final int highest;
    private final int scaleAt;
    private final int zeroCode;
    private final byte[] codes;

    /**
     * @param highest integer that is written
     * @param scaleAt byte of the scale in the block
     */
    MagnitudeEncoder(BlockLayout layout, int highest, int scaleAt) {
        this.layout = layout;
        this.highest = highest;
        this.scaleAt = scaleAt;
        this.zeroCode = layout.firstCode() + highest;
        this.codes = new byte[layout.size()];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        float greatest = 0;
        for (int i = 0; i < codes.length; i++) {
            greatest = Math.max(greatest, Math.abs(source[from + i]));
        }
        float scale = LittleEndian.saturated(greatest / highest);
        float inverse = SymmetricEncoder.inverse(scale);
        for (int i = 0; i < codes.length; i++) {
            float scaled = source[from + i] * inverse;
            float rounded = (int) (Math.abs(scaled) + 0.5f);
            codes[i] = (byte) (zeroCode + (int) Math.min(highest, rounded) * (scaled < 0 ? -1 : 1));
        }
        LittleEndian.setHalf(target, at + scaleAt, scale);
        layout.writeCodes(codes, target, at);
    }
}
