package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Part.Kind;
import dev.lathe.compress.search.Reduction.Way;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Slow
class ReductionTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");
    private static final List<Reduction> ALL =
            List.of(new Reduction(Way.UNITS, 0.5), new Reduction(Way.RANK, 0.5), new Reduction(Way.BLOCKS, 0.5));

    @Test
    void eachMakesAPartSmallerAsMuchAsItSaysAndTheRestIsUntouched() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL);
                Workers workers = Workers.of(2)) {
            TransformContext context = context(file, workers);
            ModelEdit model = new ModelEdit(file);
            LayerSweep sweep = LayerSweep.of(model, context.calibration(), workers);
            List<FloatMatrix> in = sweep.hidden();
            ActivationStatistics statistics = sweep.statistics(EnumSet.allOf(ActivationSite.class));
            for (Kind kind : List.of(Kind.ATTENTION, Kind.FEED_FORWARD)) {
                Part part = new Part(kind, 0);
                List<FloatMatrix> out = part.run(model, in, workers);
                double whole = part.bytes(model, TensorType.F16);
                for (Reduction reduction : ALL) {
                    assertTrue(reduction.suits(model, part));
                    ModelEdit edit = new ModelEdit(file);
                    reduction
                            .of(part)
                            .orElseThrow()
                            .edit(new LayerEdit(edit, 0, statistics, new StepRecorder(edit, ""), workers));
                    double left = part.bytes(edit, TensorType.F16) / whole;
                    assertTrue(left > 0.4 && left <= 0.52, part + " " + reduction + ": " + left);
                    assertEquals(model.byteCount() - whole, edit.byteCount() - part.bytes(edit, TensorType.F16), 1e-9);
                    double change = HiddenRows.relativeChange(out, part.run(edit, in, workers));
                    assertTrue(change > 1e-4 && change < 1, part + " " + reduction + ": " + change);
                }
                assertTrue(Reduction.NONE.suits(model, part));
                assertTrue(Reduction.NONE.of(part).isEmpty());
            }
        }
    }

    /** The same bytes as the transforms for whole models, where those do the same to a layer. */
    @Test
    void oneLayerIsMadeAsInTheWholeModel() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL);
                Workers workers = Workers.of(2)) {
            TransformContext context = context(file, workers);
            double[] shares = new double[8];
            shares[0] = 0.5;
            Map<Part, Reduction> parts = new LinkedHashMap<>();
            parts.put(new Part(Kind.FEED_FORWARD, 0), new Reduction(Way.UNITS, 0.5));
            ModelEdit reduced = new ModelEdit(file);
            PartReductions.of(parts).apply(reduced, context);
            ModelEdit expected = new ModelEdit(file);
            Prune.feedForwardByLayer(shares).apply(expected, context);
            for (TensorInfo tensor : expected.tensors()) {
                assertEquals(tensor.dimensions(), reduced.require(tensor.name()).dimensions());
                assertTrue(java.util.Arrays.equals(
                        expected.floats(tensor.name()).data(),
                        reduced.floats(tensor.name()).data()));
            }
        }
    }

    @Test
    void allTogetherAreQuantizedAndRun() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL);
                Workers workers = Workers.of(2)) {
            TransformContext context = context(file, workers);
            Map<Part, Reduction> parts = new LinkedHashMap<>();
            parts.put(new Part(Kind.ATTENTION, 0), new Reduction(Way.RANK, 0.5));
            parts.put(new Part(Kind.FEED_FORWARD, 0), new Reduction(Way.UNITS, 0.25));
            parts.put(new Part(Kind.ATTENTION, 2), new Reduction(Way.UNITS, 0.5));
            parts.put(new Part(Kind.FEED_FORWARD, 2), new Reduction(Way.BLOCKS, 0.25));
            parts.put(new Part(Kind.ATTENTION, 3), Reduction.NONE);
            PartReductions reduce = PartReductions.of(parts);
            assertEquals(
                    "reduce attention 0 -50% rank, feed-forward 0 -25% units, attention 2 -50% units, feed-forward 2"
                            + " -25% blocks",
                    reduce.name());
            ModelEdit edit = new ModelEdit(file);
            Recipe recipe = Recipe.of(reduce, Quantize.to(TensorType.Q4_0).tensors("blk.0.ffn_*", TensorType.Q5_0));
            recipe.transforms().getFirst().apply(edit, context);
            for (Part part : parts.keySet()) {
                long expected = part.bytes(edit, TensorType.Q5_0);
                ModelEdit encoded = new ModelEdit(edit);
                Quantize.to(TensorType.Q4_0)
                        .tensors(part.names(), TensorType.Q5_0)
                        .apply(encoded, context);
                assertEquals(
                        expected,
                        part.tensors(encoded).stream()
                                .mapToLong(TensorInfo::byteCount)
                                .sum());
            }
            recipe.transforms().getLast().apply(edit, context);
            double divergence =
                    new DivergenceMeter(file, context.calibration(), 100, workers).ofModel(edit, context.calibration());
            assertTrue(divergence > 0.01 && divergence < 4, "" + divergence);
        }
    }

    /** Layers do not mind what became of others. */
    @Test
    void blocksGoInOneLayerWhereMatricesOfAnotherAreFactored() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL);
                Workers workers = Workers.of(2)) {
            Map<Part, Reduction> parts = new LinkedHashMap<>();
            parts.put(new Part(Kind.ATTENTION, 0), new Reduction(Way.RANK, 0.5));
            parts.put(new Part(Kind.ATTENTION, 1), new Reduction(Way.BLOCKS, 0.5));
            ModelEdit edit = new ModelEdit(file);
            PartReductions.of(parts).apply(edit, context(file, workers));
            assertTrue(edit.tensor(LatheFormat.outFactor("blk.0.attn_q.weight")).isPresent());
            assertTrue(edit.tensor(LatheFormat.blocks("blk.1.attn_q.weight")).isPresent());
        }
    }

    @Test
    void whatDoesNotFitAPartIsNotOffered() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL)) {
            ModelEdit model = new ModelEdit(file);
            assertTrue(!new Reduction(Way.UNITS, 0.25).suits(model, new Part(Kind.ATTENTION, 1))); // 2 groups of heads
            assertTrue(new Reduction(Way.UNITS, 0.25).suits(model, new Part(Kind.FEED_FORWARD, 1)));
            assertTrue(!new Reduction(Way.RANK, 0.9).suits(model, new Part(Kind.ATTENTION, 1)));
            assertTrue(!LowRank.whitened(0.9).on(ActivationSite.ATTENTION).suits(model, 0));
            assertTrue(LowRank.whitened(0.9)
                    .on(ActivationSite.FEED_FORWARD_DOWN)
                    .rankStep(8)
                    .suits(model, 0));
        }
    }

    private static TransformContext context(GgufFile file, Workers workers) throws IOException {
        List<int[]> texts = Calibration.text(Path.of("LICENSE"))
                .sequences(4)
                .tokensEach(128)
                .draw(Tokenizer.from(file.metadata()));
        return TransformContext.of(texts, workers);
    }
}
