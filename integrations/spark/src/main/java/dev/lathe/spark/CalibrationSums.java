package dev.lathe.spark;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the linear layers of a model read of calibration sequences, added up in float64: squares of each input channel, and
 * Gram matrices where asked. Immutable.
 */
public final class CalibrationSums implements Serializable {
    /** Of no sequence. */
    static final CalibrationSums NONE = new CalibrationSums(0, 0, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

    private static final long serialVersionUID = 1;

    /** What reads: the inputs of an expert's matrices at a site of a layer; of the head, at no site. */
    private record Reader(int layer, ActivationSite site, int expert) implements Serializable, Comparable<Reader> {
        static final Reader HEAD = new Reader(Integer.MAX_VALUE, null, 0);

        @Override
        public int compareTo(Reader other) {
            int order = Integer.compare(layer, other.layer);
            order = order != 0 || site == null ? order : site.compareTo(other.site);
            return order != 0 ? order : Integer.compare(expert, other.expert);
        }
    }

    private final long sequences;
    private final int longest;
    private final TreeMap<Reader, Long> rows;
    private final TreeMap<Reader, double[]> squares;
    private final TreeMap<Reader, double[]> grams;

    private CalibrationSums(
            long sequences,
            int longest,
            TreeMap<Reader, Long> rows,
            TreeMap<Reader, double[]> squares,
            TreeMap<Reader, double[]> grams) {
        this.sequences = sequences;
        this.longest = longest;
        this.rows = rows;
        this.squares = squares;
        this.grams = grams;
    }

    /** Of one sequence. */
    static CalibrationSums of(TensorSource model, int[] tokens, boolean gram, Workers workers) throws IOException {
        CalibrationSums sums = new CalibrationSums(1, tokens.length, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        if (tokens.length == 0) {
            return sums;
        }
        Set<ActivationSite> sites = gram ? EnumSet.allOf(ActivationSite.class) : EnumSet.noneOf(ActivationSite.class);
        TensorSource decoded = new DecodedTensors(model);
        LayerSweep sweep = LayerSweep.of(decoded, List.of(tokens), workers);
        sweep.observe(_ -> sites, (layer, read) -> {
            for (ActivationSite site : ActivationSite.values()) {
                for (int expert = 0; expert < LayerTensors.matrices(model, layer, site); expert++) {
                    sums.put(new Reader(layer, site, expert), read, gram);
                }
            }
        });
        FloatMatrix head =
                LayerwiseModel.of(decoded, workers).head().input(sweep.hidden().getFirst());
        sums.putHead(head);
        return sums;
    }

    private void put(Reader reader, ActivationStatistics read, boolean gram) {
        long count = read.rows(reader.site(), reader.expert());
        if (count > 0) {
            rows.put(reader, count);
            squares.put(reader, read.squares(reader.site(), reader.expert()));
            if (gram) {
                grams.put(reader, read.gram(reader.site(), reader.expert()).toArray());
            }
        }
    }

    private void putHead(FloatMatrix inputs) {
        double[] sums = new double[inputs.columns()];
        for (int row = 0; row < inputs.rows(); row++) {
            for (int column = 0; column < sums.length; column++) {
                double value = inputs.get(row, column);
                sums[column] += value * value;
            }
        }
        rows.put(Reader.HEAD, (long) inputs.rows());
        squares.put(Reader.HEAD, sums);
    }

    CalibrationSums plus(CalibrationSums other) {
        TreeMap<Reader, Long> allRows = new TreeMap<>(rows);
        other.rows.forEach((reader, count) -> allRows.merge(reader, count, Long::sum));
        return new CalibrationSums(
                sequences + other.sequences,
                Math.max(longest, other.longest),
                allRows,
                plus(squares, other.squares),
                plus(grams, other.grams));
    }

    private static TreeMap<Reader, double[]> plus(Map<Reader, double[]> left, Map<Reader, double[]> right) {
        TreeMap<Reader, double[]> sums = new TreeMap<>(left);
        right.forEach((reader, more) -> sums.merge(reader, more, (a, b) -> {
            double[] sum = new double[a.length];
            Arrays.setAll(sum, i -> a[i] + b[i]);
            return sum;
        }));
        return sums;
    }

    /** Sequences that were added. */
    public long sequences() {
        return sequences;
    }

    /** Rows that the matrices at a site of a layer read; of an expert where it is a site of experts, else 0. */
    public long rows(int layer, ActivationSite site, int expert) {
        return rows.getOrDefault(new Reader(layer, site, expert), 0L);
    }

    /** Sums of the squares of the input channels at a site of a layer; a copy; empty if no row was read there. */
    public Optional<double[]> squares(int layer, ActivationSite site, int expert) {
        return Optional.ofNullable(squares.get(new Reader(layer, site, expert))).map(double[]::clone);
    }

    /**
     * The sum of x xᵀ over the rows x read at a site of a layer, [columns x columns], row major; a copy; empty if no row
     * was read there or Gram matrices were not asked for.
     */
    public Optional<double[]> gram(int layer, ActivationSite site, int expert) {
        return Optional.ofNullable(grams.get(new Reader(layer, site, expert))).map(double[]::clone);
    }

    /**
     * The importance matrix of these sequences, for {@link
     * dev.lathe.compress.quantize.Quantize#weightedBy(ImportanceMatrix)} or a file.
     *
     * @param model the same that the executors read
     * @param dataset what the texts are called
     */
    public ImportanceMatrix importances(TensorSource model, String dataset) {
        Map<String, ImportanceMatrix.Entry> entries = new TreeMap<>();
        for (Reader reader : squares.keySet()) {
            if (reader.equals(Reader.HEAD)) {
                entries.put(LayerTensors.head(model), entry(List.of(reader)));
            } else {
                List<Reader> experts = java.util.stream.IntStream.range(
                                0, LayerTensors.matrices(model, reader.layer(), reader.site()))
                        .mapToObj(expert -> new Reader(reader.layer(), reader.site(), expert))
                        .toList();
                LayerTensors.readers(model, reader.layer(), reader.site()).stream()
                        .filter(name -> model.tensor(name).isPresent())
                        .forEach(name -> entries.computeIfAbsent(name, _ -> entry(experts)));
            }
        }
        return new ImportanceMatrix(List.of(dataset), Math.toIntExact(sequences), longest, entries);
    }

    /** An expert that no token chose has sums of one and the count 0. */
    private ImportanceMatrix.Entry entry(List<Reader> matrices) {
        int columns = matrices.stream()
                .filter(squares::containsKey)
                .findFirst()
                .map(squares::get)
                .orElseThrow()
                .length;
        float[] counts = new float[matrices.size()];
        float[] sums = new float[Math.multiplyExact(matrices.size(), columns)];
        for (int matrix = 0; matrix < counts.length; matrix++) {
            counts[matrix] = rows.getOrDefault(matrices.get(matrix), 0L);
            double[] own = squares.get(matrices.get(matrix));
            for (int column = 0; column < columns; column++) {
                sums[matrix * columns + column] = own == null ? 1 : (float) own[column];
            }
        }
        return new ImportanceMatrix.Entry(sums, counts);
    }
}
