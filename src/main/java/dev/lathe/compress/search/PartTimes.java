package dev.lathe.compress.search;

import dev.lathe.compress.ModelEdit;
import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Seconds that parts take for one token on this machine. Parts of layers of equal shape take equal time, so one of them is
 * measured; and numbers do not matter, so what shall have a type is measured with zeros of it.
 */
final class PartTimes {
    private record Key(Part.Kind kind, LayerConfig layer, int columns, Object variant) {}

    private static final Duration TIME = Duration.ofMillis(15);
    private static final int LEAST_RUNS = 25;

    private final Workers workers;
    private final Map<Key, Double> known = new HashMap<>();

    PartTimes(Workers workers) {
        this.workers = workers;
    }

    /** Of a part with its matrices as a type. */
    double of(Part part, Variant variant, ModelEdit reduced, TensorType type) throws IOException {
        Double seconds = known.get(key(part, variant, reduced));
        if (seconds != null) {
            return seconds;
        }
        return of(part, variant, zeros(part, reduced, type));
    }

    private static ModelEdit zeros(Part part, ModelEdit model, TensorType type) {
        ModelEdit zeros = new ModelEdit(model);
        for (TensorInfo tensor : part.tensors(model)) {
            TensorType actual = Part.typeOf(tensor, type);
            if (actual != tensor.type()) {
                byte[] content = new byte[Math.toIntExact(actual.byteCount(tensor.elementCount()))];
                zeros.put(tensor.name(), actual, tensor.dimensions(), MemorySegment.ofArray(content));
            }
        }
        return zeros;
    }

    /** Of a part as it is; what it is called tells it from others. */
    double of(Part part, Object variant, ModelEdit model) throws IOException {
        Key key = key(part, variant, model);
        Double seconds = known.get(key);
        if (seconds == null) {
            LayerwiseModel runner = LayerwiseModel.of(model, workers);
            LayerwiseModel.Layer block = runner.layer(part.layer());
            FloatMatrix row = FloatMatrix.zeros(1, key.columns());
            seconds = seconds(() -> part.run(block, row));
            known.put(key, seconds);
        }
        return seconds;
    }

    private static Key key(Part part, Object variant, ModelEdit model) {
        ModelConfig config = Families.shape(model.metadata());
        int columns = part.kind() == Part.Kind.ATTENTION
                ? config.streamSizes().beforeAttention(part.layer())
                : config.streamSizes().afterAttention(part.layer());
        return new Key(part.kind(), config.layers().get(part.layer()), columns, variant);
    }

    /** Of final norm and head with the table as a type. */
    double ofTable(ModelEdit model, TensorType type) throws IOException {
        return ofTable(zeros(new Part(Part.Kind.TABLE, 0), model, type));
    }

    /** Of final norm and head as they are. */
    double ofTable(ModelEdit model) throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, workers);
        LayerwiseModel.Head head = runner.head();
        int layers = runner.config().layers().size();
        FloatMatrix row = FloatMatrix.zeros(1, runner.config().streamSizes().afterFeedForward(layers - 1));
        return seconds(() -> head.logits(row));
    }

    private static double seconds(Runnable work) {
        return Stopwatch.system().least(work, TIME, LEAST_RUNS);
    }
}
