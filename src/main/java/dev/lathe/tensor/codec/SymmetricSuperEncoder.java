package dev.lathe.tensor.codec;

/**
 * Super-blocks of {@link SymmetricSuperLayout}. Each group's scale is searched as if it were stored exactly; then, for a few
 * units, each group takes the integer scale with the least error; at last the unit is fitted to all that was chosen.
 */
final class SymmetricSuperEncoder implements BlockEncoder {
    /** Units tried: the largest scale becomes the lowest integer, or one of those after it. */
    private static final int UNITS = 3;

    private static final int REFINEMENTS = 2;

    private final SymmetricSuperLayout layout;
    private final LevelTable table;
    private final WeightedBlock block;
    private final ScaleSearch search;
    private final Assignment assignment;
    private final double[] fitted;
    private final byte[] codes;
    private byte[] integers;
    private byte[] bestIntegers;
    private double bestUnit;
    private double bestError;

    SymmetricSuperEncoder(SymmetricSuperLayout layout) {
        this.layout = layout;
        table = new LevelTable(layout);
        block = new WeightedBlock(layout.size());
        search = new ScaleSearch(table, false);
        assignment = new Assignment(table);
        fitted = new double[layout.groups()];
        codes = new byte[layout.size()];
        integers = new byte[layout.groups()];
        bestIntegers = new byte[layout.groups()];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        block.load(source, from, importances, importanceFrom);
        double greatest = 0;
        for (int group = 0; group < fitted.length; group++) {
            fitted[group] = search.search(block, group * layout.groupSize(), layout.groupSize());
            greatest = Math.abs(fitted[group]) > Math.abs(greatest) ? fitted[group] : greatest;
        }
        bestError = Double.POSITIVE_INFINITY;
        tryUnit(0, 1);
        for (int i = 0; i < UNITS; i++) {
            tryUnit(block.half(greatest / (layout.lowestInteger() + i)), 1);
        }
        for (int i = 0; i < REFINEMENTS && bestUnit != 0; i++) {
            double before = bestUnit;
            tryUnit(block.half(fittedUnit()), 0);
            if (bestUnit == before) {
                break;
            }
        }
        for (int group = 0; group < fitted.length; group++) {
            int first = group * layout.groupSize();
            assignment.codes(block, first, layout.groupSize(), bestUnit * bestIntegers[group], 0, codes);
        }
        layout.writeScales(block.unscaled(bestUnit), bestIntegers, target, at);
        layout.writeCodes(codes, target, at);
    }

    /** Chooses the groups' integers under a unit, among those so near to the fitted scale, and keeps them if they are better. */
    private void tryUnit(double unit, int reach) {
        double total = 0;
        for (int group = 0; group < fitted.length; group++) {
            int first = group * layout.groupSize();
            int middle = unit == 0 ? 0 : reach == 0 ? bestIntegers[group] : (int) Math.rint(fitted[group] / unit);
            double least = Double.POSITIVE_INFINITY;
            for (int i = middle - reach; i <= middle + reach; i++) {
                int integer = Math.clamp(i, layout.lowestInteger(), -layout.lowestInteger() - 1);
                double error = assignment.error(block, first, layout.groupSize(), unit * integer, 0);
                if (error < least) {
                    least = error;
                    integers[group] = (byte) integer;
                }
            }
            total += least;
        }
        if (total < bestError) {
            bestError = total;
            bestUnit = unit;
            byte[] better = integers;
            integers = bestIntegers;
            bestIntegers = better;
        }
    }

    /** The unit with the least error for the best integers and the codes that follow from them. */
    private double fittedUnit() {
        double products = 0;
        double squares = 0;
        for (int group = 0; group < fitted.length; group++) {
            int integer = bestIntegers[group];
            float inverse = integer == 0 ? 0 : (float) (1 / (bestUnit * integer));
            int first = group * layout.groupSize();
            for (int i = first; i < first + layout.groupSize(); i++) {
                float value = block.values()[i];
                double multiple = integer * table.level(table.nearest(value * inverse));
                products += block.weights()[i] * multiple * value;
                squares += block.weights()[i] * multiple * multiple;
            }
        }
        return squares > 0 ? products / squares : 0;
    }
}
