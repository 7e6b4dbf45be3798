package dev.lathe.tensor.codec;

/** Blocks with one scale and one minimum, found by {@link AffineSearch}: Q4_1 and Q5_1 with importances. */
final class SearchedAffineEncoder implements BlockEncoder {
    /** The largest distance of two numbers of 16 bits, relative to them. */
    private static final double HALF_STEP = 0x1p-10;

    private final BlockLayout layout;
    private final WeightedBlock block;
    private final AffineSearch search;
    private final Assignment assignment;
    private final byte[] codes;

    SearchedAffineEncoder(BlockLayout layout) {
        this.layout = layout;
        block = new WeightedBlock(layout.size());
        search = new AffineSearch(layout.lastCode(), true);
        assignment = new Assignment(new LevelTable(layout));
        codes = new byte[layout.size()];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        block.load(source, from, importances, importanceFrom);
        search.search(block, 0, codes.length);
        double scale = 0;
        double minimum = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = -1; i <= 1; i++) {
            double triedMinimum = block.half(search.minimum() * (1 + i * HALF_STEP));
            double near = search.scale() > 0 ? search.scale() : (block.values()[0] + triedMinimum) / layout.lastCode();
            double triedScale = block.half(Math.max(0, assignment.scale(block, 0, codes.length, near, triedMinimum)));
            double error = assignment.error(block, 0, codes.length, triedScale, triedMinimum);
            if (error < least) {
                least = error;
                scale = triedScale;
                minimum = triedMinimum;
            }
        }
        assignment.codes(block, 0, codes.length, scale, minimum, codes);
        LittleEndian.setHalf(target, at, block.unscaled(scale));
        LittleEndian.setHalf(target, at + 2, -block.unscaled(minimum));
        layout.writeCodes(codes, target, at);
    }
}
