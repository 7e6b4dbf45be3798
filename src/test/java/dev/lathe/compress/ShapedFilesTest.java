package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.Slow;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.slice.Slice;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of models that left their architecture's shape: what holds together is read, what does not is refused in a sentence. */
@Slow
class ShapedFilesTest {
    private static final List<int[]> TEXTS = ToyFiles.texts(4, 30, 1);

    private static ModelEdit sliced() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 1);
        Slice.hiddenSize(0.25).sizeStep(2).apply(model, ToyFiles.context(TEXTS));
        LowRank.plain(0.3).rankStep(2).apply(model, ToyFiles.context(List.of()));
        return model;
    }

    private static void refused(String part, Consumer<ModelEdit> forge) throws IOException {
        ModelEdit model = sliced();
        forge.accept(model);
        GgufException refusal = assertThrows(GgufException.class, () -> DecoderModel.load(model, Workers.single()));
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }

    private static Consumer<ModelEdit> metadata(UnaryOperator<Metadata.Builder> change) {
        return model ->
                model.setMetadata(change.apply(model.metadata().toBuilder()).build());
    }

    private static Consumer<ModelEdit> matrix(String name, int rows, int columns) {
        return model -> model.putMatrix(name, FloatMatrix.zeros(rows, columns));
    }

    @Test
    void keysThatContradictAreRefused() throws IOException {
        refused("lathe.format_version is 2", metadata(keys -> keys.uint32(LatheFormat.VERSION_KEY, 2)));
        refused("lathe.format_version", metadata(keys -> keys.remove(LatheFormat.VERSION_KEY)));
        refused("lathe.base_architecture", metadata(keys -> keys.remove(LatheFormat.BASE_KEY)));
        refused("'lathe' cannot be run", metadata(keys -> keys.string(LatheFormat.BASE_KEY, "lathe")));
        refused("'opera' cannot be run", metadata(keys -> keys.string(LatheFormat.BASE_KEY, "opera")));
        refused("3 entries for 3 blocks", metadata(keys -> keys.ints(LatheFormat.SIZES_KEY, 18, 18, 24)));
        refused("has the entry 0", metadata(keys -> keys.ints(LatheFormat.SIZES_KEY, 18, 18, 18, 0, 18, 18, 24)));
        refused("has the entry 25", metadata(keys -> keys.ints(LatheFormat.SIZES_KEY, 18, 18, 18, 18, 18, 18, 25)));
        refused("dimensions", metadata(keys -> keys.ints(LatheFormat.SIZES_KEY, 18, 18, 18, 16, 18, 18, 24)));
        refused("dimensions", metadata(keys -> keys.remove(LatheFormat.SIZES_KEY)));
        refused("dimensions", metadata(keys -> keys.string("general.architecture", "llama")));
    }

    @Test
    void tensorsThatDoNotFitAreRefused() throws IOException {
        refused("blk.1.attn_shortcut.weight", matrix("blk.1.attn_shortcut.weight", 18, 17));
        refused("blk.2.ffn_shortcut.weight is missing", model -> model.remove("blk.2.ffn_shortcut.weight"));
        refused("token_embd.weight has dimensions", model -> model.remove(TensorRole.EMBEDDING_ROTATION.weight()));
        refused("output_rotation.weight", matrix(TensorRole.HEAD_ROTATION.weight(), 24, 23));
        refused("blk.0.ffn_up.in.weight is no part", matrix("blk.0.ffn_up.weight", 40, 18));
        refused("blk.0.ffn_up.out.weight is missing", model -> model.remove("blk.0.ffn_up.out.weight"));
        refused("blk.0.ffn_up.weight is missing", model -> model.remove("blk.0.ffn_up.in.weight"));
        refused("blk.0.ffn_up.out.weight has dimensions", matrix("blk.0.ffn_up.in.weight", 3, 18));
        refused("blk.0.attn_norm.weight", model -> model.putVector("blk.0.attn_norm.weight", new float[24]));
        refused("no part of a model of architecture lathe on llama", matrix("blk.0.extra.weight", 3, 18));
    }

    @Test
    void keptValuesThatShareNoWholeBytesOfColumnsAreRefused() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 1);
        model.setMetadata(LatheFormat.leaveShape(model.metadata()));
        String name = "blk.0.ffn_up.weight";
        long rows = model.require(name).dimension(1);
        model.remove(name);
        model.putMatrix(LatheFormat.keptValues(name), FloatMatrix.zeros((int) rows, 10), TensorType.F16);
        model.put(
                LatheFormat.keptColumns(name),
                TensorType.I8,
                List.of(2L, rows),
                MemorySegment.ofArray(new byte[2 * (int) rows]));
        GgufException refusal = assertThrows(GgufException.class, () -> DecoderModel.load(model, Workers.single()));
        assertTrue(refusal.getMessage().contains("rows of 10 values, expected a multiple of 4"), refusal.getMessage());
    }

    @Test
    void aSlicedHeadWithoutItsRotationIsRefused() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 1);
        Slice.hiddenSizes(List.of(0.0, 0.0, 0.25)).slicingHead().sizeStep(2).apply(model, ToyFiles.context(TEXTS));
        model.remove(TensorRole.HEAD_ROTATION.weight());
        GgufException refusal = assertThrows(GgufException.class, () -> DecoderModel.load(model, Workers.single()));
        assertTrue(refusal.getMessage().contains("nor a rotation that fits"), refusal.getMessage());
    }

    @Test
    void whatStandsBesideOrInPlaceOfAMatrixIsReadUnderItsOwnArchitectureOnly() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 1);
        matrix("blk.0.attn_shortcut.weight", ToyFiles.HIDDEN, ToyFiles.HIDDEN).accept(model);
        GgufException refusal = assertThrows(GgufException.class, () -> DecoderModel.load(model, Workers.single()));
        assertTrue(refusal.getMessage().contains("no part of a model of architecture llama"), refusal.getMessage());
        model.setMetadata(LatheFormat.leaveShape(model.metadata()));
        ToyFiles.logits(model, TEXTS.getFirst());
    }

    @Test
    void theOldShapeIsToldByTheOldName() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 1);
        Metadata before = model.metadata();
        assertEquals("llama", LatheFormat.baseArchitecture(before));
        Metadata after = LatheFormat.leaveShape(before);
        assertEquals("llama", LatheFormat.baseArchitecture(after));
        assertEquals(after, LatheFormat.leaveShape(after));
        assertTrue(LatheFormat.isShaped(after));
        // the name alone changes nothing
        float[] logits = ToyFiles.logits(model, TEXTS.getFirst());
        model.setMetadata(after);
        assertArrayEquals(logits, ToyFiles.logits(model, TEXTS.getFirst()));
    }

    /** A real model, cut, factored and quantized, saved and loaded. */
    @Test
    void allStepsGoTogether(@TempDir Path folder) throws IOException {
        Recipe recipe = Recipe.of(Slice.hiddenSize(0.25), LowRank.whitened(0.2), Quantize.to(TensorType.Q8_0))
                .calibratedOn(Calibration.text(Path.of("LICENSE")).sequences(4).tokensEach(128));
        Path file = folder.resolve("small.gguf");
        try (CompressedModel made = Model.compress(Path.of("examples/models/lathe-java-draft-f16.gguf"), recipe)) {
            made.save(file);
            assertTrue(
                    made.report().toText().contains("slice 25%"), made.report().toText());
        }
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            assertEquals(
                    "slice 25%, low rank 20% whitened",
                    model.metadata().string(Recipe.METADATA_KEY).substring(0, 32));
            assertEquals(
                    5, session.generate("class ").maxTokens(5).run().tokens().size());
        }
        try (GgufFile saved = GgufFile.open(file)) {
            assertEquals(
                    List.of(96L, 96L),
                    saved.tensor("blk.1.attn_shortcut.weight").orElseThrow().dimensions());
            assertEquals(
                    TensorType.Q8_0,
                    saved.tensor("blk.1.attn_shortcut.weight").orElseThrow().type());
            assertTrue(saved.tensors().stream().anyMatch(tensor -> tensor.name().endsWith("ffn_up.in.weight")));
        }
    }
}
