package dev.lathe.model.decoder;

import dev.lathe.model.NormWeights;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How queries or keys are normed. Immutable.
 *
 * @param norms none, one for all of a row's pieces of its length, or one for each head
 */
record HeadNorms(List<Norm> norms) {
    /** Norms of these gains; without gains there are none, but where norms do without. */
    static HeadNorms of(LayerConfig layer, float[] gains, ModelConfig config, ElementwiseKernels kernels) {
        if (layer.attention().headNorm() == HeadNorm.EACH_ROTATED_HEAD_WITHOUT_GAIN) {
            float[] ones = new float[layer.keySize()];
            Arrays.fill(ones, 1f);
            return new HeadNorms(List.of(Norm.rootMeanSquare(kernels, ones, config.normEpsilon())));
        }
        if (gains.length == 0) {
            return new HeadNorms(List.of());
        }
        if (layer.attention().headNorm() != HeadNorm.OWN_GAINS) {
            return new HeadNorms(List.of(Norm.rootMeanSquare(kernels, gains, config.normEpsilon())));
        }
        int size = layer.keySize();
        return new HeadNorms(IntStream.range(0, gains.length / size)
                .mapToObj(head -> Arrays.copyOfRange(gains, head * size, (head + 1) * size))
                .map(gain -> new Norm(kernels, new NormWeights(gain, new float[size]), config.normEpsilon()))
                .toList());
    }

    /** Norms a row in place. */
    void apply(float[] values, int offset, int length) {
        for (int i = 0; i < norms.size(); i++) {
            int part = length / norms.size();
            norms.get(i).applyToPieces(values, offset + i * part, part);
        }
    }
}
