package dev.lathe.tools.lab;

import dev.lathe.Kernels;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.lab.predict.Costs;
import dev.lathe.lab.predict.LearnedCost;
import dev.lathe.lab.predict.MachineCosts;
import dev.lathe.lab.predict.Observation;
import dev.lathe.lab.predict.Operation;
import dev.lathe.lab.predict.ProductBenchmark;
import dev.lathe.lab.predict.Roofline;
import dev.lathe.lab.registry.Machine;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Measures products of layers on this machine, learns to predict others, and exchanges the measurements. */
public final class CostsCommand {
    private static final String HELP = """
            Costs: times products of layers, learns to predict others from features of operation and machine, and tells the
            error on shapes that it did not learn from, beside that of the machine's limits alone; then predicts the time of
            a token of the model from its matrices, and measures it.

              --import FILES      measurements of other machines, or of this one before, as --export wrote them
              --export FILE       writes all measurements, merged: for others to import
              --no-measuring      only with what is imported
              --shapes LIST       outputs x inputs of the weights; default: the 11 of common models up to 2048 x 1024
              --types LIST        types of weights; default: F16,Q8_0,Q4_0,Q4_K
              --tokens LIST       rows of activations; default: 1,8,64
              --model-megabytes LIST  weights of the models whose layers these are, which a cache holds or not; those of many
                                  megabytes are measured with few tokens alone; default: 12,96
              --try-threads LIST  numbers of threads; default: 1 and all processors
              --folds N           groups of shapes, each predicted from the others; default: 7
              --no-model          does not predict the model
            """;

    private static final String SHAPES =
            "256x256,128x256,768x256,256x768,4096x256,576x576,192x576,1536x576,576x1536," + "1024x1024,2048x1024";
    private static final int LARGE_MEGABYTES = 50;
    private static final int FEW_TOKENS = 8;
    private static final Stopwatch CLOCK = Stopwatch.system();

    private final Program program;
    private final Options options;
    private final Map<Integer, Double> bandwidths = new LinkedHashMap<>(); // by threads

    private CostsCommand(Program program) {
        this.program = program;
        this.options = program.options;
    }

    public static Command command() {
        return new Command(HELP, program -> new CostsCommand(program).run());
    }

    private void run() throws IOException {
        Costs costs = new Costs(List.of());
        for (Path file : options.files("--import")) {
            costs = costs.merge(Costs.read(file));
        }
        if (!options.has("--no-measuring")) {
            costs = costs.merge(new Costs(List.of(measure())));
        }
        if (options.has("--export")) {
            costs.write(options.target("--export"));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("machines", costs.machines().size());
        result.put("operations", costs.size());
        errors(result, "learned", LearnedCost.crossValidateShapes(costs, options.integer("--folds", 7, 2)));
        errors(result, "roofline", LearnedCost.rooflineErrors(costs));
        if (costs.machines().size() > 1) {
            errors(result, "otherMachine", LearnedCost.crossValidateMachines(costs));
        }
        if (!options.has("--no-model")) {
            result.put("model", predictModel(costs));
        }
        program.printFigures(result);
    }

    private static void errors(Map<String, Object> result, String of, Summary errors) {
        result.put(of + "MedianError", errors.median());
        result.put(of + "Error95", errors.p95());
    }

    private int[] threads() {
        int all = Runtime.getRuntime().availableProcessors();
        return options.integers("--try-threads", all == 1 ? "1" : "1," + all, 1);
    }

    private MachineCosts measure() {
        List<MachineCosts.Limit> limits = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        List<TensorType> types =
                options.words("--types", "F16,Q8_0,Q4_0,Q4_K", Options.namesOf(TensorType.class)).stream()
                        .map(TensorType::valueOf)
                        .toList();
        int[] tokens = options.integers("--tokens", "1,8,64", 1);
        List<int[]> shapes = shapes();
        for (int threads : threads()) {
            try (Workers workers = Workers.of(threads)) {
                types.forEach(type -> limits.add(limit(type, workers)));
            }
        }
        int done = 0;
        for (TensorType type : types) {
            for (int[] shape : shapes) {
                program.terminal.progress("shape", done++, (long) types.size() * shapes.size(), "");
                if (shape[1] % type.blockSize() == 0) {
                    for (int megabytes : options.integers("--model-megabytes", "12,96", 1)) {
                        observations.addAll(measure(shape, type, megabytes, tokens));
                    }
                }
            }
        }
        program.terminal.progress("shape", 1, 1, "");
        return new MachineCosts(Machine.current(), Kernels.inUse().name(), limits, observations);
    }

    private List<Observation> measure(int[] shape, TensorType type, int megabytes, int[] tokens) {
        List<Observation> observations = new ArrayList<>();
        long bytes = 1_000_000L * megabytes;
        ProductBenchmark benchmark = new ProductBenchmark(shape[0], shape[1], type, bytes, CLOCK);
        for (int threads : threads()) {
            try (Workers workers = Workers.of(threads)) {
                for (int count : tokens) {
                    if (megabytes < LARGE_MEGABYTES || count <= FEW_TOKENS) {
                        observations.add(new Observation(
                                new Operation(shape[0], shape[1], type, count, threads, bytes),
                                benchmark.seconds(count, workers)));
                    }
                }
            }
        }
        return observations;
    }

    private MachineCosts.Limit limit(TensorType type, Workers workers) {
        double bandwidth = bandwidths.computeIfAbsent(workers.count(), _ -> Roofline.measureBandwidth(workers, CLOCK));
        return new MachineCosts.Limit(type, workers.count(), ProductBenchmark.limits(type, workers, bandwidth, CLOCK));
    }

    private List<int[]> shapes() {
        return Stream.of(options.text("--shapes", SHAPES).split(","))
                .map(text -> {
                    if (!text.matches("[1-9]\\d{0,5}x[1-9]\\d{0,5}")) {
                        throw new Options.UsageException("--shapes has \"" + text
                                + "\"; give outputs and inputs of the weights, such as 1024x576");
                    }
                    String[] numbers = text.split("x");
                    return new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])};
                })
                .toList();
    }

    /** The time of a token by the sum of its products, beside what it takes, by numbers of threads. */
    private List<Map<String, Object>> predictModel(Costs costs) throws IOException {
        LearnedCost learned = LearnedCost.fit(costs);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int threads : threads()) {
            List<TensorInfo> matrices = matrices();
            MachineCosts machine;
            try (Workers workers = Workers.of(threads)) {
                machine = new MachineCosts(
                        Machine.current(),
                        Kernels.inUse().name(),
                        matrices.stream()
                                .map(TensorInfo::type)
                                .distinct()
                                .map(type -> limit(type, workers))
                                .toList(),
                        List.of());
            }
            long bytes = matrices.stream().mapToLong(TensorInfo::byteCount).sum();
            double predicted = 0;
            double limit = 0;
            for (TensorInfo matrix : matrices) {
                Operation operation = new Operation(
                        Math.toIntExact(matrix.dimensions().get(1)),
                        Math.toIntExact(matrix.dimensions().get(0)),
                        matrix.type(),
                        1,
                        threads,
                        bytes);
                predicted += learned.seconds(machine, operation);
                limit += machine.roofline(matrix.type(), threads).seconds(operation.bytes(), operation.multiplies());
            }
            double measured = secondsPerToken(threads);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("threads", threads);
            row.put("secondsPerToken", measured);
            row.put("predicted", predicted);
            row.put("error", Math.abs(predicted - measured) / measured);
            row.put("rooflineError", Math.abs(limit - measured) / measured);
            rows.add(row);
        }
        return rows;
    }

    /** The matrices that each token is multiplied with. */
    private List<TensorInfo> matrices() throws IOException {
        try (GgufFile file = GgufFile.open(program.modelFile())) {
            boolean tied =
                    file.tensors().stream().noneMatch(tensor -> tensor.name().equals("output.weight"));
            return file.tensors().stream()
                    .filter(tensor -> tensor.dimensions().size() == 2)
                    .filter(tensor -> tied || !tensor.name().equals("token_embd.weight"))
                    .toList();
        }
    }

    private double secondsPerToken(int threads) throws IOException {
        try (Model model = Model.load(program.modelFile(), new LoadOptions(threads))) {
            return DecodeSpeed.secondsPerToken(model);
        }
    }
}
