package dev.lathe.decode.exit;

/**
 * What an early exit costs in quality and saves in layers, on known texts whose skipped layers are {@linkplain
 * SkippedLayers#COMPLETED_LATER completed later}.
 *
 * @param texts number of texts
 * @param tokens tokens judged in all of them
 * @param agreement share of tokens at which the token chosen is the whole model's; the mean of the texts' shares
 * @param meanExitLayer mean number of layers that tokens are chosen after
 * @param loss mean negative log-likelihood of the texts' own tokens, in nats
 * @param modelLoss the same of the whole model
 */
public record ExitQuality(
        int texts, long tokens, double agreement, double meanExitLayer, double loss, double modelLoss) {
    /** Perplexity of the distribution that tokens are chosen by. */
    public double perplexity() {
        return StrictMath.exp(loss);
    }

    /** Perplexity of the whole model. */
    public double modelPerplexity() {
        return StrictMath.exp(modelLoss);
    }
}
