package dev.lathe.tensor.codec;

import java.util.function.Supplier;

/** The codec of a {@link BlockLayout}. */
final class ScaledCodec extends BlockwiseCodec {
    private final BlockLayout layout;
    private final Supplier<BlockEncoder> encoders;

    /**
     * @param layout of the blocks
     * @param encoders make encoders; null where there are none
     */
    ScaledCodec(BlockLayout layout, Supplier<BlockEncoder> encoders) {
        super(layout.type());
        this.layout = layout;
        this.encoders = encoders;
    }

    BlockLayout layout() {
        return layout;
    }

    @Override
    BlockEncoder newEncoder() {
        return encoders == null ? null : encoders.get();
    }

    @Override
    void decodeBlock(byte[] source, int at, float[] target, int targetOffset) {
        float[] scales = new float[layout.groups()];
        float[] minima = new float[layout.groups()];
        byte[] codes = new byte[layout.size()];
        layout.readScales(source, at, scales, minima);
        layout.readCodes(source, at, codes);
        float[] levels = layout.levels();
        int groupSize = layout.groupSize();
        for (int group = 0; group < scales.length; group++) {
            float scale = scales[group];
            float minimum = minima[group];
            for (int i = group * groupSize; i < (group + 1) * groupSize; i++) {
                target[targetOffset + i] = scale * levels[codes[i] & 0xff] - minimum;
            }
        }
    }
}
