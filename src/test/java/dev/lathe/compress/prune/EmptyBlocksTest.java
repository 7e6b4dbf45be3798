package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Why columns of quantized weights are not skipped: those that share a scale are hardly ever all inactive, and those
 * that share an instruction seldom are.
 */
class EmptyBlocksTest {
    private static final Path LATHE_JAVA = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path JAVA = Path.of("src/main/java/dev/lathe/tensor/Activations.java");

    /** Blocks of neighbouring columns of down's input: how many are all zeros, and how many there are. */
    private static final class Blocks {
        private final int columns;
        private long empty;
        private long all;

        Blocks(int columns) {
            this.columns = columns;
        }

        void count(FloatMatrix rows) {
            for (int at = 0; at < rows.rows() * rows.columns(); at += columns) {
                boolean isEmpty = true;
                for (int i = at; i < at + columns; i++) {
                    isEmpty &= rows.data()[i] == 0;
                }
                empty += isEmpty ? 1 : 0;
                all++;
            }
        }

        double share() {
            return (double) empty / all;
        }
    }

    @Test
    void ofHalfInactiveColumnsHardlyAnyBlockIsEmpty() throws IOException {
        List<int[]> texts;
        try (Model model = Model.load(LATHE_JAVA, new LoadOptions(1))) {
            texts = List.of(Arrays.copyOf(model.tokenizer().encode(Files.readString(JAVA)), 128));
        }
        Blocks columns = new Blocks(1);
        Blocks fours = new Blocks(4);
        Blocks scales = new Blocks(32);
        try (GgufFile file = GgufFile.open(LATHE_JAVA)) {
            ModelEdit model = new ModelEdit(file);
            Prune.activations(0.5).apply(model, ToyFiles.context(texts));
            LayerSweep sweep = LayerSweep.of(model, texts, Workers.single());
            while (!sweep.isAtEnd()) {
                sweep.show((site, _, rows) -> {
                    if (site == ActivationSite.FEED_FORWARD_DOWN) {
                        List.of(columns, fours, scales).forEach(blocks -> blocks.count(rows));
                    }
                });
                sweep.advance();
            }
        }
        assertEquals(0.5, columns.share(), 0.02);
        assertEquals(0.07, fours.share(), 0.02);
        assertTrue(scales.all > 20_000 && scales.share() < 0.001, scales.empty + " of " + scales.all);
    }
}
