package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.prune.Prune;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.PredictionLayers;
import dev.lathe.model.config.TensorName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers behind the last one, which predict several tokens at once, are neither evaluated nor transformed nor saved. */
class PredictionLayersTest {
    private static final Path FILE = Path.of("src/test/resources/references/glm4moe.gguf");
    private static final int[] TEXT = {3, 1, 4, 1, 5, 9, 2, 6};

    @TempDir
    private Path folder;

    @Test
    void whatIsMadeOfAFileHasNoneOfThem() throws IOException {
        try (GgufFile file = GgufFile.open(FILE)) {
            assertEquals(3, file.metadata().intValue("glm4moe.block_count"));
            assertTrue(file.tensor("blk.2.nextn.eh_proj.weight").isPresent());
            float[] before = ToyFiles.logits(new ModelEdit(file), TEXT);
            Path saved = folder.resolve("saved.gguf");
            new ModelEdit(file).save(saved);
            try (GgufFile written = GgufFile.open(saved)) {
                assertEquals(2, written.metadata().intValue("glm4moe.block_count"));
                assertEquals(0, PredictionLayers.count(written.metadata()));
                assertTrue(written.tensors().stream()
                        .allMatch(tensor -> TensorName.of(tensor.name()).layer() < 2));
                assertArrayEquals(before, ToyFiles.logits(new ModelEdit(written), TEXT));
            }
        }
    }

    @Test
    void aLayerIsRemovedBeforeThem() throws IOException {
        ModelEdit whole = new ModelEdit(new RandomFamilyFile("glm4moe"));
        whole.setMetadata(whole.metadata().toBuilder()
                .uint32("glm4moe.nextn_predict_layers", 1)
                .build());
        ModelEdit model = new ModelEdit(whole);
        Prune.layers(1).withoutCompensation().apply(model, ToyFiles.context(List.of(TEXT)));
        assertEquals(2, model.metadata().intValue("glm4moe.block_count"));
        assertTrue(Float.isFinite(ToyFiles.logits(model, TEXT)[0]));
    }

    @Test
    void aModelOfNothingElseIsRefused() {
        for (int count : new int[] {4, 7}) {
            Metadata metadata = Metadata.builder()
                    .string("general.architecture", "glm4moe")
                    .uint32("glm4moe.block_count", 4)
                    .uint32("glm4moe.nextn_predict_layers", count)
                    .build();
            GgufException refusal = assertThrows(GgufException.class, () -> PredictionLayers.count(metadata));
            assertTrue(refusal.getMessage().contains("is " + count), refusal.getMessage());
        }
    }
}
