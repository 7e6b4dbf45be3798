package dev.lathe.model.decoder;

import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Arrays;

/**
 * Chooses the experts of one token by the router's outputs, and weights them. Immutable.
 *
 * <p>Groups: DeepSeek-AI, "DeepSeek-V3 Technical Report", 2024, arXiv 2412.19437, section 2.1.2.
 *
 * @param config how
 * @param choiceBias added to scores for choosing alone, [experts] or empty
 * @param skipBelow the share of the largest weight below which a chosen expert is left out
 * @param kernels how softmax is computed
 */
record Router(ExpertsConfig config, float[] choiceBias, float skipBelow, ElementwiseKernels kernels) {
    /** In the place of an expert that is left out. */
    static final int SKIPPED = -1;

    /**
     * Chooses, best first; of equal experts the first.
     *
     * @param scores of all experts, from {@code offset} on; changed
     * @param chosen written from {@code target} on, as {@code weights}: an expert's number or {@link #SKIPPED}
     */
    void choose(float[] scores, int offset, int[] chosen, float[] weights, int target) {
        int count = config.count();
        switch (config.scoring()) {
            case SOFTMAX -> kernels.softmax(scores, offset, count);
            case SIGMOID -> sigmoid(scores, offset, count);
            case SOFTMAX_OF_CHOSEN, SIGMOID_OF_CHOSEN -> {}
        }
        float[] choice = Arrays.copyOfRange(scores, offset, offset + count);
        for (int i = 0; i < choiceBias.length; i++) {
            choice[i] += choiceBias[i];
        }
        if (config.groupCount() > 1) {
            keepBestGroups(choice);
        }
        for (int i = 0; i < config.used(); i++) {
            int best = largest(choice, 0, count);
            chosen[target + i] = best;
            weights[target + i] = scores[offset + best];
            choice[best] = Float.NEGATIVE_INFINITY;
        }
        weight(weights, target);
        if (skipBelow > 0) {
            skip(chosen, weights, target);
        }
    }

    /** Leaves out the experts of small weights; where weights add up to 1, those that are left take over theirs. */
    private void skip(int[] chosen, float[] weights, int target) {
        int used = config.used();
        float limit = skipBelow * weights[largest(weights, target, used)];
        float all = 0;
        float left = 0;
        for (int i = target; i < target + used; i++) {
            all += weights[i];
            if (weights[i] < limit) {
                chosen[i] = SKIPPED;
                weights[i] = 0;
            } else {
                left += weights[i];
            }
        }
        if (left < all && (config.normalized() || config.scoring() == Scoring.SOFTMAX_OF_CHOSEN)) {
            kernels.scale(weights, target, all / left, weights, target, used);
        }
    }

    private static void sigmoid(float[] scores, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            scores[i] = (float) (1 / (1 + StrictMath.exp(-scores[i])));
        }
    }

    private void weight(float[] weights, int target) {
        int used = config.used();
        if (config.scoring() == Scoring.SOFTMAX_OF_CHOSEN) {
            kernels.softmax(weights, target, used);
        } else if (config.scoring() == Scoring.SIGMOID_OF_CHOSEN) {
            sigmoid(weights, target, used);
        }
        float factor = config.scale();
        if (config.normalized()) {
            float sum = 0;
            for (int i = 0; i < used; i++) {
                sum += weights[target + i];
            }
            factor /= sum;
        }
        if (factor != 1f) {
            kernels.scale(weights, target, factor, weights, target, used);
        }
    }

    /** Rules out all experts but those of the best groups: by their best expert, or their best two where sigmoids score. */
    private void keepBestGroups(float[] choice) {
        int size = config.count() / config.groupCount();
        float[] groups = new float[config.groupCount()];
        for (int group = 0; group < groups.length; group++) {
            int best = largest(choice, group * size, size);
            groups[group] = choice[best];
            if (config.scoring() == Scoring.SIGMOID && size > 1) {
                float first = choice[best];
                choice[best] = Float.NEGATIVE_INFINITY;
                groups[group] += choice[largest(choice, group * size, size)];
                choice[best] = first;
            }
        }
        boolean[] kept = new boolean[groups.length];
        for (int i = 0; i < config.usedGroups(); i++) {
            int best = largest(groups, 0, groups.length);
            kept[best] = true;
            groups[best] = Float.NEGATIVE_INFINITY;
        }
        for (int i = 0; i < choice.length; i++) {
            choice[i] = kept[i / size] ? choice[i] : Float.NEGATIVE_INFINITY;
        }
    }

    private static int largest(float[] values, int offset, int count) {
        int best = offset;
        for (int i = offset + 1; i < offset + count; i++) {
            best = values[i] > values[best] || Float.isNaN(values[best]) ? i : best;
        }
        return best;
    }
}
