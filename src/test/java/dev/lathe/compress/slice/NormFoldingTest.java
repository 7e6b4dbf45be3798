package dev.lathe.compress.slice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.Orthonormal;
import dev.lathe.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A residual network in float64, with layer norms or root mean square norms, written out plainly. */
class NormFoldingTest {
    private static final int HIDDEN = 12;
    private static final int INNER = 20;
    private static final int TOKENS = 7;
    private static final double EPSILON = 1e-5;
    private static final Workers ONE = Workers.single();

    /** x + writer tanh(reader norm(x) + readerBias) + writerBias; the norm may have a gain and a shift; a shortcut turns x. */
    private record Part(
            double[] gain,
            double[] shift,
            Matrix reader,
            double[] readerBias,
            Matrix writer,
            double[] writerBias,
            Optional<Matrix> shortcut) {}

    private record Network(
            boolean layerNorm, List<Part> parts, double[] gain, double[] shift, Matrix head, double[] bias) {
        /** Rows of the head's outputs. */
        double[][] run(Matrix embeddings) {
            double[][] outputs = new double[embeddings.rows()][];
            for (int row = 0; row < outputs.length; row++) {
                double[] x = new double[embeddings.columns()];
                System.arraycopy(embeddings.data(), row * x.length, x, 0, x.length);
                for (Part part : parts) {
                    double[] inner = apply(part.reader, norm(x, part.gain, part.shift), part.readerBias);
                    for (int i = 0; i < inner.length; i++) {
                        inner[i] = StrictMath.tanh(inner[i]);
                    }
                    double[] branch = apply(part.writer, inner, part.writerBias);
                    x = part.shortcut.isPresent() ? apply(part.shortcut.get(), x, new double[branch.length]) : x;
                    for (int i = 0; i < x.length; i++) {
                        x[i] += branch[i];
                    }
                }
                outputs[row] = apply(head, norm(x, gain, shift), bias);
            }
            return outputs;
        }

        private double[] norm(double[] x, double[] gain, double[] shift) {
            double mean = 0;
            for (double value : x) {
                mean += layerNorm ? value / x.length : 0;
            }
            double square = 0;
            for (double value : x) {
                square += (value - mean) * (value - mean) / HIDDEN; // by the size before slicing
            }
            double[] result = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                result[i] = (x[i] - mean) / Math.sqrt(square + EPSILON) * gain[i] + shift[i];
            }
            return result;
        }
    }

    private static double[] apply(Matrix matrix, double[] x, double[] bias) {
        double[] y = bias.clone();
        for (int row = 0; row < y.length; row++) {
            for (int column = 0; column < x.length; column++) {
                y[row] += matrix.get(row, column) * x[column];
            }
        }
        return y;
    }

    private static Network network(boolean layerNorm, long seed) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long s = seed + 10 * i;
            parts.add(new Part(
                    vector(HIDDEN, s),
                    layerNorm ? vector(HIDDEN, s + 1) : new double[HIDDEN],
                    Orthonormal.gaussian(INNER, HIDDEN, s + 2),
                    vector(INNER, s + 3),
                    Orthonormal.gaussian(HIDDEN, INNER, s + 4),
                    vector(HIDDEN, s + 5),
                    Optional.empty()));
        }
        return new Network(
                layerNorm,
                parts,
                vector(HIDDEN, seed + 50),
                layerNorm ? vector(HIDDEN, seed + 51) : new double[HIDDEN],
                Orthonormal.gaussian(9, HIDDEN, seed + 52),
                vector(9, seed + 53));
    }

    private static double[] vector(int size, long seed) {
        return Orthonormal.gaussian(1, size, seed).data();
    }

    private static double[] ones(int size) {
        double[] ones = new double[size];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private static Matrix row(double... values) {
        return new Matrix(values, 1, values.length);
    }

    /** The same network with plain root mean square norms. */
    private static Network folded(Network network) {
        List<Part> parts = new ArrayList<>();
        for (Part part : network.parts) {
            Matrix writer = part.writer;
            double[] writerBias = part.writerBias;
            if (network.layerNorm) {
                writer = NormFolding.centerOutputs(writer);
                writerBias = NormFolding.centerRows(row(writerBias)).data();
            }
            parts.add(new Part(
                    ones(HIDDEN),
                    new double[HIDDEN],
                    NormFolding.gain(part.reader, part.gain),
                    NormFolding.shift(part.reader, part.shift, part.readerBias),
                    writer,
                    writerBias,
                    Optional.empty()));
        }
        return new Network(
                false,
                parts,
                ones(HIDDEN),
                new double[HIDDEN],
                NormFolding.gain(network.head, network.gain),
                NormFolding.shift(network.head, network.shift, network.bias));
    }

    @Property(tries = 20)
    void aNetworkWithLayerNormsBecomesOneWithPlainNorms(@ForAll long seed) {
        Network network = network(true, seed);
        Matrix embeddings = Orthonormal.gaussian(TOKENS, HIDDEN, seed + 99);
        assertSame(network.run(embeddings), folded(network).run(NormFolding.centerRows(embeddings)));
    }

    @Property(tries = 20)
    void gainsOfRootMeanSquareNormsGoIntoTheReaders(@ForAll long seed) {
        Network network = network(false, seed);
        Matrix embeddings = Orthonormal.gaussian(TOKENS, HIDDEN, seed + 99);
        assertSame(network.run(embeddings), folded(network).run(embeddings));
    }

    /** A rotation of its own for every signal, no direction cut. */
    @Property(tries = 20)
    void rotationsWithTheirShortcutsKeepTheOutputs(@ForAll boolean layerNorm, @ForAll long seed) {
        Network network = network(layerNorm, seed);
        Matrix embeddings = Orthonormal.gaussian(TOKENS, HIDDEN, seed + 99);
        double[][] expected = network.run(embeddings);
        Network plain = folded(network);
        List<Part> parts = new ArrayList<>();
        StreamBasis first = rotation(seed);
        StreamBasis basis = first;
        for (Part part : plain.parts) {
            StreamBasis next = rotation(seed + parts.size() + 1);
            parts.add(new Part(
                    ones(HIDDEN),
                    new double[HIDDEN],
                    basis.reader(part.reader, ones(HIDDEN), ONE),
                    part.readerBias,
                    next.writer(part.writer, ONE),
                    next.writer(row(part.writerBias).transpose(), ONE).data(),
                    basis.shortcutTo(next, ONE)));
            basis = next;
        }
        Network rotated = new Network(
                false,
                parts,
                ones(HIDDEN),
                new double[HIDDEN],
                basis.reader(plain.head, ones(HIDDEN), ONE),
                plain.bias);
        Matrix stream = layerNorm ? NormFolding.centerRows(embeddings) : embeddings;
        assertSame(expected, rotated.run(stream.times(first.matrix(), ONE)));
    }

    private static StreamBasis rotation(long seed) {
        return new StreamBasis(HIDDEN, Optional.of(Orthonormal.random(HIDDEN, seed)), 1);
    }

    private static void assertSame(double[][] expected, double[][] actual) {
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(
                    expected[row],
                    actual[row],
                    1e-9 * (1 + Math.sqrt(row(expected[row]).squares())));
        }
    }
}
