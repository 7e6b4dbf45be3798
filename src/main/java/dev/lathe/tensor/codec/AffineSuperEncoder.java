package dev.lathe.tensor.codec;

/**
 * Super-blocks of {@link AffineSuperLayout}. Each group's scale and minimum are searched as if they were stored exactly; then
 * each group takes integers near to them with the least error, for a few pairs of units; at last the units are fitted to all
 * that was chosen.
 */
final class AffineSuperEncoder implements BlockEncoder {
    /** Units tried: the largest scale and minimum become the greatest integer, or one of those before it. */
    private static final int UNITS = 3;

    private static final int REFINEMENTS = 2;

    private final AffineSuperLayout layout;
    private final WeightedBlock block;
    private final AffineSearch search;
    private final Assignment assignment;
    private final double[] fittedScales;
    private final double[] fittedMinima;
    private final byte[] codes;
    private Choice trial;
    private Choice best;

    /** Units, and integers under them. */
    private static final class Choice {
        private final byte[] scales;
        private final byte[] minima;
        private double scaleUnit;
        private double minimumUnit;
        private double error;

        Choice(int groups) {
            scales = new byte[groups];
            minima = new byte[groups];
        }
    }

    AffineSuperEncoder(AffineSuperLayout layout) {
        this.layout = layout;
        block = new WeightedBlock(layout.size());
        search = new AffineSearch(layout.lastCode(), false);
        assignment = new Assignment(new LevelTable(layout));
        fittedScales = new double[layout.groups()];
        fittedMinima = new double[layout.groups()];
        codes = new byte[layout.size()];
        trial = new Choice(layout.groups());
        best = new Choice(layout.groups());
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        block.load(source, from, importances, importanceFrom);
        double greatestScale = 0;
        double greatestMinimum = 0;
        for (int group = 0; group < fittedScales.length; group++) {
            search.search(block, group * layout.groupSize(), layout.groupSize());
            fittedScales[group] = search.scale();
            fittedMinima[group] = search.minimum();
            greatestScale = Math.max(greatestScale, search.scale());
            greatestMinimum = Math.max(greatestMinimum, search.minimum());
        }
        best.error = Double.POSITIVE_INFINITY;
        for (int i = 0; i < UNITS; i++) {
            double integer = layout.greatestInteger() - i;
            tryUnits(block.half(greatestScale / integer), block.half(greatestMinimum / integer), i == 0 ? 1 : 0);
        }
        for (int i = 0; i < REFINEMENTS; i++) {
            double before = best.error;
            tryFittedUnits();
            if (best.error == before) {
                break;
            }
        }
        for (int group = 0; group < fittedScales.length; group++) {
            double scale = best.scaleUnit * best.scales[group];
            double minimum = best.minimumUnit * best.minima[group];
            assignment.codes(block, group * layout.groupSize(), layout.groupSize(), scale, minimum, codes);
        }
        float scaleUnit = block.unscaled(best.scaleUnit);
        float minimumUnit = block.unscaled(best.minimumUnit);
        layout.writeScales(scaleUnit, minimumUnit, best.scales, best.minima, target, at);
        layout.writeCodes(codes, target, at);
    }

    /** Chooses the groups' integers under units and keeps them if they are better. */
    private void tryUnits(double scaleUnit, double minimumUnit, int reach) {
        trial.scaleUnit = scaleUnit;
        trial.minimumUnit = minimumUnit;
        trial.error = 0;
        for (int group = 0; group < fittedScales.length; group++) {
            trial.error += chooseIntegers(group, reach);
        }
        keepBetter();
    }

    private void keepBetter() {
        if (trial.error < best.error) {
            Choice better = trial;
            trial = best;
            best = better;
        }
    }

    private double chooseIntegers(int group, int reach) {
        int first = group * layout.groupSize();
        int size = layout.groupSize();
        int middle = nearestInteger(fittedScales[group], trial.scaleUnit);
        double least = Double.POSITIVE_INFINITY;
        for (int i = Math.max(0, middle - reach); i <= Math.min(layout.greatestInteger(), middle + reach); i++) {
            double scale = trial.scaleUnit * i;
            double fitted = assignment.minimum(block, first, size, scale, fittedMinima[group]);
            int minimum = nearestInteger(fitted, trial.minimumUnit);
            double error = assignment.error(block, first, size, scale, trial.minimumUnit * minimum);
            if (error < least) {
                least = error;
                trial.scales[group] = (byte) i;
                trial.minima[group] = (byte) minimum;
            }
        }
        return least;
    }

    private int nearestInteger(double number, double unit) {
        return unit == 0 ? 0 : (int) Math.clamp(Math.rint(number / unit), 0, layout.greatestInteger());
    }

    /** Fits both units to the best integers and the codes that follow from them, and keeps them if they are better. */
    private void tryFittedUnits() {
        double scaleScale = 0;
        double scaleMinimum = 0;
        double minimumMinimum = 0;
        double scaleValue = 0;
        double minimumValue = 0;
        for (int group = 0; group < fittedScales.length; group++) {
            int first = group * layout.groupSize();
            int size = layout.groupSize();
            int scale = best.scales[group];
            int minimum = best.minima[group];
            assignment.codes(block, first, size, best.scaleUnit * scale, best.minimumUnit * minimum, codes);
            for (int i = first; i < first + size; i++) {
                double weight = block.weights()[i];
                double value = weight * block.values()[i];
                double multiple = scale * codes[i];
                scaleScale += weight * multiple * multiple;
                scaleMinimum += weight * multiple * minimum;
                minimumMinimum += weight * minimum * minimum;
                scaleValue += value * multiple;
                minimumValue += value * minimum;
            }
        }
        double determinant = scaleScale * minimumMinimum - scaleMinimum * scaleMinimum;
        double scaleUnit = best.scaleUnit;
        double minimumUnit = best.minimumUnit;
        if (determinant > 0) {
            scaleUnit = (scaleValue * minimumMinimum - minimumValue * scaleMinimum) / determinant;
            minimumUnit = (scaleValue * scaleMinimum - minimumValue * scaleScale) / determinant;
        } else if (scaleScale > 0) {
            scaleUnit = scaleValue / scaleScale;
        }
        trial.scaleUnit = block.half(scaleUnit);
        trial.minimumUnit = block.half(minimumUnit);
        trial.error = 0;
        System.arraycopy(best.scales, 0, trial.scales, 0, best.scales.length);
        System.arraycopy(best.minima, 0, trial.minima, 0, best.minima.length);
        for (int group = 0; group < fittedScales.length; group++) {
            double scale = trial.scaleUnit * trial.scales[group];
            double minimum = trial.minimumUnit * trial.minima[group];
            trial.error += assignment.error(block, group * layout.groupSize(), layout.groupSize(), scale, minimum);
        }
        keepBetter();
    }
}
