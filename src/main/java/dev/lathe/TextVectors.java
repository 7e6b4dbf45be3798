package dev.lathe;

import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.model.EmbeddingModel.TokenPair;
import dev.lathe.model.config.Pooling;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Texts to tokens to vectors or scores: what stands behind {@link Model#embed} and {@link Model#rank}. */
final class TextVectors {
    private static final BooleanSupplier INTERRUPTED =
            () -> Thread.currentThread().isInterrupted();

    private final EmbeddingModel model;
    private final Tokenizer tokenizer;
    private final Metadata metadata;
    private int truncated;

    TextVectors(EmbeddingModel model, Tokenizer tokenizer, Metadata metadata) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.metadata = metadata;
    }

    Embeddings embed(List<String> texts, EmbeddingOptions options) {
        Stopwatch.Lap lap = Stopwatch.system().start();
        Pooling pooling = options.pooling().orElseGet(this::ownPooling);
        List<int[]> tokens = new ArrayList<>();
        for (String text : texts) {
            Objects.requireNonNull(text, "text");
            tokens.add(fit(tokenizer.encode(options.prompt() + text), tokens.size(), options.truncated()));
        }
        FloatMatrix rows = model.embed(tokens, pooling, INTERRUPTED);
        List<float[]> vectors = new ArrayList<>();
        for (int row = 0; row < rows.rows(); row++) {
            float[] vector = rows.row(row);
            if (options.normalized()) {
                normalize(vector);
            }
            vectors.add(vector);
        }
        long count = tokens.stream().mapToLong(each -> each.length).sum();
        return new Embeddings(vectors, new Embeddings.Statistics(texts.size(), count, truncated, lap.time()));
    }

    List<RankedDocument> rank(String query, List<String> documents, boolean truncates) {
        int[] before = tokenizer.encode(query);
        int[] suffix = suffix();
        if (metadata.findBoolean("tokenizer.ggml.add_sep_token").orElse(false)) {
            before = joined(before, suffix); // some models end the first text twice
        }
        int prefix = tokenizer.encode("").length - suffix.length;
        List<TokenPair> pairs = new ArrayList<>();
        for (String document : documents) {
            int[] after = tokenizer.encode(document);
            int[] both = joined(before, Arrays.copyOfRange(after, prefix, after.length));
            pairs.add(new TokenPair(fit(both, pairs.size(), truncates), before.length));
        }
        float[] scores = model.score(pairs, INTERRUPTED);
        List<RankedDocument> ranked = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            ranked.add(new RankedDocument(i, documents.get(i), scores[i]));
        }
        ranked.sort(Comparator.comparing(RankedDocument::score).reversed());
        return ranked;
    }

    private Pooling ownPooling() {
        Pooling pooling = model.pooling();
        if (pooling == Pooling.NONE) {
            throw new UnsupportedOperationException(
                    "this model's file names no pooling, so it was not made for vectors:"
                            + " load an embedding model, or choose with EmbeddingOptions.pooling");
        }
        if (pooling == Pooling.RANK) {
            throw new UnsupportedOperationException(
                    "this model is a reranker, which scores pairs of texts: use rank(query, documents)");
        }
        return pooling;
    }

    /**
     * A text's tokens, cut to what the model can take where that is allowed; what the model puts at the end stays
     * there.
     */
    private int[] fit(int[] tokens, int index, boolean truncates) {
        int most = model.contextLength();
        if (tokens.length <= most) {
            return tokens;
        }
        if (!truncates) {
            throw new IllegalArgumentException("text " + index + " has " + tokens.length
                    + " tokens, the model was made for at most " + most
                    + ": shorten it, or allow cutting with EmbeddingOptions.truncated(true)");
        }
        truncated++;
        int[] suffix = suffix();
        return joined(Arrays.copyOf(tokens, Math.max(0, most - suffix.length)), suffix);
    }

    /** What the model puts after a text. */
    private int[] suffix() {
        int[] all = tokenizer.encode("");
        return Arrays.copyOfRange(all, tokenizer.encodePrompt("").length, all.length);
    }

    private static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void normalize(float[] vector) {
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        double length = Math.sqrt(square);
        for (int i = 0; i < vector.length && length > 0; i++) {
            vector[i] = (float) (vector[i] / length);
        }
    }
}
