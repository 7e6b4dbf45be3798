package dev.lathe.tools.shape;

import dev.lathe.Model;
import dev.lathe.figures.Table;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.LMulError;
import dev.lathe.tensor.LMulLinear;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TernaryLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Errors of arithmetic without multiplications: L-Mul by mantissa bits, and ternary layers by additions. */
public final class LowCostCommand {
    private static final String HELP = """
            LowCost: how far arithmetic without multiplications is from exact products. Of single products: the relative
            error of L-Mul over all pairs of fractions. Of a layer (the first gate of the model's feed-forward parts, on
            normal activations): the root mean square error of its outputs, relative to theirs.

            """;

    private static final int ROWS = 16;

    /** One line of the table; errors of single products are NaN where there are none. */
    private record Row(String arithmetic, double mean, double rootMeanSquare, double least, double most, double layer) {
        List<String> cells() {
            return List.of(
                    arithmetic, percent(mean), percent(rootMeanSquare), percent(least), percent(most), percent(layer));
        }

        private static String percent(double share) {
            return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.2f%%", 100 * share);
        }

        Map<String, Object> json() {
            Map<String, Object> keys = new LinkedHashMap<>();
            keys.put("arithmetic", arithmetic);
            if (!Double.isNaN(mean)) {
                keys.put("mean", mean);
                keys.put("rootMeanSquare", rootMeanSquare);
                keys.put("least", least);
                keys.put("most", most);
            }
            keys.put("layer", layer);
            return keys;
        }
    }

    private LowCostCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, LowCostCommand::run);
    }

    private static void run(Program program) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (Model model = program.loadModel()) {
            if (!(model.languageModel() instanceof DecoderModel decoder)) {
                throw new Program.FailureException("the model is no decoder; give one");
            }
            WeightGroup layer0 = decoder.weights().layers().getFirst();
            Linear gate = layer0.findMatrix(TensorRole.GATE).orElseGet(() -> layer0.matrix(TensorRole.UP));
            Linear exact = copy(gate, false);
            for (int bits = 1; bits <= 10; bits++) {
                LMulError error = LMulError.of(bits);
                double layer = difference(exact, LMulLinear.of(gate, bits, KernelSet.best()));
                rows.add(new Row(
                        "L-Mul, " + bits + (bits == 1 ? " bit" : " bits"),
                        error.mean(),
                        error.rootMeanSquare(),
                        error.least(),
                        error.most(),
                        layer));
            }
            Linear ternary = copy(gate, true);
            double layer = difference(ternary, TernaryLinear.of(ternary, WeightMemory.collected(), KernelSet.best()));
            rows.add(new Row("ternary additions", Double.NaN, Double.NaN, Double.NaN, Double.NaN, layer));
        }
        if (program.isJson()) {
            program.printJson(Map.of("rows", rows.stream().map(Row::json).toList()));
        } else {
            program.out.print(new Table(
                            List.of("arithmetic", "mean", "rms", "least", "most", "layer"),
                            rows.stream().map(Row::cells).toList())
                    .text());
        }
    }

    /** The layer in float32, or each weight as -d, 0 or d with d the mean magnitude, as BitNet b1.58 rounds. */
    private static Linear copy(Linear layer, boolean ternary) throws IOException {
        int columns = layer.inputSize();
        float[] weights = new float[layer.outputSize() * columns];
        double sum = 0;
        for (int row = 0; row < layer.outputSize(); row++) {
            layer.readRow(row, weights, row * columns);
        }
        for (float weight : weights) {
            sum += Math.abs(weight);
        }
        float mean = (float) (sum / weights.length);
        for (int i = 0; i < weights.length && ternary; i++) {
            weights[i] = mean * Math.clamp(Math.round(weights[i] / mean), -1, 1);
        }
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        MemorySegment source = MemorySegment.ofArray(bytes.array());
        return LinearLoader.pack(
                TensorType.F32,
                layer.outputSize(),
                columns,
                (at, count, arena) -> source.asSlice(at, count),
                WeightMemory.collected(),
                Workers.single(),
                KernelSet.best());
    }

    /** Root mean square difference of two layers' outputs, relative to the first's. */
    private static double difference(Linear expected, Linear actual) {
        FloatMatrix first = apply(expected);
        FloatMatrix second = apply(actual);
        double differences = 0;
        double squares = 0;
        for (int i = 0; i < first.data().length; i++) {
            double difference = (double) first.data()[i] - second.data()[i];
            differences += difference * difference;
            squares += (double) first.data()[i] * first.data()[i];
        }
        return Math.sqrt(differences / squares);
    }

    private static FloatMatrix apply(Linear layer) {
        Activations input = new Activations(ROWS, layer.inputSize());
        Random random = new Random(1);
        float[] data = input.matrix().data();
        for (int i = 0; i < ROWS * layer.inputSize(); i++) {
            data[i] = (float) random.nextGaussian();
        }
        input.set(ROWS);
        FloatMatrix output = FloatMatrix.zeros(ROWS, layer.outputSize());
        layer.apply(input, output, Workers.single());
        return output;
    }
}
