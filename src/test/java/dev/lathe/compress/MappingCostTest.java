package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.slice.Slice;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A mapping and its end are calls of the system that stop all threads: shaping maps tensors, never row by row. */
class MappingCostTest {
    private static void mapsFewTimes(TensorSource source, List<int[]> texts, Transform... transforms)
            throws IOException {
        CountingSource counted = new CountingSource(source);
        ModelEdit model = new ModelEdit(counted);
        long rows = source.tensors().stream()
                .mapToLong(tensor -> tensor.elementCount() / tensor.dimension(0))
                .sum();
        int tensors = source.tensors().size();
        for (Transform transform : transforms) {
            int before = counted.mapped().size();
            transform.apply(model, ToyFiles.context(texts));
            int mappings = counted.mapped().size() - before;
            assertTrue(
                    mappings <= 2 * tensors,
                    transform.name() + ": " + mappings + " mappings of " + tensors + " tensors with " + rows + " rows");
        }
    }

    @Test
    void transformsMapTensorsNotRows() throws IOException {
        List<int[]> texts = ToyFiles.texts(4, 30, 1);
        mapsFewTimes(ToyFiles.model("llama", true, 1), texts, Prune.feedForward(0.25), Prune.heads(0.5));
        mapsFewTimes(
                ToyFiles.model("llama", true, 1), texts, Slice.hiddenSize(0.25).sizeStep(2));
        try (GgufFile file = GgufFile.open(Path.of("examples/models/lathe-java-draft-f16.gguf"))) {
            mapsFewTimes(file, List.of(), Quantize.to(TensorType.Q4_0));
        }
    }
}
