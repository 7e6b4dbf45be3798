package dev.lathe.compress.slice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.Orthonormal;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorName;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class SliceTest {
    private static final List<int[]> TEXTS = ToyFiles.texts(6, 40, 1);
    private static final Workers ONE = Workers.single();

    @Test
    void cuttingNothingChangesNothing() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 3);
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        StepReport report = Slice.hiddenSize(0).apply(model, ToyFiles.context(List.of()));
        assertArrayEquals(before, ToyFiles.logits(model, TEXTS.getFirst()));
        assertEquals(report.parametersBefore(), report.parametersAfter());
        assertEquals("llama", model.metadata().string("general.architecture"));
    }

    /** The signals of a model whose writers all stay in a subspace lose nothing when they are cut to its size. */
    @Property(tries = 12)
    void directionsThatNoSignalUsesAreCutWithoutLoss(
            @ForAll boolean tied,
            @ForAll boolean biases,
            @ForAll boolean head,
            @ForAll boolean turns,
            @ForAll long seed)
            throws IOException {
        ModelEdit model = ToyFiles.model(biases ? "qwen2" : "llama", tied, seed);
        confine(model, ToyFiles.HIDDEN * 3 / 4, seed);
        float[] before = ToyFiles.logits(model, TEXTS.getLast());
        Slice slice = Slice.hiddenSize(0.25).sizeStep(1).seed(seed);
        slice = head ? slice.slicingHead() : slice;
        slice = turns ? slice : slice.principalOrientation();
        slice.apply(model, ToyFiles.context(TEXTS));
        assertEquals(18, model.require("blk.1.attn_q.weight").dimension(0));
        assertEquals(18, model.require("blk.1.ffn_down.weight").dimension(1));
        assertEquals(0, ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getLast())), 2e-5);
    }

    /** Projects everything that writes to the stream onto a random subspace. */
    private static void confine(ModelEdit model, int size, long seed) throws IOException {
        Matrix span = Orthonormal.random(ToyFiles.HIDDEN, seed).firstColumns(size);
        Matrix projection = span.times(span.transpose(), ONE);
        model.putMatrix(
                "token_embd.weight",
                Matrix.of(model.floats("token_embd.weight"))
                        .times(projection, ONE)
                        .toFloats());
        for (int layer = 0; layer < ToyFiles.LAYERS; layer++) {
            for (String writer : List.of("attn_output", "ffn_down")) {
                String name = TensorName.prefix(layer) + writer;
                model.putMatrix(
                        name + ".weight",
                        projection
                                .times(Matrix.of(model.floats(name + ".weight")), ONE)
                                .toFloats());
                if (model.tensor(name + ".bias").isPresent()) {
                    Matrix bias = Matrix.of(model.floats(name + ".bias")).times(projection, ONE);
                    model.putVector(name + ".bias", bias.toFloats().data());
                }
            }
        }
    }

    @Test
    void theErrorGrowsWithTheShareAndFilesKeepTheModel(@TempDir Path folder) throws IOException {
        double last = 0;
        for (double removed : new double[] {0.1, 0.3, 0.5, 0.8}) {
            double sum = 0;
            for (int seed = 0; seed < 4; seed++) {
                ModelEdit model = ToyFiles.model("llama", seed % 2 == 0, seed);
                float[] before = ToyFiles.logits(model, TEXTS.getFirst());
                StepReport report = Slice.hiddenSize(removed).sizeStep(2).apply(model, ToyFiles.context(TEXTS));
                float[] after = ToyFiles.logits(model, TEXTS.getFirst());
                sum += ToyFiles.relativeError(before, after);
                assertEquals(report.parametersAfter(), model.parameterCount());
                Path file = folder.resolve("sliced.gguf");
                assertArrayEquals(after, ToyFiles.logitsOfFile(model, file, TEXTS.getFirst()));
                try (GgufFile saved = GgufFile.open(file)) {
                    assertEquals("lathe", saved.metadata().string("general.architecture"));
                    assertEquals("llama", saved.metadata().string("lathe.base_architecture"));
                    assertEquals(7, saved.metadata().ints("lathe.stream_lengths").length);
                }
            }
            assertTrue(sum > last, sum + " at " + removed + ", less before: " + last);
            last = sum;
        }
    }

    @Test
    void theOrientationDoesNotMatter() throws IOException {
        float[][] logits = new float[3][];
        List<Slice> slices = List.of(
                Slice.hiddenSize(0.4).sizeStep(1),
                Slice.hiddenSize(0.4).sizeStep(1).seed(99),
                Slice.hiddenSize(0.4).sizeStep(1).principalOrientation());
        for (int i = 0; i < 3; i++) {
            ModelEdit model = ToyFiles.model("qwen2", true, 5);
            slices.get(i).slicingHead().apply(model, ToyFiles.context(TEXTS));
            logits[i] = ToyFiles.logits(model, TEXTS.getFirst());
        }
        assertEquals(0, ToyFiles.relativeError(logits[0], logits[1]), 2e-5);
        assertEquals(0, ToyFiles.relativeError(logits[0], logits[2]), 2e-5);
    }

    @Test
    void layersMayDifferAndSomeMayStayWhole() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 6);
        Slice.hiddenSizes(List.of(0.0, 0.5, 0.25)).sizeStep(1).apply(model, ToyFiles.context(TEXTS));
        assertArrayEquals(
                new int[] {24, 24, 24, 12, 12, 18, 24}, model.metadata().ints(LatheFormat.SIZES_KEY));
        assertTrue(model.tensor("blk.0.attn_shortcut.weight").isEmpty());
        assertTrue(model.tensor("token_embd_rotation.weight").isEmpty());
        assertTrue(model.tensor("blk.1.attn_shortcut.weight").isPresent());
        ToyFiles.logits(model, TEXTS.getFirst());
    }

    /** The table goes on being shared where two rotations are smaller than a second table. */
    @Test
    void theSmallerOfOneTableAndTwoIsKept() throws IOException {
        ModelEdit shared = ToyFiles.model("llama", true, 7);
        Slice.hiddenSize(0.25).sizeStep(1).slicingHead().apply(shared, ToyFiles.context(TEXTS));
        // 50 * 24 + 2 * 18 * 24 = 2064 against 50 * 2 * 18 = 1800
        assertEquals(18, shared.require("output.weight").dimension(0));
        assertEquals(18, shared.require("token_embd.weight").dimension(0));
        ModelEdit apart = ToyFiles.model("llama", true, 7);
        Slice.hiddenSize(0.25).sizeStep(1).apply(apart, ToyFiles.context(TEXTS));
        // 50 * 24 + 18 * 24 = 1632 against 50 * (18 + 24) = 2100
        assertTrue(apart.tensor("output.weight").isEmpty());
        assertEquals(
                List.of(24L, 18L), apart.require("token_embd_rotation.weight").dimensions());
    }

    @Test
    void whatCannotBeSlicedIsRefusedWithACure() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> Slice.hiddenSize(1));
        assertThrows(IllegalArgumentException.class, () -> Slice.hiddenSize(-0.5));
        assertThrows(IllegalArgumentException.class, () -> Slice.hiddenSize(0.5).sizeStep(0));
        assertThrows(IllegalArgumentException.class, () -> Slice.hiddenSizes(List.of()));
        refused("calibratedOn", Slice.hiddenSize(0.25), ToyFiles.model("llama", true, 1), List.of());
        refused("the model has 3", Slice.hiddenSizes(List.of(0.1, 0.2)), ToyFiles.model("llama", true, 1), TEXTS);
        refused(
                "vectors of the stream",
                Slice.hiddenSize(0.25),
                new ModelEdit(new RandomFamilyFile("eurobert")),
                TEXTS);
        ModelEdit factored = ToyFiles.model("llama", true, 1);
        LowRank.plain(0.5).rankStep(4).apply(factored, ToyFiles.context(List.of()));
        refused("was factored", Slice.hiddenSize(0.25), factored, TEXTS);
        ModelEdit sliced = ToyFiles.model("llama", true, 1);
        Slice.hiddenSize(0.25).sizeStep(2).apply(sliced, ToyFiles.context(TEXTS));
        refused("sliced before", Slice.hiddenSize(0.5), sliced, TEXTS);
        try (GgufFile gemma = GgufFile.open(Path.of("src/test/resources/models/gemma3-tiny.gguf"))) {
            refused("gemma3", Slice.hiddenSize(0.25), new ModelEdit(gemma), TEXTS);
        }
    }

    private static void refused(String part, Slice slice, ModelEdit model, List<int[]> texts) {
        Exception refusal =
                assertThrows(IllegalArgumentException.class, () -> slice.apply(model, ToyFiles.context(texts)));
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }

    @Test
    void factorsAndCutsGoTogether() throws IOException {
        ModelEdit model = ToyFiles.model("qwen2", false, 8);
        TransformContext context = ToyFiles.context(TEXTS);
        Slice.hiddenSize(0.25).sizeStep(2).apply(model, context);
        LowRank.whitened(0.3).rankStep(2).apply(model, context);
        assertTrue(model.tensor("blk.0.ffn_up.in.weight").isPresent());
        ToyFiles.logits(model, TEXTS.getFirst());
    }

    @Property(tries = 20)
    void principalDirectionsLeaveTheLeastOut(@ForAll @IntRange(min = 2, max = 12) int size, @ForAll long seed) {
        Matrix rows = Orthonormal.gaussian(30, size, seed).times(Orthonormal.gaussian(size, size, seed + 1), ONE);
        GramMatrix gram = new GramMatrix(size);
        gram.add(rows.toFloats(), ONE);
        int count = size / 2;
        StreamBasis basis = StreamBasis.principal(new Matrix(gram.toArray(), gram.size(), gram.size()), count, ONE);
        double kept = rows.times(basis.matrix(), ONE).squares();
        assertEquals(basis.kept(), kept / rows.squares(), 1e-6);
        Matrix other = Orthonormal.random(size, seed + 2).firstColumns(count);
        assertTrue(rows.times(other, ONE).squares() <= kept * (1 + 1e-6));
        Matrix turned = basis.turned(seed, ONE).matrix();
        assertEquals(kept, rows.times(turned, ONE).squares(), 1e-9 * kept);
    }
}
