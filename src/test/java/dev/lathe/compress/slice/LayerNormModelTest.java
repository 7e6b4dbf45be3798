package dev.lathe.compress.slice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.gguf.GgufException;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorRole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with layer norms, biases and no gates (StarCoder 2): run as its paper says, in float64, and shaped. */
@OnEveryKernelSet
class LayerNormModelTest {
    private static final List<int[]> TEXTS = ToyFiles.texts(6, 40, 1);

    @Property(tries = 6)
    void theLogitsAreThoseOfAPlainForwardPass(@ForAll boolean tied, @ForAll long seed) throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", tied, seed);
        int[] text = TEXTS.getFirst();
        float[] logits = ToyFiles.logits(model, text);
        double[][] expected = new PlainForward(model).logits(text);
        float[] rows = new float[logits.length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) expected[i / ToyFiles.VOCABULARY][i % ToyFiles.VOCABULARY];
        }
        assertEquals(0, ToyFiles.relativeError(rows, logits), 3e-6);
    }

    /** Layer norms take the mean away, so there is always one direction that no one reads. */
    @Property(tries = 12)
    void oneDirectionIsCutWithoutLoss(
            @ForAll boolean tied, @ForAll boolean head, @ForAll boolean turns, @ForAll long seed) throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", tied, seed);
        float[] before = ToyFiles.logits(model, TEXTS.getLast());
        Slice slice = Slice.hiddenSize(1.0 / ToyFiles.HIDDEN).sizeStep(1).seed(seed);
        slice = head ? slice.slicingHead() : slice;
        slice = turns ? slice : slice.principalOrientation();
        slice.apply(model, ToyFiles.context(TEXTS));
        assertEquals(23, model.require("blk.1.attn_q.weight").dimension(0));
        assertTrue(model.tensor("blk.1.attn_norm.bias").isEmpty());
        assertEquals(head, model.tensor("output_norm.bias").isEmpty());
        assertEquals(head, model.tensor("output.bias").isPresent());
        assertEquals(0, ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getLast())), 2e-5);
    }

    /** Few calibration tokens leave many directions without any signal; none of those kept may have a share in the mean. */
    @Test
    void fewTokensDoNotLetTheMeanIn() throws IOException {
        GramMatrix gram = new GramMatrix(12);
        Matrix rows = dev.lathe.compress.algebra.Orthonormal.gaussian(3, 12, 5);
        gram.add(rows.toFloats(), dev.lathe.tensor.Workers.single());
        Matrix directions = StreamBasis.principal(
                        NormFolding.centeredGram(new Matrix(gram.toArray(), gram.size(), gram.size())),
                        11,
                        dev.lathe.tensor.Workers.single())
                .matrix();
        for (int column = 0; column < 11; column++) {
            double mean = 0;
            for (int row = 0; row < 12; row++) {
                mean += directions.get(row, column) / 12;
            }
            assertEquals(0, mean, 1e-12);
        }
    }

    @Test
    void layersThatAreNotCutKeepTheirNorms() throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", true, 6);
        float[] before = ToyFiles.logits(model, TEXTS.getLast());
        double first = 1.0 / ToyFiles.HIDDEN;
        Slice.hiddenSizes(List.of(0.0, first, 0.0)).sizeStep(1).apply(model, ToyFiles.context(TEXTS));
        assertTrue(model.tensor("blk.1.attn_norm.bias").isPresent());
        assertTrue(model.tensor("blk.1.ffn_norm.bias").isEmpty());
        assertTrue(model.tensor("blk.2.attn_norm.bias").isEmpty());
        assertTrue(model.tensor("blk.2.ffn_norm.bias").isPresent());
        assertEquals(0, ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getLast())), 2e-5);
    }

    @Test
    void aNormThatWouldSubtractTheMeanOfSlicedRowsIsRefused() throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", true, 6);
        Slice.hiddenSize(0.25).sizeStep(2).apply(model, ToyFiles.context(TEXTS));
        model.putVector("blk.0.ffn_norm.bias", new float[18]);
        GgufException refusal = assertThrows(GgufException.class, () -> ToyFiles.logits(model, TEXTS.getFirst()));
        assertTrue(refusal.getMessage().contains("blk.0.ffn_norm.bias"), refusal.getMessage());
    }

    @Test
    void theErrorGrowsWithTheShareAndFilesKeepTheModel(@TempDir Path folder) throws IOException {
        double last = 0;
        for (double removed : new double[] {0.1, 0.3, 0.6}) {
            double sum = 0;
            for (int seed = 0; seed < 4; seed++) {
                ModelEdit model = ToyFiles.model("starcoder2", seed % 2 == 0, seed);
                float[] before = ToyFiles.logits(model, TEXTS.getFirst());
                Slice slice = Slice.hiddenSize(removed).sizeStep(2);
                (seed < 2 ? slice : slice.slicingHead()).apply(model, ToyFiles.context(TEXTS));
                float[] after = ToyFiles.logits(model, TEXTS.getFirst());
                sum += ToyFiles.relativeError(before, after);
                assertArrayEquals(after, ToyFiles.logitsOfFile(model, folder.resolve("sliced.gguf"), TEXTS.getFirst()));
            }
            assertTrue(sum > last, sum + " at " + removed + ", less before: " + last);
            last = sum;
        }
    }

    @Test
    void nothingRemovedIsNothingChanged() throws IOException {
        for (Transform transform : List.of(
                Slice.hiddenSize(0),
                LowRank.whitened(0),
                Prune.feedForward(0),
                Prune.heads(0),
                Prune.layers(0),
                Prune.blocks(0),
                Prune.wanda(Sparsity.of(0.0)))) {
            ModelEdit model = ToyFiles.model("starcoder2", true, 3);
            float[] before = ToyFiles.logits(model, TEXTS.getFirst());
            transform.apply(model, ToyFiles.context(TEXTS));
            assertArrayEquals(before, ToyFiles.logits(model, TEXTS.getFirst()), transform.name());
            assertEquals("starcoder2", model.metadata().string("general.architecture"));
        }
    }

    /** Channels whose column of the down matrix is zero: their function may give what it likes. */
    @Test
    void silentChannelsGoWithoutATrace() throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", true, 4);
        for (int layer = 0; layer < ToyFiles.LAYERS; layer++) {
            String down = TensorRole.DOWN.weight(layer);
            var weights = model.floats(down);
            for (int row = 0; row < weights.rows(); row++) {
                Arrays.fill(weights.data(), weights.offset(row) + 5, weights.offset(row) + 13, 0);
            }
            model.putMatrix(down, weights);
        }
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        Prune.feedForward(0.2).apply(model, ToyFiles.context(TEXTS));
        assertEquals(32, model.metadata().intValue("starcoder2.feed_forward_length"));
        assertEquals(32, model.require("blk.0.ffn_up.bias").dimension(0));
        assertEquals(0, ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getFirst())), 1e-4);
    }

    @Test
    void everyTransformLeavesAModelThatRunsFromItsFile(@TempDir Path folder) throws IOException {
        for (Transform transform : List.of(
                LowRank.whitened(0.3).rankStep(2),
                LowRank.plain(0.3).rankStep(2),
                Prune.heads(0.5),
                Prune.layers(1),
                Prune.blocks(0.3).columns(8),
                Prune.wanda(Sparsity.of(2, 4)),
                Prune.sparseGpt(Sparsity.of(0.5)))) {
            ModelEdit model = ToyFiles.model("starcoder2", true, 5);
            float[] before = ToyFiles.logits(model, TEXTS.getFirst());
            transform.apply(model, ToyFiles.context(TEXTS));
            float[] after = ToyFiles.logits(model, TEXTS.getFirst());
            assertFalse(Arrays.equals(before, after), transform.name());
            assertTrue(ToyFiles.relativeError(before, after) < 1, transform.name());
            assertArrayEquals(after, ToyFiles.logitsOfFile(model, folder.resolve("shaped.gguf"), TEXTS.getFirst()));
        }
    }

    @Test
    void slicesAndFactorsGoTogether() throws IOException {
        ModelEdit model = ToyFiles.model("starcoder2", false, 8);
        TransformContext context = ToyFiles.context(TEXTS);
        Slice.hiddenSize(0.25).sizeStep(2).slicingHead().apply(model, context);
        LowRank.whitened(0.3).rankStep(2).apply(model, context);
        assertTrue(model.tensor(LatheFormat.inFactor("blk.0.ffn_up.weight")).isPresent());
        ToyFiles.logits(model, TEXTS.getFirst());
    }

    /** The model as its paper writes it, in float64, one token after the other over all before it. */
    private static final class PlainForward {
        private final ModelEdit model;

        PlainForward(ModelEdit model) {
            this.model = model;
        }

        double[][] logits(int... tokens) throws IOException {
            double[][] x = new double[tokens.length][];
            for (int t = 0; t < tokens.length; t++) {
                x[t] = new double[ToyFiles.HIDDEN];
                for (int i = 0; i < ToyFiles.HIDDEN; i++) {
                    x[t][i] = model.floats("token_embd.weight").get(tokens[t], i);
                }
            }
            for (int layer = 0; layer < ToyFiles.LAYERS; layer++) {
                String block = "blk." + layer + ".";
                add(x, linear(block + "attn_output", attention(block, norm(block + "attn_norm", x))));
                double[][] inner = linear(block + "ffn_up", norm(block + "ffn_norm", x));
                for (double[] row : inner) {
                    for (int i = 0; i < row.length; i++) {
                        row[i] = gelu(row[i]);
                    }
                }
                add(x, linear(block + "ffn_down", inner));
            }
            String head = model.tensor("output.weight").isPresent() ? "output" : "token_embd";
            return linear(head, norm("output_norm", x));
        }

        private static double gelu(double x) {
            return x / 2 * (1 + StrictMath.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        }

        private double[][] norm(String name, double[][] x) throws IOException {
            float[] gain = model.floats(name + ".weight").data();
            float[] shift = model.floats(name + ".bias").data();
            double[][] result = new double[x.length][gain.length];
            for (int t = 0; t < x.length; t++) {
                double mean = Arrays.stream(x[t]).average().orElseThrow();
                double variance = Arrays.stream(x[t])
                        .map(value -> (value - mean) * (value - mean))
                        .average()
                        .orElseThrow();
                for (int i = 0; i < gain.length; i++) {
                    result[t][i] = (x[t][i] - mean) / Math.sqrt(variance + 1e-5) * gain[i] + shift[i];
                }
            }
            return result;
        }

        private double[][] linear(String name, double[][] x) throws IOException {
            var matrix = model.floats(name + ".weight");
            float[] bias = model.tensor(name + ".bias").isPresent()
                    ? model.floats(name + ".bias").data()
                    : new float[matrix.rows()];
            double[][] result = new double[x.length][matrix.rows()];
            for (int t = 0; t < x.length; t++) {
                for (int row = 0; row < matrix.rows(); row++) {
                    result[t][row] = bias[row];
                    for (int i = 0; i < matrix.columns(); i++) {
                        result[t][row] += matrix.get(row, i) * x[t][i];
                    }
                }
            }
            return result;
        }

        private double[][] attention(String block, double[][] x) throws IOException {
            double[][] queries = rotated(linear(block + "attn_q", x));
            double[][] keys = rotated(linear(block + "attn_k", x));
            double[][] values = linear(block + "attn_v", x);
            int size = ToyFiles.HEAD;
            double[][] result = new double[x.length][ToyFiles.HEADS * size];
            for (int t = 0; t < x.length; t++) {
                for (int head = 0; head < ToyFiles.HEADS; head++) {
                    int shared = head * ToyFiles.KEY_VALUE_HEADS / ToyFiles.HEADS;
                    double[] weights = new double[t + 1];
                    double sum = 0;
                    for (int s = 0; s <= t; s++) {
                        double score = 0;
                        for (int i = 0; i < size; i++) {
                            score += queries[t][head * size + i] * keys[s][shared * size + i];
                        }
                        weights[s] = StrictMath.exp(score / Math.sqrt(size));
                        sum += weights[s];
                    }
                    for (int s = 0; s <= t; s++) {
                        for (int i = 0; i < size; i++) {
                            result[t][head * size + i] += weights[s] / sum * values[s][shared * size + i];
                        }
                    }
                }
            }
            return result;
        }

        private static double[][] rotated(double[][] rows) {
            int size = ToyFiles.HEAD;
            for (int t = 0; t < rows.length; t++) {
                for (int i = 0; i < rows[t].length; i++) {
                    if (i % size < size / 2) {
                        double angle = t * StrictMath.pow(10_000, -2.0 * (i % size) / size);
                        double a = rows[t][i];
                        double b = rows[t][i + size / 2];
                        rows[t][i] = a * StrictMath.cos(angle) - b * StrictMath.sin(angle);
                        rows[t][i + size / 2] = b * StrictMath.cos(angle) + a * StrictMath.sin(angle);
                    }
                }
            }
            return rows;
        }

        private static void add(double[][] x, double[][] branch) {
            for (int t = 0; t < x.length; t++) {
                for (int i = 0; i < x[t].length; i++) {
                    x[t][i] += branch[t][i];
                }
            }
        }
    }
}
