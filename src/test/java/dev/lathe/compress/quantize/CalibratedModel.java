package dev.lathe.compress.quantize;

import dev.lathe.compress.Calibration;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** A small model, and pieces of a source of this project to calibrate on. */
record CalibratedModel(GgufFile source, TransformContext context, Workers workers) implements AutoCloseable {
    static CalibratedModel open(int sequences, int tokens) throws IOException {
        Workers workers = Workers.of(2);
        GgufFile source = GgufFile.open(Path.of("examples/models/lathe-java-draft-f16.gguf"));
        Calibration texts = Calibration.text(Path.of("src/main/java/dev/lathe/gguf/HeaderReader.java"))
                .sequences(sequences)
                .tokensEach(tokens);
        return new CalibratedModel(
                source, TransformContext.of(texts.draw(Tokenizer.from(source.metadata())), workers), workers);
    }

    @Override
    public void close() {
        source.close();
        workers.close();
    }
}
