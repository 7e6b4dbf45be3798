package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.model.NormWeights;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.ClassifierConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Runs whole texts through a model's layers and pools their rows. The rows of many texts, whatever their lengths, go through the
 * layers together, none of them padded; a text is never cut, so that each of its tokens sees all others. Immutable.
 */
final class TextEncoder {
    private final DecoderModel model;
    private final WeightGroup weights;
    private final Workers workers;
    private final Kernels kernels;

    TextEncoder(DecoderModel model, WeightGroup weights, Workers workers, Kernels kernels) {
        this.model = model;
        this.weights = weights;
        this.workers = workers;
        this.kernels = kernels;
    }

    /** Vectors of texts [texts x vector]; see {@link EmbeddingModel#embed}. */
    FloatMatrix embed(List<int[]> texts, Pooling pooling, BooleanSupplier stop) {
        if (pooling == Pooling.NONE || pooling == Pooling.RANK) {
            throw new IllegalArgumentException("pooling is " + pooling + ", expected MEAN, FIRST or LAST");
        }
        Activations pooled = new Activations(Math.max(1, texts.size()), hiddenSize());
        List<TextRows> rows = new ArrayList<>();
        for (int[] text : texts) {
            rows.add(rows(text, rows.size()));
        }
        run(rows, pooling, pooled.matrix(), stop);
        Optional<Linear> dense = weights.findMatrix(TensorRole.DENSE_2);
        if (dense.isEmpty() || texts.isEmpty()) {
            return firstRows(pooled, texts.size());
        }
        Activations inner = new Activations(texts.size(), dense.get().outputSize());
        pooled.set(texts.size());
        dense.get().apply(pooled, firstRows(inner, texts.size()), workers);
        inner.set(texts.size());
        FloatMatrix vectors = FloatMatrix.zeros(texts.size(), hiddenSize());
        weights.matrix(TensorRole.DENSE_3).apply(inner, vectors, workers);
        return vectors;
    }

    /** The classification head's score of each pair; see {@link EmbeddingModel#score}. */
    float[] score(List<EmbeddingModel.TokenPair> pairs, BooleanSupplier stop) {
        Linear output = weights.findMatrix(TensorRole.CLASSIFIER_OUTPUT)
                .orElseThrow(() -> new UnsupportedOperationException(
                        "this model has no classification head, so it cannot rank: load a reranker, whose file has "
                                + TensorRole.CLASSIFIER_OUTPUT.weight()));
        if (pairs.isEmpty()) {
            return new float[0];
        }
        List<TextRows> rows = new ArrayList<>();
        for (EmbeddingModel.TokenPair pair : pairs) {
            rows.add(rows(pair.tokens(), rows.size()).withSecondText(pair.second()));
        }
        ClassifierConfig head = model.config().ends().classifier();
        Activations pooled = new Activations(pairs.size(), hiddenSize());
        run(rows, head.pooling(), pooled.matrix(), stop);
        pooled.set(pairs.size());
        Activations input = weights.findMatrix(TensorRole.CLASSIFIER)
                .map(first -> inner(first, head, pooled))
                .orElse(pooled);
        FloatMatrix scores = FloatMatrix.zeros(pairs.size(), 1);
        output.apply(input, scores, workers);
        for (int row = 0; row < pairs.size(); row++) {
            Bias.add(kernels.elementwise(), scores, row, weights.bias(TensorRole.CLASSIFIER_OUTPUT));
        }
        return scores.data();
    }

    /** What the head's first layer makes of pooled rows. */
    private Activations inner(Linear first, ClassifierConfig head, Activations pooled) {
        Activations input = new Activations(pooled.rows(), hiddenSize());
        FloatMatrix inner = firstRows(input, pooled.rows());
        first.apply(pooled, inner, workers);
        for (int row = 0; row < inner.rows(); row++) {
            Bias.add(kernels.elementwise(), inner, row, weights.bias(TensorRole.CLASSIFIER));
        }
        switch (head.activation()) {
            case TANH -> {
                for (int i = 0; i < inner.data().length; i++) {
                    inner.data()[i] = (float) StrictMath.tanh(inner.data()[i]);
                }
            }
            case GELU ->
                Gate.of(GateFunction.EXACT_GELU, inner.columns(), kernels.elementwise())
                        .apply(inner, workers);
        }
        NormWeights gains = weights.norm(TensorRole.CLASSIFIER_NORM);
        new Norm(kernels.elementwise(), gains, model.config().normEpsilon()).applyToRows(inner, input, workers);
        return input;
    }

    private static FloatMatrix firstRows(Activations activations, int rows) {
        return new FloatMatrix(
                activations.matrix().data(), rows, activations.matrix().columns());
    }

    private int hiddenSize() {
        return model.config().streamSizes().last();
    }

    private TextRows rows(int[] tokens, int index) {
        int most = model.contextLength();
        if (tokens.length == 0 || tokens.length > most) {
            throw new IllegalArgumentException(
                    "text " + index + " has " + tokens.length + " tokens, expected 1 to " + most);
        }
        for (int token : tokens) {
            if (token < 0 || token >= model.vocabularySize()) {
                throw new IllegalArgumentException("text " + index + " has token " + token
                        + ", outside of the vocabulary: expected 0 to " + (model.vocabularySize() - 1));
            }
        }
        return TextRows.of(TokenBatch.noLogits(tokens), List.of(), 0);
    }

    /** Pools each text into a row of the target. */
    private void run(List<TextRows> texts, Pooling pooling, FloatMatrix target, BooleanSupplier stop) {
        List<Map<PageShape, KvCache>> caches = new ArrayList<>(); // by place in a pass; layers use them in turn
        for (int from = 0, to; from < texts.size(); from = to) {
            if (stop.getAsBoolean()) {
                throw new CancellationException("stopped after " + from + " of " + texts.size() + " texts");
            }
            int count = 0;
            List<TextRows> together = new ArrayList<>();
            for (to = from; to < texts.size(); to++) {
                TextRows text = texts.get(to);
                if (to > from && count + text.rows() > Pass.MOST_ROWS) {
                    break;
                }
                count += text.rows();
                if (caches.size() <= to - from) {
                    caches.add(new HashMap<>());
                }
                together.add(text.withCaches(caches(text.rows(), caches.get(to - from))));
            }
            run(Pass.of(together.toArray(TextRows[]::new)), pooling, target, from);
        }
    }

    /** The keys and values of each layer, which last until the next layer runs. */
    private List<KvCache> caches(int positions, Map<PageShape, KvCache> known) {
        List<KvCache> caches = new ArrayList<>();
        for (LayerConfig layer : model.config().layers()) {
            KvCache cache = known.computeIfAbsent(
                    PageShape.of(layer, positions),
                    shape -> KvCache.of(layer, positions, CacheType.F32, kernels.cache()));
            cache.reserve(0, positions);
            caches.add(cache);
        }
        return caches;
    }

    private void run(Pass pass, Pooling pooling, FloatMatrix target, int first) {
        DecoderBuffers buffers = model.borrowBuffers(pass.rows());
        try {
            model.embed(pass, buffers);
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                model.requireOpen();
                model.runLayer(layer, pass, buffers);
            }
            FloatMatrix hidden = buffers.hidden(pass.rows());
            RowLoop.run(workers, pass.textCount(), pass.rows() / pass.textCount() * hidden.columns(), text -> {
                int start = pass.firstRow(text);
                pool(hidden, start, start + pass.text(text).rows(), pooling, target, first + text);
            });
        } finally {
            model.returnBuffers(buffers);
        }
    }

    private void pool(FloatMatrix hidden, int from, int to, Pooling pooling, FloatMatrix target, int row) {
        switch (pooling) {
            case FIRST -> model.norm(hidden, from, target, row);
            case LAST -> model.norm(hidden, to - 1, target, row);
            default -> mean(hidden, from, to, target, row);
        }
    }

    private void mean(FloatMatrix hidden, int from, int to, FloatMatrix target, int row) {
        int size = hidden.columns();
        FloatMatrix normed = FloatMatrix.zeros(1, size);
        for (int each = from; each < to; each++) {
            model.norm(hidden, each, normed, 0);
            kernels.elementwise().add(target.data(), target.offset(row), normed.data(), 0, size);
        }
        kernels.elementwise()
                .scale(target.data(), target.offset(row), 1f / (to - from), target.data(), target.offset(row), size);
    }
}
