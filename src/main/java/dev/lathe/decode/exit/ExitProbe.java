package dev.lathe.decode.exit;

import dev.lathe.decode.sampling.Logits;
import dev.lathe.tensor.Cosine;
import dev.lathe.tensor.FloatMatrix;
import java.util.function.Supplier;

/**
 * What can be known of the next token when so many layers are evaluated. What needs the model's head is computed when
 * it is first asked for: a head costs about vocabulary x hidden multiplications, which can be several layers. Valid
 * during the decision it was made for; one thread.
 */
public final class ExitProbe {
    private final int layer;
    private final int layerCount;
    private final int index;
    private final int maxTokens;
    private final float[] before; // [hidden] the residual stream a layer earlier
    private final float[] hidden; // [hidden] and here
    private final Supplier<FloatMatrix> head;
    private final ExitProbe previous; // of the same token, or null
    private FloatMatrix logits;
    private Prediction prediction;

    ExitProbe(
            int layer,
            int layerCount,
            int index,
            int maxTokens,
            float[] before,
            float[] hidden,
            Supplier<FloatMatrix> head,
            ExitProbe previous) {
        this.layer = layer;
        this.layerCount = layerCount;
        this.index = index;
        this.maxTokens = maxTokens;
        this.before = before;
        this.hidden = hidden;
        this.head = head;
        this.previous = previous;
    }

    /** Layers evaluated. */
    public int layer() {
        return layer;
    }

    /** Layers of the model. */
    public int layerCount() {
        return layerCount;
    }

    /** The token's place among the generated ones, from 0. */
    public int index() {
        return index;
    }

    /** The most tokens that this generation can have. */
    public int maxTokens() {
        return maxTokens;
    }

    /** The residual stream after this layer, [hidden]; not to be changed. */
    public float[] hidden() {
        return hidden;
    }

    /** Cosine between the residual streams after this layer and the one before it. Needs no head. */
    public double saturation() {
        return Cosine.of(hidden, before);
    }

    /** How much more probable the most probable token is than the second: 0 to 1. */
    public double confidence() {
        return prediction().confidence;
    }

    /** Entropy of the distribution over the next token, in nats. */
    public double entropy() {
        return prediction().entropy;
    }

    /** The most probable token. */
    public int token() {
        return prediction().token;
    }

    /** How many probes of this token in a row, this one the last, found the same token most probable. */
    public int agreement() {
        return previous != null && previous.token() == token() ? previous.agreement() + 1 : 1;
    }

    /** Logits of this layer, [1 x vocabulary]; not to be changed. */
    public FloatMatrix logits() {
        if (logits == null) {
            logits = head.get();
        }
        return logits;
    }

    private Prediction prediction() {
        if (prediction == null) {
            prediction = Prediction.of(logits());
        }
        return prediction;
    }

    /** What the head says: softmax at temperature 1. */
    private record Prediction(int token, double confidence, double entropy) {
        static Prediction of(FloatMatrix logits) {
            float[] data = logits.data();
            int columns = logits.columns();
            int best = Logits.argmax(data, 0, columns);
            double sum = 0;
            double weighted = 0; // sum of (logit - best logit) * weight
            double second = Double.NEGATIVE_INFINITY;
            for (int token = 0; token < columns; token++) {
                double difference = (double) data[token] - data[best];
                double weight = StrictMath.exp(difference);
                sum += weight;
                weighted += weight == 0 ? 0 : weight * difference;
                second = token == best ? second : Math.max(second, difference);
            }
            double confidence = (1 - StrictMath.exp(second)) / sum;
            return new Prediction(best, confidence, StrictMath.log(sum) - weighted / sum);
        }
    }
}
