package dev.lathe.compress.quantize;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Collects the importances of a model's input channels on calibration texts. */
final class Importances {
    private Importances() {}

    /**
     * Runs a model as it is, one layer in memory.
     *
     * @param step what is being done, for errors and progress
     */
    static ImportanceMatrix collect(TensorSource model, TransformContext context, String step) throws IOException {
        List<int[]> sequences = context.requireCalibration(step);
        Map<String, ImportanceMatrix.Entry> entries = new TreeMap<>();
        TensorSource decoded = new DecodedTensors(model);
        LayerSweep sweep =
                LayerSweep.of(decoded, sequences, context.workers()).reporting(context, step + ": importances");
        sweep.observe(_ -> Set.of(), (layer, read) -> {
            for (ActivationSite site : ActivationSite.values()) {
                for (String reader : LayerTensors.readers(model, layer, site)) {
                    if (model.tensor(reader).isPresent()) {
                        entries.put(reader, entry(model, layer, site, read));
                    }
                }
            }
        });
        String head = LayerTensors.head(model);
        entries.put(
                head, headEntry(LayerwiseModel.of(decoded, context.workers()).head(), sweep.hidden()));
        return new ImportanceMatrix(List.of(), sequences.size(), sequences.getFirst().length, entries);
    }

    /** Of each expert by its own rows where there are experts. */
    private static ImportanceMatrix.Entry entry(
            TensorSource model, int layer, ActivationSite site, ActivationStatistics read) {
        int matrices = LayerTensors.matrices(model, layer, site);
        float[] counts = new float[matrices];
        List<float[]> sums = new ArrayList<>();
        for (int matrix = 0; matrix < matrices; matrix++) {
            counts[matrix] = read.rows(site, matrix);
            sums.add(floats(read.squares(site, matrix)));
        }
        int columns = sums.getFirst().length;
        float[] all = new float[Math.multiplyExact(matrices, columns)];
        for (int matrix = 0; matrix < matrices; matrix++) {
            System.arraycopy(sums.get(matrix), 0, all, matrix * columns, columns);
        }
        return new ImportanceMatrix.Entry(all, counts);
    }

    private static ImportanceMatrix.Entry headEntry(LayerwiseModel.Head head, List<FloatMatrix> hidden) {
        double[] squares = new double[hidden.getFirst().columns()];
        long rows = 0;
        for (FloatMatrix text : hidden) {
            float[] inputs = head.input(text).data();
            for (int i = 0; i < inputs.length; i++) {
                squares[i % squares.length] += (double) inputs[i] * inputs[i];
            }
            rows += text.rows();
        }
        return new ImportanceMatrix.Entry(floats(squares), new float[] {rows});
    }

    private static float[] floats(double[] squares) {
        float[] sums = new float[squares.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (float) squares[i];
        }
        return sums;
    }
}
