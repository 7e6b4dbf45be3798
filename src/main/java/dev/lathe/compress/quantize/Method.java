package dev.lathe.compress.quantize;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;

/**
 * How numbers are chosen from what calibration texts say. Immutable.
 *
 * @param weighted whether errors are weighted by the importance of their columns
 * @param gptq whether later weights make up for the errors of earlier ones
 * @param awq whether channels are scaled before they are rounded
 * @param clipped whether outermost weights may be clipped
 */
record Method(boolean weighted, boolean gptq, boolean awq, boolean clipped) {
    static final Method PLAIN = new Method(false, false, false, false);

    Method withWeights() {
        return new Method(true, gptq, awq, clipped);
    }

    Method withGptq() {
        return new Method(weighted, true, awq, clipped);
    }

    Method withAwq() {
        return new Method(weighted, gptq, true, clipped);
    }

    Method withClipping() {
        return new Method(weighted, gptq, awq, true);
    }

    /** Whether layers are run one after the other on what has become of those before. */
    boolean isSequential() {
        return gptq || awq || clipped;
    }

    boolean isCalibrated() {
        return weighted || isSequential();
    }

    /** How the rows of a matrix are rounded. */
    RowRounding rounding(TensorType type, SiteInput input, InverseFactor factor) {
        if (type.blockSize() == 1) { // plain numbers have no scales to choose
            return RowRounding.nearest(type, input.importances());
        }
        RowRounding.BlockFit fit = clipped
                ? RowRounding.BlockFit.clipped(type, input.importances(), input.gram())
                : RowRounding.BlockFit.weighted(type, input.importances());
        RowRounding nearest = clipped ? RowRounding.nearest(type, fit) : RowRounding.nearest(type, input.importances());
        return gptq ? new Gptq(type, factor, fit, nearest) : nearest;
    }

    /** What GPTQ needs to know of the inputs; null where it is not used. */
    InverseFactor factor(SiteInput input, Workers workers) {
        return gptq ? InverseFactor.of(input.gram(), workers) : null;
    }

    @Override
    public String toString() {
        StringBuilder name = new StringBuilder();
        append(name, weighted, "weighted");
        append(name, awq, "AWQ");
        append(name, gptq, "GPTQ");
        append(name, clipped, "clipped");
        return name.toString();
    }

    private static void append(StringBuilder name, boolean used, String part) {
        if (used) {
            name.append(", ").append(part);
        }
    }
}
