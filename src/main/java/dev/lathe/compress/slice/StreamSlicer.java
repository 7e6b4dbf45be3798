package dev.lathe.compress.slice;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.StreamSizes;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One application of {@link Slice}. From signal to signal: the matrices that read the signal take its basis, the half of the
 * layer runs on the sliced signal but still writes the full next one, whose principal directions become the next basis; then
 * its writers and the residual connection take that. So each basis suits what is left after all cuts before it.
 */
final class StreamSlicer {
    private static final String EMBEDDING = TensorRole.EMBEDDING.weight();
    private static final String HEAD = TensorRole.HEAD.weight();

    private final ModelEdit model;
    private final Slice slice;
    private final TransformContext context;
    private final StepRecorder recorder;
    private final int hiddenSize;
    private final int layers;
    private final boolean layerNorms;
    private final int[] wanted; // length of each signal in the end
    private final int[] lengths; // length of each signal as the model is now
    private LayerSweep sweep; // its rows are in the basis
    private StreamBasis basis;

    StreamSlicer(ModelEdit model, Slice slice, TransformContext context, StepRecorder recorder) {
        this.model = model;
        this.slice = slice;
        this.context = context;
        this.recorder = recorder;
        ModelConfig config = LayerwiseModel.of(model, context.workers()).config();
        requireSliceable(config);
        hiddenSize = config.hiddenSize();
        layers = config.layers().size();
        layerNorms = config.norms().isLayerNorm();
        wanted = slice.sizes(hiddenSize, layers).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        lengths = new int[wanted.length];
        Arrays.fill(lengths, hiddenSize);
    }

    private void requireSliceable(ModelConfig config) {
        refuse(config.ends().embeddingNorm() || config.ends().learnedPositions(), config, "change embeddings");
        refuse(config.norms().isLayerNorm() && config.norms() != NormKind.LAYER, config, "have norms without a shift");
        refuse(config.isEncoder(), config, "make vectors of the stream itself");
        for (int layer = 0; layer < config.layers().size(); layer++) {
            LayerConfig shape = config.layers().get(layer);
            refuse(shape.arrangement().hasNormsAfter(), config, "norm what they add to the residual stream");
            refuse(shape.arrangement().parallel(), config, "run attention and feed-forward part side by side");
            refuse(shape.feedForward().experts().isPresent(), config, "have experts");
            refuse(shape.attention().latent().isPresent(), config, "have latent attention");
            for (ActivationSite site : ActivationSite.values()) {
                for (String matrix : LayerTensors.readers(model, layer, site)) {
                    if (model.tensor(matrix).isEmpty()) {
                        throw new IllegalArgumentException(
                                slice.name() + ": matrix " + matrix + " was factored; slice before, not after");
                    }
                }
            }
            if (model.tensor(TensorRole.ATTENTION_RESIDUAL.weight(layer)).isPresent()
                    || model.tensor(TensorRole.FEED_FORWARD_RESIDUAL.weight(layer))
                            .isPresent()) {
                throw new IllegalArgumentException(
                        slice.name() + ": the model was sliced before; slice the original by more instead");
            }
        }
    }

    private void refuse(boolean is, ModelConfig config, String what) {
        if (is) {
            throw new IllegalArgumentException(slice.name() + ": models of architecture " + config.family() + " " + what
                    + ", which no rotation passes; prune or factor them instead");
        }
    }

    void slice() throws IOException {
        if (Arrays.stream(wanted).allMatch(size -> size == hiddenSize)) {
            recorder.note("nothing is cut off: every signal keeps its " + hiddenSize + " dimensions");
            return;
        }
        boolean tied = model.tensor(HEAD).isEmpty();
        sweep = LayerSweep.of(model, context.requireCalibration(slice.name()), context.workers())
                .reporting(context, slice.name());
        basis = basis(0, sweep.hidden());
        StreamBasis embedding = basis;
        project();
        for (int layer = 0; layer < layers; layer++) {
            half(
                    2 * layer,
                    TensorRole.ATTENTION_NORM,
                    LayerTensors.readers(model, layer, ActivationSite.ATTENTION),
                    TensorRole.ATTENTION_OUTPUT,
                    TensorRole.ATTENTION_RESIDUAL);
            half(
                    2 * layer + 1,
                    TensorRole.FEED_FORWARD_NORM,
                    LayerTensors.readers(model, layer, ActivationSite.FEED_FORWARD),
                    TensorRole.DOWN,
                    TensorRole.FEED_FORWARD_RESIDUAL);
        }
        ends(embedding, basis, tied);
        noteSizes();
    }

    /** One half of a layer: from a signal in its basis to the next one in the next basis. */
    private void half(int index, TensorRole norm, List<String> readers, TensorRole output, TensorRole connection)
            throws IOException {
        int number = index / 2;
        String writer = output.weight(number);
        String residual = connection.weight(number);
        takeBasis(NormNames.of(norm, number), readers);
        lengths[index] = basis.size();
        TensorType type = model.plainType(writer);
        if (!basis.isIdentity()) {
            put(residual, TensorType.F32, basis.matrix());
        }
        publishLengths();
        sweep.advanceHalf(ActivationObserver.NONE);
        StreamBasis next = basis(index + 1, sweep.hidden());
        write(writer, output.bias(number), next, type);
        Optional<Matrix> turn = basis.shortcutTo(next, context.workers());
        if (turn.isPresent()) {
            put(residual, type, turn.get());
            recorder.reshaped(residual, String.format(Locale.ROOT, "keeps %.2f%% of the signal", 100 * next.kept()));
        }
        lengths[index + 1] = next.size();
        publishLengths();
        basis = next;
        project();
    }

    private void project() throws IOException {
        sweep.replaceHidden(rows -> basis.project(rows, context.workers()));
    }

    /** The principal directions of a signal, which is given in full. */
    private StreamBasis basis(int index, List<FloatMatrix> rows) {
        if (wanted[index] == hiddenSize) {
            return StreamBasis.identity(hiddenSize);
        }
        GramMatrix gram = new GramMatrix(hiddenSize);
        for (FloatMatrix text : rows) {
            gram.add(text, context.workers());
        }
        Matrix moments = new Matrix(gram.toArray(), hiddenSize, hiddenSize);
        StreamBasis principal = StreamBasis.principal(
                layerNorms ? NormFolding.centeredGram(moments) : moments, wanted[index], context.workers());
        return slice.turns() ? principal.turned(slice.seed() + index, context.workers()) : principal;
    }

    /** Folds a norm's gain and shift into the matrices that read it, and turns them into the basis. */
    private void takeBasis(NormNames norm, List<String> readers) throws IOException {
        if (basis.isIdentity()) {
            return;
        }
        double[] gain = matrix(norm.gain()).data();
        for (String reader : readers) {
            TensorType type = model.plainType(reader);
            Matrix whole = matrix(reader);
            foldShift(norm, whole, TensorName.biasOf(reader));
            put(reader, type, basis.reader(whole, gain, context.workers()));
            recorder.reshaped(reader, "");
        }
        makePlain(norm);
    }

    /** A layer norm's shift goes into the bias of a matrix that reads it. */
    private void foldShift(NormNames norm, Matrix reader, String bias) throws IOException {
        if (layerNorms) {
            double[] before = model.tensor(bias).isPresent() ? matrix(bias).data() : new double[reader.rows()];
            double[] folded = NormFolding.shift(reader, matrix(norm.shift()).data(), before);
            model.putVector(
                    bias, new Matrix(folded, 1, folded.length).toFloats().data());
        }
    }

    /** What remains of a norm: root mean square, without gain and shift. */
    private void makePlain(NormNames norm) {
        float[] ones = new float[basis.size()];
        Arrays.fill(ones, 1f);
        model.putVector(norm.gain(), ones);
        if (layerNorms) {
            model.remove(norm.shift());
        }
    }

    private void write(String writer, String writerBias, StreamBasis next, TensorType type) throws IOException {
        if (next.isIdentity()) {
            return;
        }
        put(writer, type, next.writer(matrix(writer), context.workers()));
        recorder.reshaped(writer, "");
        if (model.tensor(writerBias).isPresent()) {
            Matrix bias = matrix(writerBias).transpose(); // a column
            model.putVector(
                    writerBias, next.writer(bias, context.workers()).toFloats().data());
        }
    }

    /** A tensor in float64; a vector has one row. */
    private Matrix matrix(String name) throws IOException {
        return Matrix.of(model.floats(name));
    }

    private void put(String name, TensorType type, Matrix matrix) {
        model.putMatrix(name, matrix.toFloats(), type);
    }

    private void publishLengths() {
        StreamSizes sizes = new StreamSizes(Arrays.stream(lengths).boxed().toList());
        model.setMetadata(LatheFormat.withSizes(model.metadata(), sizes));
    }

    /** Embedding and head: a table each, or the one they share with a rotation on each side. */
    private void ends(StreamBasis first, StreamBasis last, boolean tied) throws IOException {
        NormNames finalNorm = new NormNames(TensorRole.FINAL_NORM.weight(), TensorRole.FINAL_NORM.bias());
        TensorType type = model.plainType(EMBEDDING);
        long vocabulary = model.require(EMBEDDING).dimension(1);
        long shared = vocabulary * hiddenSize + beside(first) + beside(last);
        long apart = vocabulary * (first.size() + last.size());
        double[] gain = matrix(finalNorm.gain()).data();
        if (!last.isIdentity()) {
            foldShift(finalNorm, matrix(tied ? EMBEDDING : HEAD), TensorRole.HEAD.bias());
        }
        if (tied && shared <= apart) {
            if (!first.isIdentity()) {
                put(TensorRole.EMBEDDING_ROTATION.weight(), type, first.matrix().transpose());
                recorder.reshaped(TensorRole.EMBEDDING_ROTATION.weight(), "before the shared table");
            }
            if (!last.isIdentity()) {
                Matrix rotation = last.matrix().transpose().scaleColumns(gain).transpose(); // diag(gain) Q
                put(TensorRole.HEAD_ROTATION.weight(), type, rotation);
                recorder.reshaped(TensorRole.HEAD_ROTATION.weight(), "before the shared table");
            }
        } else {
            Matrix table = matrix(EMBEDDING);
            if (!last.isIdentity() || tied) {
                String source = tied ? EMBEDDING : HEAD;
                TensorType headType = model.plainType(source);
                Matrix head = tied ? table : matrix(HEAD);
                put(HEAD, headType, last.isIdentity() ? head : last.reader(head, gain, context.workers()));
                recorder.reshaped(HEAD, "");
            }
            if (!first.isIdentity()) {
                put(EMBEDDING, type, table.times(first.matrix(), context.workers()));
                recorder.reshaped(EMBEDDING, "");
            }
        }
        if (!last.isIdentity()) {
            makePlain(finalNorm);
        }
    }

    private long beside(StreamBasis basis) {
        return basis.isIdentity() ? 0 : (long) hiddenSize * basis.size();
    }

    private void noteSizes() {
        int least = Arrays.stream(lengths).min().orElseThrow();
        recorder.note("hidden size " + hiddenSize + " to " + least);
        if (Arrays.stream(lengths).anyMatch(size -> size % 256 != 0)) {
            recorder.note("rows of " + least + ": types with blocks of 256 do not suit all matrices any more"
                    + (least % 32 == 0 ? "" : ", and types with blocks of 32 neither"));
        }
    }

    private record NormNames(String gain, String shift) {
        static NormNames of(TensorRole role, int layer) {
            return new NormNames(role.weight(layer), role.bias(layer));
        }
    }
}
