package dev.lathe.tensor.codec;

/** Blocks with one scale, found by {@link ScaleSearch}: IQ4_NL, and Q4_0, Q5_0, Q8_0, TQ1_0 and TQ2_0 with importances. */
final class SearchedScaleEncoder implements BlockEncoder {
    private final BlockLayout layout;
    private final int scaleAt;
    private final WeightedBlock block;
    private final ScaleSearch search;
    private final Assignment assignment;
    private final byte[] codes;

    /** @param scaleAt byte of the scale in the block */
    SearchedScaleEncoder(BlockLayout layout, int scaleAt) {
        this.layout = layout;
        this.scaleAt = scaleAt;
        LevelTable table = new LevelTable(layout);
        block = new WeightedBlock(layout.size());
        search = new ScaleSearch(table, true);
        assignment = new Assignment(table);
        codes = new byte[layout.size()];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        block.load(source, from, importances, importanceFrom);
        double scale = search.search(block, 0, codes.length);
        assignment.codes(block, 0, codes.length, scale, 0, codes);
        LittleEndian.setHalf(target, at + scaleAt, block.unscaled(scale));
        layout.writeCodes(codes, target, at);
    }
}
