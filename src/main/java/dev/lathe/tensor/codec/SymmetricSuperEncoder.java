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
        for (int i = 0; i < UNITS; i++) {
            double unit = block.half(greatest / (layout.lowestInteger() + i));
            keepBetter(unit, chooseIntegers(unit, i == 0 ? 1 : 0));
        }
        for (int i = 0; i < REFINEMENTS; i++) {
            double before = bestError;
            double unit = block.half(fittedUnit());
            keepBetter(unit, keepIntegers(unit));
            if (bestError == before) {
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

    /** Chooses the groups' integers under a unit, among those so near to the fitted scales; returns the error. */
    private double chooseIntegers(double unit, int reach) {
        double total = 0;
        for (int group = 0; group < fitted.length; group++) {
            int lowest = layout.lowestInteger();
            int highest = -lowest - 1;
            int middle = unit == 0 ? 0 : (int) Math.clamp(Math.rint(fitted[group] / unit), lowest, highest);
            double least = Double.POSITIVE_INFINITY;
            for (int integer = Math.max(lowest, middle - reach);
                    integer <= Math.min(highest, middle + reach);
                    integer++) {
                double error = error(group, unit * integer);
                if (error < least) {
                    least = error;
                    integers[group] = (byte) integer;
                }
            }
            total += least;
        }
        return total;
    }

    /** Takes the best integers under another unit; returns the error. */
    private double keepIntegers(double unit) {
        double total = 0;
        for (int group = 0; group < fitted.length; group++) {
            integers[group] = bestIntegers[group];
            total += error(group, unit * integers[group]);
        }
        return total;
    }

    private double error(int group, double scale) {
        return assignment.error(block, group * layout.groupSize(), layout.groupSize(), scale, 0);
    }

    private void keepBetter(double unit, double error) {
        if (error < bestError) {
            bestError = error;
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
            double scale = bestUnit * integer;
            float inverse = scale == 0 ? 0 : (float) (1 / scale);
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
