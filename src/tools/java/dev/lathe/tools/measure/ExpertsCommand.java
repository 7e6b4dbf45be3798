package dev.lathe.tools.measure;

import dev.lathe.GenerationResult;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Sampler;
import dev.lathe.lab.plan.ExpertCacheRates;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import dev.lathe.tensor.store.ExpertTiles;
import dev.lathe.tensor.store.NeuronScratch;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import dev.lathe.tensor.store.WeightStreaming;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.StreamedWeights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** Shows how a mixture of experts fares of which only some are in memory. */
public final class ExpertsCommand {
    private static final String HELP = """
            Experts: hit rates of a mixture of experts with some experts in memory, simulated; and with
            --packed and --weight-memory its speed under the limit. With --neurons, of a model whose neurons
            may be inactive, the same of bundles of neurons.

              --tokens N          random tokens whose choices are recorded; default: 200
              --max-tokens N      tokens generated under the limit; default: 64
              --eviction RULE     which expert leaves: %s; default: LEAST_RECENT
              --pinned F          share of the places that the most used experts keep, 0 to 0.99; default: 0
              --neurons           bundles of neurons in place of experts
              --prefetch          reads ahead what the next layer's router would choose now
            """.formatted(String.join(", ", Options.namesOf(Eviction.class)));

    /** Hit rates with some of the experts in memory. */
    private record Row(int places, ExpertCacheRates rates) {}

    /** What was measured under the limit. */
    private record Measured(
            double tokensPerSecond, int places, double hitRate, long prefetches, StreamedWeights weights) {}

    /** What {@code --json} prints. */
    private record Result(int experts, int tokens, double usedShare, List<Row> rows, Measured measured) {}

    private ExpertsCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, ExpertsCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int tokens = options.integer("--tokens", 200, 2);
        Path file = program.modelFile();
        boolean neurons = options.has("--neurons");
        Measured measured = options.has("--weight-memory") ? measure(program, neurons) : null;
        Result result = record(file, tokens, neurons, measured);
        if (program.isJson()) {
            program.printJson(result);
            return;
        }
        program.out.printf(
                Locale.ROOT,
                "%d %s, %d tokens, each of which takes %.3f of them%n",
                result.experts,
                neurons ? "bundles of neurons" : "experts",
                tokens,
                result.usedShare);
        program.out.println("in memory  least recent  least frequent  half pinned  bound");
        for (Row row : result.rows) {
            program.out.printf(
                    Locale.ROOT,
                    "%9d  %12.3f  %14.3f  %11.3f  %5.3f%n",
                    row.places,
                    row.rates.leastRecent(),
                    row.rates.leastFrequent(),
                    row.rates.halfPinned(),
                    row.rates.bound());
        }
        if (result.measured != null) {
            program.out.printf(
                    Locale.ROOT,
                    "under the limit: %.1f tokens/s, %d of them in memory, hit rate %.3f, %d read ahead%n",
                    result.measured.tokensPerSecond,
                    result.measured.places,
                    result.measured.hitRate,
                    result.measured.prefetches);
        }
    }

    private static Result record(Path file, int tokens, boolean neurons, Measured measured) throws IOException {
        try (var source = Model.open(file);
                Workers workers = Workers.of(2)) {
            Recorder recorder = new Recorder(neurons);
            try (DecoderModel model = DecoderModel.load(source, recorder, workers);
                    InferenceState state = model.newState(tokens, CacheType.F16)) {
                if (recorder.perLayer == 0) {
                    throw new Program.FailureException(
                            file + (neurons ? " tells no neurons that are inactive" : " holds no mixture of experts"));
                }
                Random random = new Random(1);
                for (int i = 0; i < tokens; i++) {
                    state.forward(TokenBatch.noLogits(random.nextInt(model.vocabularySize())));
                }
                int experts = recorder.perLayer * model.layerCount();
                int together = recorder.requests.stream()
                        .mapToInt(request -> request.length)
                        .max()
                        .orElseThrow();
                List<Row> rows = new ArrayList<>();
                for (int part : new int[] {8, 4, 2}) {
                    int places = Math.max(2 * together, experts / part);
                    rows.add(new Row(places, ExpertCacheRates.of(recorder.requests, experts, places)));
                }
                long used = recorder.requests.stream()
                        .mapToLong(request -> request.length)
                        .sum();
                return new Result(experts, tokens, (double) used / experts / tokens, rows, measured);
            }
        }
    }

    private static Measured measure(Program program, boolean neurons) throws IOException {
        Options options = program.options;
        ExpertCacheOptions cache = ExpertCacheOptions.DEFAULT
                .eviction(options.choice("--eviction", Eviction.LEAST_RECENT))
                .pinnedShare(options.decimal("--pinned", 0, 0, 0.99f))
                .prefetch(options.has("--prefetch"))
                .neurons(neurons);
        try (Model model = Model.load(program.modelFile(), program.loadOptions().expertCache(cache));
                Session session = model.newSession()) {
            GenerationResult result = session.generate(1, 2, 3, 4)
                    .sampler(Sampler.temperature(1).seed(1))
                    .maxTokens(options.integer("--max-tokens", 64, 1))
                    .run();
            WeightStreaming streaming = model.weightStreaming().orElseThrow();
            return new Measured(
                    result.stats().decodeTokensPerSecond(),
                    streaming.places(),
                    streaming.experts().orElseThrow().hitRate(),
                    streaming.experts().orElseThrow().prefetches(),
                    StreamedWeights.of(streaming));
        }
    }

    /** All weights in memory, and a record of the experts that passes ask for. */
    private static final class Recorder implements WeightStore {
        private final WeightMemory memory = WeightMemory.open();
        private final boolean neurons;
        private final List<int[]> requests = new ArrayList<>();
        private final List<MemorySegment> bundles = new ArrayList<>(); // of neurons
        private int perLayer;
        private int expert = -1;
        private NeuronScratch scratch; // made when all bundles are there

        Recorder(boolean neurons) {
            this.neurons = neurons;
        }

        @Override
        public boolean keepsNeurons() {
            return neurons;
        }

        @Override
        public Optional<NeuronScratch> neuronScratch() {
            if (scratch == null) {
                scratch = new NeuronScratch(
                        memory.allocate(2 * perLayer * bundles.getFirst().byteSize()));
            }
            return Optional.of(scratch);
        }

        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            Tiles tiles = memory.tiles(name, byteCount, packing);
            if (neurons && expert >= 0) {
                bundles.add(tiles.memory());
            }
            return tiles;
        }

        @Override
        public void beginLayer(int layer) {
            expert = -1;
        }

        @Override
        public void beginExpert(int next) {
            expert = next;
            perLayer = Math.max(perLayer, next + 1);
        }

        @Override
        public boolean isWhole() {
            return false; // to be asked
        }

        @Override
        public ExpertTiles acquireExperts(int layer, int... experts) {
            int[] request = experts.clone();
            for (int i = 0; i < request.length; i++) {
                request[i] += layer * perLayer;
            }
            requests.add(request);
            return neurons ? new Bundles(request) : ExpertTiles.UNMOVED;
        }

        /** Bundles by their numbers over all layers. */
        private final class Bundles implements ExpertTiles {
            private final int[] numbers;

            Bundles(int... numbers) {
                this.numbers = numbers;
            }

            @Override
            public MemorySegment locate(int index, MemorySegment tiles) {
                return bundles.get(numbers[index]);
            }

            @Override
            public void close() {
                // they stay
            }
        }

        @Override
        public WeightMemory memory() {
            return memory;
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
